"""Journal and alarm on disk: what survives a fall, who may read it, and when decisions open again."""

import json
from pathlib import Path

import pytest
from watch_world import World

from medconsent.errors import DocumentError
from medconsent.services.watch.journal import Journal
from medconsent.services.watch.ledger import Ledger
from medconsent.watch.findings import Finding

FORGED = Finding("SEAL_FORGED", "a forgery", 7, "ab", "k")
OTHER = Finding("MEMBER_JOINED", "onnuri joined", 9)
NOTE = Finding("UNSEALED_RECORD", "a record", 8, "cd")


def alarm(folder: Path) -> dict[str, object] | None:
    path = folder / "alarm.json"
    return json.loads(path.read_bytes()) if path.exists() else None


def test_a_note_raises_no_alarm(tmp_path: Path) -> None:
    assert len(Journal(tmp_path).add([NOTE])) == 1
    assert alarm(tmp_path) is None


def test_an_alarm_stands_until_the_last_finding_is_accepted(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add([FORGED, OTHER, NOTE])
    raised = alarm(tmp_path)
    assert raised is not None
    assert raised["alarm"] == "medconsent/alarm/1"
    assert raised["sentence"] == "SEAL_FORGED: a forgery (and 1 more)"
    assert raised["count"] == 2
    journal.accept([FORGED.id[:6]], by="an operator", reason="known")
    raised = alarm(tmp_path)
    assert raised is not None
    assert raised["sentence"] == "MEMBER_JOINED: onnuri joined"
    (accepted,) = journal.accept([OTHER.id], by="an operator", reason="agreed")
    assert accepted.accepted is not None
    assert alarm(tmp_path) is None
    told = {entry.finding: entry.accepted.reason if entry.accepted else None for entry in Journal(tmp_path).entries()}
    assert told == {FORGED: "known", OTHER: "agreed", NOTE: None}


def test_what_was_accepted_is_not_found_again(tmp_path: Path) -> None:
    Journal(tmp_path).add([FORGED])
    journal = Journal(tmp_path)  # another process
    journal.accept([FORGED.id], by="x", reason="y")
    assert journal.add([FORGED]) == []
    assert alarm(tmp_path) is None


@pytest.mark.parametrize("name", ["", "zz", "no such"])
def test_only_what_is_there_can_be_accepted(tmp_path: Path, name: str) -> None:
    journal = Journal(tmp_path)
    journal.add([FORGED])
    with pytest.raises(DocumentError):
        journal.accept([name], by="x", reason="y")
    assert alarm(tmp_path) is not None


def test_an_alarm_that_somebody_removed_is_raised_again(tmp_path: Path) -> None:
    Journal(tmp_path).add([FORGED])
    (tmp_path / "alarm.json").unlink()
    with Ledger(World().judge(), tmp_path, "medconsent"):
        assert alarm(tmp_path) is not None


def test_half_a_line_is_what_was_being_written_when_the_machine_fell(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add([FORGED])
    with (tmp_path / "findings.jsonl").open("ab") as file:
        file.write(b'{"found":{"co')
    journal = Journal(tmp_path)
    assert [entry.finding for entry in journal.entries()] == [FORGED]
    journal.add([OTHER])
    assert [entry.finding for entry in Journal(tmp_path).entries()] == [FORGED, OTHER]


@pytest.mark.parametrize("line", ["{}", "[]", "junk", '{"accepted":"zz"}', '{"found":{"code":"NOTHING"},"at":"x"}'])
def test_a_damaged_journal_is_said(tmp_path: Path, line: str) -> None:
    (tmp_path / "findings.jsonl").write_text(line + "\n")
    with pytest.raises(DocumentError, match="damaged"):
        Journal(tmp_path)


def test_the_alarm_is_bounded(tmp_path: Path) -> None:
    Journal(tmp_path).add(Finding("SEAL_FORGED", "한" * 5000, number) for number in range(200))
    assert (tmp_path / "alarm.json").stat().st_size < 64 << 10, "more the chaincode does not read"
    raised = alarm(tmp_path)
    assert raised is not None
    assert len(str(raised["sentence"])) < 700
    assert raised["count"] == 200
