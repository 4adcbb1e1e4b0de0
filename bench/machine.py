"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def describe() -> list[str]:
    """Lines that name the processor, memory, system and the versions that matter."""
    return [
        f"machine: {os.cpu_count()} x {_processor()}, {_memory_gib():.0f} GiB, {platform.platform()}",
        f"python {platform.python_version()}, grpcio {version('grpcio')}, protobuf {version('protobuf')}, "
        f"cryptography {version('cryptography')}",
        f"load before: {os.getloadavg()[0]:.2f} (everything, network and clients, runs on this machine)",
    ]


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
