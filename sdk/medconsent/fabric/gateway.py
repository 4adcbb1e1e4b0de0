"""The blocking driver: a connection to one Gateway peer, for use from any thread."""

import time
from collections.abc import Generator
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc

from . import _rpc
from .channel import Channel
from .contract import Timeouts
from .errors import ClosedError
from .flow import Blocking, Call, Driver, Emit, Flow, Open, Pause, Receive, StreamEnded, StreamFlow
from .identity import Identity, Signer, checked

T = TypeVar("T")


class BlockingDriver(Driver[Blocking]):
    """Runs flows over a gRPC channel, in the caller's thread."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel: Any = channel
        self._unary: dict[str, Any] = {}
        self._closed = False

    def run(self, flow: Flow[T]) -> T:
        """See `Driver.run`."""
        if self._closed:
            raise ClosedError
        try:
            step = next(flow)
            while True:
                try:
                    reply = self._perform(step)
                except BaseException as problem:  # the flow decides what a failure, or an interruption, means
                    step = flow.throw(problem)
                else:
                    step = flow.send(reply)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]

    def iterate(self, flow: StreamFlow[T]) -> Generator[T, None, None]:
        """See `Driver.iterate`."""
        if self._closed:
            raise ClosedError
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
                            reply = _receive(call)
                        case _:
                            reply = self._perform(step)
                except BaseException as problem:
                    step = flow.throw(problem)
                else:
                    step = flow.send(reply)
        except StopIteration:
            return
        finally:
            if call is not None:
                call.cancel()

    def close(self) -> None:
        """Close the connection; calls that are under way fail."""
        self._closed = True
        self._channel.close()

    def _perform(self, step: Call | Pause | Any) -> bytes:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return b""
        method = self._unary.get(step.method)
        if method is None:
            method = self._unary[step.method] = self._channel.unary_unary(step.method)
        started = time.monotonic()
        try:
            return bytes(method(step.request, timeout=step.timeout))
        except grpc.RpcError as error:
            raise _rpc.failure(error, step.method, step.timeout, time.monotonic() - started) from error


def _receive(call: Any) -> bytes:
    try:
        return bytes(next(call))
    except StopIteration:
        raise StreamEnded from None
    except grpc.RpcError as error:
        raise _rpc.failure(error) from None


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
            else grpc.secure_channel(self.endpoint, secured, settings)
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
