"""`medconsent watch accept`: several findings at once, shown first."""

import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from medconsent.services.watch.journal import Journal
from medconsent.watch.findings import Finding
from medconsent_cli.main import run

USAGE = 2
STRANGE = [Finding("CREATOR_FORGED", f"a stranger, {number}", number, "ab" * 32) for number in range(5)]
JOINED = Finding("MEMBER_JOINED", "onnuri joined", 9)
NOTE = Finding("UNSEALED_RECORD", "a record", 8, "cd")
LATER = Finding("CREATOR_FORGED", "found while somebody was asked", 77)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal(tmp_path / "watch")
    journal.add([*STRANGE, JOINED, NOTE])
    return journal


def accept(journal: Journal, *words: str) -> int:
    return run(["watch", "accept", "--folder", str(journal.folder), "--reason", "a mistyped root", *words])


def accepted(journal: Journal) -> set[str]:
    return {entry.finding.id for entry in journal.entries() if entry.accepted}


def answer(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    class Person(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Person(f"{word}\n"))


def test_all_of_one_code_with_its_reason_for_each(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    assert accept(journal, "--all-of", "creator_forged", "--yes") == 0
    assert {(entry.finding, entry.accepted.reason) for entry in journal.entries() if entry.accepted} == {
        (finding, "a mistyped root") for finding in STRANGE
    }
    out = capsys.readouterr().out
    assert all(out.count(finding.id) == 2 for finding in STRANGE), "in the table, and accepted"
    assert JOINED.id not in out
    assert "1 open finding with another code stays" in out
    assert out.endswith("1 finding still keeps decisions closed\n")
    assert (journal.folder / "alarm.json").exists()
    assert accept(journal, "--all-of", "MEMBER_JOINED", "--yes") == 0
    assert not (journal.folder / "alarm.json").exists()


def test_several_by_their_ids_each_once(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, *_ = STRANGE
    before = len(journal.path.read_bytes().splitlines())
    assert accept(journal, first.id[:8], JOINED.id, second.id, first.id) == 0
    assert accepted(journal) == {first.id, second.id, JOINED.id}
    assert len(journal.path.read_bytes().splitlines()) == before + 3
    assert "3 findings still keep decisions closed" in capsys.readouterr().out


def test_it_is_asked_first(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accept(journal, "--all-of", "CREATOR_FORGED") == USAGE
    assert "give --yes" in capsys.readouterr().err
    answer(monkeypatch, "n")
    assert accept(journal, "--all-of", "CREATOR_FORGED") == USAGE
    out, err = capsys.readouterr()
    assert "Accept these 5 findings (CREATOR_FORGED)?" in err
    assert STRANGE[0].id in out
    assert not accepted(journal)
    answer(monkeypatch, "y")
    assert accept(journal, "--all-of", "CREATOR_FORGED") == 0
    assert accepted(journal) == {finding.id for finding in STRANGE}


def test_what_is_found_while_somebody_is_asked_stays_open(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_question: str, **_options: Any) -> None:
        Journal(journal.folder).add([LATER])

    monkeypatch.setattr("medconsent_cli.commands.watch.confirm", slow)
    assert accept(journal, "--all-of", "CREATOR_FORGED") == 0
    assert {entry.finding for entry in journal.open()} == {JOINED, LATER}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Name findings, or one code"),
        (["--yes"], "Name findings, or one code"),
        ([STRANGE[0].id, "--all-of", "CREATOR_FORGED", "--yes"], "not both"),
        (["--all-of", "UNSEALED_RECORD", "--yes"], "no open finding has the code 'UNSEALED_RECORD'"),
        (["--all-of", "CREATOR", "--yes"], "codes of open findings: CREATOR_FORGED, MEMBER_JOINED"),
        (["--all-of", "*", "--yes"], "no open finding"),
        ([STRANGE[0].id, "zz"], "there is no finding zz"),
    ],
)
def test_nothing_is_accepted(journal: Journal, words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert accept(journal, *words) == USAGE
    assert says in capsys.readouterr().err
    assert not accepted(journal)


def test_for_programs(journal: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    assert accept(journal, "--all-of", "CREATOR_FORGED", "--yes", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {entry["id"] for entry in told["accepted"]} == {finding.id for finding in STRANGE}
    assert told["open"] == 1
