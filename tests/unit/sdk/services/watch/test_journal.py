"""Journal and alarm on disk: what survives a fall, who may read it, and when decisions open again."""

import json
from pathlib import Path

import pytest
from watch_world import World

from medconsent.errors import DocumentError
from medconsent.services.watch.journal import Journal
from medconsent.services.watch.ledger import Ledger
from medconsent.watch.findings import Finding
from medconsent.watch.scope import Scope

FORGED = Finding("SEAL_FORGED", "a forgery", 7, "ab", "k")
OTHER = Finding("MEMBER_JOINED", "onnuri joined", 9)
NURI = Scope.of(["nuri"])
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
    assert raised["alarm"] == "medconsent/alarm/2"
    assert raised["ledger"] is True
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


def test_the_alarm_says_whom_it_closes(tmp_path: Path) -> None:
    """Only what rests on the institutions that are named; the ledger as long as one finding is about it."""
    journal = Journal(tmp_path)
    nuri = Finding("POLICY_CHANGED", "a policy of nuri", 9, about="/Channel/Application/nuri/Own", within=NURI)
    again = Finding("IDENTITY_CHANGED", "a root of nuri", 10, within=NURI)
    journal.add([nuri, again])
    raised = alarm(tmp_path)
    assert raised is not None
    assert (raised["ledger"], raised["institutions"]) == (
        False,
        {"nuri": "POLICY_CHANGED: a policy of nuri (and 1 more)"},
    )
    journal.add([FORGED])
    raised = alarm(tmp_path)
    assert raised is not None
    assert (raised["ledger"], raised["sentence"]) == (True, "SEAL_FORGED: a forgery")
    again_read = Journal(tmp_path)
    assert [entry.finding for entry in again_read.entries()] == [nuri, again, FORGED]
    again_read.accept([FORGED.id, nuri.id], by="x", reason="y")
    raised = alarm(tmp_path)
    assert raised is not None
    assert (raised["ledger"], raised["institutions"]) == (False, {"nuri": "IDENTITY_CHANGED: a root of nuri"})


def test_a_finding_of_a_former_version_closes_what_it_closed(tmp_path: Path) -> None:
    told = {"id": "0" * 12, "code": "POLICY_CHANGED", "sentence": "x", "block": 3, "transaction": "", "about": "y"}
    (tmp_path / "findings.jsonl").write_text(json.dumps({"found": told, "at": "2026-01-01T00:00:00Z"}) + "\n")
    Journal(tmp_path).refresh()
    raised = alarm(tmp_path)
    assert raised is not None
    assert raised["ledger"] is True


def test_what_others_can_write_without_end_does_not_fill_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for start in range(0, 3000, 500):
        journal.add(Finding("UNSEALED_RECORD", "a record", 8, str(number)) for number in range(start, start + 500))
    assert len(journal.entries()) == 1000
    assert len(Journal(tmp_path).add([Finding("UNSEALED_RECORD", "a record", 8, "more")])) == 0
    assert len(journal.add([Finding("KEY_SPOILED", "a key", 8, str(number)) for number in range(1100)])) == 1100


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
