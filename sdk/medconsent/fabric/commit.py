"""What became of a transaction."""

from dataclasses import dataclass, field
from typing import Self

from google.protobuf.message import DecodeError

from . import _protos as pb
from .decoding import answered
from .errors import CommitError, FabricError
from .identity import Identity
from .signable import Signable
from .transaction import Transaction

VALID = "VALID"
UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class TransactionStatus:
    """What the ledger says of a transaction.

    Attributes:
        transaction_id: The transaction.
        code: The name of its `peer.TxValidationCode`, or `UNKNOWN` when the peer has not (yet) seen it in a block.
        block_number: The block that holds it; None when unknown.
        seen: Whether one's own peer has that block. While it gets none, more than half of the institutions said it.
    """

    transaction_id: str
    code: str
    block_number: int | None
    seen: bool = True

    @property
    def known(self) -> bool:
        """Whether the transaction is in a block."""
        return self.code != UNKNOWN

    @property
    def valid(self) -> bool:
        """Whether it is committed and took effect: no other code than VALID means that."""
        return self.code == VALID

    def require_valid(self) -> Self:
        """Itself.

        Raises:
            CommitError: The peers found the transaction invalid.
        """
        if not self.valid:
            raise CommitError(self.code, transaction_id=self.transaction_id, block_number=self.block_number)
        return self


@dataclass(frozen=True)
class Submitted:
    """A transaction that is committed and valid: the chaincode's answer, and where it is."""

    result: bytes
    transaction_id: str
    block_number: int
    seen: bool = True


@dataclass(frozen=True, kw_only=True)
class Commit(Signable):
    """A signed question for the outcome of a transaction.

    `message` is the serialized `gateway.CommitStatusRequest`.
    """

    transaction_id: str
    channel: str
    transaction: Transaction | None = field(default=None, repr=False, compare=False)

    @classmethod
    def create(
        cls, identity: Identity, channel: str, transaction_id: str, transaction: Transaction | None = None
    ) -> Self:
        """An unsigned question; the Gateway answers it when the transaction is in a block.

        Args:
            identity: Who asks.
            channel: The channel's name.
            transaction_id: The transaction that is asked about.
            transaction: Itself, signed, if it may be handed in again.
        """
        request = pb.CommitStatusRequest(transaction_id=transaction_id, channel_id=channel, identity=identity.creator)
        return cls(
            message=bytes(request.SerializeToString()),
            transaction_id=transaction_id,
            channel=channel,
            transaction=transaction,
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` or an official SDK wrote.

        Raises:
            FabricError: It cannot be read.
        """
        try:
            signed = pb.SignedCommitStatusRequest.FromString(data)
            request = pb.CommitStatusRequest.FromString(signed.request)
        except DecodeError as cause:
            raise FabricError("these bytes are not a commit status request") from cause
        return cls(
            message=bytes(signed.request),
            signature=bytes(signed.signature),
            transaction_id=str(request.transaction_id),
            channel=str(request.channel_id),
        )

    def to_bytes(self) -> bytes:
        """Serialized `gateway.SignedCommitStatusRequest`: for signing elsewhere, and what is sent."""
        return bytes(pb.SignedCommitStatusRequest(request=self.message, signature=self.signature).SerializeToString())

    def status(self, response: bytes, *, seen: bool = True) -> TransactionStatus:
        """The status out of a serialized `gateway.CommitStatusResponse`.

        Args:
            response: The message, serialized.
            seen: Whether one's own peer said it.

        Raises:
            RpcFailure: It is none.
        """
        answer = answered(pb.CommitStatusResponse, response)
        return TransactionStatus(
            self.transaction_id, pb.validation_code_name(int(answer.result)), int(answer.block_number), seen
        )


@dataclass(frozen=True)
class Sent:
    """A transaction that was accepted for ordering: what the chaincode answered, which is final only once it is
    committed as valid, and the question for that.
    """

    result: bytes
    commit: Commit

    @property
    def transaction_id(self) -> str:
        """The transaction."""
        return self.commit.transaction_id
