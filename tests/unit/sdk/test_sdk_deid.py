"""k and l of tables, and what the headers of images say."""

from pathlib import Path

import pytest

from medconsent.data.deid.images import read_headers
from medconsent.data.deid.tables import measure
from medconsent.documents.mappings import dump_mapping, load_mapping
from medconsent.errors import DocumentError

TABLE = """age,sex,zip,diagnosis
30-39,f,130,C50
30-39,f,130,C50
30-39,f,130,C34
40-49,m,148,C61
40-49,m,148,C61
"""


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text(TABLE)
    return file


def test_k_is_the_smallest_class_and_l_the_least_diverse(table):
    found = measure(table, ["age", "sex", "zip"], ["diagnosis"])
    assert (found.k, found.l, found.rows, found.classes, found.below_five) == (2, 1, 5, 2, 2)
    assert measure(table, ["sex"]).k == 2
    assert measure(table, ["sex"]).l is None
    assert measure(table, ["age", "diagnosis"]).k == 1


def test_a_statement_says_no_exact_number_of_rows(table):
    assert measure(table, ["sex"], ["diagnosis"]).statement(["hanbit/visits@1"]) == {
        "name": "visits",
        "quasi_identifiers": ["sex"],
        "sensitive": ["diagnosis"],
        "k": 2,
        "l": 1,
        "records_band": "under-20",
        "released_before": ["hanbit/visits@1"],
    }


@pytest.mark.parametrize(
    ("quasi", "sensitive", "why"),
    [
        ([], [], "means nothing"),
        (["height"], [], "no column 'height'"),
        (["sex"], ["sex"], "at once"),
    ],
)
def test_columns_that_make_no_sense_are_refused(table, quasi, sensitive, why):
    with pytest.raises(DocumentError, match=why):
        measure(table, quasi, sensitive)


@pytest.mark.parametrize(
    ("text", "why"), [("", "no column"), ("a\n", "no rows"), ("a,b\n1\n", "as long"), ("a,a\n1,2\n", "two col")]
)
def test_what_is_no_table_is_refused(tmp_path, text, why):
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(DocumentError, match=why):
        measure(file, ["a"])


def test_dicom_headers_are_counted_by_modality_and_body_part_without_their_values():
    pydicom = pytest.importorskip("pydicom")
    from pydicom.data import get_testdata_file  # noqa: PLC0415

    files = [Path(get_testdata_file(name)) for name in ("CT_small.dcm", "MR_small.dcm")]
    found = read_headers(files)
    assert [(headers.modality, headers.volumes) for headers in found] == [("CT", 1), ("MR", 1)]
    text = str(found)
    for file in files:
        header = pydicom.dcmread(file, stop_before_pixels=True)
        assert str(header.PatientName) not in text
        assert str(header.PatientID) not in text
    assert any(name.startswith("PatientName") for headers in found for name in headers.naming)
    assert all(headers.statement()["faces"] == "present" for headers in found)


def test_nifti_headers_have_nothing_to_say_of_the_body():
    pytest.importorskip("nibabel")
    from nibabel.testing import data_path  # noqa: PLC0415

    (found,) = read_headers([Path(data_path) / "example4d.nii.gz"])
    assert (found.modality, found.body_part, found.volumes) == ("OT", "other", 1)


def test_what_is_no_image_is_refused(tmp_path):
    for name in ("x.dcm", "x.nii"):
        file = tmp_path / name
        file.write_bytes(b"nothing of the kind" * 20)
        with pytest.raises(DocumentError, match="this is no"):
            read_headers([file])


def test_yaml_documents_say_what_they_seem_to_say(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("term: NO\nlist: [a, b]\n")
    assert load_mapping(file) == {"term": "NO", "list": ["a", "b"]}
    file.write_text(dump_mapping({"b": [{"x": 1}], "a": "NO"}))
    assert load_mapping(file) == {"b": [{"x": 1}], "a": "NO"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\na: 2\n", "twice"),
        ("a: &x 1\nb: *x\n", "anchors"),
        ("a: !!python/object:os.system 1\n", "tags"),
        ("%YAML 1.1\n---\na: 1\n", "directives"),
        ("- a\n", "mapping"),
        ("a: [\n", "not YAML"),
        ("a: " + "x" * 70_000, "KiB"),
    ],
)
def test_yaml_that_could_mislead_is_refused(tmp_path, text, why):
    file = tmp_path / "s.yaml"
    file.write_text(text)
    with pytest.raises(DocumentError, match=why):
        load_mapping(file)
