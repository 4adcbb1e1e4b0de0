"""k and l of tables."""

import csv

import pytest

from medconsent.data.deid.tables import measure
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
        (["sex", "sex"], [], "named twice"),
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


def test_columns_are_named_as_people_see_them(tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text("\ufeffid, age, sex\n1,34,f\n2,34,f\n\n")
    found = measure(file, ["age", " sex"])
    assert (found.quasi_identifiers, found.k, found.rows) == (("age", "sex"), 2, 2)


def test_empty_cells_and_spellings_never_raise_l_and_are_told(tmp_path):
    file = tmp_path / "visits.csv"
    file.write_text("age,diagnosis\n34,C50\n34,c50 \n34,\n34, \n")
    found = measure(file, ["age"], ["diagnosis"])
    assert (found.k, found.l) == (4, 1)
    assert found.notes == (
        "diagnosis: 2 cells empty or unknown; none counts as a value of its own",
        "diagnosis: 1 value is spelled in several ways; each counts once",
    )
    assert "C50" not in str(found.to_json())
    file.write_text("age,diagnosis\n34,\n34,\n")
    assert measure(file, ["age"], ["diagnosis"]).l == 1


@pytest.mark.parametrize(
    ("cells", "different"),
    [
        (["C50", "n/a", "NA", "NULL", "None", "-", "?", "unknown", "미상", "없음", "#N/A"], 1),
        (["I10", "I 10", "i-10", "I\u00a010", "\uff29\uff11\uff10", "I10.", "I\u200b10", "I\u201310"], 1),
        (["5", "5.0", "05", "+5", "5.", "\uff15", "5,0"], 1),
        (["1,000", "1000", "1e3"], 1),
        (["Straße", "STRASSE", "strasse"], 1),
        (["caf\u00e9", "cafe\u0301", "CAFE\u0301"], 1),
        (["type 2", "Type-2", "TYPE_2", "'type2'"], 1),
        (["HIV+", "HIV-", "hiv +", "HIV -"], 2),
        (["C50", "C50.9", "C509"], 3),
        (["5", "-5", "<5", ">5", "1-2", "12"], 6),
    ],
)
def test_l_counts_what_is_meant(tmp_path, cells, different):
    file = tmp_path / "visits.csv"
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([("age", "diagnosis"), *((34, cell) for cell in cells)])
    found = measure(file, ["age"], ["diagnosis"])
    assert found.l == different
    assert bool(found.notes) == (different < len(cells)), "and it is told"


def test_of_many_columns_the_first_are_told_where_one_is_missing(tmp_path):
    file = tmp_path / "wide.csv"
    file.write_text(",".join(f"c{number}" for number in range(20_000)) + "\n")
    with pytest.raises(DocumentError, match="no column 'age'") as caught:
        measure(file, ["age"])
    assert caught.value.hint.startswith("its columns: c0, c1, ")
    assert caught.value.hint.endswith(", c29 and 19970 more")
