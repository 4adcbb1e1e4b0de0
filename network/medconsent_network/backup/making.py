"""Making a backup of a home, reading it back, and putting the home out of it into place."""

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medconsent.private_files import create_private
from medconsent_network import elsewhere, files
from medconsent_network.backup import archive, picture, record, sealed
from medconsent_network.backup.archive import About, Seen
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.identities import complete
from medconsent_network.progress import SILENT, Progress


@dataclass(frozen=True)
class Made:
    """A backup that was read back.

    Attributes:
        path: The file.
        sha256: Of the file, in hexadecimal.
        seen: What is in it.
        held: For how many seconds each process was held for it.
    """

    path: Path
    sha256: str
    seen: Seen
    held: dict[str, float]


def make(home: Home, path: Path, to_whom: Sequence[str], *, ledger: bool = True, progress: Progress = SILENT) -> Made:
    """Write a backup of a home, which may run, and read it back: every file, every block.

    Args:
        home: Whose.
        path: The file; it is there whole or not at all.
        to_whom: Public keys of age; whoever has one of the keys can read it.
        ledger: Whether the ledgers are in it.
        progress: Is told what is done.

    Raises:
        NetworkError: BACKUP_FAILED when there is such a file, no room or no home that is complete; TOOL_MISSING.
    """
    wanted = sealed.recipients(to_whom)
    if path.exists():
        raise NetworkError("BACKUP_FAILED", f"{path} is there already", "A backup is never written over.")
    if not complete(home):
        raise NetworkError("BACKUP_FAILED", f"{home.path} has not all its certificates yet", "Bring it up first.")
    about = About(home.name, home.spec.channel, home.spec.fabric_version, _now(), ledger)
    once = sealed.once()
    with _new_file(path) as partial, _told(path):
        with picture.taken(home, ledger=ledger) as taken, create_private(partial) as file:
            for process, seconds in taken.held.items():
                progress.say(f"the {process} of {home.name} was held for {seconds * 1000:.0f} ms")
            with sealed.encrypted(file, [*wanted, once.to_public()]) as plain:
                archive.write(taken, about, plain)
            file.flush()
            os.fsync(file.fileno())
        progress.say("written; reading it back")
        seen = check(partial, once)
        _require_ledgers(seen)
        digest = _sha256(partial)
        partial.rename(path)
    record.keep(home, digest, ledger=ledger)
    return Made(path, digest, seen, taken.held)


def check(path: Path, identity: Any) -> Seen:
    """Read a backup to its end.

    Args:
        path: The backup's file.
        identity: The key that it was made for.

    Raises:
        NetworkError: BACKUP_LOCKED for another key; BACKUP_DAMAGED.
    """
    with _opened(path) as file, sealed.decrypted(file, identity) as plain:
        return archive.read(plain)


def restore(
    path: Path, identity: Any, homes: Path, *, unchecked: bool = False, progress: Progress = SILENT
) -> tuple[Home, Seen]:
    """Put the home in a backup into the folder `homes`. Nothing is started, and nothing is there unless all of it is.

    Args:
        path: The backup.
        identity: The key that it was made for.
        homes: Where; there is no home of the institution yet.
        unchecked: Go on when no other institution could be asked whether the home runs elsewhere.
        progress: Is told what is done.

    Raises:
        NetworkError: BACKUP_LOCKED, BACKUP_DAMAGED; RESTORE_FAILED when there is a home already or no room;
            RUNS_ELSEWHERE; NOT_CHECKED.
    """
    files.private_folder(homes)
    folder = homes / ".restoring"
    with files.locked(homes, lambda: progress.say("another restore works here: waiting for it to end")):
        files.remove_tree(folder)  # of one that was interrupted
        files.private_folder(folder)
        try:
            with _room(homes), _opened(path) as file, sealed.decrypted(file, identity) as plain:
                seen = archive.read(plain, folder)
            name = seen.about.institution
            progress.say(f"the backup of {name} of {seen.about.made} is whole: {seen.files} files")
            return _placed(folder, homes, name, unchecked=unchecked, progress=progress), seen
        finally:
            files.remove_tree(folder)


def _placed(folder: Path, homes: Path, name: str, *, unchecked: bool, progress: Progress) -> Home:
    place = homes / name
    if place.exists() or place.is_symlink():
        raise NetworkError(
            "RESTORE_FAILED",
            f"{place} is there already",
            "A home is never written over: put that one away, or name another folder with --homes.",
        )
    inside = homes / ".restoring-home"
    files.remove_tree(inside)
    files.private_folder(inside)
    try:
        folder.rename(inside / name)
        elsewhere.require(Home.open(inside / name), unchecked=unchecked, progress=progress)
        (inside / name).rename(place)
    finally:
        files.remove_tree(inside)
    files.give_all(place)
    return Home.open(place)


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to; it is gone at the end unless it was renamed."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NetworkError(
            "BACKUP_FAILED",
            f"{path} could not be made: {_words(error)}",
            "Nothing is left of it, and the home goes on.",
        ) from error


@contextmanager
def _room(homes: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NetworkError(
            "RESTORE_FAILED", f"nothing was put into {homes}: {_words(error)}", "Make room, or name another folder."
        ) from error


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise sealed.damaged(f"{path} cannot be read: {error.strerror or error}") from error
    with file:
        yield file


def _require_ledgers(seen: Seen) -> None:
    """The picture has both ledgers, and the orderer has every block that the peer has."""
    if not seen.about.ledger:
        return
    peer, orderer = (seen.chains.get(node) for node in ("peer", "orderer"))
    if peer is None or orderer is None or orderer.height < peer.height:
        said = ", ".join(f"{node} {chain.height}" for node, chain in seen.chains.items()) or "none"
        raise NetworkError("BACKUP_FAILED", f"the ledgers in it do not fit together (blocks: {said})")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _words(error: OSError) -> str:
    return "there is no room left on the disk" if error.errno == errno.ENOSPC else str(error.strerror or error)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
