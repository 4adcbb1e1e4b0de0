"""Merkle root, Croissant documents and the verification of copies."""

import hashlib
import json
import os
import subprocess
import unicodedata
from datetime import date
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from medconsent.data.manifest import croissant, describe, files, merkle, read, verify
from medconsent.data.manifest.files import FileEntry
from medconsent.errors import DocumentError

# As the chaincode makes it: its own tests compare it with the same file.
OFFER = json.loads((Path(__file__).parents[3] / "chaincode/rules/testdata/offer.json").read_text(encoding="utf-8"))


def _is_path(path):
    try:
        files.check_path(path)
    except ValueError:
        return False
    return True


_paths = st.lists(st.text("abcé/.한", min_size=1, max_size=6).filter(_is_path), unique=True, max_size=20)


def entry(path, content=b"x"):
    return FileEntry(path, len(content), hashlib.sha256(content).hexdigest())


def by_the_rfc(leaves):
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_the_rfc(leaves[:k]) + by_the_rfc(leaves[k:])).digest()


def test_the_root_of_known_files():
    data = (b"\x00medconsent/file/1\x00" + (1).to_bytes(8, "big") + hashlib.sha256(b"x").digest() + b"a/b.csv",)
    assert merkle.root([entry("a/b.csv")]) == hashlib.sha256(data[0]).hexdigest()
    assert merkle.root([]) == hashlib.sha256(b"").hexdigest()
    # Fixed for ever: a change here changes every root on every ledger.
    assert (
        merkle.root([entry("a"), entry("b", b"yy"), entry("c/d", b"")])
        == "23354b638d763aa75d8606f0c77902531c365756b22ee96f874e405a794db5da"
    )


@given(_paths)
def test_the_tree_is_that_of_the_rfc_whatever_the_order(paths):
    entries = [entry(path, path.encode()) for path in paths]
    leaves = [merkle.leaf(one) for one in sorted(entries, key=lambda one: one.path.encode())]
    assert merkle.root(reversed(entries)) == by_the_rfc(leaves).hex()


@given(_paths.filter(bool), st.data())
def test_a_proof_holds_for_its_file_and_no_other(paths, data):
    entries = [entry(path, path.encode()) for path in paths]
    chosen = data.draw(st.sampled_from(entries))
    root = merkle.root(entries)
    index, count, audit_path = merkle.proof(entries, chosen.path)
    assert merkle.verify_proof(chosen, index, count, audit_path, root)
    assert not merkle.verify_proof(entry(chosen.path, b"other"), index, count, audit_path, root)
    assert not merkle.verify_proof(chosen, count, count, audit_path, root)
    assert not merkle.verify_proof(chosen, index, count, (*audit_path, b"\x00" * 32), root)
    if audit_path:
        assert not merkle.verify_proof(chosen, index, count, audit_path[:-1], root)


@given(_paths.filter(bool), st.data())
def test_any_change_changes_the_root(paths, data):
    entries = [entry(path) for path in paths]
    position = data.draw(st.integers(0, len(entries) - 1))
    changed = [*entries]
    changed[position] = FileEntry(entries[position].path, 2, entries[position].sha256)
    assert merkle.root(changed) != merkle.root(entries)
    assert merkle.root(entries[:position] + entries[position + 1 :]) != merkle.root(entries)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "a//b",
        "a/",
        "./a",
        "a/../b",
        "..",
        "a\\b",
        "a\nb",
        "a\x00",
        unicodedata.normalize("NFD", "é"),
        "a" * 1025,
    ],
)
def test_paths_that_no_dataset_has(path):
    with pytest.raises(ValueError, match="path"):
        merkle.root([entry(path)])


def test_a_path_stands_once_and_has_a_digest():
    with pytest.raises(ValueError, match="twice"):
        merkle.root([entry("a"), entry("a", b"y")])
    with pytest.raises(ValueError, match="SHA-256"):
        merkle.root([FileEntry("a", 1, "00")])
    with pytest.raises(KeyError):
        merkle.proof([entry("a")], "b")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "wisconsin.csv").write_text("id,mean radius,benign,note\n1,17.99,0,\n2,20,1,ok\n")
    (tmp_path / "scan").write_bytes(b"\x00" * 128 + b"DICM" + b"rest")
    (tmp_path / "brain.nii.gz").write_bytes(b"\x1f\x8b")
    return tmp_path


def made(folder, **other):
    settings = {
        "title": "Wisconsin",
        "summary": "Measurements.\nOf nuclei.",
        "publisher": "Hanbit Hospital",
        "contact": "data@hanbit.example",
        "license": "CC-BY-4.0",
        "url": "https://hanbit.example/wisconsin",
        "keywords": ["Breast Cancer", "유방암", "FNA!"],
        "published": date(2026, 11, 24),
    }
    return describe(folder, **(settings | other))


def test_a_folder_is_described_and_read(folder):
    document = read(made(folder))
    assert [one.path for one in document.files] == ["brain.nii.gz", "scan", "tables/wisconsin.csv"]
    assert document.kinds == ("dicom", "nifti", "tabular")
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


def test_conditions_of_use_are_stated_as_the_contract_made_them(folder):
    manifest = made(folder, usage_info=OFFER)
    document = read(manifest)
    assert document.content["usageInfo"] == OFFER
    assert document.usage_info_sha256 == hashlib.sha256(rfc8785.dumps(OFFER)).hexdigest()
    assert document.root == read(made(folder)).root
    assert read(made(folder)).usage_info_sha256 is None
    assert "usageInfo" not in read(made(folder)).content
    with pytest.raises(DocumentError, match="usageInfo has no canonical form"):
        _ = read(json.dumps(document.content | {"usageInfo": 1 << 60}).encode()).usage_info_sha256


def test_croissant_s_own_library_takes_the_conditions_of_use(folder):
    pytest.importorskip("mlcroissant")
    assert croissant.validate(made(folder, usage_info=OFFER)) == ()


ODRL, DUO = "http://www.w3.org/ns/odrl/2/", "http://purl.obolibrary.org/obo/DUO_"


@pytest.mark.parametrize("around", [{}, {"odrl": "https://elsewhere.example/", "obo": "https://elsewhere.example/"}])
def test_an_offer_means_the_same_whatever_stands_around_it(folder, around):
    """As RDF: the author's context says nothing about it, and every part has what ODRL 2.2 requires."""
    rdflib = pytest.importorskip("rdflib")
    content = json.loads(made(folder, usage_info=OFFER))
    content["@context"] |= around
    graph, alone = rdflib.Graph(), rdflib.Graph()
    graph.parse(data=json.dumps(content), format="json-ld")
    alone.parse(data=json.dumps(OFFER), format="json-ld")
    odrl = rdflib.Namespace(ODRL)
    offer = rdflib.URIRef(OFFER["@id"])
    assert (None, rdflib.URIRef("https://schema.org/usageInfo"), offer) in graph
    assert len(alone) > 200
    assert {(p, o) for _, p, o in alone if not isinstance(o, rdflib.BNode)} <= {(p, o) for _, p, o in graph}
    named = {str(term) for triple in alone for term in triple if isinstance(term, rdflib.URIRef)}
    known = ("http://", "https://", "ni:///sha-256;", "tag:medconsent.org,2026:")
    assert not [iri for iri in named if not iri.startswith(known)]  # a prefix that was not expanded
    permissions = list(graph.objects(offer, odrl.permission))
    assert len(permissions) == len(OFFER["odrl:permission"]) == 3
    for permission in permissions:
        for required in (odrl.target, odrl.assigner, odrl.action):
            assert len(list(graph.objects(permission, required))) == 1
    constraints = list(graph.subjects(rdflib.RDF.type, odrl.Constraint))
    assert len(constraints) > 40
    for constraint in constraints:
        for required in (odrl.leftOperand, odrl.operator, odrl.rightOperand):
            assert len(list(graph.objects(constraint, required))) == 1
    terms = {str(term).removeprefix(DUO) for term in graph.objects() if str(term).startswith(DUO)}
    assert len(terms) == 20  # DS, POA, CC, thirteen limits and four duties
    assert rdflib.URIRef("http://purl.obolibrary.org/obo/MONDO_0007254") in set(graph.objects())


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


def test_the_author_s_bytes_count_and_their_canonical_form_besides(folder):
    manifest = made(folder)
    document = read(manifest)
    respelled = json.dumps(json.loads(manifest), sort_keys=True).encode()
    assert document.sha256 == hashlib.sha256(manifest).hexdigest()
    assert read(respelled).sha256 != document.sha256
    assert read(respelled).jcs_sha256 == document.jcs_sha256
    assert read(respelled).root == document.root


def change(manifest, **members):
    content = json.loads(manifest)
    content.update(members)
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"{\n,}", "not JSON"),
        (b"[]", "not a Croissant document"),
        (b'{"a":1,"a":2}', "'a' is there twice"),
        (b'{"a":NaN}', "NaN is not a number"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"conformsTo":"http://example.org"}', "not a Croissant document"),
    ],
)
def test_manifests_that_are_none(data, message):
    with pytest.raises(DocumentError, match=message):
        read(data)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"sha256": "x"}, "needs its sha256"),
        ({"contentSize": "1 kB"}, "contentSize in whole bytes"),
        ({"contentSize": None}, "contentSize in whole bytes"),
        ({"contentUrl": "../x"}, "'..'"),
        ({"contentUrl": "/etc/passwd"}, "relative"),
        ({"contentUrl": "scan"}, "twice"),
    ],
)
def test_files_that_a_manifest_cannot_have(folder, members, message):
    distribution = json.loads(made(folder))["distribution"]
    distribution[0].update(members)
    with pytest.raises(DocumentError, match=message):
        read(change(made(folder), distribution=distribution))


def test_numbers_without_a_canonical_form_are_refused_when_it_is_needed(folder):
    document = read(change(made(folder), version=2**53 + 1))
    with pytest.raises(DocumentError, match="canonical form"):
        _ = document.jcs_sha256


def test_a_file_elsewhere_is_known_by_its_name_and_one_inside_another_does_not_count(folder):
    distribution = json.loads(made(folder))["distribution"]
    distribution[0].update(contentUrl="https://hanbit.example/x?y", name="brain.nii.gz")
    distribution.append({"@type": "cr:FileObject", "@id": "inner", "containedIn": {"@id": "scan"}})
    distribution.append({"@type": "cr:FileSet", "@id": "all", "includes": "*"})
    assert read(change(made(folder), distribution=distribution)).root == read(made(folder)).root


def test_texts_by_language_and_contacts_by_url(folder):
    manifest = change(
        made(folder),
        name={"ko": "위스콘신", "en": "Wisconsin"},
        description="long " * 500,
        publisher=[{"name": "H"}, {"contactPoint": {"email": "mailto:dac@hanbit.example"}}],
        keywords="a b, c",
        size={"unitText": "records", "value": True},
    )
    document = read(manifest)
    assert (document.title, document.summary, document.keywords) == ("Wisconsin", None, ("a-b", "c"))
    assert (document.contact, document.records) == ("dac@hanbit.example", None)


def test_a_true_copy_is_verified_with_the_manifest_in_it(folder):
    manifest = made(folder)
    document = read(manifest)
    (folder / "croissant.json").write_bytes(manifest)
    found = verify(folder, manifest, root=document.root, manifest_sha256=document.sha256)
    assert found.ok
    assert found.files == 3


def test_what_differs_is_named(folder):
    manifest = made(folder)
    document = read(manifest)
    (folder / "tables" / "wisconsin.csv").write_text("id,mean radius,benign,note\n1,18.00,0,\n2,20,1,ok\n")
    (folder / "scan").unlink()
    (folder / "new.txt").write_text("")
    found = verify(folder, manifest, root=document.root, manifest_sha256=document.sha256)
    assert not found.ok
    assert [one.path for one in found.changed] == ["tables/wisconsin.csv"]
    assert (found.missing, found.extra) == (("scan",), ("new.txt",))
    assert found.manifest_matches
    assert not found.root_matches


def test_another_manifest_than_the_ledger_s_is_noticed(folder):
    document = read(made(folder))
    (folder / "new.txt").write_text("")
    other = made(folder)
    assert not verify(folder, other, root=document.root, manifest_sha256=document.sha256).manifest_matches
    # A respelled manifest of the same files: the hash differs although the root does not.
    (folder / "new.txt").unlink()
    respelled = change(made(folder), version="2")
    found = verify(folder, respelled, root=document.root, manifest_sha256=document.sha256)
    assert (found.manifest_matches, found.root_matches, found.ok) == (False, True, False)
    assert verify(folder, respelled, root=document.root).ok


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
