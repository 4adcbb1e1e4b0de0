"""A stream that a thread reads, and that any thread may close."""

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any, Protocol, TypeVar

import grpc

from medconsent.fabric import _rpc
from medconsent.fabric.errors import ClosedError
from medconsent.fabric.flow import Emit, Open, Pause, Receive, Stream, StreamEnded, StreamFlow

T = TypeVar("T")

_HANDED = object()
"""The step after a value: the next one is asked for."""
_END = object()


class _Stopped(BaseException):
    """Somebody closed the stream: no failure, and nothing that a flow goes on after."""


class Connection(Protocol):
    """What a stream needs of its driver."""

    def opened(self, step: Open) -> Any:
        """A call that was started."""

    def perform(self, step: Any) -> bytes:
        """What comes of any other step."""


class _Asked:
    """A value that was asked for, and what came of it; a thread of its own waits for it."""

    def __init__(self, ask: Callable[[], Any]) -> None:
        self.come = Event()
        self._ask = ask
        self._value: Any = None
        self._problem: BaseException | None = None
        Thread(target=self._wait, name="medconsent-stream", daemon=True).start()

    def _wait(self) -> None:
        try:
            self._value = self._ask()
        except BaseException as problem:  # whoever asked hears of it
            self._problem = problem
        self.come.set()

    def result(self) -> Any:
        """The value; what was raised in its place is raised."""
        if self._problem is not None:
            raise self._problem
        return self._value


class BlockingStream(Stream[T]):
    """Steps a flow for whoever reads. What the flow does before its first message is done when this is made."""

    def __init__(self, connection: Connection, flow: StreamFlow[T]) -> None:
        self._connection = connection
        self._flow = flow
        self._call: Any = None
        self._cut = False
        self._stopped = Event()
        self._reading = Lock()
        self._turn = Lock()
        self._asked: _Asked | None = None
        self._next: Any = None
        try:
            self._next = next(flow)
        except StopIteration:
            return
        while self._next is not None and not isinstance(self._next, Receive | Emit):
            self._next = self._answered(self._next)

    def __next__(self) -> T:
        return self.next()

    def next(self, timeout: float | None = None) -> T:
        """See `Stream.next`."""
        until = None if timeout is None else time.monotonic() + timeout
        if not self._turn.acquire(timeout=-1 if timeout is None else max(timeout, 0)):
            raise self._late(timeout)
        try:
            if until is None and self._asked is None:
                value = self._value()
            else:
                if self._asked is None:
                    self._asked = _Asked(self._value)
                if not self._asked.come.wait(None if until is None else max(until - time.monotonic(), 0)):
                    raise self._late(timeout)
                asked, self._asked = self._asked, None
                value = asked.result()
        finally:
            self._turn.release()
        if value is _END:
            raise StopIteration
        return value  # type: ignore[no-any-return]

    @staticmethod
    def _late(timeout: float | None) -> TimeoutError:
        return TimeoutError(f"nothing came within {timeout:g} s")

    def _value(self) -> Any:
        """The next value, or `_END`."""
        with self._reading:
            while self._next is not None:
                if isinstance(self._next, Emit):
                    value = self._next.value
                    self._next = _HANDED
                    return value
                self._next = self._answered(self._next)
        return _END

    def close(self) -> None:
        """See `Stream.close`."""
        self._stopped.set()
        if self._call is not None:
            self._call.cancel()
        if self._reading.acquire(blocking=False):  # whoever reads ends by itself
            try:
                self._end()
            finally:
                self._reading.release()

    def cut(self) -> None:
        """The client is closed: whoever reads, or wants to, hears of that."""
        self._cut = True
        self._stopped.set()
        if self._call is not None:
            self._call.cancel()

    def __del__(self) -> None:
        if getattr(self, "_call", None) is not None:
            with suppress(Exception):
                self._call.cancel()

    def _answered(self, step: Any) -> Any:
        """The step after this one; None when there is no more."""
        try:
            try:
                reply = self._perform(step)
            except BaseException as problem:  # the flow decides what a failure, or an interruption, means
                return self._flow.throw(problem)
            return self._flow.send(reply)
        except (StopIteration, _Stopped):
            self._end()
            return None
        except BaseException:
            self._end()
            raise

    def _perform(self, step: Any) -> bytes:
        self._go_on()
        if step is _HANDED:
            return b""
        if isinstance(step, Open):
            if self._call is not None:
                self._call.cancel()
            self._call = self._connection.opened(step)
            if self._stopped.is_set():
                self._call.cancel()
            return b""
        if isinstance(step, Pause):
            self._stopped.wait(step.seconds)
            self._go_on()
            return b""
        if isinstance(step, Receive):
            return self._received()
        return self._connection.perform(step)

    def _received(self) -> bytes:
        try:
            return bytes(next(self._call))
        except StopIteration:
            self._go_on()
            raise StreamEnded from None
        except grpc.RpcError as error:
            self._go_on()
            raise _rpc.failure(error) from error

    def _go_on(self) -> None:
        if self._cut:
            raise ClosedError
        if self._stopped.is_set():
            raise _Stopped

    def _end(self) -> None:
        self._next = None
        self._flow.close()
        if self._call is not None:
            self._call.cancel()
