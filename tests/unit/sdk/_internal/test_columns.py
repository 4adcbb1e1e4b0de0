"""How wide text is on a terminal."""

import unicodedata

import pytest

from medconsent._internal import columns


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("abc", 3),
        ("한빛", 4),
        (unicodedata.normalize("NFD", "한빛"), 4),
        (unicodedata.normalize("NFD", "Größe"), 5),
        ("病院", 4),
        ("ﾊﾝ", 2),
        ("กี่", 1),
        ("\uff21", 2),
    ],
)
def test_letters_take_the_columns_that_people_see(text: str, wide: int) -> None:
    assert columns.width(text) == wide


def test_what_is_too_wide_is_cut_where_it_still_fits() -> None:
    assert columns.clip("한빛병원", 8) == "한빛병원"
    assert columns.clip("한빛병원", 7) == "한빛병…"
    assert columns.clip("한빛병원", 6) == "한빛…", "half of a wide letter is none"


def test_the_widest_columns_are_cut_first() -> None:
    assert columns.fitting([40, 20, 5], 49, 5) == [20, 20, 5]
    assert columns.fitting([40, 20, 5], 30, 21) is None
