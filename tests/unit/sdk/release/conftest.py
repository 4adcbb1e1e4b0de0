"""A small version on disk, its archive, and the two halves that come of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from medconsent.data.manifest import merkle
from medconsent.data.manifest.files import FileEntry
from medconsent.release.archive import Subject, build
from medconsent.release.container import SEGMENT, SessionKey, open_header
from medconsent.release.headers import HeaderStore
from medconsent.release.keys import SecretKey
from medconsent.release.leaves import ArchivedFile
from medconsent.release.stored import Archive

CONTENTS = {
    "empty.bin": b"",
    "one.bin": b"x",
    "scans/a whole segment.bin": bytes(range(256)) * (SEGMENT // 256),
    "scans/three and a bit.bin": bytes(range(251)) * 800,
    "병원/검사 결과.csv": "이름,값\n가,1\n".encode(),
    "clinique/données à l'hôpital.csv": b"a;b\n",
    "größe/Ärzte «№ 7».txt": b"!",
    "बीमारी/مرض/病気.txt": b"words",
}


@dataclass
class Kept:
    """A version, archived.

    Attributes:
        source: The folder with the plaintext.
        archive: The half without keys.
        headers: The half with keys.
        key: The archive's key.
    """

    source: Path
    archive: Archive
    headers: HeaderStore
    key: SecretKey

    def session_key(self, file: ArchivedFile) -> SessionKey:
        return open_header(self.headers.get([file.leaf])[0], self.key.secret)

    def digests(self, file: ArchivedFile) -> bytes:
        return self.archive.segments(file).read_bytes()

    def body(self, file: ArchivedFile) -> bytes:
        return self.archive.body(file).read_bytes()


def subject_of(contents: dict[str, bytes], left_out: tuple[str, ...] = ()) -> Subject:
    files = [FileEntry(path, len(content), hashlib.sha256(content).hexdigest()) for path, content in contents.items()]
    return Subject("hanbit/bc", "1", merkle.root(files), files, left_out)


def write(folder: Path, contents: dict[str, bytes]) -> Path:
    for path, content in contents.items():
        location = folder / path
        location.parent.mkdir(parents=True, exist_ok=True)
        location.write_bytes(content)
    return folder


@pytest.fixture
def keep(tmp_path: Path) -> Callable[..., Kept]:
    """Archives a version with these contents."""

    def make(contents: dict[str, bytes] = CONTENTS, *, left_out: tuple[str, ...] = ()) -> Kept:
        source = write(tmp_path / "version", contents)
        holder = tmp_path / "keyholder"
        holder.mkdir(exist_ok=True)
        headers, key = HeaderStore(holder), SecretKey.generate()
        archive = build(subject_of(contents, left_out), source, tmp_path / "archive", headers, key.public)
        return Kept(source, archive, headers, key)

    return make


@pytest.fixture
def kept(keep: Callable[..., Kept]) -> Kept:
    """The sample version, archived."""
    return keep()
