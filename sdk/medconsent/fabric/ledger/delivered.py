"""What a peer delivers beside whole blocks: filtered blocks, and blocks with the private data that it may tell."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.decoding import decode
from medconsent.fabric.errors import BlockError
from medconsent.fabric.ledger_blocks import LedgerBlock

from .decoded import kind_of


class FilteredEvent(NamedTuple):
    """That a chaincode set an event: a filtered block has no payload."""

    chaincode: str
    name: str


class FilteredTransaction(NamedTuple):
    """A transaction of a filtered block.

    Attributes:
        transaction_id: Its id; empty of a configuration.
        kind: `transaction` or `configuration`, or the name of another `common.HeaderType`.
        code: The name of its `peer.TxValidationCode`.
        events: Those that it set.
    """

    transaction_id: str
    kind: str
    code: str
    events: tuple[FilteredEvent, ...]

    @property
    def valid(self) -> bool:
        """Whether it took effect."""
        return self.code == "VALID"


@dataclass(frozen=True)
class FilteredBlock:
    """A block without what its transactions asked, read and wrote (`peer.FilteredBlock`)."""

    channel: str
    number: int
    transactions: tuple[FilteredTransaction, ...]

    @classmethod
    def of(cls, message: Any) -> Self:
        """Out of a `peer.FilteredBlock`.

        Args:
            message: The message.
        """
        return cls(str(message.channel_id), int(message.number), tuple(map(_filtered, message.filtered_transactions)))


class PrivateWrite(NamedTuple):
    """A key of a private data collection as it was written; `value` is None where it was deleted."""

    chaincode: str
    collection: str
    key: str
    value: bytes | None


@dataclass(frozen=True)
class BlockAndPrivateData:
    """A whole block, and the private data in it that the peer has and the asker's organization may see.

    Attributes:
        block: The block.
        private_writes: By the index of the transaction in the block.
    """

    block: LedgerBlock
    private_writes: dict[int, tuple[PrivateWrite, ...]]

    @property
    def number(self) -> int:
        """The block's number."""
        return self.block.number

    @classmethod
    def of(cls, message: Any) -> Self:
        """Out of a `peer.BlockAndPrivateData`.

        Args:
            message: The message.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            told = {int(index): _private(message.private_data_map[index]) for index in message.private_data_map}
        except DecodeError as cause:
            raise BlockError(f"the private data of block {message.block.header.number} cannot be read") from cause
        return cls(LedgerBlock.of(message.block), told)


def _filtered(one: Any) -> FilteredTransaction:
    events = (each.chaincode_event for each in one.transaction_actions.chaincode_actions)
    return FilteredTransaction(
        str(one.txid),
        kind_of(int(one.type)),
        pb.validation_code_name(int(one.tx_validation_code)),
        tuple(FilteredEvent(str(each.chaincode_id), str(each.event_name)) for each in events if each.event_name),
    )


def _private(sets: Any) -> tuple[PrivateWrite, ...]:
    return tuple(
        PrivateWrite(
            str(namespace.namespace),
            str(collection.collection_name),
            str(one.key),
            None if one.is_delete else bytes(one.value),
        )
        for namespace in sets.ns_pvt_rwset
        for collection in namespace.collection_pvt_rwset
        for one in decode(pb.KVRWSet, collection.rwset).writes
    )
