"""Which of several Gateway peers is asked, and by which certificate they know who connects.

A call goes to the peer that answered last. When it cannot be reached or stands still, the same bytes go to the next:
what is asked or endorsed changes nothing, and a signed transaction is committed once however often it is handed in
(decision 0031).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import grpc
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from medconsent.fabric import _rpc
from medconsent.fabric._log import LOG
from medconsent.fabric.driving.limits import Limits
from medconsent.fabric.errors import IdentityError
from medconsent.fabric.flow import Node, RpcFailure
from medconsent.fabric.profile import PeerEndpoint

SILENT_SECONDS = 2.0
"""After so long without an answer a peer is asked something that it answers at once; and how long it has for that."""
PROBE = "/gateway.Gateway/Evaluate"  # of nothing: refused as soon as it is read

_ENDED = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)
"""How a stream ends that is worth opening at another peer."""


@dataclass(frozen=True)
class TLSClientCertificate:
    """What a client shows to a peer that asks who connects (mutual TLS): not the identity that signs.

    Attributes:
        certificate_pem: The certificate, and those between it and its root.
        key_pem: Its private key, unencrypted.
    """

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """
        Raises:
            IdentityError: The certificate or the key cannot be read, or they do not belong together.
        """
        try:
            key = load_pem_private_key(self.key_pem, None).public_key()
        except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
            raise IdentityError("the key of the TLS client certificate is no unencrypted PEM") from cause
        shown = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if key.public_bytes(*shown) != self._certificate.public_key().public_bytes(*shown):
            raise IdentityError("the key is not that of the TLS client certificate")

    @property
    def hash(self) -> bytes:
        """SHA-256 of the certificate (DER), as it stands in the channel header of what is signed."""
        return sha256(self._certificate.public_bytes(Encoding.DER)).digest()

    @property
    def _certificate(self) -> x509.Certificate:
        try:
            return x509.load_pem_x509_certificate(self.certificate_pem)
        except ValueError as cause:
            raise IdentityError(f"the TLS client certificate is not PEM X.509: {cause}") from cause


class Peers:
    """The Gateway peers of one connection, of which the first is asked. For use from any thread."""

    def __init__(self, peers: Sequence[Node]) -> None:
        self._order = tuple(peers)
        self.turns = 0
        self.on_leaving: Callable[[Node], None] = lambda peer: None
        """Told of the peer that is not asked any more: streams that it may still hold go elsewhere too."""

    def __len__(self) -> int:
        return len(self._order)

    @property
    def endpoint(self) -> str:
        """The address of the one that is asked, with its port; empty on a channel of the caller's own."""
        return self._order[0].address if self._order else ""

    @property
    def first(self) -> Node | None:
        """Who is asked; None: the one that a channel of the caller's own leads to."""
        return self._order[0] if self._order else None

    def leave(self, peer: Node | None, why: object) -> None:
        """Ask another one first, if this is the one that was.

        Args:
            peer: Who failed.
            why: How, for the log.
        """
        order = self._order
        if len(order) > 1 and order[0] == peer:
            self._order = (*order[1:], order[0])
            self.turns += 1
            LOG.warning("peer %s failed (%s): %s is asked now", order[0].address, why, order[1].address)
            self.on_leaving(order[0])

    def failed(self, peer: Node | None, failure: RpcFailure, tried: int) -> bool:
        """Note what came of a call; whether the next peer is to be asked the same, at once.

        Args:
            peer: Who was asked.
            failure: What came of it.
            tried: How many have been asked, with this one.
        """
        late = failure.status is grpc.StatusCode.DEADLINE_EXCEEDED and not failure.details
        if failure.unreached or late:
            self.leave(peer, failure)
        return failure.unreached and tried < len(self._order)

    def ended(self, peer: Node | None, status: grpc.StatusCode | None) -> None:
        """Note how a stream ended.

        Args:
            peer: Whose stream it was.
            status: What gRPC says of it.
        """
        if status is not None and status in _ENDED:
            self.leave(peer, f"a stream ended with {status.name}")


class Wiring:
    """What the connections of both kinds have in common: whom they lead to, and how."""

    def __init__(
        self,
        peers: Sequence[PeerEndpoint],
        client_certificate: TLSClientCertificate | None,
        options: Sequence[tuple[str, Any]],
        limits: Limits | None,
        *,
        proxies: bool,
    ) -> None:
        """
        Raises:
            IdentityError: A peer's TLS root holds no certificate.
        """
        self.peers = Peers([Node(_rpc.target(one.endpoint), one.tls_root, one.server_name) for one in peers])
        self.limits = limits or Limits()
        self.kept: dict[str, Any] = {}
        self.tls_client_certificate_hash = client_certificate.hash if client_certificate else b""
        self._client_certificate = client_certificate
        self._options = tuple(options)
        self._proxies = proxies
        # Here, so that a root that is none is found before anything is asked.
        self._credentials = {one.tls_root: _rpc.credentials(one.tls_root, client_certificate) for one in peers}

    def credentials(self, node: Node) -> grpc.ChannelCredentials | None:
        """TLS credentials for a node; None: no TLS.

        Args:
            node: Whom it leads to.
        """
        if node.tls_roots not in self._credentials:
            self._credentials[node.tls_roots] = _rpc.credentials(node.tls_roots, self._client_certificate)
        return self._credentials[node.tls_roots]

    def options(self, node: Node) -> list[tuple[str, Any]]:
        """gRPC's options for a node; the caller's own go before ours.

        Args:
            node: Whom it leads to.
        """
        own = {name for name, _ in self._options}
        ours = [one for one in _rpc.options(node.address, node.server_name, self._proxies) if one[0] not in own]
        return [*ours, *self._options]


def stands_still(answer: RpcFailure) -> bool:
    """Whether a peer that was asked for a sign of life (`PROBE`) gave none.

    Args:
        answer: What came of it; an answer of any kind is one.
    """
    return answer.status is grpc.StatusCode.DEADLINE_EXCEEDED or answer.unreached


def silent(peer: Node | None, seconds: float) -> RpcFailure:
    """What came of a call to a peer that stands still.

    Args:
        peer: Who was asked.
        seconds: For how long.
    """
    where = peer.address if peer else "the peer"
    return RpcFailure(grpc.StatusCode.UNAVAILABLE, f"{where} stands still: it answers nothing", seconds=seconds)
