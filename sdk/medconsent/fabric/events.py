"""Chaincode events: requests, events, and where a reader of them stands.

Each transaction has at most one event of a chaincode, so a block number and a transaction id say exactly what was
handled.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from google.protobuf.message import DecodeError

from medconsent.private_files import write_private

from . import _protos as pb
from .decoding import answered
from .errors import FabricError
from .identity import Identity
from .signable import Signable

_LONGEST_NUMBER = 20  # digits of 2^64


@dataclass(frozen=True)
class ChaincodeEvent:
    """An event that a committed, valid transaction emitted."""

    block_number: int
    transaction_id: str
    chaincode: str
    name: str
    payload: bytes


class Checkpoint(Protocol):
    """A position in the events: what was handled, and so where to go on."""

    @property
    def block_number(self) -> int | None:
        """The block in which the next event is expected; None before anything was handled."""

    @property
    def transaction_id(self) -> str:
        """The last transaction handled in that block; empty when none of it was."""


@dataclass(frozen=True)
class Position:
    """A `Checkpoint` as a plain value."""

    block_number: int | None = None
    transaction_id: str = ""


class InMemoryCheckpointer:
    """Remembers what was handled for as long as the process runs."""

    def __init__(self) -> None:
        self._position = Position()

    @property
    def block_number(self) -> int | None:
        """See `Checkpoint`."""
        return self._position.block_number

    @property
    def transaction_id(self) -> str:
        """See `Checkpoint`."""
        return self._position.transaction_id

    def checkpoint_block(self, block_number: int) -> None:
        """The whole block is handled: the next event is expected in the one after."""
        self._record(Position(block_number + 1))

    def checkpoint_transaction(self, block_number: int, transaction_id: str) -> None:
        """This transaction of this block is handled, and all before it.

        Args:
            block_number: The block's number.
            transaction_id: The transaction in it.
        """
        self._record(Position(block_number, transaction_id))

    def checkpoint_event(self, event: ChaincodeEvent) -> None:
        """This event is handled, and all before it."""
        self._record(Position(event.block_number, event.transaction_id))

    def _record(self, position: Position) -> None:
        self._position = position


class FileCheckpointer(InMemoryCheckpointer):
    """Remembers in a file (JSON `{"blockNumber", "transactionId"}`). Those of the official SDKs for Go, Node and Java
    are read, and what is written they read.

    Every checkpoint replaces the file atomically, so that a crash leaves the former or the new one.
    """

    def __init__(self, path: str | Path) -> None:
        """
        Raises:
            FabricError: The file exists and is no checkpoint.
        """
        super().__init__()
        self.path = Path(path)
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return
        if text:
            self._position = self._parse(text)

    def _parse(self, text: bytes) -> Position:
        try:
            state = json.loads(text)
            block, transaction_id = state.get("blockNumber"), state.get("transactionId")
        except (ValueError, AttributeError, RecursionError) as cause:
            raise FabricError(
                f"{self.path} is not a checkpoint: it must be JSON with blockNumber and transactionId"
            ) from cause
        transaction_id = "" if transaction_id is None else transaction_id  # Node and Java write none
        if isinstance(block, str) and block.isascii() and block.isdigit() and len(block) <= _LONGEST_NUMBER:
            block = int(block)  # Node writes digits
        if not isinstance(transaction_id, str) or isinstance(block, bool) or not isinstance(block, int | None):
            raise FabricError(f"{self.path} is not a checkpoint: blockNumber is a number, transactionId a string")
        if not 0 <= (block or 0) < 2**64 or not transaction_id.isascii():
            raise FabricError(f"{self.path} is not a checkpoint: there is no such block or transaction")
        if not block and not transaction_id:
            return (
                Position()
            )  # the official SDKs write block 0, or none, and no transaction before anything was handled
        if block is None:
            raise FabricError(f"{self.path} is not a checkpoint: it names a transaction and no block")
        return Position(block, transaction_id)

    def _record(self, position: Position) -> None:
        state = {"blockNumber": position.block_number, "transactionId": position.transaction_id}
        write_private(self.path, json.dumps(state).encode("ascii"))
        self._position = position


@dataclass(frozen=True, kw_only=True)
class ChaincodeEventsRequest(Signable):
    """A signed request for a chaincode's events. `message` is the serialized `gateway.ChaincodeEventsRequest`."""

    @classmethod
    def create(
        cls,
        identity: Identity,
        channel: str,
        chaincode: str,
        start_block: int | None = None,
        after_transaction_id: str = "",
    ) -> Self:
        """An unsigned request for a chaincode's events.

        Args:
            identity: Who asks.
            channel: The channel's name.
            chaincode: The chaincode's name.
            start_block: The first block whose events are wanted; None: the next block that is committed.
            after_transaction_id: A transaction of that block: its events and those before it are left out. Empty: none
                is.
        """
        position = pb.SeekPosition()
        if start_block is None:
            position.next_commit.SetInParent()
        else:
            position.specified.number = start_block
            position.specified.SetInParent()
        request = pb.ChaincodeEventsRequest(
            channel_id=channel,
            chaincode_id=chaincode,
            identity=identity.creator,
            start_position=position,
            after_transaction_id=after_transaction_id,
        )
        return cls(message=bytes(request.SerializeToString()))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` or an official SDK wrote.

        Raises:
            FabricError: It cannot be read.
        """
        try:
            signed = pb.SignedChaincodeEventsRequest.FromString(data)
        except DecodeError as cause:
            raise FabricError("these bytes are not a chaincode events request") from cause
        return cls(message=bytes(signed.request), signature=bytes(signed.signature))

    def to_bytes(self) -> bytes:
        """Serialized `gateway.SignedChaincodeEventsRequest`: for signing elsewhere, and what is sent."""
        return bytes(
            pb.SignedChaincodeEventsRequest(request=self.message, signature=self.signature).SerializeToString()
        )


def parse_events(response: bytes) -> tuple[int, list[ChaincodeEvent]]:
    """Block number and events of a serialized `gateway.ChaincodeEventsResponse`: all of one block, in its order.

    Raises:
        RpcFailure: It is none.
    """
    message = answered(pb.ChaincodeEventsResponse, response)
    block = int(message.block_number)
    return block, [
        ChaincodeEvent(block, str(event.tx_id), str(event.chaincode_id), str(event.event_name), bytes(event.payload))
        for event in message.events
    ]


def after(events: list[ChaincodeEvent], position: Checkpoint) -> list[ChaincodeEvent]:
    """The events of one block that come after `position`.

    A position at a transaction without an event of this chaincode skips nothing (the Gateway's own filter would then
    wait for that transaction for ever).

    Args:
        events: The events of one block.
        position: What was handled.
    """
    ids = [event.transaction_id for event in events]
    if not events or events[0].block_number != position.block_number or position.transaction_id not in ids:
        return events
    return events[ids.index(position.transaction_id) + 1 :]
