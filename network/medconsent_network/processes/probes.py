"""Looks at a port from outside."""

import socket
import ssl

from medconsent_network.home import Home

_CONNECT_SECONDS = 1.0


def reached(host: str, port: int) -> bool:
    """Whether something accepts connections at a port, also another institution's.

    Args:
        host: The host's name or address.
        port: The port.
    """
    try:
        with socket.create_connection((host, port), _CONNECT_SECONDS):
            return True
    except OSError:
        return False


def handshakes(home: Home, service: str) -> bool:
    """Whether a TLS handshake with a service of the home succeeds.

    Args:
        home: The home.
        service: The service's name, as the consortium file has it.
    """
    return _shakes(home, service, ssl.create_default_context(cafile=str(home.tls_root)))


def answers(home: Home, service: str) -> bool:
    """Whether a service of the home takes part in a TLS handshake, whatever certificate it has.

    A frozen process takes connections too, because the system does that for it; it shakes no hands.

    The arguments are those of `handshakes`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return _shakes(home, service, context)


def _shakes(home: Home, service: str, context: ssl.SSLContext) -> bool:
    context.set_alpn_protocols(["h2", "http/1.1"])
    one = home.institution
    try:
        with (
            socket.create_connection((one.local(service), one.port(service)), _CONNECT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1"),
        ):
            return True
    except OSError:  # ssl.SSLError and time-outs among them
        return False


def answers_as(home: Home, host: str, port: int) -> bool:
    """Whether a server that the home's TLS CA certified answers at an address, on whatever machine that is.

    Args:
        home: The home.
        host: The name that the certificate has to have.
        port: The port.
    """
    context = ssl.create_default_context(cafile=str(home.tls_root))
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        with socket.create_connection((host, port), _CONNECT_SECONDS) as plain:
            plain.settimeout(_CONNECT_SECONDS)
            with context.wrap_socket(plain, server_hostname=host):
                return True
    except OSError:
        return False
