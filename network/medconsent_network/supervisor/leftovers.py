"""Processes of a home that run although its supervisord does not, or does not answer: found in /proc, and ended.

supervisord names each process in its environment (`SUPERVISOR_PROCESS_NAME`) and starts it in a folder of the home.
Both together tell a home's own process from any other, also after the home was moved. Without /proc none is found.
"""

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from medconsent_network.errors import NetworkError
from medconsent_network.waiting import wait_for

PROC = Path("/proc")
_NAME = b"SUPERVISOR_PROCESS_NAME="
_PATIENCE = 15.0  # seconds until SIGKILL, as in the settings of supervisord
_STOPPED = ("T", "t")


@dataclass(frozen=True)
class Found:
    """A process that runs.

    Attributes:
        name: What it is called in the home.
        pid: Its number.
        stopped: Whether it is frozen (SIGSTOP).
    """

    name: str
    pid: int
    stopped: bool


def of(home: Path) -> list[Found]:
    """The processes that a supervisord of the home in the folder `home` started and that run, whoever watches them."""
    home = home.resolve()
    found = []
    for folder in PROC.glob("[0-9]*"):
        try:
            if not (folder / "cwd").readlink().is_relative_to(home):
                continue
            names = [part for part in (folder / "environ").read_bytes().split(b"\0") if part.startswith(_NAME)]
            if names and (state := state_of(int(folder.name))) not in ("", "Z"):
                found.append(Found(names[0][len(_NAME) :].decode(), int(folder.name), state in _STOPPED))
        except OSError:  # ended meanwhile, or not ours to look into
            continue
    return sorted(found, key=lambda one: (one.name, one.pid))


def daemon(folder: Path) -> int:
    """The number of the supervisord whose settings are in `folder`, when it runs; otherwise 0."""
    try:
        pid = int((folder / "supervisord.pid").read_text())
        words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return 0
    return pid if any(word.endswith(b"supervisord.conf") for word in words) and _in(pid, folder) else 0


def state_of(pid: int) -> str:
    """The letter of proc(5) for how a process is: `T` is frozen, `Z` has ended; empty when there is none."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def end(pids: Iterable[int], what: str) -> None:
    """End processes: SIGTERM, also for those that are frozen, and SIGKILL for what is there after 15 s.

    Args:
        pids: The processes; those that are gone are passed over.
        what: What is waited for, for the refusal.

    Raises:
        NetworkError: TIMEOUT when one is there even then.
    """
    wanted = list(pids)

    def gone() -> bool:
        return not any(state_of(pid) not in ("", "Z") for pid in wanted)

    _signal(wanted, signal.SIGTERM)
    _signal(wanted, signal.SIGCONT)
    with suppress(NetworkError):
        wait_for(gone, what, _PATIENCE)
    if not gone():
        _signal(wanted, signal.SIGKILL)
    wait_for(gone, what, _PATIENCE)


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _in(pid: int, folder: Path) -> bool:
    return (PROC / str(pid) / "cwd").readlink() == folder.resolve()
