"""The Merkle root over a dataset's files (`medconsent.data.merkle_tree`).

An entry is

    "medconsent/file/1" ‖ 0x00 ‖ size (8 bytes, big-endian) ‖ SHA-256 of the content (32 bytes) ‖ path (UTF-8)

and entries stand in the order of their paths' bytes, each path once. All functions are pure.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

from medconsent.data import merkle_tree
from medconsent.data.manifest.files import FileEntry, check_path

_ENTRY = b"medconsent/file/1\x00"


def root(files: Iterable[FileEntry]) -> str:
    """The root in lower-case hex, whatever the order of `files`.

    Raises:
        ValueError: A path is bad or repeated.
    """
    return merkle_tree.root([leaf(entry) for entry in ordered(files)]).hex()


def ordered(files: Iterable[FileEntry]) -> list[FileEntry]:
    """The files in the order of the tree.

    Raises:
        ValueError: A path is bad or repeated.
    """
    entries = sorted(files, key=lambda entry: check_path(entry.path).encode())
    for before, after in pairwise(entries):
        if before.path == after.path:
            raise ValueError(f"the path {after.path!r} is there twice")
    return entries


def leaf(entry: FileEntry) -> bytes:
    """The hash of a leaf.

    Raises:
        ValueError: The size or the digest is none.
    """
    digest = bytes.fromhex(entry.sha256)
    if len(digest) != hashlib.sha256().digest_size or not 0 <= entry.size < 1 << 64:
        raise ValueError(f"{entry.path!r} has no SHA-256 or no size")
    return merkle_tree.leaf(_ENTRY, entry.size.to_bytes(8, "big"), digest, entry.path.encode())


def proof(files: Iterable[FileEntry], path: str) -> tuple[int, int, tuple[bytes, ...]]:
    """That one file belongs to a root: its index, the number of files, and the audit path from leaf to root.

    Args:
        files: All files of the dataset, in any order.
        path: The path of the one that is proved.

    Raises:
        KeyError: There is no such file.
    """
    entries = ordered(files)
    for index, entry in enumerate(entries):
        if entry.path == path:
            return index, len(entries), merkle_tree.path(index, [leaf(one) for one in entries])
    raise KeyError(path)


def verify_proof(entry: FileEntry, index: int, count: int, audit_path: Sequence[bytes], root_hex: str) -> bool:
    """Whether an audit path shows that a file belongs to a root.

    Args:
        entry: The file.
        index: Its place among the files in the order of `ordered`, from 0 on.
        count: How many files there are.
        audit_path: The hashes from leaf to root, 32 bytes each.
        root_hex: The root, 64 lower-case hex digits.
    """
    return merkle_tree.verify(leaf(entry), index, count, audit_path, bytes.fromhex(root_hex))
