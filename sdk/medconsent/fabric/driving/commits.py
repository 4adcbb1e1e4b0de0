"""How an asyncio client hears of many commits at once.

The outcomes of many transactions come out of one stream of filtered blocks, instead of a question for each. A question
costs a signature and a call; a block says what became of all transactions in it. The stream is open only while several
transactions are under way, and whatever is wrong with it, the Gateway is asked as usual.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb

_ENOUGH = 4  # transactions under way at once that are worth a stream
_IDLE_SECONDS = 5.0
_RETRY_SECONDS = 10.0  # after a stream that the peer ended, before another is tried


class CommitWatch:
    """Looks out for transactions in one channel's blocks, in the running event loop.

    A peer delivers a block only when it is applied to the peer's state, so an outcome from here means what the
    Gateway's answer means: whoever asks this peer next sees the transaction's effect.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        """`connect` starts the call (a grpc.aio stream of bytes in both directions)."""
        self._connect = connect
        self._expected: dict[str, asyncio.Future[bytes | None]] = {}
        self._under_way = 0
        self._reader: asyncio.Task[None] | None = None
        self._flowing = False
        self._not_before = 0.0
        self._closing: asyncio.TimerHandle | None = None

    @contextmanager
    def expecting(
        self, transaction_id: str, request: Callable[[], bytes]
    ) -> Iterator[asyncio.Future[bytes | None] | None]:
        """Enter before the transaction is sent: gives a future, or None when no blocks are coming in.

        The future's result is a serialized `gateway.CommitStatusResponse`, or None when the stream ended before.

        Args:
            transaction_id: The transaction.
            request: Gives the signed request for the channel's filtered blocks; called when no stream is open.
        """
        self._under_way += 1
        try:
            self._open(request)
            # Only with blocks coming in already: a transaction sent from now on is in a block that is yet to come.
            if self._flowing:
                self._expected[transaction_id] = asyncio.get_running_loop().create_future()
            yield self._expected.get(transaction_id)
        finally:
            self._expected.pop(transaction_id, None)
            self._under_way -= 1
            if not self._under_way and self._reader is not None:
                self._closing = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self.close)

    def close(self) -> None:
        """End the stream."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if self._reader is not None:
            self._reader.cancel()

    def _open(self, request: Callable[[], bytes]) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        loop = asyncio.get_running_loop()
        if self._reader is None and self._under_way >= _ENOUGH and loop.time() >= self._not_before:
            self._reader = loop.create_task(self._read(request()))

    async def _read(self, request: bytes) -> None:
        call = self._connect()
        try:
            await call.write(request)
            while (message := await call.read()) is not grpc.aio.EOF:
                response = pb.DeliverResponse.FromString(message)
                if response.WhichOneof("Type") != "filtered_block":
                    break  # a status: refused
                self._flowing = True
                self._found(response.filtered_block)
        except (grpc.RpcError, asyncio.InvalidStateError, DecodeError):
            pass  # whoever waits asks the Gateway, which says what is wrong
        finally:
            call.cancel()
            self._reader, self._flowing = None, False
            for future in self._expected.values():
                if not future.done():
                    future.set_result(None)
        # Not reached when the stream was closed from here: another one may then be opened at once.
        self._not_before = asyncio.get_running_loop().time() + _RETRY_SECONDS

    def _found(self, block: Any) -> None:
        for transaction in block.filtered_transactions:
            future = self._expected.get(transaction.txid)
            # The first is the outcome: a copy of the transaction that comes later is invalid as a duplicate.
            if future is not None and not future.done():
                status = pb.CommitStatusResponse(result=transaction.tx_validation_code, block_number=block.number)
                future.set_result(bytes(status.SerializeToString()))
