"""The machine that a home is on: room, descriptors, names, ports."""

import os
import resource
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from medconsent_network import ports as free_ports
from medconsent_network import processes
from medconsent_network.doctor.findings import Finding
from medconsent_network.home import Home
from medconsent_network.processes.probes import reached
from medconsent_network.supervisor import Supervisor

LEAST_SHARE, LEAST_BYTES, LEAST_FILES = 0.1, 2_000_000_000, 10_000
"""Room from which on a disk counts as nearly full, as in the alert `DiskNearlyFull`."""
LEAST_DESCRIPTORS = 4096
"""A peer keeps its ledgers' files and a connection for each client open."""


def disk(home: Home) -> Iterator[Finding]:
    """Room where the home is."""
    usage, nodes = shutil.disk_usage(home.path), os.statvfs(home.path)
    said = f"{usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB and {nodes.f_favail:,} files are free at {home.path}"
    little = usage.free < LEAST_BYTES or usage.free < LEAST_SHARE * usage.total
    if little or (nodes.f_files and nodes.f_favail < LEAST_FILES):
        yield Finding("disk", "wrong", said, "Make room, or move the home: peer and orderer stop when it is full.")
    else:
        yield Finding("disk", "ok", said)


def descriptors(home: Home) -> Iterator[Finding]:
    """How many files peer and orderer may open; where the home is stopped, how many whoever asks may."""
    states = Supervisor(home).states()
    limits: dict[str, int] = {}
    for name in ("peer", "orderer"):
        if name in states and (limit := _limit(states[name].pid)) is not None:
            limits[name] = limit
    if not limits:
        limits["what this user starts"] = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    for name, limit in limits.items():
        said = f"{name} may open {limit:,} files" if limit >= 0 else f"{name} may open any number of files"
        if 0 <= limit < LEAST_DESCRIPTORS:
            mend = f"LimitNOFILE in its unit, or `ulimit -n`: {LEAST_DESCRIPTORS} or more. Then start the home anew."
            yield Finding("descriptors", "warning", said, mend)
        else:
            yield Finding("descriptors", "ok", said)


def names(home: Home) -> Iterator[Finding]:
    """Whether the names of the institutions lead somewhere, the home's own to this machine."""
    for one in home.spec.institutions:
        try:
            found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(one.host, None, socket.AF_INET)})
        except OSError as error:
            mend = "Put it into the DNS, or into /etc/hosts of this machine: certificates carry this name."
            yield Finding("names", "wrong", f"the name {one.host} of {one.name} leads nowhere: {error}", mend)
            continue
        said = f"{one.host} of {one.name} leads to {', '.join(found)}"
        if one.name == home.name and not any(_is_here(address) for address in found):
            mend = "Where a router hands the connections on, that is as it should be. Else let the name lead here."
            yield Finding("names", "warning", f"{said}, which is no address of this machine", mend)
        else:
            yield Finding("names", "ok", said)


def ports(home: Home) -> Iterator[Finding]:
    """Whether each port is taken by the home's own process, or free while that does not run."""
    supervisor = Supervisor(home)
    running = supervisor.states() or supervisor.unwatched()
    fine = 0
    for process in processes.of(home):
        runs = process.name in running and running[process.name].pid > 0
        for service in process.services:
            port = home.institution.port(service)
            if runs and not reached(home.institution.local(service), port):
                mend = f"`medconsent-network logs {home.name} {process.name}` shows why."
                yield Finding("ports", "wrong", f"{process.name} runs, and nothing listens at {port} ({service})", mend)
            elif not runs and not free_ports.is_free(port, home.institution.listen):
                holder = free_ports.holder(port) or "by an unknown program"
                mend = "Stop that program: the ports of a network are fixed once it was made."
                yield Finding("ports", "wrong", f"{port} ({service}) is taken {holder}", mend)
            else:
                fine += 1
    yield Finding("ports", "ok", f"{fine} ports are the home's own")


def _limit(pid: int) -> int | None:
    """The soft limit of open files of a process, from proc(5); -1: none; None where there is no such process."""
    try:
        lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    except OSError:
        return None
    words = next(line for line in lines if line.startswith("Max open files")).split()
    return -1 if words[3] == "unlimited" else int(words[3])


def _is_here(address: str) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
        return True
