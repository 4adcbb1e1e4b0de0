"""The blocking driver: a connection to one Gateway peer, for use from any thread."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Event, Lock
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakSet

import grpc

from . import _rpc
from .channel import Channel
from .contract import Timeouts
from .driving.blocking import BlockingStream
from .driving.limits import Limits
from .errors import ClosedError
from .flow import Aside, Blocking, Call, Driver, Emit, Flow, Node, Open, Pause, StreamFlow
from .identity import Identity, Signer, checked

T = TypeVar("T")


class BlockingDriver(Driver[Blocking]):
    """Runs flows over a gRPC channel, in the caller's thread."""

    def __init__(self, channel: grpc.Channel, limits: Limits | None = None, *, proxies: bool = True) -> None:
        self._channel: Any = channel
        self._proxies = proxies
        self._others: dict[Node, Any] = {}
        self._unary: dict[tuple[Node | None, str], tuple[Any, BoundedSemaphore]] = {}
        self._limits = limits or Limits()
        self._places: dict[tuple[Node | None, str], BoundedSemaphore] = {}
        self._making = Lock()
        self._closed = Event()
        self._streams: WeakSet[BlockingStream[Any]] = WeakSet()

    def run(self, flow: Flow[T]) -> T:
        """See `Driver.run`."""
        self._require_open()
        try:
            step = next(flow)
            while True:
                try:
                    reply = self.perform(step)
                except BaseException as problem:  # the flow decides what a failure, or an interruption, means
                    step = flow.throw(problem)
                else:
                    step = flow.send(reply)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]

    def iterate(self, flow: StreamFlow[T]) -> Generator[T, None, None]:
        """See `Driver.iterate`."""
        self._require_open()
        try:
            step = next(flow)
            while True:
                try:
                    reply = b""
                    if isinstance(step, Emit):
                        yield step.value
                    else:
                        reply = self.perform(step)
                except BaseException as problem:
                    step = flow.throw(problem)
                else:
                    step = flow.send(reply)
        except StopIteration:
            return

    def subscribe(self, flow: StreamFlow[T]) -> BlockingStream[T]:
        """See `Driver.subscribe`."""
        self._require_open()
        made = BlockingStream(self, flow)
        self._streams.add(made)
        if self._closed.is_set():
            made.cut()
        return made

    def close(self) -> None:
        """Close the connection; calls that are under way fail."""
        self._closed.set()
        for one in list(self._streams):
            one.cut()
        self._channel.close()
        with self._making:
            others = list(self._others.values())
        for other in others:
            other.close()

    def opened(self, step: Open) -> Any:
        """A server stream that was started."""
        self._require_open()
        with self._while_open():
            return self._channel.unary_stream(step.method)(step.request, timeout=step.timeout)

    def perform(self, step: Call | Pause | Aside | Any) -> bytes:
        """What comes of a call, of a pause, or of other work."""
        if isinstance(step, Aside):
            step.work()
            return b""
        if isinstance(step, Pause):
            self._closed.wait(step.seconds)
            self._require_open()
            return b""
        method, places = self._unary.get((step.node, step.method)) or self._method(step.node, step.method)
        with places:
            self._require_open()
            started = time.monotonic()
            with self._while_open():
                try:
                    return bytes(method(step.request, timeout=step.timeout))
                except grpc.RpcError as error:
                    if self._closed.is_set() and error.code() is grpc.StatusCode.CANCELLED:
                        raise ClosedError from error
                    raise _rpc.failure(error, step.method, step.timeout, time.monotonic() - started) from error

    def _method(self, node: Node | None, name: str) -> tuple[Any, BoundedSemaphore]:
        """The callable of a method, and the places that its calls take: each node has its own."""
        with self._making:
            self._require_open()
            kind, count = self._limits.of(name)
            places = self._places.setdefault((node, kind), BoundedSemaphore(count))
            with self._while_open():
                return self._unary.setdefault((node, name), (self._to(node).unary_unary(name), places))

    def _to(self, node: Node | None) -> Any:
        """The connection to a node, which opens with its first call."""
        if node is None:
            return self._channel
        if node not in self._others:
            trusted, settings = _rpc.trusting(node.tls_roots), _rpc.options(node.address, None, self._proxies)
            self._others[node] = grpc.secure_channel(node.address, trusted, settings)
        return self._others[node]

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise ClosedError

    @contextmanager
    def _while_open(self) -> Iterator[None]:
        """gRPC says of a closed channel that the value is wrong."""
        try:
            yield
        except ValueError as error:
            if self._closed.is_set():
                raise ClosedError from error
            raise


class Gateway:
    """A blocking client of one Gateway peer, for one identity. Use as a context manager, or `close` it."""

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
        """Connects with the first call.

        Args:
            endpoint: `host:port`.
            identity: Who asks.
            signer: Signs for it.
            tls_root: The PEM of the TLS CA, which alone is trusted; None for no TLS.
            server_name: The name that the peer's TLS certificate carries, when it is not the host's.
            timeouts: How long each call may take.
            proxies: Whether the variables of the environment that name a proxy count (`https_proxy`, `no_proxy`), as in
                `CAClient`.
            check: Whether identity, key and certificate are checked against each other and the clock now; False leaves
                it to the peer.
            limits: How many calls are under way at once; further ones wait for their turn.

        Raises:
            IdentityError: The certificate or key cannot be used, or the TLS root holds no certificate.
        """
        self.endpoint = _rpc.target(endpoint)
        self.identity = identity
        self.signer = checked(identity, signer) if check else signer
        self.timeouts = timeouts or Timeouts()
        secured = _rpc.credentials(tls_root)
        settings = _rpc.options(self.endpoint, server_name, proxies)
        self._driver = BlockingDriver(
            grpc.insecure_channel(self.endpoint, settings)
            if secured is None
            else grpc.secure_channel(self.endpoint, secured, settings),
            limits,
            proxies=proxies,
        )

    def channel(self, name: str) -> Channel[Blocking]:
        """A channel of the network."""
        return Channel(self._driver, self.identity, self.signer, name, timeouts=self.timeouts)

    def close(self) -> None:
        """Close the connection."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
