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
    level = list(leaves)
    # Pairing level by level, an odd last one rising unchanged, gives the same tree as RFC 6962's split at a power of
    # two.
    while len(level) > 1:
        paired = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def path(index: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """The audit path of the leaf number `index`, from leaf to root.

    Raises:
        IndexError: There is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    found, level = [], list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            found.append(level[sibling])
        paired = [_node(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level, index = paired + level[len(paired) * 2 :], index >> 1
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
