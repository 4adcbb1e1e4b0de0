"""The Merkle tree of RFC 6962 section 2.1 over given leaf hashes; proofs are checked as in RFC 9162 section 2.1.3.2.

A leaf is `SHA-256(0x00 ‖ entry)` and an inner node `SHA-256(0x01 ‖ left ‖ right)`, so that no leaf can be taken for a
node. What an entry is, and in which order, is for those who use the tree. All functions are pure.
"""

import hashlib
from collections.abc import Sequence


def leaf(*entry: bytes) -> bytes:
    """The hash of a leaf whose entry is these parts, one after the other."""
    return _sha256(b"\x00", *entry)


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in their order; of none, the SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    return levels(leaves)[-1][0]


class Growing:
    """A root over leaves that come one after the other, of which only as many hashes are kept as the tree is high."""

    def __init__(self) -> None:
        self._peaks: list[tuple[int, bytes]] = []  # whole subtrees from the left: how many leaves, and the hash
        self._count = 0

    def add(self, found: bytes) -> None:
        """The hash of the next leaf."""
        size = 1
        while self._peaks and self._peaks[-1][0] == size:
            found = _node(self._peaks.pop()[1], found)
            size *= 2
        self._peaks.append((size, found))
        self._count += 1

    @property
    def count(self) -> int:
        """How many leaves there were."""
        return self._count

    def root(self) -> bytes:
        """The root over the leaves until now, as `root` gives it."""
        if not self._peaks:
            return root([])
        found = self._peaks[-1][1]
        for _size, left in reversed(self._peaks[:-1]):
            found = _node(left, found)
        return found


def path(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """The audit path of a leaf, from leaf to root (RFC 6962, section 2.1.1).

    Args:
        index: The leaf's number, from 0 on.
        leaves: The hashes of all leaves, 32 bytes each.

    Raises:
        IndexError: There is no such leaf.
    """
    return path_in(levels(leaves), index)


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All hashes of a tree, level by level from the leaves to the root, for who needs many paths of one tree."""
    # Pairing level by level, an odd last one rising unchanged, gives the same tree as RFC 6962's split at a power of
    # two.
    found = [list(leaves)]
    while len(found[-1]) > 1:
        level = found[-1]
        paired = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        found.append(paired + level[len(paired) * 2 :])
    return found


def path_in(levels_of_tree: Sequence[Sequence[bytes]], index: int) -> tuple[bytes, ...]:
    """The audit path of a leaf in a tree that is there with all its levels.

    Args:
        levels_of_tree: The tree as `levels` makes it.
        index: The leaf's number, from 0 on.

    Raises:
        IndexError: There is no such leaf.
    """
    if not 0 <= index < len(levels_of_tree[0]):
        raise IndexError(index)
    found = []
    for level in levels_of_tree[:-1]:
        if (sibling := index ^ 1) < len(level):
            found.append(level[sibling])
        index >>= 1
    return tuple(found)


def verify(found: bytes, index: int, count: int, audit_path: Sequence[bytes], root_hash: bytes) -> bool:
    """Whether an audit path shows that a leaf is in the tree.

    Args:
        found: The hash of the leaf.
        index: The leaf's number, from 0.
        count: How many leaves the tree has.
        audit_path: The hashes beside the way from the leaf to the root.
        root_hash: The root.
    """
    if not 0 <= index < count:
        return False
    node, last = index, count - 1
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
    return last == 0 and found == root_hash


def _node(left: bytes, right: bytes) -> bytes:
    return _sha256(b"\x01", left, right)


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
