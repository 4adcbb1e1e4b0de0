"""The asyncio connection to Gateway peers, and the driver that runs an identity's flows over it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager, aclosing, suppress
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import grpc

from . import _rpc
from .blocks import DELIVER_FILTERED
from .driving import loops
from .driving.asynchronous import AsyncioStream
from .driving.commits import CommitWatch
from .driving.limits import Limits
from .driving.peers import PROBE, SILENT_SECONDS, TLSClientCertificate, Wiring, silent, stands_still
from .errors import ClosedError
from .flow import Aside, Asyncio, Await, Call, Driver, Flow, Node, Open, Pause, RpcFailure, StreamFlow
from .ordering.handing import SUBMIT
from .profile import PeerEndpoint

T = TypeVar("T")


class AsyncConnection:
    """`Connection` for asyncio: the gateways of many identities share it (`AsyncGateway.over`).

    It opens with the first call, in the event loop that runs then. Use with `async with`, or await `close`.
    """

    def __init__(
        self,
        *peers: PeerEndpoint,
        client_certificate: TLSClientCertificate | None = None,
        options: Sequence[tuple[str, Any]] = (),
        interceptors: Sequence[grpc.aio.ClientInterceptor] = (),
        limits: Limits | None = None,
        proxies: bool = True,
    ) -> None:
        """The arguments are those of `Connection`; the interceptors are those of `grpc.aio`.

        Raises:
            IdentityError: A TLS root holds no certificate.
        """
        if not peers:
            raise ValueError("name a peer to connect to, or take a channel that there is: AsyncConnection.over")
        self._begin(Wiring(peers, client_certificate, options, limits, proxies=proxies), interceptors)

    @classmethod
    def over(
        cls,
        channel: grpc.aio.Channel,
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
        self._interceptors = list(interceptors)
        self._channels: dict[Node | None, Any] = {}
        self._unary: dict[tuple[Node | None, str], tuple[Any, asyncio.Semaphore]] = {}
        self._places: dict[tuple[Node | None, str], asyncio.Semaphore] = {}
        self._watches: dict[str, CommitWatch] = {}
        self._closed = False
        self._drivers: WeakSet[AsyncioDriver] = WeakSet()
        wiring.peers.on_leaving = self._leave

    def _leave(self, peer: Node) -> None:
        for watch in self._watches.values():
            watch.close()  # whoever waits for a commit asks the other peer
        for driver in list(self._drivers):
            driver.leave(peer)

    async def close(self) -> None:
        """Close it; calls that are under way fail, and every gateway over it is closed."""
        self._closed = True
        for driver in list(self._drivers):
            driver.shut()
        for watch in self._watches.values():
            watch.close()
        for node, channel in list(self._channels.items()):
            if node is not None:  # the caller's own is theirs to close
                await channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def drives(self, driver: "AsyncioDriver") -> None:
        """Note a driver, which is shut when this is closed.

        Raises:
            ClosedError: It is closed.
        """
        if self._closed:
            raise ClosedError
        self._drivers.add(driver)

    def unary(self, node: Node | None, name: str) -> tuple[Any, asyncio.Semaphore]:
        """The callable of a method, and the places that its calls take: each node has its own.

        Args:
            node: Whom it leads to.
            name: The method's full name.
        """
        return self._unary.get((node, name)) or self._method(node, name)

    def watch(self, channel: str) -> CommitWatch:
        """What hears of the commits in a channel, for all identities.

        Args:
            channel: The channel's name.
        """
        if channel not in self._watches:
            self._watches[channel] = CommitWatch(self._filtered_blocks)
        return self._watches[channel]

    def _filtered_blocks(self) -> Any:
        return self.channel(self.wiring.peers.first).stream_stream(DELIVER_FILTERED)()

    def channel(self, node: Node | None) -> Any:
        """gRPC's channel to a node: opened by the first call, as gRPC ties it to the event loop that is running then.

        Args:
            node: Whom it leads to; None: the caller's own channel.
        """
        if self._closed:
            raise ClosedError
        if node is not None and node not in self._channels:
            secured, settings = self.wiring.credentials(node), self.wiring.options(node)
            self._channels[node] = (
                grpc.aio.insecure_channel(node.address, settings, interceptors=self._interceptors)
                if secured is None
                else grpc.aio.secure_channel(node.address, secured, settings, interceptors=self._interceptors)
            )
        return self._channels[node]

    def _method(self, node: Node | None, name: str) -> tuple[Any, asyncio.Semaphore]:
        kind, count = self.wiring.limits.of(name)
        places = self._places.setdefault((node, kind), asyncio.Semaphore(count))
        return self._unary.setdefault((node, name), (self.channel(node).unary_unary(name), places))


class AsyncioDriver(Driver[Asyncio]):
    """Runs flows over a gRPC channel in the running event loop."""

    def __init__(self, connection: AsyncConnection, *, owned: bool = False) -> None:
        """
        Args:
            connection: What it runs over.
            owned: Whether nobody else does, so that it is closed with this.
        """
        self._connection = connection
        self._peers = connection.wiring.peers
        self._owned = owned
        self._closed = False
        self._streams: WeakSet[AsyncioStream[Any]] = WeakSet()
        self._calls: WeakKeyDictionary[Any, Node | None] = WeakKeyDictionary()
        self._openings: set[asyncio.Task[None]] = set()
        self._noting: set[asyncio.Task[None]] = set()
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

    async def run(self, flow: Flow[T]) -> T:
        """See `Driver.run`."""
        if self._closed:
            raise ClosedError
        return await loops.result_awaited(flow, self.perform)

    async def iterate(self, flow: StreamFlow[T]) -> AsyncGenerator[T, None]:
        """See `Driver.iterate`."""
        if self._closed:
            raise ClosedError
        async with aclosing(loops.values_awaited(flow, self.perform)) as values:
            async for value in values:
                yield value

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
        return self._connection.watch(channel).expecting(transaction_id, request)

    async def close(self) -> None:
        """Ask nothing any more. Streams end; calls under way fail unless others share the connection."""
        self.shut()
        if self._owned:
            await self._connection.close()

    def shut(self) -> None:
        """Ask nothing any more; whoever reads a stream hears of it."""
        self._closed = True
        for one in list(self._streams):
            one.cut()

    def opened(self, step: Open) -> Any:
        """A server stream that was started."""
        if self._closed:
            raise ClosedError
        peer = self._peers.first
        call = self._connection.channel(peer).unary_stream(step.method)(step.request, timeout=step.timeout)
        if len(self._peers) > 1:
            self._calls[call] = peer
            call.add_done_callback(lambda ended: self._note(peer, ended))
        return call

    def leave(self, peer: Node) -> None:
        """Break the streams at a peer, which go on at another."""
        for call, at in list(self._calls.items()):
            if at == peer:
                call.cancel()

    def _note(self, peer: Node | None, ended: Any) -> None:
        with suppress(RuntimeError):  # no event loop runs any more
            loop = asyncio.get_running_loop()
            task = loop.create_task(self._ended(peer, ended))
            self._noting.add(task)
            task.add_done_callback(self._noting.discard)

    async def _ended(self, peer: Node | None, call: Any) -> None:
        self._peers.ended(peer, await call.code())

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
        if self._closed:
            raise ClosedError
        if step.node is not None or len(self._peers) <= 1:
            return await self._called(step, step.node or self._peers.first, step.timeout)
        end, tried = time.monotonic() + step.timeout, 0
        while True:
            peer, tried = self._peers.first, tried + 1
            try:
                return await self._called(step, peer, max(end - time.monotonic(), 0.0), self._looked_after)
            except RpcFailure as failure:
                if not self._peers.failed(peer, failure, tried) or time.monotonic() >= end:
                    raise

    async def _called(self, step: Call, node: Node | None, timeout: float, how: Any = None) -> bytes:
        method, places = self._connection.unary(node, step.method)
        async with places:
            while step.method == SUBMIT and (opening := [one for one in self._openings if not one.done()]):
                await asyncio.wait(opening)
            if self._closed:
                raise ClosedError
            started = time.monotonic()
            try:
                if how is not None:
                    return await how(method, step.request, timeout, node)  # type: ignore[no-any-return]
                return await method(step.request, timeout=timeout)  # type: ignore[no-any-return]
            except grpc.RpcError as error:
                raise _rpc.failure(error, step.method, timeout, time.monotonic() - started) from error
            except (asyncio.CancelledError, grpc.aio.UsageError) as cancelled:
                task = asyncio.current_task()
                if self._closed and not (task and task.cancelling()):
                    raise ClosedError from cancelled
                raise

    async def _looked_after(self, method: Any, request: bytes, timeout: float, peer: Node) -> bytes:
        """What comes of a call to a peer that may stand still, where another one could be asked."""
        started = time.monotonic()
        call = asyncio.ensure_future(_awaited(method(request, timeout=timeout)))
        try:
            while True:
                done, _ = await asyncio.wait({call}, timeout=SILENT_SECONDS)
                if done:
                    return call.result()
                if not await self._alive(peer) and not call.done():
                    raise silent(peer, time.monotonic() - started)
        finally:
            call.cancel()

    async def _alive(self, peer: Node) -> bool:
        # Without a place: all may be taken by calls that wait for this peer.
        method, _ = self._connection.unary(peer, PROBE)
        try:
            await method(b"", timeout=SILENT_SECONDS)
        except grpc.RpcError as error:
            return not stands_still(_rpc.failure(error))
        return True


async def _awaited(call: Any) -> bytes:
    return await call  # type: ignore[no-any-return]


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
