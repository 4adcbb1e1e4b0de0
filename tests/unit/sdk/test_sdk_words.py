"""One is not many: numbers in the sentences that people read."""

import pytest

from medconsent._words import counted


@pytest.mark.parametrize(("count", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_a_number_with_its_word(count: int, said: str) -> None:
    assert counted(count, "file") == said


def test_a_plural_of_its_own() -> None:
    assert [counted(count, "entry", "entries") for count in (1, 3)] == ["1 entry", "3 entries"]
