"""Ports: which are free, and who holds one that is not."""

import random
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from medconsent_network.errors import NetworkError
from medconsent_network.spec import Institution, Spec
from medconsent_network.spec.services import RANGE

# Below the range from which Linux takes the ports of outgoing connections (32768 to 60999).
_SHOWN = 3
_AUTOMATIC = range(10_000, 32_000, RANGE)


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Whether a program could listen at `port` of `address` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def free_bases(count: int) -> list[int]:
    """Base ports, each with as many free ports from it on as an institution's range has.

    Args:
        count: How many.

    Raises:
        NetworkError: PORT_TAKEN when there are not enough.
    """
    # Chosen at random so that two networks that start at the same moment do not choose the same.
    candidates = random.sample(_AUTOMATIC, len(_AUTOMATIC))
    bases = []
    for base in candidates:
        if all(is_free(base + offset) for offset in range(RANGE)):
            bases.append(base)
            if len(bases) == count:
                return sorted(bases)
    raise NetworkError("PORT_TAKEN", f"no {count} ranges of {RANGE} free ports between 10000 and 32000")


def require_free(wanted: Iterable[tuple[Institution, str]], *, fixed: bool) -> None:
    """Check that the ports of the given institutions' services are free.

    Args:
        wanted: An institution and one of its services, each.
        fixed: The network exists, so that its ports are what they are; the hint says what can be done.

    Raises:
        NetworkError: PORT_TAKEN naming every taken port, what for, and where possible by which program.
    """
    taken = []
    for institution, service in wanted:
        port = institution.port(service)
        if not is_free(port, institution.listen):
            taken.append((port, service, institution.name))
    if taken:
        raise NetworkError(
            "PORT_TAKEN",
            _told(taken),
            "Stop that program: the ports of a network are fixed once it was made."
            if fixed
            else "Stop that program, take ports that are free with `up --free-ports`, or write a consortium file with "
            "another port_base (`up --consortium FILE`).",
        )


def _told(taken: Sequence[tuple[int, str, str]]) -> str:
    """Which ports are taken: what they are for and who holds them for the first few, and the numbers of the others."""
    first = [
        f"{port} ({what} of {whose}; {holder(port) or 'by an unknown program'})" for port, what, whose in taken[:_SHOWN]
    ]
    rest: dict[str, list[int]] = {}
    for port, _, whose in taken[_SHOWN:]:
        rest.setdefault(whose, []).append(port)
    if not rest:
        return f"taken: {', '.join(first)}"
    more = "; ".join(f"{whose}: {_ranges(ports)}" for whose, ports in rest.items())
    return f"{len(taken)} ports are taken: {', '.join(first)}; and besides, of {more}"


def _ranges(ports: Sequence[int]) -> str:
    """Ports as ranges where they follow each other: `7104-7109, 7120`."""
    runs: list[list[int]] = []
    for port in sorted(ports):
        if runs and port == runs[-1][-1] + 1:
            runs[-1].append(port)
        else:
            runs.append([port])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def completed(spec: Spec, institution: str, services: Iterable[str]) -> Spec:
    """The consortium with a port for each of an institution's `services` that has none yet.

    The ports lie above the range of the institution's base: the first that are free, and that the consortium file
    gives to nobody on the same host.

    Args:
        spec: The consortium as its file describes it.
        institution: Whose services; they run on this machine.
        services: What has to have a port.

    Raises:
        NetworkError: PORT_TAKEN when there is no free port above the base.
    """
    for service in services:
        one = spec.institution(institution)
        if not one.has_port(service):
            given = {port for other in spec.institutions if other.host == one.host for port in other.all_ports.values()}
            candidates = (port for port in range(one.port_base + RANGE, 65536) if port not in given)
            port = next((port for port in candidates if is_free(port, one.listen)), None)
            if port is None:
                raise NetworkError("PORT_TAKEN", f"no port above {one.port_base} is free for {service} of {one.name}")
            spec = spec.with_ports(one.name, {service: port})
    return spec


def holder(port: int) -> str | None:
    """The program that listens at a TCP port of this machine: its name, id and folder; None when that cannot be told.

    Read from Linux's /proc; only programs that the caller may inspect are found.
    """
    inodes = {inode for table in ("tcp", "tcp6") for inode in _listening(Path("/proc/net") / table, port)}
    if not inodes:
        return None
    sockets = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(fd.readlink()) in sockets for fd in (process / "fd").iterdir()):
                name, folder = (process / "comm").read_text().strip(), (process / "cwd").readlink()
                return f"by {name}, process {process.name}, in {folder}"
        except OSError:  # ended meanwhile, or not ours to look into
            continue
    return None


def _listening(table: Path, port: int) -> list[str]:
    """Inodes of the sockets in state LISTEN (0A) at `port`, from a table of proc(5)."""
    try:
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return []
    return [row[9] for row in rows if row[3] == "0A" and int(row[1].rsplit(":", 1)[1], 16) == port]
