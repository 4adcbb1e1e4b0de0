"""`medconsent watch export`: an export overwrites nothing unasked, and where a watcher may begin in one."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from watch_world import World, transaction

from medconsent.fabric.errors import BlocksError
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.services.runtime.stop import Stop
from medconsent.services.watch import service
from medconsent.services.watch.sources import exported_in, name_of
from medconsent_cli.main import run

USAGE = 2


# Export


@pytest.fixture
def peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A context whose own peer has three blocks."""
    folder = tmp_path / "contexts" / "hanbit" / "lee"
    folder.mkdir(parents=True)
    members = {"institution": "hanbit", "enrollment_id": "lee", "endpoint": "localhost:1"}
    (folder / "context.json").write_text(json.dumps({**members, "channel": "medconsent", "chaincode": "m"}))
    (tmp_path / "current").write_text("hanbit/lee\n")
    monkeypatch.setenv("MEDCONSENT_HOME", str(tmp_path))
    monkeypatch.delenv("MEDCONSENT_CONTEXT", raising=False)
    world = World()
    for number in (1, 2):
        world.add(transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], number=number))

    @contextmanager
    def own(_context: Any) -> Iterator[Any]:
        yield SimpleNamespace(blocks=lambda first, last: iter(world.blocks[first : None if last is None else last + 1]))

    monkeypatch.setattr("medconsent.services.watch.sources.own_peer", own)
    return world


def test_an_export_overwrites_nothing_unasked(peer: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = tmp_path / "blocks"
    assert run(["watch", "export", str(blocks), "--to", "1"]) == 0
    assert capsys.readouterr().out == f"2 blocks in {blocks}\n"
    kept = blocks / name_of(peer.blocks[1])
    kept.write_bytes(b"the only copy of what the peer once had")
    assert run(["watch", "export", str(blocks)]) == USAGE
    told = capsys.readouterr().err
    assert "has 2 such files already, up to medconsent_0000000001.block: give --replace" in told
    assert kept.read_bytes().startswith(b"the only copy")
    assert len(list(blocks.iterdir())) == 2, "nothing was written"
    assert run(["watch", "export", str(blocks), "--from", "2"]) == 0
    assert capsys.readouterr().out == f"1 block in {blocks}\n"
    assert kept.read_bytes().startswith(b"the only copy")
    assert run(["watch", "export", str(blocks), "--replace"]) == 0
    assert kept.read_bytes() == peer.blocks[1].to_bytes()


def test_which_files_an_export_would_meet(tmp_path: Path) -> None:
    for name in ("c_0000000001.block", "c_0000000012.block", "cc_0000000005.block", "c_7.block", "c_0000000003.txt"):
        (tmp_path / name).touch()

    def met(first: int, last: int | None) -> list[str]:
        return [file.name for file in exported_in(tmp_path, "c", first, last)]

    assert met(0, None) == ["c_0000000001.block", "c_0000000012.block"]
    assert met(1, 1) == ["c_0000000001.block"]
    assert met(2, 11) == []
    assert exported_in(tmp_path / "elsewhere", "c", 0, None) == []


# The beginning


def peer_of(world: World) -> SimpleNamespace:
    """A peer that delivers as Fabric does: a stream that is to stop where the ledger has not come ends NOT_FOUND."""

    def blocks(start: int | None = None, stop: int | None = None, **_options: Any) -> Iterator[LedgerBlock]:
        start = len(world.blocks) - 1 if start is None else start
        yield from world.blocks[start : None if stop is None else stop + 1]
        if stop is not None and stop >= len(world.blocks):
            raise BlocksError("the peer ended the stream of blocks with NOT_FOUND", delivery="NOT_FOUND")

    return SimpleNamespace(blocks=blocks)


@pytest.mark.parametrize("once", [True, False], ids=["once", "for ever"])
def test_a_beginning_above_the_ledger(
    once: bool, peer: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def own(_context: Any) -> Iterator[Any]:
        yield peer_of(peer)

    monkeypatch.setattr(service, "own_peer", own)
    monkeypatch.setattr(Stop, "sleep", lambda stop, _seconds: pytest.fail("it waits for ever"))
    (tmp_path / "root.pem").write_bytes(peer["hanbit"].root_pem)
    watch = ["watch", "ledger", "--root", str(tmp_path / "root.pem"), "--compare", "0"]
    watch += ["--folder", str(tmp_path / "watch"), "--chaincode", "medconsent"]
    assert run([*watch, "--once"]) == 0
    checkpoint = (tmp_path / "watch" / "checkpoint.json").read_bytes()
    capsys.readouterr()
    assert run([*watch, "--from", "4", *(["--once"] if once else [])]) == USAGE
    told = capsys.readouterr().err
    assert "the ledger ends with block 2: it cannot be judged from block 4 on" in told
    assert "hint: begin with block 3, the next to come" in told
    assert (tmp_path / "watch" / "checkpoint.json").read_bytes() == checkpoint
    for number in ("3", "2", "1"):
        assert run([*watch, "--from", number, "--once"]) == 0


def test_a_beginning_above_the_exported_blocks(peer: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["watch", "export", str(tmp_path / "blocks")]) == 0
    (tmp_path / "root.pem").write_bytes(peer["hanbit"].root_pem)
    words = ["watch", "ledger", "--blocks", str(tmp_path / "blocks"), "--institution", "hanbit"]
    words += ["--root", str(tmp_path / "root.pem")]
    first = (tmp_path / "blocks" / name_of(peer.blocks[0])).rename(tmp_path / "genesis.block")
    words += ["--genesis", str(first)]
    for _ in range(2):
        assert run(words) == 0, "nothing new the second time, and that is all right"
    for number in ("1", "2"):
        assert run([*words, "--from", number]) == 0
    assert "nothing keeps decisions closed" in capsys.readouterr().out
    for number in (3, 99):
        assert run([*words, "--from", str(number)]) == USAGE
        told = capsys.readouterr()
        assert f"the last of these blocks is 2: there is nothing to judge from block {number} on" in told.err
        assert "judged" not in told.out


def test_a_beginning_without_what_came_before(peer: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only block 2 and the first were handed over: block 1, on which block 2 follows, is missed and named."""
    assert run(["watch", "export", str(tmp_path / "blocks")]) == 0
    (tmp_path / "root.pem").write_bytes(peer["hanbit"].root_pem)
    (tmp_path / "blocks" / name_of(peer.blocks[1])).unlink()
    first = (tmp_path / "blocks" / name_of(peer.blocks[0])).rename(tmp_path / "genesis.block")
    words = ["watch", "ledger", "--blocks", str(tmp_path / "blocks"), "--root", str(tmp_path / "root.pem")]
    words += ["--institution", "hanbit", "--from", "2"]
    for missed, more in ((0, []), (1, ["--genesis", str(first)])):
        assert run([*words, *more]) == USAGE
        assert f"block {missed} is not among these blocks" in capsys.readouterr().err


# The end


class Finalized:
    """What is raised in a finalizer is lost: Python has nobody to give it to."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_sigterm_that_a_finalizer_swallows(peer: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []

    def one(*_arguments: Any, once: bool) -> str:
        rounds.append(once)
        assert len(rounds) < 2, "it went on"
        Finalized()
        return ""

    @contextmanager
    def own(_context: Any) -> Iterator[Any]:
        yield None

    monkeypatch.setattr(service, "own_peer", own)
    monkeypatch.setattr(service.Watcher, "_round", one)
    (tmp_path / "root.pem").write_bytes(peer["hanbit"].root_pem)
    assert run(["watch", "ledger", "--root", str(tmp_path / "root.pem")]) == 0
    assert rounds == [False]
