"""The asyncio driver: the same flows, awaited."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc

from . import _rpc
from .blocks import DELIVER_FILTERED, CommitWatch
from .channel import Channel
from .contract import Timeouts
from .flow import Asyncio, Await, Call, Driver, Emit, Flow, Open, Pause, Receive, RpcFailure, StreamEnded, StreamFlow
from .identity import Identity, Signer

T = TypeVar("T")


class AsyncioDriver(Driver[Asyncio]):
    """Runs flows over a gRPC channel in the running event loop."""

    def __init__(self, endpoint: str, secured: grpc.ChannelCredentials | None, settings: list[tuple[str, Any]]) -> None:
        self._endpoint, self._secured, self._settings = endpoint, secured, settings
        self._opened: Any = None
        self._unary: dict[str, Any] = {}
        self._watches: dict[str, CommitWatch] = {}

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
        try:
            step = next(flow)
            while True:
                try:
                    reply = await self._perform(step)
                except BaseException as problem:  # the flow decides what a failure, or a cancellation, means
                    step = flow.throw(problem)
                else:
                    step = flow.send(reply)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]

    async def iterate(self, flow: StreamFlow[T]) -> AsyncGenerator[T, None]:
        """See `Driver.iterate`."""
        call: Any = None
        try:
            step = next(flow)
            while True:
                try:
                    reply = b""
                    match step:
                        case Emit(value):
                            yield value
                        case Open(method, request, timeout):
                            if call is not None:
                                call.cancel()
                            call = self._channel.unary_stream(method)(request, timeout=timeout)
                        case Receive():
                            reply = await _receive(call)
                        case _:
                            reply = await self._perform(step)
                except BaseException as problem:
                    step = flow.throw(problem)
                else:
                    step = flow.send(reply)
        except StopIteration:
            return
        finally:
            if call is not None:
                call.cancel()

    def watch(
        self, channel: str, transaction_id: str, request: Callable[[], bytes]
    ) -> AbstractContextManager[asyncio.Future[bytes | None] | None]:
        """See `Driver.watch`."""
        if channel not in self._watches:
            self._watches[channel] = CommitWatch(self._channel.stream_stream(DELIVER_FILTERED))
        return self._watches[channel].expecting(transaction_id, request)

    async def close(self) -> None:
        """Close the connection; calls that are under way fail."""
        for watch in self._watches.values():
            watch.close()
        if self._opened is not None:
            await self._opened.close()

    async def _perform(self, step: Call | Pause | Await | Any) -> bytes:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return b""
        if isinstance(step, Await):
            return await _watched(step)
        method = self._unary.get(step.method)
        if method is None:
            method = self._unary[step.method] = self._channel.unary_unary(step.method)
        try:
            return await method(step.request, timeout=step.timeout)  # type: ignore[no-any-return]
        except grpc.RpcError as error:
            raise _rpc.failure(error) from None


async def _watched(step: Await) -> bytes:
    try:
        async with asyncio.timeout(step.timeout):
            response: bytes | None = await step.watched
    except TimeoutError:
        late = f"the transaction was in no block within {step.timeout:g} s"
        raise RpcFailure(grpc.StatusCode.DEADLINE_EXCEEDED, late) from None
    if response is None:
        raise RpcFailure(grpc.StatusCode.UNAVAILABLE, "the stream of blocks ended")
    return response


async def _receive(call: Any) -> bytes:
    try:
        message = await call.read()
    except grpc.RpcError as error:
        raise _rpc.failure(error) from None
    if message is grpc.aio.EOF:
        raise StreamEnded
    return bytes(message)


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
    ) -> None:
        """The arguments are those of `Gateway`."""
        self.endpoint = _rpc.target(endpoint)
        self.identity = identity
        self.signer = signer
        self.timeouts = timeouts or Timeouts()
        settings = _rpc.options(self.endpoint, server_name)
        self._driver = AsyncioDriver(self.endpoint, _rpc.credentials(tls_root), settings)

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
