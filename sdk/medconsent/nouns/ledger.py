"""How old the ledger at one's own institution's peer is (docs/contract.md, "The age of the ledger")."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from medconsent._internal.codec import Value
from medconsent.fabric.flow import Flow, operation
from medconsent.nouns.base import Noun
from medconsent.values.records import Written

M = TypeVar("M")


@dataclass(frozen=True)
class Beat(Value):
    """A sign of life of an institution on the ledger.

    Attributes:
        institution: Whose.
        at: When it was sent (UTC).
    """

    institution: str
    at: datetime


@dataclass(frozen=True)
class LedgerAge(Value):
    """How old the ledger at a peer is.

    Attributes:
        institution: Whose peer it is; None: its chaincode was not told.
        as_of: Everything that was ordered before this moment is in the ledger (UTC); None: not known.
        age_seconds: How long ago that was.
        within_seconds: How old it can be for a decision; 0: as old as it likes.
        old: Why nothing is decided from it; None: it is young enough.
    """

    institution: str | None = None
    as_of: datetime | None = None
    age_seconds: int | None = None
    within_seconds: int = 0
    old: str | None = None


class Ledger(Noun[M]):
    """The age of the ledger."""

    @operation
    def beat(self) -> Flow[Written[Beat]]:
        """Write one's institution's sign of life: when it comes back in a block, the ledger is known to be of now.

        The institution's watcher does so; no role is needed, and no other institution's peer.
        """
        return (yield from self._change("ledger.beat", {}, Beat.from_json))

    @operation
    def age(self) -> Flow[LedgerAge]:
        """How old the ledger at one's own peer is, by the newest of its institution's beats."""
        return LedgerAge.from_json((yield from self._ask("ledger.age")))
