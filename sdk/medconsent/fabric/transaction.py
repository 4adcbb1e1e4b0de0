"""Endorsed transactions, ready to be signed and handed to the ordering service."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from google.protobuf.message import DecodeError

from . import _protos as pb
from .decoding import answered
from .errors import EndorseError, FabricError, gateway_error
from .flow import RpcFailure
from .signable import Signable


@dataclass(frozen=True, kw_only=True)
class Transaction(Signable):
    """`message` is the payload of the envelope that goes to the ordering service."""

    transaction_id: str
    channel: str

    @classmethod
    def from_endorsement(cls, response: bytes, *, transaction_id: str, channel: str) -> Self:
        """Out of a serialized `gateway.EndorseResponse`.

        Args:
            response: The message, serialized.
            transaction_id: The transaction that was asked for.
            channel: The channel's name.

        Raises:
            EndorseError: It is none.
        """
        try:
            envelope = answered(pb.EndorseResponse, response).prepared_transaction
        except RpcFailure as failure:
            raise gateway_error(EndorseError, failure, transaction_id) from failure
        return cls(
            message=bytes(envelope.payload),
            signature=bytes(envelope.signature),
            transaction_id=transaction_id,
            channel=channel,
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` or an official SDK wrote (`gateway.PreparedTransaction`).

        Raises:
            FabricError: It cannot be read.
        """
        try:
            prepared = pb.PreparedTransaction.FromString(data)
            header = pb.Payload.FromString(prepared.envelope.payload).header
            channel = str(pb.ChannelHeader.FromString(header.channel_header).channel_id)
        except DecodeError as cause:
            raise FabricError("these bytes are not a prepared transaction") from cause
        return cls(
            message=bytes(prepared.envelope.payload),
            signature=bytes(prepared.envelope.signature),
            transaction_id=str(prepared.transaction_id),
            channel=channel,
        )

    @cached_property
    def result(self) -> bytes:
        """What the chaincode answered. It is final only once the transaction is committed as valid."""
        try:
            payload = pb.Payload.FromString(self.message)
            action = pb.Transaction.FromString(payload.data).actions[0]
            endorsed = pb.ChaincodeActionPayload.FromString(action.payload).action
            response = pb.ProposalResponsePayload.FromString(endorsed.proposal_response_payload)
            return bytes(pb.ChaincodeAction.FromString(response.extension).response.payload)
        except (DecodeError, IndexError) as cause:
            raise FabricError("the endorsed transaction carries no chaincode result") from cause

    def to_bytes(self) -> bytes:
        """Serialized `gateway.PreparedTransaction`, for signing elsewhere."""
        return bytes(
            pb.PreparedTransaction(transaction_id=self.transaction_id, envelope=self._envelope()).SerializeToString()
        )

    def submit_request(self) -> bytes:
        """Serialized `gateway.SubmitRequest`."""
        return bytes(
            pb.SubmitRequest(
                transaction_id=self.transaction_id, channel_id=self.channel, prepared_transaction=self._envelope()
            ).SerializeToString()
        )

    def envelope(self) -> bytes:
        """Serialized `common.Envelope`: what goes to an orderer."""
        return bytes(self._envelope().SerializeToString())

    def _envelope(self) -> Any:
        return pb.Envelope(payload=self.message, signature=self.signature)
