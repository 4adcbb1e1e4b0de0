"""What processes say of themselves on their operations listeners: health, version, metrics.

The service of a process's listener is named `<process>-operations`.
"""

import http.client
import json

from medconsent_network.home import Home

_TIMEOUT = 5.0  # seconds


def healthy(home: Home, process: str) -> bool:
    """Whether a process of the home says that it is well (`/healthz`)."""
    return _get(home, process, "/healthz") is not None


def version(home: Home, process: str) -> str:
    """The version of the running program; empty when it does not answer."""
    body = _get(home, process, "/version")
    return str(json.loads(body).get("Version", "")) if body else ""


def metric(home: Home, process: str, series: str) -> float | None:
    """The value of one of a process's metrics.

    Args:
        home: where the process runs.
        process: its name.
        series: name and labels as Prometheus writes them, such as `ledger_blockchain_height{channel="medconsent"}`.

    Returns:
        None when there is no such metric, or the process does not answer.
    """
    for line in (_get(home, process, "/metrics") or "").splitlines():
        name, _, value = line.rpartition(" ")
        if name == series:
            return float(value)
    return None


def _get(home: Home, process: str, path: str) -> str | None:
    port = home.institution.port(f"{process}-operations")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if answer.status == http.client.OK else None
