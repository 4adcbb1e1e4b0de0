"""The blocking client of a Gateway, for use from any thread."""

from types import TracebackType
from typing import Self

from . import _rpc
from .channel import Channel
from .connection import BlockingDriver, Connection
from .contract import Timeouts
from .driving.limits import Limits
from .flow import Blocking
from .identity import Identity, Signer, checked
from .profile import PeerEndpoint


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
        peer = PeerEndpoint("", _rpc.target(endpoint), tls_root, server_name)
        self._act(Connection(peer, limits=limits, proxies=proxies), identity, signer, timeouts, check=check, owned=True)

    @classmethod
    def over(
        cls,
        connection: Connection,
        identity: Identity,
        signer: Signer,
        *,
        timeouts: Timeouts | None = None,
        check: bool = True,
    ) -> Self:
        """A client for one identity over a connection that others share.

        Closing it ends its streams and leaves the connection open.

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
        connection: Connection,
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
        self._driver = BlockingDriver(connection, owned=owned)

    @property
    def endpoint(self) -> str:
        """The address of the peer that is asked, with its port; empty over a channel of the caller's own."""
        return self._driver.endpoint

    def channel(self, name: str) -> Channel[Blocking]:
        """A channel of the network."""
        return Channel(self._driver, self.identity, self.signer, name, timeouts=self.timeouts)

    def close(self) -> None:
        """Close the client, with its connection unless others share that."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
