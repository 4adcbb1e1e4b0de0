"""The Merkle root over a dataset's files, as in RFC 6962 section 2.1 (proofs checked as in RFC 9162 section 2.1.3.2).

A leaf is `SHA-256(0x00 ‖ entry)` and an inner node `SHA-256(0x01 ‖ left ‖ right)`, so that no leaf can be taken for a
node. An entry is

    "medconsent/file/1" ‖ 0x00 ‖ size (8 bytes, big-endian) ‖ SHA-256 of the content (32 bytes) ‖ path (UTF-8)

and entries stand in the order of their paths' bytes, each path once. All functions are pure.
"""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

from medconsent.manifest.files import FileEntry, check_path

_ENTRY = b"medconsent/file/1\x00"


def root(files: Iterable[FileEntry]) -> str:
    """The root in lower-case hex, whatever the order of `files`; raises ValueError for a bad or repeated path."""
    return _root([leaf(entry) for entry in ordered(files)]).hex()


def ordered(files: Iterable[FileEntry]) -> list[FileEntry]:
    """The files in the order of the tree; raises ValueError for a bad or repeated path."""
    entries = sorted(files, key=lambda entry: check_path(entry.path).encode())
    for before, after in pairwise(entries):
        if before.path == after.path:
            raise ValueError(f"the path {after.path!r} is there twice")
    return entries


def leaf(entry: FileEntry) -> bytes:
    """The hash of a leaf; raises ValueError for a size or digest that is none."""
    digest = bytes.fromhex(entry.sha256)
    if len(digest) != hashlib.sha256().digest_size or not 0 <= entry.size < 1 << 64:
        raise ValueError(f"{entry.path!r} has no SHA-256 or no size")
    return _sha256(b"\x00", _ENTRY, entry.size.to_bytes(8, "big"), digest, entry.path.encode())


def proof(files: Iterable[FileEntry], path: str) -> tuple[int, int, tuple[bytes, ...]]:
    """That one file belongs to a root: its index, the number of files, and the audit path from leaf to root.

    Raises KeyError when there is no such file.
    """
    entries = ordered(files)
    for index, entry in enumerate(entries):
        if entry.path == path:
            return index, len(entries), tuple(_path(index, [leaf(one) for one in entries]))
    raise KeyError(path)


def verify_proof(entry: FileEntry, index: int, count: int, audit_path: Sequence[bytes], root_hex: str) -> bool:
    """Whether `audit_path` shows that `entry` is the file number `index` of `count` under that root."""
    if not 0 <= index < count:
        return False
    node, last, found = index, count - 1, leaf(entry)
    for sibling in audit_path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = _node(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = _node(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found.hex() == root_hex


def _root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256().digest()
    level = list(leaves)
    # Pairing level by level, an odd last one rising unchanged, gives the same tree as RFC 6962's split at a power of
    # two.
    while len(level) > 1:
        paired = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def _path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) <= 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*_path(index, leaves[:split]), _root(leaves[split:])]
    return [*_path(index - split, leaves[split:]), _root(leaves[:split])]


def _node(left: bytes, right: bytes) -> bytes:
    return _sha256(b"\x01", left, right)


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
