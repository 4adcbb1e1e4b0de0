"""What the nodes say of themselves on their operations listeners (loopback only): health, version, ledger heights."""

import http.client
import json
import re

from medconsent_network.home import Home

_HEIGHT = re.compile(r'^ledger_blockchain_height\{channel="(?P<channel>[^"]+)"\} (?P<height>[0-9.e+]+)$', re.MULTILINE)


def healthy(home: Home, node: str) -> bool:
    """Whether the `peer` or `orderer` of a home says that it is well (`/healthz`)."""
    return _get(home, node, "/healthz") is not None


def version(home: Home, node: str) -> str | None:
    """The version of the running program; None when it does not answer."""
    body = _get(home, node, "/version")
    return str(json.loads(body).get("Version", "")) if body else None


def height(home: Home) -> int | None:
    """The number of blocks that the home's peer has of the channel; None when it has not joined it, or does not run."""
    body = _get(home, "peer", "/metrics") or ""
    for match in _HEIGHT.finditer(body):
        if match["channel"] == home.spec.channel:
            return int(float(match["height"]))
    return None


def knows_leader(home: Home) -> bool:
    """Whether the home's orderer has heard, since it started, who leads the channel's Raft cluster."""
    metric = f'consensus_etcdraft_leader_changes{{channel="{home.spec.channel}"}} '
    lines = (_get(home, "orderer", "/metrics") or "").splitlines()
    return any(line.startswith(metric) and float(line.removeprefix(metric)) > 0 for line in lines)


def _get(home: Home, node: str, path: str) -> str | None:
    connection = http.client.HTTPConnection("127.0.0.1", home.institution.port(f"{node}-operations"), timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if answer.status == http.client.OK else None
