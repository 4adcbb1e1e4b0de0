"""Transaction proposals: built and signed without a network.

The bytes are those of the official Gateway SDKs. Transaction id: hex SHA-256 of nonce (24 bytes) and serialized
creator.
"""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Self, TypeAlias

from google.protobuf.message import DecodeError

from . import _protos as pb
from .errors import FabricError
from .identity import Identity
from .signable import Signable

_NONCE_BYTES = 24

Argument: TypeAlias = str | bytes | bytearray | memoryview
"""What a chaincode function is given: bytes, or text, which becomes UTF-8."""


def as_bytes(value: Argument, what: str) -> bytes:
    """The bytes of an argument.

    Args:
        value: Bytes, or text, which becomes UTF-8.
        what: How the message of the error calls it.

    Raises:
        TypeError: It is something else: how a number or an object is to be written, the chaincode's author knows.
    """
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise TypeError(f"{what} is of type {type(value).__name__}: give bytes, or text, as the chaincode expects it")


def names(values: Iterable[str], what: str) -> tuple[str, ...]:
    """Several names, as a tuple.

    Args:
        values: The names.
        what: How the message of the error calls them.

    Raises:
        TypeError: One name stands there alone, whose letters would be taken for names; or one is no text.
    """
    if isinstance(values, str | bytes | bytearray):
        raise TypeError(f"{what} is a list of names, and {values!r} is one: write [{values!r}]")
    found = tuple(values)
    if wrong := next((one for one in found if not isinstance(one, str)), None):
        raise TypeError(f"{what} is a list of names, and {wrong!r} in it is of type {type(wrong).__name__}")
    return found


@dataclass(frozen=True, kw_only=True)
class Proposal(Signable):
    """A call of a chaincode function that peers can evaluate or endorse.

    `message` is the serialized `peer.Proposal`.
    """

    transaction_id: str
    channel: str
    endorsing_organizations: tuple[str, ...] = ()

    @classmethod
    def create(
        cls,
        identity: Identity,
        channel: str,
        chaincode: str,
        function: str,
        arguments: Sequence[Argument] = (),
        *,
        transient: Mapping[str, Argument] | None = None,
        endorsing_organizations: Sequence[str] = (),
        nonce: bytes | None = None,
        timestamp_ns: int | None = None,
        tls_client_certificate_hash: bytes = b"",
    ) -> Self:
        """Build an unsigned proposal.

        Args:
            identity: Who proposes.
            channel: The channel.
            chaincode: The chaincode's name.
            function: The function.
            arguments: Its arguments; text is sent as UTF-8.
            transient: What reaches the endorsers and never the ledger.
            endorsing_organizations: MSP ids: exactly these are asked; none leaves the choice to the Gateway.
            nonce: 24 random bytes; given in tests only.
            timestamp_ns: Nanoseconds since 1970; given in tests only.
            tls_client_certificate_hash: SHA-256 of the TLS certificate (DER) that the connection shows; empty: none.

        Raises:
            TypeError: An argument is neither bytes nor text, or one text stands where a list is meant.
        """
        organizations = names(endorsing_organizations, "organizations")
        given = [as_bytes(value, f"argument {number}") for number, value in enumerate(arguments, 1)]
        hidden = {name: as_bytes(value, f"transient {name!r}") for name, value in (transient or {}).items()}
        nonce = os.urandom(_NONCE_BYTES) if nonce is None else nonce
        transaction_id = sha256(nonce + identity.creator).hexdigest()
        seconds, nanoseconds = divmod(time.time_ns() if timestamp_ns is None else timestamp_ns, 1_000_000_000)
        chaincode_id, extension = _chaincode(chaincode)
        channel_header = pb.ChannelHeader(
            type=pb.ENDORSER_TRANSACTION,
            channel_id=channel,
            tx_id=transaction_id,
            extension=extension,
            tls_cert_hash=tls_client_certificate_hash,
        )
        channel_header.timestamp.seconds = seconds
        channel_header.timestamp.nanos = nanoseconds
        header = pb.Header(
            channel_header=channel_header.SerializeToString(),
            signature_header=pb.SignatureHeader(creator=identity.creator, nonce=nonce).SerializeToString(),
        )
        invocation = pb.ChaincodeInvocationSpec(
            chaincode_spec=pb.ChaincodeSpec(
                chaincode_id=chaincode_id, input=pb.ChaincodeInput(args=[function.encode(), *given])
            )
        )
        payload = pb.ChaincodeProposalPayload(input=invocation.SerializeToString(), TransientMap=hidden)
        message = pb.Proposal(
            header=header.SerializeToString(), payload=payload.SerializeToString(deterministic=True)
        ).SerializeToString()
        return cls(
            message=message,
            transaction_id=transaction_id,
            channel=channel,
            endorsing_organizations=organizations,
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` or an official SDK wrote (`gateway.ProposedTransaction`).

        Raises:
            FabricError: It cannot be read.
        """
        try:
            proposed = pb.ProposedTransaction.FromString(data)
            message = bytes(proposed.proposal.proposal_bytes)
            header = pb.Header.FromString(pb.Proposal.FromString(message).header)
            channel = str(pb.ChannelHeader.FromString(header.channel_header).channel_id)
        except DecodeError as cause:
            raise FabricError("these bytes are not a proposed transaction") from cause
        return cls(
            message=message,
            signature=bytes(proposed.proposal.signature),
            transaction_id=str(proposed.transaction_id),
            channel=channel,
            endorsing_organizations=tuple(str(organization) for organization in proposed.endorsing_organizations),
        )

    def to_bytes(self) -> bytes:
        """Serialized `gateway.ProposedTransaction`, for signing elsewhere."""
        return bytes(
            pb.ProposedTransaction(
                transaction_id=self.transaction_id,
                proposal=self._signed_proposal(),
                endorsing_organizations=self.endorsing_organizations,
            ).SerializeToString()
        )

    def evaluate_request(self) -> bytes:
        """Serialized `gateway.EvaluateRequest`; the endorsing organizations are those that may be asked."""
        return bytes(
            pb.EvaluateRequest(
                transaction_id=self.transaction_id,
                channel_id=self.channel,
                proposed_transaction=self._signed_proposal(),
                target_organizations=self.endorsing_organizations,
            ).SerializeToString()
        )

    def endorse_request(self) -> bytes:
        """Serialized `gateway.EndorseRequest`."""
        return bytes(
            pb.EndorseRequest(
                transaction_id=self.transaction_id,
                channel_id=self.channel,
                proposed_transaction=self._signed_proposal(),
                endorsing_organizations=self.endorsing_organizations,
            ).SerializeToString()
        )

    def _signed_proposal(self) -> object:
        return pb.SignedProposal(proposal_bytes=self.message, signature=self.signature)


@lru_cache(maxsize=64)
def _chaincode(name: str) -> tuple[object, bytes]:
    """Chaincode id and serialized header extension: the same in every proposal to a chaincode."""
    chaincode_id = pb.ChaincodeID(name=name)
    return chaincode_id, bytes(pb.ChaincodeHeaderExtension(chaincode_id=chaincode_id).SerializeToString())
