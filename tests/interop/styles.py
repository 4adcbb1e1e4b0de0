"""The blocking and the awaited client behind one face, so that a scenario is written once and tried with both."""

import asyncio
import inspect
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from bench.clients import Caller

from medconsent.fabric import AsyncGateway, Gateway, Identity, PrivateKeySigner, Signer

PATIENCE = 30.0


def identity_of(caller: Caller) -> tuple[Identity, PrivateKeySigner]:
    """Who a caller is, and their key."""
    signer = PrivateKeySigner.from_pem(caller.key.read_bytes())
    return Identity(caller.msp, caller.certificate.read_bytes()), signer


class Style(ABC):
    """One of the two clients."""

    def connect(self, caller: Caller, signer: Signer | None = None) -> Any:
        """A gateway for a caller; `signer` in place of their key."""
        return self.gateway(
            caller.endpoint,
            Identity(caller.msp, caller.certificate.read_bytes()),
            signer or identity_of(caller)[1],
            tls_root=caller.tls_root.read_bytes(),
            check=signer is None or isinstance(signer, PrivateKeySigner),
        )

    @abstractmethod
    def gateway(self, endpoint: str, identity: Identity, signer: Signer, **options: Any) -> Any:
        """A gateway."""

    @abstractmethod
    def do(self, what: Callable[[], Any]) -> Any:
        """What comes of a call."""

    @abstractmethod
    def close(self, stream: Any) -> None:
        """End a stream."""

    def next(self, stream: Any) -> Any:
        """The next value of a stream."""
        return self.do(lambda: stream.next(PATIENCE))

    @abstractmethod
    def end(self) -> None:
        """Nothing is asked any more."""


class BlockingStyle(Style):
    """`Gateway`."""

    def gateway(self, endpoint: str, identity: Identity, signer: Signer, **options: Any) -> Any:
        return Gateway(endpoint, identity, signer, **options)

    def do(self, what: Callable[[], Any]) -> Any:
        return what()

    def close(self, stream: Any) -> None:
        stream.close()

    def end(self) -> None:
        """There is nothing to end."""


class AwaitedStyle(Style):
    """`AsyncGateway`, in an event loop of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def gateway(self, endpoint: str, identity: Identity, signer: Signer, **options: Any) -> Any:
        return AsyncGateway(endpoint, identity, signer, **options)

    def do(self, what: Callable[[], Any]) -> Any:
        async def awaited() -> Any:
            found = what()
            return await found if inspect.isawaitable(found) else found

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(2 * PATIENCE)

    def close(self, stream: Any) -> None:
        self.do(stream.aclose)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()
