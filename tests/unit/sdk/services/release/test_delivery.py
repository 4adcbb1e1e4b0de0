"""What was granted, read by a program without a copy on disk."""

import asyncio
import gc
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from door_world import FILES, GRANT, Door
from fake_gateway import AsyncioFake, FakeGateway, identity

from medconsent.client import Nouns
from medconsent.errors import DamagedCiphertext, NotFound, ReleaseCut, ReleaseError
from medconsent.fabric.channel import Channel
from medconsent.fabric.flow import Asyncio, Blocking
from medconsent.fabric.identity import PrivateKeySigner
from medconsent.release import opened as opened_
from medconsent.release.delivery import Delivery
from medconsent.release.door import Door as OwnersDoor
from medconsent.release.stored import body
from medconsent.services.release import transfers


def outcomes(door: Door) -> list[str]:
    return [outcome for outcome, _sent, _reason in door.ledger.closed.values()]


def wait(for_: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not for_() and time.monotonic() < until:
        time.sleep(0.02)
    assert for_()


def read_on(delivery: Delivery[Blocking]) -> None:
    """Read for longer than the server takes from one look to the next."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        delivery.read("large.bin")


def test_a_program_reads_files_as_files(door: Door) -> None:
    with door.open() as delivery:
        assert [file.path for file in delivery.files] == sorted(FILES, key=str.encode)
        for path, content in FILES.items():
            with delivery.open(path) as file:
                assert file.read() == content
    assert outcomes(door) == ["completed"]
    assert door.ledger.closed[delivery.receipt][1] >= sum(len(content) for content in FILES.values())
    with pytest.raises(ReleaseError, match="is over"):
        delivery.read("a.csv")


def test_a_file_is_read_from_anywhere_in_it(door: Door) -> None:
    content = FILES["large.bin"]
    with door.open(paths=["large.bin", "empty"]) as delivery, delivery.open("large.bin") as file:
        for start, size in ((70_000, 10), (0, 3), (len(content) - 5, 100), (65_530, 12), (len(content) + 9, 4)):
            file.seek(start)
            assert (file.tell(), file.read(size)) == (start, content[start : start + size])
            assert delivery.read("large.bin", start, size) == content[start : start + size]
        assert file.seek(-3, os.SEEK_END) == len(content) - 3
        assert file.read() == content[-3:]
        assert delivery.read("empty") == b""
        with pytest.raises(NotFound):
            delivery.open("a.csv")
        with pytest.raises(ValueError, match="no bytes"):
            delivery.read("large.bin", -1)
    assert outcomes(door) == ["aborted"]  # not everything has left


def test_a_program_that_fails_leaves_a_receipt_with_its_outcome(door: Door) -> None:
    def train() -> None:
        with door.open() as delivery:
            for path in FILES:
                delivery.read(path)
            _ = 1 / 0

    with pytest.raises(ZeroDivisionError):
        train()
    assert outcomes(door) == ["aborted"]


def test_what_nobody_holds_any_more_is_ended(door: Door) -> None:
    delivery = door.open()
    assert delivery.read("a.csv") == FILES["a.csv"]
    del delivery
    gc.collect()
    wait(lambda: outcomes(door) == ["aborted"])


def test_a_piece_by_piece_reader_may_stop(door: Door) -> None:
    with door.open(paths=["large.bin"]) as delivery:
        got = b""
        for piece in delivery.pieces("large.bin"):
            assert 0 < len(piece) <= 65_536
            got += piece
            if len(got) > 200_000:
                break
        assert got == FILES["large.bin"][: len(got)]
        assert b"".join(delivery.pieces("large.bin")) == FILES["large.bin"]
    assert outcomes(door) == ["completed"]


def test_ciphertext_that_was_changed_is_not_read(door: Door) -> None:
    with body(door.folder / "archive", "large.bin").open("r+b") as file:
        file.seek(3_000_000)
        file.write(b"changed")
    with door.open() as delivery, pytest.raises(DamagedCiphertext):
        delivery.read("large.bin", 2_990_000, 20_000)
    assert outcomes(door) == ["aborted"]


def test_a_revocation_ends_it_with_the_reason(door: Door) -> None:
    with door.open(grant=GRANT) as delivery:
        assert delivery.read("a.csv") == FILES["a.csv"]
        door.ledger.permitted = False
        with pytest.raises(ReleaseCut, match="the grant was revoked"):
            read_on(delivery)
    wait(lambda: outcomes(door) == ["aborted"])


def test_a_receipt_that_the_server_ended_is_told_of(door: Door) -> None:
    with door.open(grant=GRANT) as delivery:
        transfer = door.server.transfers.get(delivery.receipt)
        assert transfer is not None
        door.server.transfers.finish(transfer, "aborted", "ended")
        door.ledger.permitted = False
        with pytest.raises(ReleaseCut, match="the grant was revoked"):
            delivery.read("large.bin")


def test_a_training_that_takes_its_time_keeps_it_open(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened_, "BEAT", 0.1)
    door.server.transfers._idle = 1.0
    with door.open(paths=["a.csv"]) as delivery:
        time.sleep(2.5)
        assert delivery.read("a.csv") == FILES["a.csv"]
    assert outcomes(door) == ["completed"]


def test_what_nobody_uses_is_closed_by_the_server(door: Door) -> None:
    door.server.transfers._idle = 0.5
    delivery = door.open(paths=["a.csv"])
    wait(lambda: outcomes(door) == ["aborted"])
    with pytest.raises(Exception, match="ended the release"):
        delivery.read("a.csv")


def test_another_process_opens_its_own(door: Door) -> None:
    with door.open(paths=["a.csv"]) as delivery:
        context = multiprocessing.get_context("fork")
        told: Any = context.SimpleQueue()

        def child() -> None:
            try:
                told.put(delivery.read("a.csv").decode())
            except ReleaseError as error:
                told.put(str(error))

        process = context.Process(target=child)
        process.start()
        process.join(20)
        assert "another process" in told.get()
        assert outcomes(door) == []
        delivery.read("a.csv")
    assert outcomes(door) == ["completed"]


def test_a_program_that_ends_says_what_came_of_it(door: Door, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from pathlib import Path\n"
        "from cryptography.hazmat.primitives.serialization import load_pem_private_key\n"
        "from door_world import Door, Ledger, Somebody\n"
        "from medconsent.release.stored import Archive\n"
        f"kim = Somebody(Path({str(door.kim.folder)!r}), 'kim', key=load_pem_private_key({_pem(door)!r}, None))\n"
        f"ledger = Ledger(Archive(Path({str(door.folder / 'archive')!r})), [kim])\n"
        f"door = Door(ledger, None, {door.url!r}, Path({str(door.ca)!r}), kim, kim, None)\n"
        "delivery = door.open()\n"
        "print(len(delivery.read('large.bin')))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, f"{len(FILES['large.bin'])}\n"), done.stderr
    assert outcomes(door) == ["aborted"]


def _pem(door: Door) -> bytes:
    return PrivateKeySigner(door.kim.key).to_pem()


def awaited(door: Door) -> Nouns[Asyncio]:
    made = identity("nuri", "kim", key=PrivateKeySigner(door.kim.key))
    channel = Channel(AsyncioFake(FakeGateway(door.ledger.contract)), *made, "medconsent")
    return Nouns(channel, "medconsent", door.kim.folder)


def test_the_same_awaited(door: Door, tmp_path: Path) -> None:
    async def use() -> None:
        release = awaited(door).release
        async with await release.open("hanbit/bc", door.url, ca=door.ca) as delivery:
            got = {file.path: b"" for file in delivery.files}
            for path in got:
                async for piece in delivery.pieces(path):
                    got[path] += piece
            assert got == FILES
            assert await delivery.read("large.bin", 5, 7) == FILES["large.bin"][5:12]
        assert outcomes(door) == ["completed"]
        done = await release.fetch("hanbit/bc", door.url, tmp_path / "out", ca=door.ca)
        assert done.files == len(FILES)

    asyncio.run(use())
    assert outcomes(door) == ["completed", "completed"]
    assert {path: (tmp_path / "out" / path).read_bytes() for path in FILES} == FILES


def test_small_files_cost_a_request_each_and_the_peer_is_asked_in_rounds(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    checked: list[str] = []
    real, check = OwnersDoor._request, door.ledger.check

    def request(self: OwnersDoor, method: str, target: str, *more: Any, **how: Any) -> Any:
        asked.append(target.rpartition("/")[2])
        return real(self, method, target, *more, **how)

    def counted(receipt: str) -> Any:
        checked.append(receipt)
        return check(receipt)

    monkeypatch.setattr(OwnersDoor, "_request", request)
    monkeypatch.setattr(door.server.transfers, "_check", counted)
    monkeypatch.setattr(transfers, "ROUND", 30.0)
    door.fetch(tmp_path / "out")
    assert asked.count("segments") == 1
    assert asked.count("body") == len(FILES) - 1  # of an empty file there is none
    assert len(checked) <= 1  # the receipt's commit has said that it may; a look may have been under way


def test_who_asks_for_the_same_twice_in_a_second_gets_both(door: Door) -> None:
    for _again in range(3):
        with door.open(paths=["a.csv"]) as delivery:
            assert delivery.read("a.csv") == FILES["a.csv"]
    assert outcomes(door) == ["completed"] * 3
