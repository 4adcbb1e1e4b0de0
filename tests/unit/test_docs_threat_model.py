"""docs/threat-model.md: each line names tests that exist, or says that it is not covered."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/.-]+)::(\w+)`", PAGE)))


def test_there_are_lines() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_the_test_is_there(file: str, test: str) -> None:
    pattern = rf"^func {test}\(" if file.endswith(".go") else rf"^(async )?def {test}\("
    assert re.search(pattern, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_line_says_how_it_was_tried() -> None:
    rows = [row for row in PAGE.splitlines() if row.startswith("| ") and not row.startswith(("| what ", "|--"))]
    assert len(rows) > 40
    for row in rows:
        last = row.strip().rstrip("|").rsplit(" | ", 1)[1]
        assert "::" in last or "not covered" in last or last.strip() == "not a secret", row
