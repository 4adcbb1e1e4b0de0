"""An epoch's commitment: one Merkle root over everybody who was ever in the cohort, each in or out.

A leaf's entry is `"medconsent/member/1" ‖ 0x00 ‖ state (0x01 in, 0x00 out) ‖ pseudonym (32 bytes)`; leaves stand in
the order of their pseudonyms, and the tree is filled up with leaves of nobody to a power of two, at least 1,024, so
that the length of a path does not tell how many people there are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from medconsent._internal import strict_json
from medconsent._internal.codec import Value
from medconsent.data import merkle_tree
from medconsent.data.people.keys import CohortKey
from medconsent.data.people.members import IN, OUT
from medconsent.errors import DocumentError, UnexpectedAnswer

_ENTRY = b"medconsent/member/1\x00"
_STATES = {IN: b"\x01", OUT: b"\x00"}
_LEAST = 1_024
_MOST = 1 << 48
_LONGEST = 48  # nodes of a path
_COHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}/[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True)
class Proof(Value):
    """That somebody is `in` an epoch, or `out`: what the institution gives that person, and nobody else needs.

    Attributes:
        cohort: The cohort.
        epoch: The epoch's number.
        state: `in` or `out`.
        pseudonym: This person's in this epoch alone, lower-case hex.
        index: The leaf's number, from 0.
        count: How many leaves the tree has.
        path: The audit path, lower-case hex.
    """

    cohort: str
    epoch: int
    state: str
    pseudonym: str
    index: int
    count: int
    path: tuple[str, ...]

    def holds(self, root: str) -> bool:
        """Whether it leads to that root (hex), as the ledger has it for this cohort and epoch."""
        try:
            entry = merkle_tree.leaf(_ENTRY, _STATES[self.state], _digest(self.pseudonym))
            path = [_digest(node) for node in self.path]
            return merkle_tree.verify(entry, self.index, self.count, path, _digest(root))
        except (KeyError, ValueError):
            return False


class Commitment:
    """The tree of one epoch; whoever has key and members can make it again at any time."""

    def __init__(self, key: CohortKey, cohort: str, epoch: int, members: Mapping[str, str]) -> None:
        self._key, self._cohort, self._epoch, self._members = key, cohort, epoch, members
        entries = [(key.pseudonym(cohort, epoch, person), _STATES[state]) for person, state in members.items()]
        size = max(_LEAST, 1 << (len(entries) - 1).bit_length()) if entries else _LEAST
        for number in range(size - len(entries)):
            nobody = key.padding(cohort, epoch, number)
            entries.append((nobody, _STATES[IN] if nobody[0] & 1 else _STATES[OUT]))
        entries.sort()
        self._order = [pseudonym for pseudonym, _ in entries]
        self._leaves = [merkle_tree.leaf(_ENTRY, state, pseudonym) for pseudonym, state in entries]

    @property
    def root(self) -> str:
        """The root in lower-case hex: the only thing of it that reaches the ledger."""
        return merkle_tree.root(self._leaves).hex()

    def proof(self, person: str) -> Proof:
        """A person's own proof.

        Raises:
            KeyError: They never were in the cohort.
        """
        state = self._members[person]
        pseudonym = self._key.pseudonym(self._cohort, self._epoch, person)
        index = self._order.index(pseudonym)
        path = tuple(node.hex() for node in merkle_tree.path(index, self._leaves))
        return Proof(self._cohort, self._epoch, state, pseudonym.hex(), index, len(self._leaves), path)


_NO_PROOF = "this is no proof of somebody's consent"
_ASK_ANEW = "ask whoever gave it to you for the file that medconsent consent prove wrote"


def read_proof(data: bytes) -> Proof:
    """The proof in a JSON document, which somebody else may have written.

    Its cohort and epoch are only what it says: a root binds the state and the pseudonym.

    Raises:
        DocumentError: It is another document, or one that no epoch can have.
    """
    try:
        proof = Proof.from_json(strict_json.load(data, "the proof"))
        cohort = _COHORT.fullmatch(proof.cohort)
        sane = 0 < proof.epoch < _MOST and 0 <= proof.index < proof.count <= _MOST and len(proof.path) <= _LONGEST
        digests = [_digest(text) for text in (proof.pseudonym, *proof.path)]
    except (UnexpectedAnswer, ValueError):
        raise DocumentError(_NO_PROOF, hint=_ASK_ANEW) from None
    if not cohort or proof.state not in _STATES or not sane or not digests:
        raise DocumentError(_NO_PROOF, hint=_ASK_ANEW)
    return proof


def _digest(text: str) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != 32:
        raise ValueError("not a SHA-256")
    return value
