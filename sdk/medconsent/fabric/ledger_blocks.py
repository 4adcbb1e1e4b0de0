"""Whole blocks of a channel: their header and hashes, the orderers' signatures, and what each transaction did.

The hashes are Fabric's (`protoutil/blockutils.go`): the data hash is SHA-256 over the concatenated envelopes, and a
block is known by SHA-256 over `SEQUENCE { INTEGER number, OCTET STRING previous_hash, OCTET STRING data_hash }` in
DER (ITU-T X.690). Everything here is pure. What is inside a transaction is decoded when it is asked for.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple, Self, TypeAlias

from google.protobuf.message import DecodeError

from . import _protos as pb
from .decoding import decode
from .errors import BlockError
from .ledger.decoded import DecodedTransaction

VALID = 0
_VALIDATION_PARAMETER = "VALIDATION_PARAMETER"


# Plain tuples, because there are many: a public write (key, value; None deletes), a key-level endorsement policy (key,
# `SignaturePolicyEnvelope`; None takes it away), a write to a private data collection as its hashes (of the key, of the
# value; None deletes or is about the key's policy), and an endorsement (serialized identity, its signature over the
# response's payload and, after it, that identity).
Write: TypeAlias = tuple[str, bytes | None]
PolicyWrite: TypeAlias = tuple[str, bytes | None]
HashedWrite: TypeAlias = tuple[bytes, bytes | None]
Endorsement: TypeAlias = tuple[bytes, bytes]


class Namespace(NamedTuple):
    """What a transaction wrote in one chaincode's namespace."""

    name: str
    writes: list[Write]
    policies: list[PolicyWrite]
    collections: dict[str, list[HashedWrite]]


@dataclass(slots=True)
class Action:
    """One action of a transaction: what the endorsers signed, and what it writes. `unreadable` are the namespaces
    that it writes in and whose content cannot be read.
    """

    response_payload: bytes
    endorsements: list[Endorsement]
    namespaces: list[Namespace]
    unreadable: list[str] = field(default_factory=list)


@dataclass(slots=True)
class LedgerTransaction:
    """One transaction of a block; `type` is a `common.HeaderType`, `code` Fabric's validation code."""

    index: int
    id: str
    type: int
    creator: bytes
    code: int
    data: bytes

    @property
    def valid(self) -> bool:
        """Whether the peer that the block is from found it valid."""
        return self.code == VALID

    def actions(self) -> list[Action]:
        """What an endorsed transaction does.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            return [_action(one.payload) for one in decode(pb.Transaction, self.data).actions]
        except DecodeError as cause:
            raise BlockError(f"transaction {self.id} cannot be read") from cause

    def config(self) -> Any:
        """The `common.ConfigEnvelope` of a configuration transaction.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            return decode(pb.ConfigEnvelope, self.data)
        except DecodeError as cause:
            raise BlockError(f"the configuration in transaction {self.index} cannot be read") from cause


class BlockSignature(NamedTuple):
    """One orderer's signature: by a certificate (`creator`, Raft), or by its number as a consenter (BFT)."""

    header: bytes
    signature: bytes
    creator: bytes
    consenter: int | None


@dataclass(frozen=True)
class LedgerBlock:
    """A block as a peer stores it."""

    number: int
    previous_hash: bytes
    data_hash: bytes
    envelopes: tuple[bytes, ...]
    metadata: tuple[bytes, ...]

    @classmethod
    def of(cls, block: Any) -> Self:
        """Out of a `common.Block`.

        Raises:
            BlockError: It has no header.
        """
        if not block.HasField("header"):
            raise BlockError("this is not a block: it has no header")
        header = block.header
        return cls(
            int(header.number),
            bytes(header.previous_hash),
            bytes(header.data_hash),
            tuple(block.data.data),
            tuple(block.metadata.metadata),
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Out of its bytes, as `peer channel fetch` writes them.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            return cls.of(pb.Block.FromString(data))
        except DecodeError as cause:
            raise BlockError("this is not a block of Fabric's") from cause

    def to_bytes(self) -> bytes:
        """Serialized `common.Block`, which `parse` reads back."""
        block = pb.Block()
        block.header.number, block.header.previous_hash, block.header.data_hash = (
            self.number,
            self.previous_hash,
            self.data_hash,
        )
        block.data.data.extend(self.envelopes)
        block.metadata.metadata.extend(self.metadata)
        return bytes(block.SerializeToString())

    @property
    def channel(self) -> str:
        """The channel that its first transaction names.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            payload = pb.Payload.FromString(pb.Envelope.FromString(self.envelopes[0]).payload)
            return str(pb.ChannelHeader.FromString(payload.header.channel_header).channel_id)
        except (DecodeError, IndexError) as cause:
            raise BlockError(f"block {self.number} does not say which channel it is of") from cause

    @cached_property
    def header_bytes(self) -> bytes:
        """The header in DER: what is hashed and what orderers sign."""
        content = _integer(self.number) + _octets(self.previous_hash) + _octets(self.data_hash)
        return b"\x30" + _length(len(content)) + content

    @cached_property
    def hash(self) -> bytes:
        """What the next block names as its previous hash."""
        return sha256(self.header_bytes).digest()

    def computed_data_hash(self) -> bytes:
        """What the data hash should be."""
        digest = sha256()
        for envelope in self.envelopes:
            digest.update(envelope)
        return digest.digest()

    @property
    def flags(self) -> bytes:
        """One validation code a transaction, as the peer wrote them; empty in a block from an orderer."""
        return self.metadata[pb.BLOCK_FLAGS] if len(self.metadata) > pb.BLOCK_FLAGS else b""

    @property
    def commit_hash(self) -> bytes:
        """The hash over all flags and updates so far, with which peers can be compared; empty when there is none."""
        if len(self.metadata) <= pb.BLOCK_COMMIT_HASH:
            return b""
        try:
            return bytes(pb.Metadata.FromString(self.metadata[pb.BLOCK_COMMIT_HASH]).value)
        except DecodeError:
            return b""

    def signatures(self) -> tuple[bytes, list[BlockSignature]]:
        """What the orderers signed before their own header and `header_bytes`, and their signatures.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            metadata = decode(pb.Metadata, self.metadata[pb.BLOCK_SIGNATURES]) if self.metadata else pb.Metadata()
            return bytes(metadata.value), list(_block_signatures(metadata.signatures))
        except DecodeError as cause:
            raise BlockError(f"the signatures of block {self.number} cannot be read") from cause

    def last_config(self) -> int:
        """The number of the newest configuration block as of this one.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            return int(pb.OrdererBlockMetadata.FromString(self.signatures()[0]).last_config.index)
        except DecodeError as cause:
            raise BlockError(f"block {self.number} does not say which configuration is in force") from cause

    def codes(self) -> bytes:
        """One validation code a transaction.

        The first block is what the channel begins with: it is valid, whoever it is fetched from.

        Raises:
            BlockError: The block does not say.
        """
        if self.number == 0:
            return bytes(len(self.envelopes))
        if len(self.flags) != len(self.envelopes):
            raise BlockError(
                f"block {self.number} does not say which of its transactions are valid: it was fetched from an orderer"
            )
        return self.flags

    def transaction(self, index: int, code: int) -> LedgerTransaction:
        """One transaction of the block.

        Args:
            index: Its place in the block, from 0 on.
            code: Its validation code (`protos.TxValidationCode`), as the peer wrote it into the block's metadata.

        Raises:
            BlockError: It cannot be read.
        """
        return _transaction(index, self.envelopes[index], code)

    def decoded(self) -> Iterator[DecodedTransaction]:
        """Its transactions with everything that is in them, in order.

        Raises:
            BlockError: The block does not say how they were judged, or one cannot be read.
        """
        return (
            DecodedTransaction.parse(envelope, code)
            for envelope, code in zip(self.envelopes, self.codes(), strict=True)
        )

    def transactions(self) -> Iterator[LedgerTransaction]:
        """Its transactions, in order.

        Raises:
            BlockError: The block does not say how they were judged, or one cannot be read.
        """
        return (self.transaction(index, code) for index, code in enumerate(self.codes()))


def _transaction(index: int, envelope: bytes, code: int) -> LedgerTransaction:
    try:
        payload = decode(pb.Payload, decode(pb.Envelope, envelope).payload)
        header = decode(pb.ChannelHeader, payload.header.channel_header)
        creator = decode(pb.SignatureHeader, payload.header.signature_header).creator
    except DecodeError as cause:
        raise BlockError(f"transaction {index} cannot be read") from cause
    return LedgerTransaction(index, header.tx_id, header.type, creator, code, payload.data)


def _action(payload: bytes) -> Action:
    endorsed = decode(pb.ChaincodeActionPayload, payload).action
    response = endorsed.proposal_response_payload
    action = decode(pb.ChaincodeAction, decode(pb.ProposalResponsePayload, response).extension)
    found = Action(response, [(one.endorser, one.signature) for one in endorsed.endorsements], [])
    for one in decode(pb.TxReadWriteSet, action.results).ns_rwset:
        try:
            found.namespaces.append(_namespace(one))
        except DecodeError:
            found.unreadable.append(one.namespace)
    return found


def _namespace(written: Any) -> Namespace:
    public = decode(pb.KVRWSet, written.rwset)
    collections: dict[str, list[HashedWrite]] = {}
    for one in written.collection_hashed_rwset:  # one collection may stand there several times
        collections.setdefault(one.collection_name, []).extend(_hashed(one.hashed_rwset))
    return Namespace(
        written.namespace,
        [(one.key, None if one.is_delete else one.value) for one in public.writes],
        [(one.key, _policy(one.entries)) for one in public.metadata_writes],
        collections,
    )


def _policy(entries: Any) -> bytes | None:
    """The last that is named so, as Fabric's map of them keeps it."""
    found: bytes | None = None
    for one in entries:
        if one.name == _VALIDATION_PARAMETER:
            found = one.value
    return found


def _hashed(data: bytes) -> list[HashedWrite]:
    hashed = decode(pb.HashedRWSet, data)
    writes = [(one.key_hash, None if one.is_delete else one.value_hash) for one in hashed.hashed_writes]
    return writes + [(one.key_hash, None) for one in hashed.metadata_writes]


def _block_signatures(signatures: Any) -> Iterator[BlockSignature]:
    """Those that can be read: one consenter's must not hide the others'."""
    for one in signatures:
        with suppress(DecodeError):
            yield _block_signature(one)


def _block_signature(one: Any) -> BlockSignature:
    if one.identifier_header:
        number = int(decode(pb.IdentifierHeader, one.identifier_header).identifier)
        return BlockSignature(bytes(one.identifier_header), bytes(one.signature), b"", number)
    creator = bytes(decode(pb.SignatureHeader, one.signature_header).creator)
    return BlockSignature(bytes(one.signature_header), bytes(one.signature), creator, None)


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def _integer(number: int) -> bytes:
    octets = number.to_bytes(number.bit_length() // 8 + 1, "big")  # one bit more, so that it stays positive
    return b"\x02" + _length(len(octets)) + octets


def _octets(data: bytes) -> bytes:
    return b"\x04" + _length(len(data)) + data
