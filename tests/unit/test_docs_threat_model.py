"""docs/threat-model.md: each entry names tests that exist, one on a real network, or says that it is not covered."""

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


def test_every_entry_says_what_stops_it_and_how_it_was_tried() -> None:
    entries = re.split(r"^- ", PAGE.partition("\n## ")[2], flags=re.MULTILINE)[1:]
    assert len(entries) > 40
    for entry in entries:
        stops, _, tried = entry.partition("  - Tried in: ")
        assert "  - Stops it: " in stops, entry
        assert any(words in tried for words in ("`tests/network/", "`tests/life/", "not covered")), entry
