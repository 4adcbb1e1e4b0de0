"""What processes say of themselves on their operations listeners: health, version, metrics.

The service of a process's listener is named `<process>-operations`. It shows a certificate of the TLS CA and answers to
two certificates alone, each of them pinned: the home's own, which is used here, and the scraper's.
"""

import http.client
import json
import ssl

from medconsent_network.home import OPERATIONS_CLIENTS, Home

_TIMEOUT = 5.0  # seconds


def client_certificates(home: Home) -> list[str]:
    """The certificates that the listeners answer to, as paths from the home's folder."""
    return [str((home.operations_client(name) / "cert.pem").relative_to(home.path)) for name in OPERATIONS_CLIENTS]


def healthy(home: Home, process: str) -> bool:
    """Whether a process of the home says that it is well (`/healthz`).

    Args:
        home: The home.
        process: The process's name; one without an operations port does not answer.
    """
    return _get(home, process, "/healthz") is not None


def version(home: Home, process: str) -> str:
    """The version of the running program; empty when it does not answer.

    The arguments are those of `healthy`.
    """
    body = _get(home, process, "/version")
    return str(json.loads(body).get("Version", "")) if body else ""


def metric(home: Home, process: str, series: str) -> float | None:
    """The value of one of a process's metrics.

    Args:
        home: Where the process runs.
        process: Its name.
        series: Name and labels as Prometheus writes them, such as `ledger_blockchain_height{channel="medconsent"}`.

    Returns:
        None when there is no such metric, or the process does not answer.
    """
    for line in (_get(home, process, "/metrics") or "").splitlines():
        name, _, value = line.rpartition(" ")
        if name == series:
            return float(value)
    return None


def log_level(home: Home, process: str) -> str:
    """What a node logs, as Fabric writes it (`info:gossip=warn`); empty when it does not answer.

    The arguments are those of `healthy`.
    """
    body = _get(home, process, "/logspec")
    return str(json.loads(body).get("spec", "")) if body else ""


def _get(home: Home, process: str, path: str) -> str | None:
    port = home.institution.port(f"{process}-operations")
    try:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=_TIMEOUT, context=_context(home))
    except OSError:  # the home is not founded yet
        return None
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if answer.status == http.client.OK else None


def _context(home: Home) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(home.tls_root))
    own = home.operations_client("operations")
    context.load_cert_chain(own / "cert.pem", own / "key.pem")
    return context
