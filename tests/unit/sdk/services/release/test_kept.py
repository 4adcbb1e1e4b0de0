"""Which archives a server keeps, and whose receipts it settles when it begins."""

import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from door_world import Door

from medconsent.data.manifest import merkle
from medconsent.data.manifest.files import FileEntry
from medconsent.errors import ArchiveDiffers, DocumentError
from medconsent.release.archive import Subject, build
from medconsent.release.headers import HeaderStore
from medconsent.release.stored import DESCRIPTION, LIST, Archive
from medconsent.services.release import kept
from medconsent.services.release.kept import Kept
from medconsent.services.release.keyholder import key_of
from medconsent.services.release.server import Server


def archive(folder: Path, name: str, content: bytes) -> Archive:
    """An archive of one file of hanbit/bc, in a folder with this name."""
    source = folder / f"of-{name}"
    source.mkdir(parents=True)
    (source / "a").write_bytes(content)
    entries = [FileEntry("a", len(content), hashlib.sha256(content).hexdigest())]
    public, store = key_of(folder / "keyholder").public, HeaderStore(folder / "keyholder")
    made = build(
        Subject("hanbit/bc", "1", merkle.root(entries), entries), source, folder / "archives" / name, store, public
    )
    store.close()
    return made


def find(keeping: Kept, wanted: Archive) -> Archive | None:
    return keeping.find("hanbit/bc", wanted.description.files)


def test_an_archive_that_is_made_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PAUSE", 0.0)
    first = archive(tmp_path, "1", b"one")
    keeping = Kept([tmp_path / "archives"])
    second = archive(tmp_path, "2", b"two")
    for wanted in (first, second):
        found = find(keeping, wanted)
        assert found is not None
        assert found.folder == wanted.folder
    assert keeping.find("hanbit/other", first.description.files) is None


def test_who_asks_for_what_is_not_there_makes_it_look_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    archive(tmp_path, "1", b"one")
    keeping = Kept([tmp_path / "archives"])
    away = archive(tmp_path, "2", b"two")
    shutil.rmtree(away.folder)
    monkeypatch.setattr(Kept, "_look", lambda _self: looked.append(""))
    for _ in range(100):
        assert find(keeping, away) is None
    assert len(looked) == 0
    keeping._looked -= kept.PAUSE
    assert find(keeping, away) is None
    assert len(looked) == 1


def test_what_is_half_there_is_read_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PAUSE", 0.0)
    archive(tmp_path, "1", b"one")
    keeping = Kept([tmp_path / "archives"])
    second = archive(tmp_path, "2", b"two")
    lines = (second.folder / LIST).read_bytes()
    (second.folder / LIST).write_bytes(b"")
    assert find(keeping, second) is None
    (second.folder / LIST).write_bytes(lines)
    assert find(keeping, second) is not None


def test_a_folder_without_any_is_said_when_it_begins(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DocumentError, match="has none in it"):
        Kept([tmp_path / "empty"])
    made = archive(tmp_path, "1", b"one")
    (made.folder / LIST).write_bytes(b"")
    with pytest.raises((ArchiveDiffers, DocumentError)):
        Kept([made.folder])
    (made.folder / DESCRIPTION).write_bytes(b"{")
    with pytest.raises(DocumentError):
        Kept([tmp_path / "archives"])


def test_a_server_settles_what_it_opened_itself_and_nothing_of_another(door: Door) -> None:
    closed: list[str] = []

    def left(receipt: str, by: str) -> Any:
        made = SimpleNamespace(by=SimpleNamespace(id=by))
        return SimpleNamespace(receipt=SimpleNamespace(id=receipt, changes=(made,), files=SimpleNamespace(bytes=1)))

    receipts = SimpleNamespace(
        iterate=lambda state, **_how: iter([left("mine", "gw-1"), left("theirs", "gw-2")] if state == "open" else []),
        close=lambda receipt, *_what, **_how: closed.append(receipt),
        check=None,
    )
    client: Any = SimpleNamespace(institution="hanbit", enrollment_id="gw-1", receipts=receipts)
    server = Server(client, [door.folder / "archive"], door.folder / "k.sock")
    assert server.settle() == 1
    assert closed == ["mine"]
