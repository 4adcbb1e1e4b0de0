"""A stream that tasks read: a task of its own steps the flow, so nothing is lost when a reader gives up waiting."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Generic, Protocol, TypeVar

import grpc

from medconsent.fabric import _rpc
from medconsent.fabric.errors import ClosedError
from medconsent.fabric.flow import AsyncStream, Emit, Open, Receive, RpcFailure, StreamEnded, StreamFlow

T = TypeVar("T")

_HANDED = object()
_END = object()


class Connection(Protocol):
    """What a stream needs of its driver."""

    def opened(self, step: Open) -> Any:
        """A call that was started."""

    async def perform(self, step: Any) -> bytes:
        """What comes of any other step."""


class _Pump(Generic[T]):
    """Steps a flow, one value at a time."""

    def __init__(self, connection: Connection, flow: StreamFlow[T]) -> None:
        self.connection = connection
        self.flow = flow
        self.call: Any = None
        self.next: Any = None
        self.stopped = self.cut = False
        self.opening: asyncio.Task[None] | None = None
        self.pending: asyncio.Task[Any] | None = None

    def start(self) -> "asyncio.Task[None]":
        """Begin with what comes before the first message, in the running event loop."""
        if self.opening is None:
            self.opening = _kept(self._open())
        return self.opening

    async def value(self) -> Any:
        """The next value, or `_END`."""
        await self.start()
        while self.next is not None:
            if isinstance(self.next, Emit):
                value = self.next.value
                self.next = _HANDED
                return value
            self.next = await self._answered(self.next)
        return _END

    def stop(self) -> None:
        """End it; what waits for a value is cancelled."""
        self.stopped = True
        for task in (self.opening, self.pending):
            if task is not None and not task.done():
                with suppress(RuntimeError):  # the event loop is closed, and its tasks with it
                    task.cancel()
        if self.call is not None:
            with suppress(Exception):
                self.call.cancel()

    def end(self) -> None:
        """Nothing comes any more."""
        self.next = None
        self.flow.close()
        if self.call is not None:
            self.call.cancel()

    async def _open(self) -> None:
        try:
            self.next = next(self.flow)
        except StopIteration:
            return
        while self.next is not None and not isinstance(self.next, Receive | Emit):
            self.next = await self._answered(self.next)

    async def _answered(self, step: Any) -> Any:
        """The step after this one; None when there is no more."""
        try:
            try:
                reply = await self._perform(step)
            except BaseException as problem:  # the flow decides what a failure, or a cancellation, means
                return self.flow.throw(problem)
            return self.flow.send(reply)
        except StopIteration:
            self.end()
            return None
        except BaseException:
            self.end()
            raise

    async def _perform(self, step: Any) -> bytes:
        if step is _HANDED:
            return b""
        if isinstance(step, Open):
            if self.call is not None:
                self.call.cancel()
            self.call = self.connection.opened(step)
            return b""
        if isinstance(step, Receive):
            return await self._received()
        return await self.connection.perform(step)

    async def _received(self) -> bytes:
        try:
            message = await self.call.read()
        except grpc.RpcError as error:
            raise _rpc.failure(error) from error
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self.stopped or not self.call.cancelled() or (task and task.cancelling()):
                raise
            # The connection has left this peer: a broken stream goes on at another.
            raise RpcFailure(
                grpc.StatusCode.CANCELLED, "the peer that the stream was open at is not asked any more"
            ) from None
        if message is grpc.aio.EOF:
            raise StreamEnded
        return bytes(message)


def _kept(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """A task whose failure is looked at, whether or not somebody waits for it."""
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


class AsyncioStream(AsyncStream[T]):
    """What a reader holds: when nobody does any more, the stream ends."""

    def __init__(self, connection: Connection, flow: StreamFlow[T]) -> None:
        self._pump = _Pump(connection, flow)
        self._turn = asyncio.Lock()
        with suppress(RuntimeError):  # no event loop runs: it begins with the first value
            asyncio.get_running_loop()
            self._pump.start()

    async def __anext__(self) -> T:
        pump = self._pump
        async with self._turn:
            if pump.cut:
                raise ClosedError
            if pump.stopped:
                raise StopAsyncIteration
            if pump.pending is None:
                pump.pending = _kept(pump.value())
            task = pump.pending
            await asyncio.wait({task})  # a reader that gives up leaves it for the next
            pump.pending = None
        value: Any = self._result(task)
        if value is _END:
            raise StopAsyncIteration
        return value  # type: ignore[no-any-return]

    async def next(self, timeout: float | None = None) -> T:
        """See `AsyncStream.next`."""
        try:
            async with asyncio.timeout(timeout):
                return await self.__anext__()
        except TimeoutError:
            raise TimeoutError(f"nothing came within {timeout:g} s") from None

    async def aclose(self) -> None:
        """See `AsyncStream.aclose`."""
        pump = self._pump
        pump.stop()
        if waiting := [task for task in (pump.opening, pump.pending) if task is not None and not task.done()]:
            await asyncio.wait(waiting)
        pump.end()

    async def __aenter__(self) -> "AsyncioStream[T]":
        opening = self._pump.start()
        await asyncio.wait({opening})
        self._result(opening)
        return self

    @property
    def opening(self) -> "asyncio.Task[None] | None":
        """The task that opens it, once it was begun."""
        return self._pump.opening

    def cut(self) -> None:
        """The client is closed: whoever reads, or wants to, hears of that."""
        self._pump.cut = True
        self._pump.stop()

    def __del__(self) -> None:
        if pump := getattr(self, "_pump", None):
            pump.stop()

    def _result(self, task: "asyncio.Task[Any]") -> Any:
        pump = self._pump
        if not task.cancelled():
            problem = task.exception()
            if problem is None:
                return task.result()
            raise problem
        if pump.cut:
            raise ClosedError
        if pump.stopped:
            return _END
        raise asyncio.CancelledError
