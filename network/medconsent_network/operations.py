"""What processes say of themselves on their operations listeners: health, version, metrics.

The service of a process's listener is named `<process>-operations`. It shows a certificate of the TLS CA and answers to
two certificates alone, each of them pinned: the home's own, which is used here, and the scraper's.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

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


@dataclass(frozen=True)
class Samples:
    """All metrics of a process at a moment: of each sample name, labels and value."""

    found: tuple[tuple[str, Mapping[str, str], float], ...] = ()

    def has(self, name: str) -> bool:
        """Whether there is a metric of this name."""
        return any(one == name for one, _, _ in self.found)

    def total(self, name: str, labels: Mapping[str, str] | None = None) -> float:
        """The sum of the samples of a name that have these labels among theirs; 0 when there are none.

        Args:
            name: Of the samples, such as `ledger_transaction_count`.
            labels: None for all.
        """
        wanted = (labels or {}).items()
        return sum(value for one, having, value in self.found if one == name and wanted <= having.items())


def samples(home: Home, process: str) -> Samples:
    """All metrics of a process; none when it does not answer.

    Args:
        home: Where the process runs.
        process: Its name.
    """
    families = text_string_to_metric_families(_get(home, process, "/metrics") or "")
    return Samples(
        tuple(
            # The parser gives every counter the suffix that OpenMetrics wants; Fabric's have none.
            (one.name.removesuffix("_total") if family.type == "counter" else one.name, one.labels, one.value)
            for family in families
            for one in family.samples
        )
    )


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
