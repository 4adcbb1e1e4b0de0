"""What the ledger knows of an archive: the root over one leaf for each file (`medconsent.data.merkle_tree`).

A leaf's entry is the RFC 8785 JSON of `{"ciphertext_size", "path", "segments", "sha256", "size"}`. `segments` is the
root over the SHA-256 of each segment of the body, in their order. Leaves stand in the order of their paths' bytes.
All functions are pure.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import rfc8785

from medconsent._internal.codec import Value
from medconsent.data import merkle_tree
from medconsent.data.manifest import merkle
from medconsent.data.manifest.files import FileEntry, check_path
from medconsent.errors import ArchiveDiffers, UnexpectedAnswer
from medconsent.release.container import ciphertext_size
from medconsent.values.releases import Files

_DIGEST = re.compile("[0-9a-f]{64}")
_MOST = 1 << 53  # RFC 8785 writes larger numbers inexactly


@dataclass(frozen=True)
class ArchivedFile(Value):
    """One file of an archive.

    Attributes:
        path: Its path in the dataset.
        size: Bytes of the plaintext.
        sha256: SHA-256 of the plaintext, in hex.
        ciphertext_size: Bytes of the body, without a header.
        segments: The root over the SHA-256 of the body's segments, in hex.
    """

    path: str
    size: int
    sha256: str
    ciphertext_size: int
    segments: str

    def __post_init__(self) -> None:
        try:
            check_path(self.path)
        except ValueError as error:
            raise UnexpectedAnswer(str(error)) from error
        if not all(_DIGEST.fullmatch(digest) for digest in (self.sha256, self.segments)):
            raise UnexpectedAnswer(f"{self.path!r} has no SHA-256, or no root of its segments")
        if not 0 <= self.size < _MOST or self.ciphertext_size != ciphertext_size(self.size):
            raise UnexpectedAnswer(f"{self.path!r} has sizes of plaintext and ciphertext that do not go together")

    @cached_property
    def leaf(self) -> bytes:
        """The hash of its leaf."""
        return merkle_tree.leaf(rfc8785.dumps(self.to_json()))

    @property
    def id(self) -> str:
        """What it is called where no path should be seen or trusted: its leaf, in hex."""
        return self.leaf.hex()


def whole(files: Sequence[ArchivedFile]) -> Files:
    """What the ledger has of these files.

    Args:
        files: In the order of `ordered`.
    """
    root = merkle_tree.root([file.leaf for file in files])
    return Files(root.hex(), len(files), sum(file.size for file in files))


@dataclass(frozen=True)
class Place(Value):
    """Where a file stands under a root: its number, how many files there are, and the hashes beside the way up."""

    index: int
    count: int
    path: tuple[str, ...]

    def shows(self, file: ArchivedFile, files: Files) -> bool:
        """Whether it shows that the file is one of `files`.

        Args:
            file: The file whose leaf it is.
            files: Count and root, as the ledger has them.
        """
        if self.count != files.count or not all(_DIGEST.fullmatch(one) for one in self.path):
            return False
        beside = [bytes.fromhex(one) for one in self.path]
        return merkle_tree.verify(file.leaf, self.index, self.count, beside, bytes.fromhex(files.root))


def ordered(files: Iterable[ArchivedFile]) -> list[ArchivedFile]:
    """The files in the order of the tree.

    Raises:
        ArchiveDiffers: A path is there twice.
    """
    found = sorted(files, key=lambda file: file.path.encode())
    for before, after in pairwise(found):
        if before.path == after.path:
            raise ArchiveDiffers(f"the path {after.path!r} is there twice")
    return found


def places(files: Sequence[ArchivedFile]) -> list[Place]:
    """The place of each of these files under the root over all of them.

    Args:
        files: In the order of `ordered`.
    """
    levels = merkle_tree.levels([file.leaf for file in files])
    count = len(files)
    return [
        Place(index, count, tuple(one.hex() for one in merkle_tree.path_in(levels, index))) for index in range(count)
    ]


def content_root(files: Iterable[ArchivedFile]) -> str:
    """The root of the version's content that these files are, as the dataset's record has it."""
    return merkle.root(FileEntry(file.path, file.size, file.sha256) for file in files)


def segments_root(digests: bytes) -> str:
    """The root over the SHA-256 of segments.

    Args:
        digests: 32 bytes a segment, in their order.
    """
    tree = merkle_tree.Growing()
    size = hashlib.sha256().digest_size
    for start in range(0, len(digests), size):
        tree.add(merkle_tree.leaf(digests[start : start + size]))
    return tree.root().hex()


def require_files(files: Sequence[ArchivedFile], expected: Files) -> None:
    """See that files are those that a record on the ledger names.

    Args:
        files: The files of an archive, all of them and in its order.
        expected: Count and root, as the ledger has them.

    Raises:
        ArchiveDiffers: They are others.
    """
    if whole(files) != expected:
        raise ArchiveDiffers(
            f"the list of {len(files)} files is not the one on the ledger, which has {expected.count} files "
            f"under the root {expected.root[:16]}"
        )
