"""The blocking connection to Gateway peers, and the driver that runs an identity's flows over it."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore, Event, Lock
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import grpc

from . import _rpc
from .driving import loops
from .driving.blocking import BlockingStream
from .driving.limits import Limits
from .driving.peers import PROBE, SILENT_SECONDS, TLSClientCertificate, Wiring, silent, stands_still
from .errors import ClosedError
from .flow import Aside, Blocking, Call, Driver, Flow, Node, Open, Pause, RpcFailure, StreamFlow
from .profile import PeerEndpoint

T = TypeVar("T")


class Connection:
    """A connection to one or several Gateway peers, which the gateways of many identities share (`Gateway.over`).

    It opens with the first call. Use as a context manager, or `close` it; for use from any thread.
    """

    def __init__(
        self,
        *peers: PeerEndpoint,
        client_certificate: TLSClientCertificate | None = None,
        options: Sequence[tuple[str, Any]] = (),
        interceptors: Sequence[Any] = (),
        limits: Limits | None = None,
        proxies: bool = True,
    ) -> None:
        """
        Args:
            peers: Whom it leads to. The first is asked; when that is not reached or stands still, the next, with the
                same signed bytes, and it stays the first then. Name peers that you believe alike, as those of your own
                organization; they may be of different height.
            client_certificate: What is shown to peers that ask who connects; its hash goes into what is signed.
            options: Options of gRPC's channels, in place of ours of the same name.
            interceptors: gRPC's interceptors (`grpc.UnaryUnaryClientInterceptor` and so on), the first outermost.
            limits: How many calls all gateways together have under way at once; further ones wait for their turn.
            proxies: As in `Gateway`.

        Raises:
            IdentityError: A TLS root holds no certificate.
        """
        if not peers:
            raise ValueError("name a peer to connect to, or take a channel that there is: Connection.over")
        self._begin(Wiring(peers, client_certificate, options, limits, proxies=proxies), interceptors)

    @classmethod
    def over(
        cls,
        channel: grpc.Channel,
        *,
        tls_client_certificate_hash: bytes = b"",
        limits: Limits | None = None,
        proxies: bool = True,
    ) -> Self:
        """A connection over a channel of gRPC that is made and closed elsewhere.

        Args:
            channel: It leads to a Gateway peer.
            tls_client_certificate_hash: SHA-256 of the certificate (DER) that it shows to the peer; empty: none.
            limits: As in `Connection`.
            proxies: As in `Gateway`, for other nodes of the network.
        """
        made = cls.__new__(cls)
        made._begin(Wiring((), None, (), limits, proxies=proxies), ())
        made.wiring.tls_client_certificate_hash = tls_client_certificate_hash
        made._channels[None] = channel
        return made

    def _begin(self, wiring: Wiring, interceptors: Sequence[Any]) -> None:
        self.wiring = wiring
        self._interceptors = tuple(interceptors)
        self._channels: dict[Node | None, Any] = {}
        self._unary: dict[tuple[Node | None, str], tuple[Any, BoundedSemaphore]] = {}
        self._places: dict[tuple[Node | None, str], BoundedSemaphore] = {}
        self._making = Lock()
        self._closed = False
        self._drivers: WeakSet[BlockingDriver] = WeakSet()
        wiring.peers.on_leaving = self._leave

    def _leave(self, peer: Node) -> None:
        with self._making:
            drivers = list(self._drivers)
        for driver in drivers:
            driver.leave(peer)

    def close(self) -> None:
        """Close it; calls that are under way fail, and every gateway over it is closed."""
        with self._making:
            self._closed = True
            drivers, opened = list(self._drivers), list(self._channels.items())
        for driver in drivers:
            driver.shut()
        for node, channel in opened:
            if node is not None:  # the caller's own is theirs to close
                channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def drives(self, driver: "BlockingDriver") -> None:
        """Note a driver, which is shut when this is closed.

        Raises:
            ClosedError: It is closed.
        """
        with self._making:
            if self._closed:
                raise ClosedError
            self._drivers.add(driver)

    def unary(self, node: Node | None, name: str) -> tuple[Any, BoundedSemaphore]:
        """The callable of a method, and the places that its calls take: each node has its own.

        Args:
            node: Whom it leads to.
            name: The method's full name.
        """
        return self._unary.get((node, name)) or self._method(node, name)

    def channel(self, node: Node | None) -> Any:
        """gRPC's channel to a node, which opens with its first call.

        Args:
            node: Whom it leads to; None: the caller's own channel.
        """
        with self._making:
            return self._to(node)

    def _method(self, node: Node | None, name: str) -> tuple[Any, BoundedSemaphore]:
        with self._making:
            kind, count = self.wiring.limits.of(name)
            places = self._places.setdefault((node, kind), BoundedSemaphore(count))
            return self._unary.setdefault((node, name), (self._to(node).unary_unary(name), places))

    def _to(self, node: Node | None) -> Any:
        if self._closed:
            raise ClosedError
        if node is not None and node not in self._channels:
            secured, settings = self.wiring.credentials(node), self.wiring.options(node)
            opened = (
                grpc.insecure_channel(node.address, settings)
                if secured is None
                else grpc.secure_channel(node.address, secured, settings)
            )
            if self._interceptors:
                opened = grpc.intercept_channel(opened, *self._interceptors)
            self._channels[node] = opened
        return self._channels[node]


class BlockingDriver(Driver[Blocking]):
    """Runs flows over a gRPC channel, in the caller's thread."""

    def __init__(self, connection: Connection, *, owned: bool = False) -> None:
        """
        Args:
            connection: What it runs over.
            owned: Whether nobody else does, so that it is closed with this.
        """
        self._connection = connection
        self._peers = connection.wiring.peers
        self._owned = owned
        self._closed = Event()
        self._streams: WeakSet[BlockingStream[Any]] = WeakSet()
        self._calls: WeakKeyDictionary[Any, Node | None] = WeakKeyDictionary()
        self.kept = connection.wiring.kept
        self.tls_client_certificate_hash = connection.wiring.tls_client_certificate_hash
        connection.drives(self)

    @property
    def endpoint(self) -> str:
        """The address of the peer that is asked, with its port; empty on a channel of the caller's own."""
        return self._peers.endpoint

    @property
    def turns(self) -> int:
        """See `Driver.turns`."""
        return self._peers.turns

    def run(self, flow: Flow[T]) -> T:
        """See `Driver.run`."""
        self._require_open()
        return loops.result(flow, self.perform)

    def iterate(self, flow: StreamFlow[T]) -> Generator[T, None, None]:
        """See `Driver.iterate`."""
        self._require_open()
        yield from loops.values(flow, self.perform)

    def subscribe(self, flow: StreamFlow[T]) -> BlockingStream[T]:
        """See `Driver.subscribe`."""
        self._require_open()
        made = BlockingStream(self, flow)
        self._streams.add(made)
        if self._closed.is_set():
            made.cut()
        return made

    def close(self) -> None:
        """Ask nothing any more. Streams end; calls under way fail unless others share the connection."""
        if self._owned:
            self._connection.close()
        self.shut()

    def shut(self) -> None:
        """Ask nothing any more; whoever reads a stream hears of it."""
        self._closed.set()
        for one in list(self._streams):
            one.cut()

    def opened(self, step: Open) -> Any:
        """A server stream that was started."""
        self._require_open()
        peer = self._peers.first
        with self._while_open():
            call = self._connection.channel(peer).unary_stream(step.method)(step.request, timeout=step.timeout)
        if len(self._peers) > 1:
            self._calls[call] = peer
            call.add_done_callback(lambda ended: self._peers.ended(peer, ended.code()))
        return call

    def leave(self, peer: Node) -> None:
        """Break the streams at a peer, which go on at another."""
        for call, at in list(self._calls.items()):
            if at == peer:
                call.cancel()

    def perform(self, step: Call | Pause | Aside | Any) -> bytes:
        """What comes of a call, of a pause, or of other work."""
        if isinstance(step, Aside):
            step.work()
            return b""
        if isinstance(step, Pause):
            self._closed.wait(step.seconds)
            self._require_open()
            return b""
        if step.node is not None or len(self._peers) <= 1:
            return self._called(step, step.node or self._peers.first, step.timeout)
        end, tried = time.monotonic() + step.timeout, 0
        while True:
            peer, tried = self._peers.first, tried + 1
            try:
                return self._called(step, peer, max(end - time.monotonic(), 0.0), self._looked_after)
            except RpcFailure as failure:
                if not self._peers.failed(peer, failure, tried) or time.monotonic() >= end:
                    raise

    def _called(self, step: Call, node: Node | None, timeout: float, how: Any = None) -> bytes:
        method, places = self._connection.unary(node, step.method)
        with places:
            self._require_open()
            started = time.monotonic()
            with self._while_open():
                try:
                    if how is not None:
                        return bytes(how(method, step.request, timeout, node))
                    return bytes(method(step.request, timeout=timeout))
                except grpc.RpcError as error:
                    if self._closed.is_set() and error.code() is grpc.StatusCode.CANCELLED:
                        raise ClosedError from error
                    raise _rpc.failure(error, step.method, timeout, time.monotonic() - started) from error

    def _looked_after(self, method: Any, request: bytes, timeout: float, peer: Node) -> Any:
        """What comes of a call to a peer that may stand still, where another one could be asked."""
        started = time.monotonic()
        call = method.future(request, timeout=timeout)
        try:
            while True:
                try:
                    return call.result(SILENT_SECONDS)
                except grpc.FutureTimeoutError:
                    if not self._alive(peer) and not call.done():
                        raise silent(peer, time.monotonic() - started) from None
        finally:
            call.cancel()

    def _alive(self, peer: Node) -> bool:
        # Without a place: all may be taken by calls that wait for this peer.
        method, _ = self._connection.unary(peer, PROBE)
        try:
            method(b"", timeout=SILENT_SECONDS)
        except grpc.RpcError as error:
            return not stands_still(_rpc.failure(error))
        return True

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
