"""Processor time of the network's own processes, as the kernel counts it (Linux: /proc/<pid>/stat, proc(5))."""

import os
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
