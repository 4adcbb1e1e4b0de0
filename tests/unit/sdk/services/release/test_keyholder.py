"""The keyholder at its socket: one header a receipt and file, whoever asks and however often, and after each crash."""

import base64
import hashlib
import os
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from medconsent.data.manifest import merkle
from medconsent.data.manifest.files import FileEntry
from medconsent.errors import HeaderRefused, NotFound, ReleaseError, Unreachable
from medconsent.release import container, keys
from medconsent.release.archive import Subject, build
from medconsent.release.headers import HeaderStore
from medconsent.release.journal import Journal
from medconsent.release.judging import MOST_FILES, Receipt
from medconsent.release.stored import Archive
from medconsent.services.release import wire
from medconsent.services.release.keyholder import Keyholder, Server, key_of

KIM = keys.SecretKey.generate()
ID = "1" * 64


@dataclass
class World:
    """An archive of one institution, and what its peer holds of the one receipt that there is."""

    folder: Path
    archive: Archive
    held: Receipt

    def facts(self, receipt: str) -> Receipt:
        if receipt != ID:
            raise NotFound("there is no such receipt")
        return self.held

    def holder(self) -> Keyholder:
        return Keyholder(self.folder, "hanbit", self.facts)

    def message(self, *paths: str, delivery: bytes = KIM.public, receipt: str = ID) -> dict[str, Any]:
        chosen, places, _files = self.archive.chosen(None)
        files = [
            {"file": file.to_json(), "place": place.to_json()}
            for file, place in zip(chosen, places, strict=True)
            if file.path in paths
        ]
        return {"receipt": receipt, "delivery": base64.b64encode(delivery).decode(), "files": files}


@pytest.fixture
def world(tmp_path: Path) -> World:
    source, folder = tmp_path / "version", tmp_path / "keyholder"
    source.mkdir()
    entries = []
    for name in ("a", "b", "c"):
        (source / name).write_text(name)
        entries.append(FileEntry(name, 1, hashlib.sha256(name.encode()).hexdigest()))
    public = key_of(folder).public
    store = HeaderStore(folder)
    archive = build(
        Subject("hanbit/bc", "1", merkle.root(entries), entries), source, tmp_path / "archive", store, public
    )
    store.close()
    written = datetime.now(UTC) - timedelta(seconds=5)
    held = Receipt(ID, "hanbit", True, "open", written, archive.description.files, KIM.fingerprint, True)
    return World(folder, archive, held)


@pytest.fixture
def path(world: World, tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "k.sock"
    with Server(world.holder(), place):
        yield place


def codes(path: Path, message: dict[str, Any]) -> set[str]:
    with pytest.raises(HeaderRefused) as refused:
        wire.ask(path, message)
    return {reason["code"] for reason in refused.value.details}


def test_a_header_is_for_the_delivery_key_and_opens_the_file(world: World, path: Path) -> None:
    (header,) = wire.ask(path, world.message("b"))["headers"]
    key = container.open_header(base64.b64decode(header), KIM.secret)
    assert container.unseal(key, world.archive.body(world.archive.by_path["b"]).read_bytes()) == b"b"
    assert base64.b64decode(header) not in (world.folder / "headers.sqlite").read_bytes()


def test_it_is_given_once_also_after_a_restart(world: World, path: Path) -> None:
    wire.ask(path, world.message("a", "b"))
    assert codes(path, world.message("b", "c")) == {"HEADER_GIVEN"}
    again = world.holder().answer(world.message("a"))
    assert again["refused"][0]["code"] == "HEADER_GIVEN"
    assert wire.ask(path, world.message("c"))["headers"]


def test_of_many_who_ask_at_once_one_gets_it(world: World, path: Path) -> None:
    got: list[Any] = []

    def ask() -> None:
        try:
            got.append(wire.ask(path, world.message("a")))
        except HeaderRefused as error:
            got.append({reason["code"] for reason in error.details})

    threads = [threading.Thread(target=ask) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, got)).count(str({"HEADER_GIVEN"})) == 23


def test_nothing_is_given_when_the_journal_does_not_take_it(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> bool:
        raise ReleaseError("there is no room left")

    monkeypatch.setattr(Journal, "take", full)
    assert codes(path, world.message("a")) == {"RELEASE"}


def test_another_key_gets_none(world: World, path: Path) -> None:
    assert codes(path, world.message("a", delivery=keys.SecretKey.generate().public)) == {"KEY_NOT_IN_RECEIPT"}


@pytest.mark.parametrize("delivery", [bytes(32), b"", b"x" * 31])
def test_a_key_that_hides_nothing_gets_none(world: World, path: Path, delivery: bytes) -> None:
    assert codes(path, world.message("a", delivery=delivery)) == {"MALFORMED"}


def test_a_receipt_that_ones_own_peer_does_not_have_gives_none(world: World, path: Path) -> None:
    assert codes(path, world.message("a", receipt="2" * 64)) == {"NOT_FOUND"}


def test_a_peer_that_does_not_answer_gives_none(world: World, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_receipt: str) -> Receipt:
        raise Unreachable("the peer is down")

    holder = Keyholder(world.folder, "hanbit", down)
    assert holder.answer(world.message("a"))["refused"][0]["code"] == "UNREACHABLE"


def test_what_one_peer_says_now_counts(world: World, path: Path) -> None:
    world.held = replace(world.held, permitted=False)
    assert codes(path, world.message("a")) == {"GRANT_NOT_IN_FORCE"}
    world.held = replace(world.held, permitted=True, status="aborted")
    assert codes(path, world.message("a")) == {"RECEIPT_NOT_OPEN"}


@pytest.mark.parametrize(
    "message",
    [
        {}, {"receipt": 1}, {"receipt": ID, "delivery": "!", "files": []}, {"receipt": ID[:12]},
        {"receipt": ID, "delivery": base64.b64encode(KIM.public).decode(), "files": 3},
        {"receipt": ID, "delivery": base64.b64encode(KIM.public).decode(), "files": [{}]},
        {"receipt": ID, "delivery": base64.b64encode(KIM.public).decode(), "files": [{"file": {"path": "../x"}}]},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(path: Path, message: dict[str, Any]) -> None:
    assert codes(path, message) == {"MALFORMED"}


def test_too_many_at_once_and_none_are_refused(world: World, path: Path) -> None:
    message = world.message("a")
    assert codes(path, {**message, "files": []}) == {"TOO_MANY_FILES"}
    assert codes(path, {**message, "files": message["files"] * (MOST_FILES + 1)}) == {"TOO_MANY_FILES"}


@pytest.mark.parametrize("sent", [b"", b"\xff\xff\xff\xff", b"\x00\x00", b"\x00\x00\x00\x05ab", b"\x00\x00\x00\x02[]"])
def test_whoever_speaks_otherwise_is_hung_up_on_and_others_are_served(world: World, path: Path, sent: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as odd:
        odd.connect(str(path))
        odd.sendall(sent)
        odd.shutdown(socket.SHUT_WR)
        assert odd.recv(100) == b""
    assert wire.ask(path, world.message("a"))["headers"]


def test_the_socket_is_for_its_group_and_gone_afterwards(world: World, tmp_path: Path) -> None:
    place = tmp_path / "other.sock"
    with Server(world.holder(), place):
        assert stat.S_IMODE(place.stat().st_mode) == 0o660
        with pytest.raises(ReleaseError, match="already"):
            Server(world.holder(), place)
    assert not place.exists()
    with pytest.raises(Unreachable):
        wire.ask(place, world.message("a"))


def test_a_socket_that_a_crash_left_is_replaced(world: World, tmp_path: Path) -> None:
    place = tmp_path / "left.sock"
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(place))
    left.close()
    with Server(world.holder(), place):
        assert wire.ask(place, world.message("a"))["headers"]


def test_the_folder_is_for_its_owner_alone(world: World) -> None:
    assert stat.S_IMODE(world.folder.stat().st_mode) == 0o700
    for file in world.folder.iterdir():
        if file.suffix != ".pub":
            assert stat.S_IMODE(os.stat(file).st_mode) & 0o077 == 0, file
