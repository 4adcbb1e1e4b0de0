"""`medconsent watch` over exported blocks: without a context and without a network, as an auditor runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from watch_world import World, transaction

from medconsent.services.watch.sources import exported, name_of
from medconsent_cli.main import run

ALARM, USAGE = 9, 2


@pytest.fixture
def world() -> World:
    world = World()
    for number in (1, 2):
        peers = [world["nuri"].key("peer")]
        world.add(transaction(world["nuri"].key("client"), peers, number=number, writes={f"k{number}": b"v"}))
    return world


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEDCONSENT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MEDCONSENT_WATCH_FOLDER", raising=False)
    return tmp_path


def export(world: World, folder: Path) -> Path:
    blocks = folder / "blocks"
    blocks.mkdir(exist_ok=True)
    for block in world.blocks:
        (blocks / name_of(block)).write_bytes(block.to_bytes())
    (folder / "root.pem").write_bytes(world["hanbit"].root_pem)
    return blocks


def audit(folder: Path, *more: str, blocks: str = "blocks") -> list[str]:
    words = ["watch", "ledger", "--blocks", str(folder / blocks), "--institution", "hanbit"]
    return [*words, "--root", str(folder / "root.pem"), *more]


def forge(world: World, number: int = 7) -> None:
    seals = {("hanbit", "grant/1"): b"seal"}
    peers = [world["nuri"].key("peer")]
    world.add(transaction(world["nuri"].key("client"), peers, number=number, seals=seals))


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_nothing_found(world: World, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export(world, folder)
    assert run(audit(folder)) == 0
    assert "3 blocks judged; nothing keeps decisions closed" in capsys.readouterr().out


def test_a_forgery_for_people_and_for_programs(world: World, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forge(world)
    export(world, folder)
    assert run(audit(folder, "--json")) == ALARM
    found, judged = events(capsys)
    assert (found["event"], found["code"], found["block"], found["closes"]) == ("finding", "SEAL_FORGED", 3, True)
    assert judged == {"event": "judged", "next": 4, "findings": 1, "open": 1}
    assert run(["watch", "status", "--institution", "hanbit-exported"]) == ALARM
    out = capsys.readouterr().out
    assert "1 finding keeps decisions closed" in out
    assert "what to do: treat it as an attack" in out


def test_it_goes_on_where_it_stopped_and_what_was_accepted_stays_so(
    world: World, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forge(world)
    export(world, folder)
    assert run(audit(folder, "--json")) == ALARM
    name = events(capsys)[0]["id"]
    accept = ["watch", "accept", name[:6], "--institution", "hanbit-exported", "--reason", "looked into"]
    assert run(accept) == 0
    assert "decisions are open" in capsys.readouterr().out
    export(world, folder)
    assert run(audit(folder, "--json")) == 0
    assert [event["event"] for event in events(capsys)] == ["judged"]
    assert run(audit(folder, "--from", "genesis", "--json")) == 0
    assert [event["event"] for event in events(capsys)] == ["judged"]
    forge(world, 8)
    export(world, folder)
    assert run(audit(folder, "--json")) == ALARM
    assert [event.get("block") for event in events(capsys)] == [4, None]


def test_metrics_in_a_file(world: World, folder: Path) -> None:
    forge(world)
    export(world, folder)
    metrics = folder / "metrics.prom"
    assert run(audit(folder, "--metrics-file", str(metrics))) == ALARM
    assert "\nmedconsent_watch_alarm 1.0\n" in metrics.read_text()
    assert metrics.stat().st_mode & 0o777 == 0o644


def test_the_genesis_block_that_the_institution_keeps(
    world: World, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = export(world, folder)
    (first, *_) = sorted(blocks.iterdir())
    first.rename(folder / "genesis.block")
    assert run(audit(folder)) == USAGE
    assert "give it with --genesis" in capsys.readouterr().err
    assert run(audit(folder, "--genesis", str(folder / "genesis.block"))) == 0
    capsys.readouterr()
    other = World().blocks[0]
    (folder / "other.block").write_bytes(other.to_bytes())
    assert run(audit(folder, "--from", "genesis", "--genesis", str(folder / "other.block"), "--json")) == ALARM
    assert "CHAIN_BROKEN" in {event.get("code") for event in events(capsys)}


def test_a_whole_export_against_another_genesis_block(
    world: World, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(world, folder)
    (folder / "other.block").write_bytes(World().blocks[0].to_bytes())
    assert run(audit(folder, "--genesis", str(folder / "other.block"), "--json")) == ALARM
    assert "genesis" in {event.get("about") for event in events(capsys)}


def test_one_block_as_fabric_writes_it(world: World, folder: Path) -> None:
    export(world, folder)
    (folder / "mychannel_0.block").write_bytes(world.blocks[0].to_bytes())
    assert run(audit(folder, blocks="mychannel_0.block")) == 0


def test_files_in_the_order_of_their_numbers(world: World, folder: Path) -> None:
    blocks = folder / "blocks"
    blocks.mkdir()
    for block, name in zip(world.blocks, ("c_9.block", "c_10.block", "c_11.block"), strict=True):
        (blocks / name).write_bytes(block.to_bytes())
    (blocks / "notes.txt").write_text("not a block")
    assert [block.number for block in exported(blocks)] == [0, 1, 2]


@pytest.mark.parametrize("content", [b"", b"junk"])
def test_what_is_no_block(world: World, folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = export(world, folder)
    (blocks / "medconsent_9.block").write_bytes(content)
    assert run(audit(folder)) == USAGE
    assert "medconsent_9.block" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"junk", b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_root_certificate(
    world: World, folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    export(world, folder)
    (folder / "root.pem").write_bytes(content)
    assert run(audit(folder)) == USAGE
    assert "error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["watch", "ledger", "--from", "yesterday"], "genesis, checkpoint, or the number of a block"),
        (["watch", "accept", "abc", "--reason", " ", "--institution", "hanbit"], "say why"),
        (["watch", "accept", "abc", "--reason", "x", "--institution", "nobody"], "there is no watcher in"),
        (["watch", "ledger"], "no identity is chosen"),
    ],
)
def test_wrong_usage(folder: Path, words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == USAGE
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:x", "127.0.0.1:99999", "256.0.0.1:1"])
def test_an_address_that_cannot_be_served(
    world: World, folder: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    export(world, folder)
    assert run(audit(folder, "--metrics", address)) == USAGE
    assert address in capsys.readouterr().err
