"""The asyncio driver: the same flows, awaited; and how it hears of many commits at once.

The outcomes of many transactions come out of one stream of filtered blocks, instead of a question for each. A question
costs a signature and a call; a block says what became of all transactions in it. The stream is open only while several
transactions are under way, and whatever is wrong with it, the Gateway is asked as usual.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakSet

import grpc
from google.protobuf.message import DecodeError

from . import _protos as pb
from . import _rpc
from .blocks import DELIVER_FILTERED
from .channel import Channel
from .contract import Timeouts
from .driving.asynchronous import AsyncioStream
from .driving.limits import Limits
from .errors import ClosedError
from .flow import Aside, Asyncio, Await, Call, Driver, Emit, Flow, Node, Open, Pause, RpcFailure, StreamFlow
from .identity import Identity, Signer, checked
from .ordering.handing import SUBMIT

T = TypeVar("T")

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


class AsyncioDriver(Driver[Asyncio]):
    """Runs flows over a gRPC channel in the running event loop."""

    def __init__(
        self,
        endpoint: str,
        secured: grpc.ChannelCredentials | None,
        settings: list[tuple[str, Any]],
        limits: Limits | None = None,
        *,
        proxies: bool = True,
    ) -> None:
        self._endpoint, self._secured, self._settings = endpoint, secured, settings
        self._proxies = proxies
        self._opened: Any = None
        self._others: dict[Node, Any] = {}
        self._closed = False
        self._unary: dict[tuple[Node | None, str], tuple[Any, asyncio.Semaphore]] = {}
        self._limits = limits or Limits()
        self._places: dict[tuple[Node | None, str], asyncio.Semaphore] = {}
        self._watches: dict[str, CommitWatch] = {}
        self._streams: WeakSet[AsyncioStream[Any]] = WeakSet()
        self._openings: set[asyncio.Task[None]] = set()

    @property
    def _channel(self) -> Any:
        # Opened by the first call: gRPC ties a channel to the event loop that is running then.
        if self._opened is None:
            if self._secured is None:
                self._opened = grpc.aio.insecure_channel(self._endpoint, self._settings)
            else:
                self._opened = grpc.aio.secure_channel(self._endpoint, self._secured, self._settings)
        return self._opened

    async def run(self, flow: Flow[T]) -> T:
        """See `Driver.run`."""
        if self._closed:
            raise ClosedError
        try:
            step = next(flow)
            while True:
                try:
                    reply = await self.perform(step)
                except BaseException as problem:  # the flow decides what a failure, or a cancellation, means
                    step = flow.throw(problem)
                else:
                    step = flow.send(reply)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]

    async def iterate(self, flow: StreamFlow[T]) -> AsyncGenerator[T, None]:
        """See `Driver.iterate`."""
        if self._closed:
            raise ClosedError
        try:
            step = next(flow)
            while True:
                try:
                    reply = b""
                    if isinstance(step, Emit):
                        yield step.value
                    else:
                        reply = await self.perform(step)
                except BaseException as problem:
                    step = flow.throw(problem)
                else:
                    step = flow.send(reply)
        except StopIteration:
            return

    def subscribe(self, flow: StreamFlow[T]) -> AsyncioStream[T]:
        """See `Driver.subscribe`. Where an event loop runs it opens at once, and no transaction is handed over on this
        connection before the stream knows where it begins.
        """
        made = AsyncioStream(self, flow)
        self._streams.add(made)
        if self._closed:
            made.cut()
        elif made.opening is not None:
            self._openings.add(made.opening)
            made.opening.add_done_callback(self._openings.discard)
        return made

    def watch(
        self, channel: str, transaction_id: str, request: Callable[[], bytes]
    ) -> AbstractContextManager[asyncio.Future[bytes | None] | None]:
        """See `Driver.watch`."""
        if channel not in self._watches:
            self._watches[channel] = CommitWatch(self._channel.stream_stream(DELIVER_FILTERED))
        return self._watches[channel].expecting(transaction_id, request)

    async def close(self) -> None:
        """Close the connection; calls that are under way fail."""
        self._closed = True
        for one in list(self._streams):
            one.cut()
        for watch in self._watches.values():
            watch.close()
        for connection in (self._opened, *self._others.values()):
            if connection is not None:
                await connection.close()

    def opened(self, step: Open) -> Any:
        """A server stream that was started."""
        if self._closed:
            raise ClosedError
        return self._channel.unary_stream(step.method)(step.request, timeout=step.timeout)

    async def perform(self, step: Call | Pause | Await | Aside | Any) -> bytes:
        """What comes of a call, of a pause, of looking out, or of other work."""
        if isinstance(step, Aside):
            await asyncio.to_thread(step.work)
            return b""
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return b""
        if isinstance(step, Await):
            return await _watched(step)
        method, places = self._unary.get((step.node, step.method)) or self._method(step.node, step.method)
        async with places:
            while step.method == SUBMIT and (opening := [one for one in self._openings if not one.done()]):
                await asyncio.wait(opening)
            if self._closed:
                raise ClosedError
            started = time.monotonic()
            try:
                return await method(step.request, timeout=step.timeout)  # type: ignore[no-any-return]
            except grpc.RpcError as error:
                raise _rpc.failure(error, step.method, step.timeout, time.monotonic() - started) from error
            except (asyncio.CancelledError, grpc.aio.UsageError) as cancelled:
                task = asyncio.current_task()
                if self._closed and not (task and task.cancelling()):
                    raise ClosedError from cancelled
                raise

    def _method(self, node: Node | None, name: str) -> tuple[Any, asyncio.Semaphore]:
        """The callable of a method, and the places that its calls take: each node has its own."""
        if self._closed:
            raise ClosedError
        kind, count = self._limits.of(name)
        places = self._places.setdefault((node, kind), asyncio.Semaphore(count))
        return self._unary.setdefault((node, name), (self._to(node).unary_unary(name), places))

    def _to(self, node: Node | None) -> Any:
        """The connection to a node, which opens with its first call."""
        if node is None:
            return self._channel
        if node not in self._others:
            trusted, settings = _rpc.trusting(node.tls_roots), _rpc.options(node.address, None, self._proxies)
            self._others[node] = grpc.aio.secure_channel(node.address, trusted, settings)
        return self._others[node]


async def _watched(step: Await) -> bytes:
    # Not `asyncio.timeout`, which would cancel what is waited for: it may be asked for again.
    await asyncio.wait({step.watched}, timeout=step.timeout)
    if not step.watched.done():
        late = f"the transaction was in no block within {step.timeout:g} s"
        raise RpcFailure(grpc.StatusCode.DEADLINE_EXCEEDED, late)
    response: bytes | None = step.watched.result()
    if response is None:
        raise RpcFailure(grpc.StatusCode.UNAVAILABLE, "the stream of blocks ended")
    return response


class AsyncGateway:
    """An asyncio client of one Gateway peer, for one identity. Use with `async with`, or await `close`."""

    def __init__(
        self,
        endpoint: str,
        identity: Identity,
        signer: Signer,
        *,
        tls_root: bytes | None,
        server_name: str | None = None,
        timeouts: Timeouts | None = None,
        proxies: bool = True,
        check: bool = True,
        limits: Limits | None = None,
    ) -> None:
        """The arguments are those of `Gateway`.

        Raises:
            IdentityError: See `Gateway`.
        """
        self.endpoint = _rpc.target(endpoint)
        self.identity = identity
        self.signer = checked(identity, signer) if check else signer
        self.timeouts = timeouts or Timeouts()
        settings = _rpc.options(self.endpoint, server_name, proxies)
        self._driver = AsyncioDriver(self.endpoint, _rpc.credentials(tls_root), settings, limits, proxies=proxies)

    def channel(self, name: str) -> Channel[Asyncio]:
        """A channel of the network."""
        return Channel(self._driver, self.identity, self.signer, name, timeouts=self.timeouts)

    async def close(self) -> None:
        """Close the connection."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
