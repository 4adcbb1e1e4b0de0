"""Processor time of the network's own processes, as the kernel counts it (Linux: /proc/<pid>/stat, proc(5))."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from medconsent_network.home import Home
from medconsent_network.supervisor import Supervisor

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(home: Home, *processes: str) -> float | None:
    """User and system time so far of these processes of a home together; None where the kernel does not tell."""
    states = Supervisor(home).states()
    total = 0
    for process in processes:
        stat = Path(f"/proc/{states[process].pid}/stat")
        if not stat.exists():
            return None
        fields = stat.read_text().rpartition(")")[2].split()  # after the name, which may hold spaces
        total += int(fields[11]) + int(fields[12])  # utime, stime
    return total / _TICKS


def settle(homes: Iterable[Home], *, below: float = 0.05, interval: float = 2.0, patience: float = 90.0) -> float:
    """Wait until the homes' peers have done what a bulk load left them to do (LevelDB compacts in the background).

    That is when together they use less than `below` of a core over `interval` seconds. Gives up after `patience`
    seconds; the seconds waited.
    """
    homes, began = list(homes), time.monotonic()
    while time.monotonic() - began < patience:
        before = [cpu_seconds(home, "peer") for home in homes]
        time.sleep(interval)
        after = [cpu_seconds(home, "peer") for home in homes]
        used = sum(new - old for new, old in zip(after, before, strict=True) if new is not None and old is not None)
        if used < below * interval:
            break
    return time.monotonic() - began
