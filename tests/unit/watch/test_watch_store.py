"""Journal, alarm and checkpoint on disk: what survives a fall, who may read it, and when decisions open again."""

import json
import stat
from pathlib import Path

import pytest
from watch_world import World, signature_policy, transaction

from medconsent.errors import DocumentError
from medconsent.services.watch.checkpoint import Checkpoint
from medconsent.services.watch.journal import Journal
from medconsent.services.watch.ledger import Ledger
from medconsent.services.watch.status import read
from medconsent.watch.findings import KINDS, Finding
from medconsent.watch.state import Guards

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


def test_a_checkpoint_is_gone_on_from(tmp_path: Path) -> None:
    """Blocks, configuration, approvals and guards: a second watcher finds what one that never stopped would."""
    world = World()
    peer, client = world["hanbit"].key("peer"), world["nuri"].key("client")
    guards = {"k": signature_policy("hanbit"), "gone": signature_policy("hanbit")}
    world.add(transaction(client, [peer], writes={"k": b"v", "gone": b"v"}, policies=guards))
    world.add(transaction(client, [peer], number=2, writes={"gone": None}))
    world.add(world.change(lambda channel: channel.groups["Application"].groups.pop("saerom")))
    judge = world.judge()
    with Ledger(judge, tmp_path, "medconsent") as ledger:
        ledger.take(world.blocks[1:3])
        ledger.take(world.blocks[3:])
    assert [entry.finding.code for entry in Journal(tmp_path).entries()] == ["MEMBER_LEFT"]

    fresh = World().judge()
    fresh.pinned = judge.pinned
    with Ledger(fresh, tmp_path, "medconsent") as ledger:
        assert ledger.resume()
        assert ledger.judge.state.next == 4
        spoil = transaction(client, [world["nuri"].key("peer")], number=3, writes={"k": None, "gone": b"v"})
        ledger.take([world.add(spoil)])
    found = Journal(tmp_path).entries()[-1].finding
    assert (found.code, found.about) == ("KEY_SPOILED", "k")
    assert read(tmp_path).next == 5


def test_findings_are_written_before_the_checkpoint_passes_the_block(tmp_path: Path) -> None:
    world = World()
    seals = {("hanbit", "k"): b"seal"}
    world.add(transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], seals=seals))
    with Ledger(world.judge(), tmp_path, "medconsent") as ledger:
        ledger.save()
        ledger.journal.path.mkdir()  # the disk refuses
        with pytest.raises(IsADirectoryError):
            ledger.take(world.blocks[1:])
        ledger.journal.path.rmdir()
    assert read(tmp_path).next == 1


def test_a_checkpoint_of_another_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    world = World()
    with Ledger(world.judge(), tmp_path, "medconsent") as ledger:
        ledger.save()
    for whose in (("nuri", "medconsent", "medconsent"), ("hanbit", "other", "medconsent")):
        with pytest.raises(DocumentError, match="not the checkpoint of"):
            Checkpoint(tmp_path, *whose).load()
    path = tmp_path / "checkpoint.json"
    whole = path.read_text()
    for text in ("", "{", whole.replace('"next"', '"nxt"'), whole.replace('"config": "', '"config": "////')):
        path.write_text(text)
        with pytest.raises(DocumentError):
            Checkpoint(tmp_path, "hanbit", "medconsent", "medconsent").load()


def test_one_folder_has_one_watcher(tmp_path: Path) -> None:
    judge = World().judge()
    with (
        Ledger(judge, tmp_path, "medconsent"),
        pytest.raises(DocumentError, match="another watcher"),
        Ledger(judge, tmp_path, "medconsent"),
    ):
        pass


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "watch"
    with Ledger(World().judge(), folder, "medconsent") as ledger:
        ledger.found([FORGED])
        ledger.save()
        ledger.beat()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {path.name for path in folder.iterdir()} >= {"alarm.json", "checkpoint.json", "findings.jsonl", "heartbeat"}


def test_guards_are_what_their_log_says() -> None:
    guards = Guards()
    for number in range(100):
        guards.add(f"k{number}")
        guards.add(f"k{number}")
    for number in range(0, 100, 2):
        guards.remove(f"k{number}")
    guards.remove("never there")
    guards.add("k0")
    again = Guards(bytes(guards.pending))
    assert len(again) == len(guards) == 51
    assert all((f"k{number}" in again) == (number % 2 == 1 or number == 0) for number in range(100))


def test_every_kind_is_in_the_guide() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "watcher.md").read_text()
    for kind in KINDS.values():
        row = f"| `{kind.code}` | {'yes' if kind.closes else 'no'} | {kind.meaning} | {kind.advice} |"
        assert row in guide, f"docs/watcher.md lacks: {row}"


def test_every_kind_that_closes_is_named_in_the_metrics(tmp_path: Path) -> None:
    with Ledger(World().judge(), tmp_path, "medconsent") as ledger:
        ledger.found([FORGED, NOTE])
        text = ledger.metrics.text()
    assert 'medconsent_watch_findings_total{code="SEAL_FORGED"} 1' in text
    assert 'medconsent_watch_findings_total{code="MEMBER_LEFT"} 0' in text
    for line in text.splitlines():
        assert line.startswith("#") or line.rpartition(" ")[2].lstrip("-").isdigit(), line
