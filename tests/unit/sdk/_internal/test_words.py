"""Numbers and names in the sentences that people read: one is not many, and not every A is an A."""

import pytest

from medconsent._internal.words import counted, odd_letter


@pytest.mark.parametrize(("count", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_a_number_with_its_word(count: int, said: str) -> None:
    assert counted(count, "file") == said


def test_a_plural_of_its_own() -> None:
    assert [counted(count, "entry", "entries") for count in (1, 3)] == ["1 entry", "3 entries"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hanbit/kim", ""),
        ("h\u0430nbit", "its 2nd letter is U+0430 CYRILLIC SMALL LETTER A"),
        ("\u0440ark", "its 1st letter is U+0440 CYRILLIC SMALL LETTER ER"),
        ("nu\u0456\u0456", "its 3rd letter is U+0456 CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I"),
        ("hanbit/breas\u0442", "its 13th letter is U+0442 CYRILLIC SMALL LETTER TE"),
        ("kim\u200b", "its 4th character is U+200B ZERO WIDTH SPACE"),
        ("x" * 20 + "\x85", "its 21st character is U+0085"),
    ],
)
def test_the_letter_that_is_none_of_a_name(name: str, said: str) -> None:
    assert odd_letter(name) == said
