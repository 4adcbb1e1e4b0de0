"""The half of an archive that has no keys: bodies, the SHA-256 of their segments, and the list of files.

    archive.json                what it is: dataset, version, files
    files.jsonl                 a leaf a line, in the order of the tree
    bodies/ab/abcd...           the segments of a file, called by the SHA-256 of its path
    segments/ab/abcd...         32 bytes a segment

No name in it comes from a path of the dataset, so none of them can be too long, hidden or hostile.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from medconsent._internal import strict_json
from medconsent._internal.codec import Value
from medconsent.errors import ArchiveDiffers, DocumentError, MedconsentError
from medconsent.release import leaves
from medconsent.release.leaves import ArchivedFile, Place
from medconsent.values.releases import Files

DESCRIPTION, LIST = "archive.json", "files.jsonl"
SHARED = 0o640
"""The permissions of what the release's server reads, which is another user than who archives."""


@dataclass(frozen=True)
class Description(Value):
    """What an archive is.

    Attributes:
        dataset: The dataset's name.
        version: The version's number.
        content: The root of the version's content on the ledger, in hex.
        files: What the ledger has of the archive.
        key: The fingerprint of the archive's key, to which the headers are encrypted.
    """

    dataset: str
    version: str
    content: str
    files: Files
    key: str


def name_of(path: str) -> str:
    """What a file is called on disk."""
    return hashlib.sha256(path.encode()).hexdigest()


def body(folder: Path, path: str) -> Path:
    """Where the body of a file is.

    Args:
        folder: The archive's folder.
        path: The file's path in the dataset.
    """
    name = name_of(path)
    return folder / "bodies" / name[:2] / name


def segments(folder: Path, path: str) -> Path:
    """Where the SHA-256 of its segments are.

    The arguments are those of `body`.
    """
    name = name_of(path)
    return folder / "segments" / name[:2] / name


class Archive:
    """An archive that was finished, read from its folder."""

    def __init__(self, folder: Path) -> None:
        """
        Raises:
            DocumentError: It is none, or cannot be read.
            ArchiveDiffers: Its list of files is not the one that it was finished with.
        """
        self.folder = folder
        try:
            described = strict_json.load((folder / DESCRIPTION).read_bytes(), str(folder / DESCRIPTION))
            self.description = Description.from_json(described)
            lines = (folder / LIST).read_bytes().splitlines()
            self.files = [ArchivedFile.from_json(json.loads(line)) for line in lines]
        except OSError as error:
            raise DocumentError(
                f"{folder} is no archive that can be read: {error.strerror or error}",
                hint="an archive is made with: medconsent release archive DATASET FOLDER",
            ) from error
        except DocumentError:
            raise
        except (MedconsentError, ValueError) as error:
            raise DocumentError(f"{folder} is no archive that can be read: {error}") from error
        if leaves.ordered(self.files) != self.files:
            raise ArchiveDiffers(f"the files of {folder} are not in the order of the tree")
        leaves.require_files(self.files, self.description.files)

    @cached_property
    def by_path(self) -> dict[str, ArchivedFile]:
        """The files by their paths."""
        return {file.path: file for file in self.files}

    @cached_property
    def by_id(self) -> dict[str, ArchivedFile]:
        """The files by their ids."""
        return {file.id: file for file in self.files}

    def chosen(self, paths: list[str] | None) -> tuple[list[ArchivedFile], list[Place], Files]:
        """The files with these paths, the place of each under their root, and what the ledger gets of them.

        Args:
            paths: None: all of them.

        Raises:
            ArchiveDiffers: A path is none of the archive, or is there twice.
        """
        if paths is None:
            chosen = self.files
        else:
            if odd := [path for path in paths if path not in self.by_path]:
                raise ArchiveDiffers(f"the archive of {self.description.dataset} has no file {odd[0]!r}")
            chosen = leaves.ordered(self.by_path[path] for path in paths)
        return chosen, leaves.places(chosen), leaves.whole(chosen)

    def body(self, file: ArchivedFile) -> Path:
        """Where a file's body is."""
        return body(self.folder, file.path)

    def segments(self, file: ArchivedFile) -> Path:
        """Where the SHA-256 of a file's segments are."""
        return segments(self.folder, file.path)
