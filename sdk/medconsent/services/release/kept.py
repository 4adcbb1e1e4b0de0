"""The archives that a server keeps: those that were there when it began, and those that came later."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from medconsent.errors import DocumentError, MedconsentError
from medconsent.release.stored import DESCRIPTION, Archive
from medconsent.values.releases import Files

PAUSE = 1.0
"""Seconds at least from one look for new archives to the next: asking for one that is not there costs little."""


class Kept:
    """Archives in folders; may be asked from several threads. One that was found stays as it was read."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """
        Args:
            folders: Each is an archive, or has some in it.

        Raises:
            DocumentError: One is neither, or cannot be read.
            ArchiveDiffers: An archive is damaged.
        """
        self._folders = [*folders]
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[int, Archive]] = {}
        for folder in folders:
            found = _archives_in(folder)
            if not found:
                raise DocumentError(
                    f"{folder} is no archive, and has none in it",
                    hint="an archive is made with: medconsent release archive DATASET FOLDER",
                )
            for one in found:
                self._known[one] = (_made(one), Archive(one))
        self._looked = time.monotonic()

    def find(self, dataset: str, files: Files) -> Archive | None:
        """The archive that the ledger means; None when it is not here.

        Args:
            dataset: The dataset.
            files: What the ledger has of the archive.
        """
        with self._lock:
            found = self._among_known(dataset, files)
            if found is None and time.monotonic() - self._looked >= PAUSE:
                self._look()
                found = self._among_known(dataset, files)
            return found

    def _among_known(self, dataset: str, files: Files) -> Archive | None:
        for _made_at, archive in self._known.values():
            if archive.description.dataset == dataset and archive.description.files == files:
                return archive
        return None

    def _look(self) -> None:
        """Read what is new. What cannot be read now, as it is being made, is read another time."""
        for folder in self._folders:
            for one in _archives_in(folder):
                try:
                    at = _made(one)
                    if self._known.get(one, (None,))[0] != at:
                        self._known[one] = (at, Archive(one))
                except (MedconsentError, OSError):
                    continue
        self._looked = time.monotonic()


def _archives_in(folder: Path) -> list[Path]:
    """The folder itself when it is an archive, and those in it that are."""
    return sorted(path.parent for pattern in (DESCRIPTION, f"*/{DESCRIPTION}") for path in folder.glob(pattern))


def _made(folder: Path) -> int:
    """When an archive was finished: nanoseconds of its description, which is written last."""
    return (folder / DESCRIPTION).stat().st_mtime_ns
