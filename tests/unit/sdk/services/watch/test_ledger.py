"""The checkpoint on disk and what is written before it, and that one folder has one watcher."""

import stat
from pathlib import Path

import pytest
from watch_world import World, signature_policy, transaction

from medconsent.errors import DocumentError
from medconsent.services.runtime.metrics import exposition
from medconsent.services.watch.checkpoint import Checkpoint
from medconsent.services.watch.journal import Journal
from medconsent.services.watch.ledger import Ledger
from medconsent.services.watch.sources import pinned
from medconsent.services.watch.status import read
from medconsent.watch.findings import Finding

FORGED = Finding("SEAL_FORGED", "a forgery", 7, "ab", "k")

NOTE = Finding("UNSEALED_RECORD", "a record", 8, "cd")


def test_a_root_that_is_no_pem_is_told_in_words(tmp_path: Path) -> None:
    root = tmp_path / "ca.der"
    root.write_bytes(b"\x30\x82\x01\x00")
    with pytest.raises(DocumentError, match=r"ca\.der: a root certificate is damaged, or not in PEM") as caught:
        pinned("hanbit", [root])
    assert "cryptography.io" not in str(caught.value)


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
    odd = [whole.replace('"next": 1', f'"next": {number}') for number in ("-1", "1.5", '"0"', str(2**64))]
    for text in ("", "{", whole.replace('"next"', '"nxt"'), whole.replace('"config": "', '"config": "////'), *odd):
        assert text != whole
        path.write_text(text)
        with pytest.raises(DocumentError, match=r"checkpoint\.json.*cannot be gone on from"):
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


def test_every_kind_that_closes_is_named_in_the_metrics(tmp_path: Path) -> None:
    with Ledger(World().judge(), tmp_path, "medconsent") as ledger:
        ledger.found([FORGED, NOTE])
        text = exposition(ledger.metrics).decode()
    assert 'medconsent_watch_findings_total{code="SEAL_FORGED"} 1' in text
    assert 'medconsent_watch_findings_total{code="MEMBER_LEFT"} 0' in text
    for line in text.splitlines():
        assert line.startswith("#") or float(line.rpartition(" ")[2]) >= -1, line
