"""How a network is: each process, its health, ledger heights, versions, and how long certificates still hold."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from medconsent._version import __version__
from medconsent.fabric.errors import FabricError
from medconsent_network import channel, operations, readiness, watching
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home, Process
from medconsent_network.lifecycle import gateway
from medconsent_network.renewal import SOON, ends
from medconsent_network.supervisor import Supervisor


@dataclass(frozen=True)
class ProcessStatus:
    """One process. `healthy` is whether it serves; `expires_in_days` is of the certificate that ends first; `alarm` is
    what the watcher says for which decisions are closed, and empty otherwise.
    """

    institution: str
    process: str
    state: str
    pid: int
    up_seconds: int
    healthy: bool
    version: str
    height: int | None
    expires_in_days: int | None
    alarm: str = ""


def status(homes: Iterable[Home]) -> list[ProcessStatus]:
    """The status of every process of the homes. Never raises for a process that is down: that is what it tells."""
    return [_process(home, process) for home in homes for process in home.processes]


def well(rows: Iterable[ProcessStatus]) -> bool:
    """Whether everything serves, and no watcher has closed its institution's decisions."""
    return all(row.healthy and not row.alarm for row in rows)


def table(rows: Iterable[ProcessStatus]) -> str:
    """The status for people."""
    lines = [("INSTITUTION", "PROCESS", "STATE", "PID", "UP", "HEALTH", "VERSION", "HEIGHT", "CERTIFICATES")]
    for row in rows:
        lines.append(
            (
                row.institution,
                row.process,
                row.state.lower(),
                str(row.pid or "-"),
                _duration(row.up_seconds) if row.pid else "-",
                "DOWN" if not row.healthy else "ALARM" if row.alarm else "ok",
                row.version or "-",
                "-" if row.height is None else str(row.height),
                _expiry(row.expires_in_days),
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def as_json(rows: Iterable[ProcessStatus]) -> str:
    """The status for programs: a list of objects with the members of `ProcessStatus`."""
    return json.dumps([asdict(row) for row in rows], indent=2)


def _process(home: Home, process: Process) -> ProcessStatus:
    supervised = Supervisor(home).states().get(process)
    healthy = supervised is not None and supervised.up and readiness.serves(home, process)
    return ProcessStatus(
        institution=home.name,
        process=process,
        state=supervised.state if supervised else "STOPPED" if home.path.is_dir() else "MISSING",
        pid=supervised.pid if supervised else 0,
        up_seconds=supervised.seconds if supervised else 0,
        healthy=healthy,
        version=_version(home, process) if healthy else "",
        height=_height(home, process) if healthy else None,
        expires_in_days=_expires_in_days(home, process),
        alarm=watching.alarm(home) if process == "watch" else "",
    )


def _version(home: Home, process: Process) -> str:
    if process in ("peer", "orderer"):
        return operations.version(home, process) or ""
    if process == "chaincode":
        return chaincode_version(home)
    if process == "watch":
        return __version__
    return operations.version(home, process) or ""


def chaincode_version(home: Home) -> str:
    """What the home's own chaincode says of its version; empty when it cannot be asked."""
    try:
        with gateway(home) as client:
            contract = client.channel(home.spec.channel).contract(home.spec.chaincode.name)
            answer = contract.evaluate("contract.version", b"{}", target_organizations=[home.name])
        return str(json.loads(answer)["version"])
    except (FabricError, ValueError, KeyError, TypeError):
        return ""


def _height(home: Home, process: Process) -> int | None:
    if process == "peer":
        return operations.height(home)
    if process == "orderer":
        try:
            known = channel.orderer_channel(home)
        except NetworkError:
            return None
        return int(known["height"]) if known else None
    if process == "watch":
        return watching.height(home)
    return None


def _expires_in_days(home: Home, process: Process) -> int | None:
    folder = home.node(process)
    if process == "watch":
        return watching.expires_in_days(home)
    certificates = [folder / "msp" / "signcerts" / "cert.pem", folder / "tls" / "cert.pem"]
    certificates += [folder / "ca-cert.pem", folder / "tls-cert.pem"]
    days = [_days(path) for path in certificates if path.is_file()]
    return min(days) if days else None


def _days(path: Path) -> int:
    return (ends(path) - datetime.now(UTC)).days


def _expiry(days: int | None) -> str:
    if days is None:
        return "-"
    if days < 0:
        return "EXPIRED"
    return f"{days} days" + (" (renew soon)" if days < SOON.days else "")


def _duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    return f"{minutes} min" if hours == 0 else f"{hours} h" if days == 0 else f"{days} d"
