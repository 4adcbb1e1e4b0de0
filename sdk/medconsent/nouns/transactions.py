"""What became of a transaction: the question after an `OutcomeUnknown`."""

from dataclasses import dataclass
from typing import TypeVar

from medconsent._internal.codec import Value
from medconsent._internal.refusals import translate
from medconsent.fabric.channel import Channel
from medconsent.fabric.errors import GatewayError
from medconsent.fabric.flow import Flow, operation
from medconsent.nouns.base import Noun

M = TypeVar("M")


@dataclass(frozen=True)
class TransactionStatus(Value):
    """What became of a transaction, as one's own peer knows it.

    Attributes:
        transaction_id: The transaction.
        outcome: `committed`, `invalid` (ordered, and changed nothing) or `unknown` (not in any block of one's own peer
            so far).
        code: Fabric's name for it.
        block: The block that holds it; None when the peer does not say.
    """

    transaction_id: str
    outcome: str
    code: str
    block: int | None = None


class Transactions(Noun[M]):
    """What the ledger says of transactions."""

    @operation
    def status(self, transaction_id: str) -> Flow[TransactionStatus]:
        """What became of it, answered at once by one's own institution's peer.

        `unknown` may still become `committed`: a transaction that the ordering service has can take a while.
        """
        session = self._session
        yield from session.catch_up()
        try:
            found = yield from Channel.transaction_status.flow(session.channel, transaction_id)
        except GatewayError as error:
            raise translate(error, session.institution, session.identity) from error
        outcome = "committed" if found.valid else "invalid" if found.known else "unknown"
        return TransactionStatus(transaction_id, outcome, found.code, found.block_number)
