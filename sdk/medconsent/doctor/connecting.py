"""Connections to a peer and a CA by the standard library alone: whether host, port and certificate are right."""

import socket
import ssl
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection
from typing import Literal
from urllib.parse import urlsplit

from cryptography import x509

from medconsent.errors import ANEW
from medconsent.fabric._rpc import proxy_for, target

Why = Literal["", "name", "refused", "timeout", "proxy", "untrusted", "expired", "other-name", "no-tls", "other"]


@dataclass
class Reached:
    """What came of a connection.

    Attributes:
        endpoint: Where to.
        why: What went wrong; empty when nothing did.
        said: The system's own words.
        certificate: The server's, also where it is not trusted.
        headers: What an HTTP server said first.
    """

    endpoint: str
    why: Why = ""
    said: str = ""
    certificate: x509.Certificate | None = None
    headers: dict[str, str] = field(default_factory=dict)


def reach(address: str, root: bytes | None, name: str | None, timeout: float, *, page: str = "") -> Reached:
    """Connect as the clients do: through the proxy where there is one, and with the roots given alone.

    Args:
        address: `host:port`, or a URL.
        root: PEM of the roots that are trusted; None: no TLS, the port alone.
        name: The name in the server's certificate, where it is not the host's.
        timeout: Seconds for each step.
        page: A path to ask an HTTP server for; empty: none is asked.
    """
    endpoint = target(address)
    found = Reached(endpoint)
    try:
        if root is None:
            socket.create_connection(_place(endpoint), timeout).close()
            return found
        _ask(found, _trusting(root, checked=True), name, timeout, page)
    except ssl.SSLCertVerificationError as error:
        found.why, found.said = _untrusted(error), error.verify_message
        _look(found, name, timeout)
    except (ssl.SSLError, HTTPException, OSError, ValueError) as error:
        found.why, found.said = _why(error, endpoint), str(error)
    return found


def _place(endpoint: str) -> tuple[str, int]:
    parts = urlsplit(f"//{endpoint}")
    return parts.hostname or "", parts.port or 0


def _trusting(root: bytes, *, checked: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if checked:
        context.load_verify_locations(cadata=root.decode("ascii", errors="ignore"))
    else:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _ask(found: Reached, context: ssl.SSLContext, name: str | None, timeout: float, page: str = "") -> None:
    if not page:
        context.set_alpn_protocols(["h2"])  # a peer talks nothing else
    place = _place(found.endpoint)
    proxy = urlsplit(proxy_for(found.endpoint) or "")
    connection = _Named(*((proxy.hostname, proxy.port or 80) if proxy.hostname else place), name or place[0], context)
    connection.timeout = timeout
    if proxy.hostname:
        connection.set_tunnel(*place)
    try:
        connection.connect()
        der = connection.sock.getpeercert(binary_form=True)
        found.certificate = x509.load_der_x509_certificate(der) if der else None
        if page:
            connection.request("GET", page)
            found.headers = {key.lower(): value for key, value in connection.getresponse().getheaders()}
    finally:
        connection.close()


class _Named(HTTPSConnection):
    """A connection to a server whose certificate may have another name than the host."""

    def __init__(self, host: str, port: int, name: str, context: ssl.SSLContext) -> None:
        super().__init__(host, port, context=context)
        self._name = name
        self._trust = context

    def connect(self) -> None:
        """See `HTTPSConnection`."""
        super(HTTPSConnection, self).connect()
        self.sock = self._trust.wrap_socket(self.sock, server_hostname=self._name)


def _look(found: Reached, name: str | None, timeout: float) -> None:
    """The certificate of a server that is not trusted."""
    try:
        _ask(found, _trusting(b"", checked=False), name, timeout)
    except (ssl.SSLError, HTTPException, OSError, ValueError):
        found.certificate = None


def _untrusted(error: ssl.SSLCertVerificationError) -> Why:
    if "expired" in error.verify_message or "not yet valid" in error.verify_message:
        return "expired"
    return "other-name" if "match" in error.verify_message else "untrusted"


def _why(error: Exception, endpoint: str) -> Why:
    if isinstance(error, socket.gaierror):
        return "name"
    if isinstance(error, TimeoutError):
        return "timeout"
    if proxy_for(endpoint) and isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return "proxy"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    return "no-tls" if isinstance(error, ssl.SSLError) else "other"


def what_to_do(reached: Reached, who: str) -> tuple[str, str]:
    """What a failed connection means, and how it is mended.

    Args:
        reached: What came of it.
        who: `the peer` or `the CA`.
    """
    at = f"{who} at {reached.endpoint}"
    anew = f"is another network at this address? {ANEW}"
    told = {
        "name": (f"{at}: the name is not known", "is the name right, and does this machine's name service know it?"),
        "refused": (f"{at}: nothing listens there", f"ask the operator whether {who} runs, and on which port"),
        "timeout": (f"{at} does not answer in time", "is a firewall between, or a proxy needed (https_proxy)?"),
        "proxy": (f"{at} is not reached through the proxy", "set no_proxy for it, or correct https_proxy"),
        "untrusted": (f"{at} has a certificate that the context's root does not vouch for", anew),
        "expired": (f"{at} has a certificate that has ended", "ask the operator to renew it: medconsent-network renew"),
        "other-name": (f"{at} has a certificate of another name", anew),
        "no-tls": (f"{at} does not talk TLS as it must", "is another program at this address? Compare the profile"),
    }
    message, mend = told.get(reached.why, (f"{at} is not reached", f"ask the operator whether {who} runs"))
    return f"{message}: {reached.said}" if reached.said else message, mend
