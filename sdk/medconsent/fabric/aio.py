"""The asyncio client of a Gateway."""

from types import TracebackType
from typing import Self

from . import _rpc
from .aio_connection import AsyncConnection, AsyncioDriver
from .channel import Channel
from .contract import Timeouts
from .driving.limits import Limits
from .flow import Asyncio
from .identity import Identity, Signer, checked
from .profile import PeerEndpoint


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
        peer = PeerEndpoint("", _rpc.target(endpoint), tls_root, server_name)
        connection = AsyncConnection(peer, limits=limits, proxies=proxies)
        self._act(connection, identity, signer, timeouts, check=check, owned=True)

    @classmethod
    def over(
        cls,
        connection: AsyncConnection,
        identity: Identity,
        signer: Signer,
        *,
        timeouts: Timeouts | None = None,
        check: bool = True,
    ) -> Self:
        """A client for one identity over a connection that others share; see `Gateway.over`.

        Args:
            connection: The connection.
            identity: Who asks.
            signer: Signs for it.
            timeouts: How long each call may take.
            check: As in `Gateway`.

        Raises:
            IdentityError: The certificate or key cannot be used.
        """
        made = cls.__new__(cls)
        made._act(connection, identity, signer, timeouts, check=check, owned=False)
        return made

    def _act(
        self,
        connection: AsyncConnection,
        identity: Identity,
        signer: Signer,
        timeouts: Timeouts | None,
        *,
        check: bool,
        owned: bool,
    ) -> None:
        self.identity = identity
        self.signer = checked(identity, signer) if check else signer
        self.timeouts = timeouts or Timeouts()
        self._driver = AsyncioDriver(connection, owned=owned)

    @property
    def endpoint(self) -> str:
        """The address of the peer that is asked, with its port; empty over a channel of the caller's own."""
        return self._driver.endpoint

    def channel(self, name: str) -> Channel[Asyncio]:
        """A channel of the network."""
        return Channel(self._driver, self.identity, self.signer, name, timeouts=self.timeouts)

    async def close(self) -> None:
        """Close the client, with its connection unless others share that."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
