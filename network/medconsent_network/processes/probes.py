"""Looks at a port from outside."""

import socket
import ssl

from medconsent_network.home import Home

_CONNECT_SECONDS = 1.0


def accepts(home: Home, service: str) -> bool:
    """Whether something accepts connections at the port of a service of the home."""
    try:
        with socket.create_connection(("127.0.0.1", home.institution.port(service)), _CONNECT_SECONDS):
            return True
    except OSError:
        return False


def handshakes(home: Home, service: str) -> bool:
    """Whether a TLS handshake with a service of the home succeeds."""
    context = ssl.create_default_context(cafile=str(home.tls_root))
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with (
            socket.create_connection(("127.0.0.1", home.institution.port(service)), _CONNECT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1"),
        ):
            return True
    except OSError:  # ssl.SSLError and time-outs among them
        return False
