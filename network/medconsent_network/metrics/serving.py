"""The home's own metrics, served at the loopback over mutual TLS, as Fabric's processes serve theirs."""

import threading

from prometheus_client import CollectorRegistry, start_http_server

from medconsent_network import files, operations
from medconsent_network.home import Home
from medconsent_network.metrics.exposition import Facts


def serve(home: Home) -> threading.Thread:
    """Serve until the process ends; the thread that does.

    It shows the peer's certificate, and answers to the two that the operations listeners answer to.
    """
    registry = CollectorRegistry()
    registry.register(Facts(home))
    clients = home.node("metrics") / "clients.pem"
    files.write_private(clients, b"".join((home / path).read_bytes() for path in operations.client_certificates(home)))
    tls = home.node("peer") / "tls"
    _, thread = start_http_server(
        home.institution.port("metrics"),
        addr="127.0.0.1",
        registry=registry,
        certfile=str(tls / "cert.pem"),
        keyfile=str(tls / "key.pem"),
        client_cafile=str(clients),
        client_auth_required=True,
    )
    return thread
