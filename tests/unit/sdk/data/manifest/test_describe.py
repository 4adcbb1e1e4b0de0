"""Folders described as Croissant documents."""

import json
import os
import subprocess

import pytest
from described import made

from medconsent.data.manifest import croissant, read, verify
from medconsent.errors import DocumentError


def test_a_folder_is_described_and_read(folder):
    document = read(made(folder))
    assert [one.path for one in document.files] == ["brain.nii.gz", "scan", "tables/wisconsin.csv"]
    assert (document.kinds, document.images) == (("tabular",), ("DICOM", "volume"))  # of which kind a person says
    assert document.keywords == ("breast-cancer", "fna")
    assert (document.title, document.summary) == ("Wisconsin", "Measurements. Of nuclei.")
    assert (document.records, document.contact) == (2, "data@hanbit.example")
    assert document.size == sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    fields = document.content["recordSet"][0]["field"]
    assert [(field["@id"], field["dataType"]) for field in fields] == [
        ("tables-wisconsin/id", "sc:Integer"),
        ("tables-wisconsin/mean-radius", "sc:Float"),
        ("tables-wisconsin/benign", "sc:Integer"),
        ("tables-wisconsin/note", "sc:Text"),
    ]
    assert made(folder) == made(folder)


def test_croissant_s_own_library_takes_it_and_reads_the_table(folder):
    mlcroissant = pytest.importorskip("mlcroissant")
    manifest = made(folder)
    assert croissant.validate(manifest) == ()
    (folder / "croissant.json").write_bytes(manifest)
    rows = list(mlcroissant.Dataset(folder / "croissant.json").records("tables-wisconsin"))
    assert [row["tables-wisconsin/id"] for row in rows] == [1, 2]
    assert rows[0]["tables-wisconsin/mean-radius"] == pytest.approx(17.99)


def test_what_croissant_s_own_library_refuses_is_listed(folder):
    pytest.importorskip("mlcroissant")
    content = json.loads(made(folder))
    content["recordSet"][0]["field"][0]["source"]["fileObject"]["@id"] = "nowhere"
    assert any("nowhere" in problem for problem in croissant.validate(json.dumps(content).encode()))


@pytest.mark.parametrize("table", ["", "a,a\n1,2\n", "a,b\n1\n", "a,\n1,2\n", 'a,b\n"1,2\n', b"a,b\n\xff,1\n"])
def test_what_is_no_simple_table_is_a_file_all_the_same(tmp_path, table):
    (tmp_path / "t.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    content = read(made(tmp_path)).content
    assert "recordSet" not in content
    assert content["distribution"][0]["encodingFormat"] == "text/csv"


def test_links_and_pipes_are_no_part_of_a_dataset(folder):
    manifest = made(folder)
    root = read(manifest).root
    (folder / "scan").rename(folder.parent / "elsewhere")
    (folder / "scan").symlink_to(folder.parent / "elsewhere")
    os.mkfifo(folder / "pipe")
    found = verify(folder, manifest, root=root)
    assert [one.path for one in found.irregular] == ["pipe", "scan"]
    assert not found.ok
    assert found.missing == ()
    with pytest.raises(DocumentError, match="not a regular file"):
        made(folder)


def test_a_linked_folder_is_not_entered(folder, tmp_path_factory):
    (folder / "more").symlink_to(tmp_path_factory.mktemp("outside"), target_is_directory=True)
    with pytest.raises(DocumentError, match="symbolic link"):
        made(folder)


def test_folders_that_cannot_be_described(tmp_path):
    with pytest.raises(DocumentError, match="no files"):
        made(tmp_path)
    with pytest.raises(DocumentError, match="cannot be read"):
        made(tmp_path / "none")
    with pytest.raises(DocumentError, match="not a folder"):
        verify(tmp_path / "none", b"", root="")


def test_the_document_does_not_need_grpc(folder):
    import sys  # noqa: PLC0415

    code = (
        "import sys, medconsent.manifest; sys.exit(any(name.startswith(('grpc', 'requests')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def columns(folder, text, **arguments):
    (folder / "people.csv").write_text(text)
    content = read(made(folder, **arguments)).content
    return {
        field["name"]: (field["dataType"].removeprefix("sc:"), field["source"]["extract"]["column"])
        for one in content.get("recordSet", ())
        for field in one["field"]
    }


def test_what_has_leading_zeros_or_a_plus_is_a_name_and_a_gap_is_no_fraction(tmp_path):
    found = columns(
        tmp_path,
        "mrn, postcode,tel,age,weight,long,empty\n00012345,06236,+821012,34,7.5,99999999999999999999,\n"
        "00000007,04524,+8210,,8,1,\n\n",
    )
    assert {name: kind for name, (kind, _) in found.items()} == {
        "mrn": "Text",
        "postcode": "Text",
        "tel": "Text",
        "age": "Integer",
        "weight": "Float",
        "long": "Text",
        "empty": "Text",
    }
    assert found["postcode"] == ("Text", " postcode")


def test_whatever_is_left_out_is_told(tmp_path):
    for text, why in [("a;b\n1;2\n", "';'"), ("a,b\n1\n", "line 2"), ("a,a\n1,2\n", "two columns")]:
        told = []
        assert columns(tmp_path, text, tell=told.append) == {}
        assert why in told[0]
    (tmp_path / "people.csv").write_bytes("a,b\n1,\xe4\n".encode("latin-1"))
    told = []
    made(tmp_path, tell=told.append)
    assert "Latin-1" in told[0]


def test_an_address_is_percent_encoded(tmp_path):
    for name in ("my scan.txt", "100%25.txt", "a+b.txt"):
        (tmp_path / name).write_text("x")
    assert [one.path for one in read(made(tmp_path)).files] == ["100%25.txt", "a+b.txt", "my scan.txt"]


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("my scan.csv", "my%20scan.csv"),
        ("visits 2026/in it.csv", "visits%202026/in%20it.csv"),
        ("한글 표.csv", "한글%20표.csv"),
        ("no\u00a0break.csv", "no%C2%A0break.csv"),
        ("@id.csv", "%40id.csv"),
        ("a%20b.csv", "a%2520b.csv"),
        ("sc:a#b?c.csv", "sc%3Aa%23b%3Fc.csv"),
        ("plain_1.csv", "plain_1.csv"),
    ],
)
def test_an_id_is_one_that_croissant_s_own_library_takes(tmp_path, name, identifier):
    pytest.importorskip("mlcroissant")
    table = tmp_path / name
    table.parent.mkdir(exist_ok=True)
    table.write_text("age,sex\n1,f\n")
    manifest = made(tmp_path)
    (file,) = json.loads(manifest)["distribution"]
    assert (file["@id"], file["name"]) == (identifier, name)
    assert [one.path for one in read(manifest).files] == [name]
    assert croissant.validate(manifest) == ()


def test_the_table_in_a_file_whose_name_has_a_space_is_read(tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant")
    (tmp_path / "my table.csv").write_text("age,sex\n1,f\n2,m\n")
    (tmp_path / "croissant.json").write_bytes(made(tmp_path))
    assert len(list(mlcroissant.Dataset(tmp_path / "croissant.json").records("my-table"))) == 2
