"""The members' file, and counts in bands."""

import pytest

from medconsent.data.people.members import BANDS, band, counts, read_members
from medconsent.errors import DocumentError


def test_counts_are_told_in_bands_alone():
    assert [band(count) for count in (0, 1, 19, 20, 99, 100, 999_999, 10_000_000)] == [
        "none",
        "under-20",
        "under-20",
        "20-99",
        "20-99",
        "100-999",
        "100000-999999",
        "1000000-or-more",
    ]
    assert len({name for _, name in BANDS}) == len(BANDS)
    assert counts({"a": "in", "b": "out"}) == ("under-20", "under-20")
    assert counts({"a": "out"}) == ("none", "under-20")


def test_members_are_read_from_a_csv(tmp_path):
    file = tmp_path / "members.csv"
    file.write_text("id,state\nP-1,in\nP-2,out\n")
    assert read_members(file) == {"P-1": "in", "P-2": "out"}


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("P-1,in\n", 1, "first line"),
        ("id,state\n", 0, "nobody"),
        ("id,state\nSECRET,in\nSECRET,out\n", 3, "twice"),
        ("id,state\nSECRET,maybe\n", 2, "in or out"),
        ("id,state\n SECRET,in\n", 2, "around"),
        ("id,state\nSECRET\n", 2, "not as long as the header"),
        ('id,state\n"SECRET,in\n', 2, "never closed"),
        ("id,state\nSECRET,out\nSECRET\u200b,in\n", 3, "nobody sees"),
        ("id,state\n\u202eSECRET,in\n", 2, "nobody sees"),
        ("id,state\nA,in\nSECRET-1,out\nSECRET\uff0d1,in\n", 4, "looks like that of line 3"),
    ],
)
def test_a_bad_members_file_is_refused_with_the_line_and_without_the_person(tmp_path, text, line, why):
    file = tmp_path / "members.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=why) as caught:
        read_members(file)
    assert caught.value.line == line
    assert caught.value.hint, "it says what to do"
    assert "SECRET" not in f"{caught.value} {caught.value.hint}"
