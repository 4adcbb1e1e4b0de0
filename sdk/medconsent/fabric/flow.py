"""Work that needs the network, written once and run by a blocking or by an asyncio driver.

A *flow* is a generator: it yields steps (a call to make, a pause) and is sent what came of them; a failed call is
thrown into it as `RpcFailure`. It does no I/O itself, so the same flow serves both kinds of client and can be
stepped through by hand in a test.

`operation` turns a flow method into what users call. On an object of `Operations[Blocking]` it is a function
that returns the result; on one of `Operations[Asyncio]` it returns a coroutine of it. `stream` does the
same for flows that deliver many values (iterator or async iterator). Inside another flow the undecorated generator is
reached as `Class.method.flow(self, ...)`.
"""

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from types import MethodType, TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeAlias, TypeVar, get_args, get_origin, overload

import grpc

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M")


class Blocking:
    """Marks objects whose operations block until the result is there."""


class Asyncio:
    """Marks objects whose operations are awaited."""


# With status UNAVAILABLE: internal/pkg/gateway/{endorse,evaluate,registry,submit}.go of Fabric 2.5 and 3.1.
_SAID_BY_GATEWAY = (
    "failed to find any endorsing peers",
    "failed to select a set of endorsers",
    "failed to get config for channel",
    "no orderer",
    "insufficient number of orderers",
)


# Statuses after which a stream is worth opening again: a peer that stops, restarts, or is overrun. ABORTED is what the
# Gateway answers when its block iterator breaks off as the peer shuts down.
TRANSIENT = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)

# internal/peer/node/grpc_limiters.go: the limiter stands before the service, which sees nothing of the call.
_TOO_MANY = "too many requests for /gateway.Gateway"


@dataclass(frozen=True, slots=True)
class Node:
    """A peer or an orderer of the channel.

    Attributes:
        address: `host:port`.
        tls_roots: The PEM of the roots that alone are trusted; None: no TLS.
        server_name: The name in its TLS certificate, when it is not the host's.
    """

    address: str
    tls_roots: bytes | None
    server_name: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One unary call.

    Attributes:
        method: The full name of the method (`/gateway.Gateway/Evaluate`).
        request: The request, serialized.
        timeout: The deadline, in seconds from now.
        node: Whom it goes to; None: one's own Gateway.
    """

    method: str
    request: bytes
    timeout: float
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before going on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Await:
    """Wait for what `Driver.watch` looks out for, at most so many seconds.

    After that `RpcFailure` is thrown with DEADLINE_EXCEEDED, or with UNAVAILABLE when nobody looks out any more.
    """

    watched: Any
    timeout: float


@dataclass(frozen=True, slots=True)
class Aside:
    """Work that waits for something else than the peer, as for another server (`aside` gives what comes of it).

    A blocking driver does it in the caller's thread, an asyncio driver in one of its own. What an asyncio caller gives
    up waiting for goes on there until it ends by itself.
    """

    work: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Open:
    """Open a server stream; the flow's former one, if any, is cancelled.

    `timeout` is a deadline in seconds for the whole stream; None for one that stays open.
    """

    method: str
    request: bytes
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Receive:
    """The next message of the open stream; `StreamEnded` is thrown when the server has closed it."""


@dataclass(frozen=True, slots=True)
class Emit(Generic[T]):
    """Hand a value to whoever iterates; the flow goes on when the next one is asked for."""

    value: T


Step: TypeAlias = Call | Pause | Await | Aside
Flow: TypeAlias = Generator[Step, bytes, T]
StreamFlow: TypeAlias = Generator[Step | Open | Receive | Emit[T], bytes, None]


def aside(work: Callable[[], T]) -> "Flow[T]":
    """What comes of work that waits for something else than the peer; what it raises is raised here."""
    came: list[T] = []
    yield Aside(lambda: came.append(work()))
    return came[0]


@dataclass(frozen=True, slots=True)
class EndorserDetail:
    """What one peer or orderer said (Fabric's `gateway.ErrorDetail`)."""

    address: str
    msp_id: str
    message: str


class RpcFailure(Exception):  # noqa: N818 - it is what came of a step; errors for users are in medconsent.fabric.errors
    """A call that did not succeed: gRPC status, the server's message, and what each node behind the gateway said."""

    def __init__(
        self,
        status: grpc.StatusCode,
        message: str,
        details: tuple[EndorserDetail, ...] = (),
        *,
        seconds: float | None = None,
    ) -> None:
        super().__init__(status, message, details)
        self.status = status
        self.message = message
        self.details = details
        self.seconds = seconds

    def __str__(self) -> str:
        return f"{self.status.name}: {self.message}"

    @property
    def unreached(self) -> bool:
        """Whether the peer itself was not reached: UNAVAILABLE, and neither the Gateway nor a node behind it said so.

        gRPC does not tell who set a status, so the Gateway's sentences are known by how they begin.
        """
        said_by_gateway = self.details or self.message.startswith(_SAID_BY_GATEWAY)
        return self.status is grpc.StatusCode.UNAVAILABLE and not said_by_gateway

    @property
    def overloaded(self) -> bool:
        """Whether the Gateway refused the call unread, as it had as many as it takes at once."""
        return (
            self.status in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.RESOURCE_EXHAUSTED)
            and not self.details
            and self.message.startswith(_TOO_MANY)
        )

    @property
    def unconnected(self) -> bool:
        """Whether there was no connection on which the call could have gone out."""
        return (
            self.status is grpc.StatusCode.UNAVAILABLE
            and not self.details
            and self.message.startswith("failed to connect to all addresses")
        )


class StreamEnded(Exception):  # noqa: N818 - see RpcFailure
    """The server closed the stream without an error."""


class Stream(Iterator[T], ABC):
    """Values that a peer sends, open from the moment that they were asked for: use it in a `with` statement."""

    @abstractmethod
    def next(self, timeout: float | None = None) -> T:
        """The next value. Giving up loses nothing: it goes to whoever asks next.

        Args:
            timeout: How long to wait, in seconds; None: as long as it takes.

        Raises:
            TimeoutError: None came in that time.
            StopIteration: The stream has ended.
        """

    @abstractmethod
    def close(self) -> None:
        """End it, from any thread: whoever waits for a value gets no more."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncStream(AsyncIterator[T], ABC):
    """Values that a peer sends, open from the moment that they were asked for: use it with `async with`.

    A reader that gives up (`asyncio.wait_for`) ends nothing: the value that it waited for goes to the next.
    """

    @abstractmethod
    async def next(self, timeout: float | None = None) -> T:
        """The next value. Giving up loses nothing: it goes to whoever asks next.

        Args:
            timeout: How long to wait, in seconds; None: as long as it takes.

        Raises:
            TimeoutError: None came in that time.
            StopAsyncIteration: The stream has ended.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """End it: whoever waits for a value gets no more."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Driver(ABC, Generic[M]):
    """Runs flows. `M` is `Blocking` or `Asyncio`."""

    tls_client_certificate_hash: bytes = b""
    """SHA-256 of the certificate (DER) by which the peer knows the connection; empty where it asks for none."""

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What flows remember for each other as long as the connection is there."""
        return {}

    @property
    def turns(self) -> int:
        """How often another of several peers has taken the place of the one that was asked."""
        return 0

    @abstractmethod
    def run(self, flow: Flow[Any]) -> Any:
        """The flow's result (blocking) or an awaitable of it (asyncio)."""

    def watch(
        self, channel: str, transaction_id: str, request: Callable[[], bytes]
    ) -> AbstractContextManager[Any | None]:
        """Look out for the commit of a transaction that is about to be sent.

        Enters with what `Await` waits for, or with None: then the Gateway has to be asked.

        Args:
            channel: The channel's name.
            transaction_id: The transaction.
            request: Gives a signed request for the channel's blocks.
        """
        return nullcontext()

    @abstractmethod
    def iterate(self, flow: StreamFlow[Any]) -> Any:
        """The flow's values as a generator (blocking) or an async generator (asyncio): it makes calls only, and begins
        with the first value.
        """

    def subscribe(self, flow: StreamFlow[Any]) -> Any:
        """The flow's values as a `Stream` or an `AsyncStream`; what it does before its first message begins at once."""
        return self.iterate(flow)


class Operations(Generic[M]):
    """Base of objects that carry operations."""

    def __init__(self, driver: Driver[M]) -> None:
        self._driver = driver


class _Operation(Generic[P, T]):
    """What `operation` and `stream` have in common: they look to `help` and `inspect` like what a user calls."""

    def __init__(self, flow: Callable[Concatenate[Any, P], Any]) -> None:
        functools.update_wrapper(self, flow)  # type: ignore[arg-type]
        # What is called is not the generator: it has another result.
        del self.__wrapped__  # type: ignore[attr-defined]

    @property
    def __signature__(self) -> inspect.Signature:
        """That of the flow, with the type of what comes of it: made when somebody asks."""
        made = inspect.signature(self.flow)  # type: ignore[attr-defined]
        return made.replace(return_annotation=_result_of(made.return_annotation))


def _result_of(annotation: Any) -> Any:
    """`T` of `Flow[T]`; `Iterator[T]` of `StreamFlow[T]`."""
    if isinstance(annotation, str):
        stream, _, inner = annotation.removesuffix("]").partition("[")
        return f"Iterator[{inner}]" if stream == "StreamFlow" else inner
    if get_origin(annotation) is not Generator:
        return annotation
    steps, _sent, result = get_args(annotation)
    for step in get_args(steps):
        if get_origin(step) is Emit:
            return Iterator[get_args(step)[0]]  # type: ignore[misc]
    return result


class operation(_Operation[P, T]):  # noqa: N801 - a decorator
    """Decorates a method that returns a `Flow`."""

    def __init__(self, flow: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        self.flow = flow
        super().__init__(flow)

    def __call__(self, instance: Operations[Any], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        return instance._driver.run(self.flow(instance, *args, **kwargs))

    @overload
    def __get__(self, instance: None, owner: type) -> "operation[P, T]": ...
    @overload
    def __get__(self, instance: Operations[Blocking], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, instance: Operations[Asyncio], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, instance: Operations[Any] | None, owner: type) -> Any:
        return self if instance is None else MethodType(self, instance)


class stream(_Operation[P, T]):  # noqa: N801 - a decorator
    """Decorates a method that returns a `StreamFlow` of calls, as a list that is read page by page."""

    def __init__(self, flow: Callable[Concatenate[Any, P], StreamFlow[T]]) -> None:
        self.flow = flow
        super().__init__(flow)

    def __call__(self, instance: Operations[Any], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        return instance._driver.iterate(self.flow(instance, *args, **kwargs))

    @overload
    def __get__(self, instance: None, owner: type) -> "stream[P, T]": ...
    @overload
    def __get__(self, instance: Operations[Blocking], owner: type) -> Callable[P, Generator[T, None, None]]: ...
    @overload
    def __get__(self, instance: Operations[Asyncio], owner: type) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, instance: Operations[Any] | None, owner: type) -> Any:
        return self if instance is None else MethodType(self, instance)


class subscription(stream[P, T]):  # noqa: N801 - a decorator
    """Decorates a method that returns a `StreamFlow` of messages that a peer sends: it opens when it is asked for."""

    def __call__(self, instance: Operations[Any], /, *args: P.args, **kwargs: P.kwargs) -> Any:
        return instance._driver.subscribe(self.flow(instance, *args, **kwargs))

    @overload  # type: ignore[override]
    def __get__(self, instance: None, owner: type) -> "subscription[P, T]": ...
    @overload
    def __get__(self, instance: Operations[Blocking], owner: type) -> Callable[P, Stream[T]]: ...
    @overload
    def __get__(self, instance: Operations[Asyncio], owner: type) -> Callable[P, AsyncStream[T]]: ...
    def __get__(self, instance: Operations[Any] | None, owner: type) -> Any:
        return self if instance is None else MethodType(self, instance)
