"""A transaction of the ledger, decoded: when, by whom, of which chaincode, and what it read and wrote."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.decoding import decode
from medconsent.fabric.errors import BlockError
from medconsent.fabric.identity import Identity

VALID = "VALID"


class Read(NamedTuple):
    """A key that was read, and where it had been written last: (block, index); None where there was nothing."""

    chaincode: str
    key: str
    version: tuple[int, int] | None


class Written(NamedTuple):
    """A public key that was written; `value` is None where it was deleted."""

    chaincode: str
    key: str
    value: bytes | None


class WrittenHash(NamedTuple):
    """A key of a private data collection that was written, by its hash; `value_hash` is None where it was deleted."""

    chaincode: str
    collection: str
    key_hash: bytes
    value_hash: bytes | None


class Event(NamedTuple):
    """What the transaction tells the world; it counts only when it is valid."""

    name: str
    payload: bytes


@dataclass(frozen=True)
class DecodedTransaction:
    """One transaction as it stands in a block.

    Attributes:
        transaction_id: Its id; empty of a configuration.
        code: The name of its `peer.TxValidationCode`.
        kind: `transaction` or `configuration`, or the name of another `common.HeaderType` in small letters.
        channel: The channel's name.
        timestamp: What its creator says the time was, UTC.
        creator: Who made it, or None where that cannot be read.
        chaincode: The chaincode that was asked.
        arguments: Its arguments, the function's name first.
        status: What the chaincode answered (200: well), and `result` with it.
        event: The chaincode's event; None for none.
        endorsers: Who signed the result.
        reads: The public keys that it read.
        writes: The public keys that it wrote.
        private_writes: What it wrote in collections, as every peer has it.
    """

    transaction_id: str
    code: str
    kind: str
    channel: str
    timestamp: datetime
    creator: Identity | None
    chaincode: str = ""
    arguments: tuple[bytes, ...] = ()
    status: int = 0
    result: bytes = b""
    event: Event | None = None
    endorsers: tuple[Identity, ...] = ()
    reads: tuple[Read, ...] = ()
    writes: tuple[Written, ...] = ()
    private_writes: tuple[WrittenHash, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether it took effect."""
        return self.code == VALID

    @property
    def function(self) -> str:
        """The first argument as text; empty where there is none."""
        return self.arguments[0].decode("utf-8", "replace") if self.arguments else ""

    @classmethod
    def parse(cls, envelope: bytes, code: int) -> Self:
        """Out of a serialized `common.Envelope`.

        Args:
            envelope: Its bytes, as they stand in a block.
            code: Its validation code.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            payload = decode(pb.Payload, decode(pb.Envelope, envelope).payload)
            header = decode(pb.ChannelHeader, payload.header.channel_header)
            creator = decode(pb.SignatureHeader, payload.header.signature_header).creator
            told: dict[str, Any] = {}
            if header.type == pb.ENDORSER_TRANSACTION:
                told = _action(decode(pb.Transaction, payload.data))
            when = datetime.fromtimestamp(header.timestamp.seconds, UTC).replace(
                microsecond=header.timestamp.nanos // 1000
            )
        except (DecodeError, ValueError, OverflowError, OSError) as cause:
            raise BlockError("the transaction cannot be read") from cause
        return cls(
            transaction_id=str(header.tx_id),
            code=pb.validation_code_name(code),
            kind=kind_of(int(header.type)),
            channel=str(header.channel_id),
            timestamp=when,
            creator=_identity(bytes(creator)),
            **told,
        )


def kind_of(header_type: int) -> str:
    if header_type == pb.ENDORSER_TRANSACTION:
        return "transaction"
    return "configuration" if header_type == pb.CONFIG else f"type {header_type}"


def _identity(serialized: bytes) -> Identity | None:
    try:
        told = decode(pb.SerializedIdentity, serialized)
    except DecodeError:
        return None
    return Identity(str(told.mspid), bytes(told.id_bytes)) if told.mspid else None


def _action(transaction: Any) -> dict[str, Any]:
    """The one action that a transaction of Fabric's has."""
    if len(transaction.actions) != 1:
        raise ValueError("a transaction has one action")
    action = decode(pb.ChaincodeActionPayload, transaction.actions[0].payload)
    proposal = decode(pb.ChaincodeProposalPayload, action.chaincode_proposal_payload)
    asked = decode(pb.ChaincodeInvocationSpec, proposal.input).chaincode_spec
    response = decode(pb.ProposalResponsePayload, action.action.proposal_response_payload)
    done = decode(pb.ChaincodeAction, response.extension)
    event = decode(pb.ChaincodeEvent, done.events)
    sets = list(decode(pb.TxReadWriteSet, done.results).ns_rwset)
    endorsers = (_identity(bytes(one.endorser)) for one in action.action.endorsements)
    return {
        "chaincode": str(asked.chaincode_id.name),
        "arguments": tuple(bytes(one) for one in asked.input.args),
        "status": int(done.response.status),
        "result": bytes(done.response.payload),
        "event": Event(str(event.event_name), bytes(event.payload)) if event.event_name else None,
        "endorsers": tuple(one for one in endorsers if one is not None),
        "reads": tuple(one for each in sets for one in _reads(each)),
        "writes": tuple(one for each in sets for one in _writes(each)),
        "private_writes": tuple(one for each in sets for one in _private(each)),
    }


def _reads(namespace: Any) -> Iterator[Read]:
    for one in decode(pb.KVRWSet, namespace.rwset).reads:
        version = (int(one.version.block_num), int(one.version.tx_num)) if one.HasField("version") else None
        yield Read(str(namespace.namespace), str(one.key), version)


def _writes(namespace: Any) -> Iterator[Written]:
    for one in decode(pb.KVRWSet, namespace.rwset).writes:
        yield Written(str(namespace.namespace), str(one.key), None if one.is_delete else bytes(one.value))


def _private(namespace: Any) -> Iterator[WrittenHash]:
    for collection in namespace.collection_hashed_rwset:
        for one in decode(pb.HashedRWSet, collection.hashed_rwset).hashed_writes:
            value = None if one.is_delete or one.is_purge else bytes(one.value_hash)
            yield WrittenHash(str(namespace.namespace), str(collection.collection_name), bytes(one.key_hash), value)
