"""The processes of one home, kept by supervisord (https://supervisord.org, 4.3): one daemon a home, one Unix socket.

Its state is asked for over XML-RPC. Each call also wakes the daemon's loop, so nothing waits for its one-second tick.
A daemon that was killed leaves its processes running, and a frozen one does not answer: see `leftovers`.
"""

import hashlib
import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import xmlrpc.client
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from medconsent._internal import extras
from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.supervisor import leftovers, loglines
from medconsent_network.waiting import wait_for

# A Unix socket's path has at most 107 bytes on Linux and 103 on macOS; supervisord first makes one with a suffix.
_LONGEST_SOCKET_PATH = 85
_UNHAPPY = ("FATAL", "UNKNOWN")
_UP = ("RUNNING", "STARTING")
UNWATCHED = "UNWATCHED"
"""The state of a process that runs while its supervisord does not, or does not answer."""
_ANSWER_SECONDS = 5.0
# What of the caller's environment the processes may see: settings of other Fabric nodes must not leak into ours.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")


@dataclass(frozen=True)
class ProcessState:
    """What supervisord says of a process; `seconds` since it started, 0 when it does not run.

    Its `group` is its name; in a home that an earlier version of this program started it is the home's.
    """

    name: str
    state: str
    pid: int
    seconds: int
    said: str
    group: str = ""

    @property
    def up(self) -> bool:
        """Whether the process runs or was just started."""
        return self.state in _UP

    @property
    def settled(self) -> bool:
        """Whether the process runs and has for a second (`startsecs`), so that it is not called `starting` any more."""
        return self.state == "RUNNING"


class Supervisor:
    """The supervisord of one home.

    Raises:
        NetworkError: TOOL_MISSING where medconsent was installed without what a network needs.
    """

    def __init__(self, home: Home) -> None:
        _require()
        self.home = home
        self.folder = home.path / "supervisor"
        self.socket = socket_path(self.folder)

    def alive(self) -> bool:
        """Whether the daemon answers."""
        try:
            self._call("getState")
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def anything(self) -> bool:
        """Whether anything of the home runs, also what no daemon watches."""
        return self.alive() or bool(self.silent() or leftovers.of(self.home.path))

    def silent(self) -> int:
        """The number of the daemon's process when it is there and does not answer (frozen); otherwise 0."""
        pid = leftovers.daemon(self.folder)
        return pid if pid and not self.alive() else 0

    def ensure(self) -> None:
        """Start the daemon if it does not run. Its settings must have been written before.

        Raises:
            NetworkError: PROCESS_FAILED when it does not come up, or the home belongs to another user.
        """
        if self.alive():
            return
        files.require_own(self.home.path)
        files.private_folder(self.folder)
        self.socket.unlink(missing_ok=True)  # left behind when the machine went down
        started = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.folder / "supervisord.conf")],
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=30,
            umask=0o077,
            check=False,
        )
        if started.returncode != 0:
            said = (started.stderr or started.stdout).strip()
            raise NetworkError("PROCESS_FAILED", f"supervisord of {self.home.name} did not start: {said}")
        wait_for(self.alive, f"supervisord of {self.home.name} answers", 15)

    def states(self) -> dict[str, ProcessState]:
        """The state of every process, by its name; empty when the daemon does not run."""
        try:
            rows = self._call("getAllProcessInfo")
        except (OSError, xmlrpc.client.Error):
            return {}
        return {row["name"]: _state(row) for row in rows}

    def unwatched(self) -> dict[str, ProcessState]:
        """The processes that run although the daemon does not, or does not answer, by their names."""
        return {
            one.name: ProcessState(one.name, UNWATCHED, one.pid, 0, "frozen" if one.stopped else "")
            for one in leftovers.of(self.home.path)
        }

    def start(self, names: Iterable[str]) -> None:
        """Start processes that do not run yet, without waiting until they serve."""
        states = self.states()
        for name in names:
            if name not in states or not states[name].up:
                try:
                    self._call("startProcess", self._full_name(name, states), False)
                except xmlrpc.client.Fault as fault:
                    if "ALREADY_STARTED" not in fault.faultString:  # supervisord itself was about to start it again
                        raise self.failure(name, fault.faultString) from fault

    def stop(self, names: Iterable[str], timeout: float = 30) -> None:
        """Stop processes (SIGTERM, after 15 s SIGKILL) and wait until they are gone.

        Args:
            names: The processes; those that do not run are passed over.
            timeout: Seconds until it is given up.
        """
        wanted = list(names)
        for name in wanted:
            if name in (states := self.states()) and states[name].pid:
                try:
                    self._call("stopProcess", self._full_name(name, states), False)
                except xmlrpc.client.Fault as fault:  # it ended by itself meanwhile
                    if "NOT_RUNNING" not in fault.faultString:
                        raise
        wait_for(
            lambda: not any(state.pid for state in self.states().values() if state.name in wanted),
            f"{', '.join(wanted)} of {self.home.name} stop",
            timeout,
        )

    def update(self) -> None:
        """Go by settings that were written while the daemon runs: what is new there can be started afterwards.

        What is not there any more, or has other settings now, is stopped; everything else goes on.

        Raises:
            NetworkError: PROCESS_FAILED when an earlier version of the program started the home.
        """
        if any(state.group != name for name, state in self.states().items()):
            raise NetworkError(
                "PROCESS_FAILED",
                f"{self.home.name} runs as an earlier version of medconsent-network started it",
                f"`medconsent-network down --institution {self.home.name}`, and `up`, first.",
            )
        ((added, changed, removed),) = self._call("reloadConfig")
        for name in (*removed, *changed):
            self.stop([name])
            self._call("removeProcessGroup", name)
        for name in (*added, *changed):
            self._call("addProcessGroup", name)

    def _full_name(self, name: str, states: dict[str, ProcessState]) -> str:
        return f"{states[name].group}:{name}" if name in states else name

    def shutdown(self) -> bool:
        """Stop all processes and then the daemon itself; returns when nothing of it is left.

        What a daemon left behind that was killed is ended too, and a daemon that does not answer with all it has.
        Whether there was anything to stop.
        """
        states = self.states()
        if not states:
            return self._end_unwatched()
        self.stop(states)
        pid = int(self._call("getPID"))
        with suppress(OSError, xmlrpc.client.Error):  # it may be gone before it answers
            self._call("shutdown")
        wait_for(lambda: not self.alive() and not _exists(pid), f"supervisord of {self.home.name} ends", 30)
        self._end_unwatched()  # of a daemon before this one
        return True

    def _end_unwatched(self) -> bool:
        daemon = self.silent()
        if daemon:  # before its processes: otherwise it would start them again
            with suppress(ProcessLookupError):
                os.kill(daemon, signal.SIGKILL)
            wait_for(lambda: leftovers.state_of(daemon) in ("", "Z"), f"supervisord of {self.home.name} ends", 30)
        found = leftovers.of(self.home.path)
        if found:
            names = ", ".join(one.name for one in found)
            leftovers.end([one.pid for one in found], f"{names} of {self.home.name} end")
        return bool(daemon or found)

    def require_up(self, names: Iterable[str]) -> None:
        """Raise PROCESS_FAILED, with the last words of its log, if a process gave up starting or keeps ending."""
        states = self.states()
        for name in names:
            state = states.get(name)
            if state is None or state.state in _UNHAPPY or state.state == "BACKOFF":
                raise self.failure(name, state.said if state else "it is not there")

    def staying(self, name: str) -> Callable[[], None]:
        """What raises PROCESS_FAILED once a process is not the one that it was when it was first seen.

        It has ended then, and may have been started again: between two ends it is up, so `require_up` does not find it.
        """
        first = 0

        def require_same() -> None:
            nonlocal first
            states = self.states()
            if not states:  # the daemon does not answer just now, which tells nothing of the process
                return
            state = states.get(name)
            pid = state.pid if state else 0
            if first and pid != first:
                raise self.failure(name, "it has ended by itself")
            if state is None or state.state in _UNHAPPY or state.state == "BACKOFF":
                raise self.failure(name, state.said if state else "it is not there")
            first = pid

        return require_same

    def failure(self, name: str, said: str) -> NetworkError:
        """PROCESS_FAILED for a process, with the line of its log that says why.

        Args:
            name: The process.
            said: What was seen of it, for the sentence.
        """
        log = self.home.log_folder / f"{name}.log"
        why, mend = loglines.explain(log)
        return NetworkError(
            "PROCESS_FAILED",
            f"{name} of {self.home.name} does not run ({said})" + (f": {why}" if why else ""),
            (f"{mend}\n  " if mend else "") + f"{log} ends with:\n{last_words(log)}",
        )

    def _call(self, method: str, *arguments: object) -> Any:
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=_Transport(self.socket))
        with proxy:
            return getattr(cast(Any, proxy).supervisor, method)(*arguments)


class _Transport(xmlrpc.client.Transport):
    """XML-RPC through a Unix socket, which does not wait for ever: a frozen daemon accepts, and never answers."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        """See `xmlrpc.client.Transport`."""
        return _UnixConnection(self._path)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the Unix socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _require() -> None:
    if find_spec("supervisor") is None:
        raise NetworkError(
            "TOOL_MISSING",
            "medconsent was installed without what runs a network: there is no package `supervisor` here",
            extras.hint("network"),
        )


def socket_path(folder: Path) -> Path:
    """Where the daemon's socket is: in `folder`, or in a short private one when that is too long for a socket."""
    inside = folder / "supervisor.sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_PATH:
        return inside
    owner = files.owner(folder)  # root finds the daemon of whoever the home belongs to
    short = Path(tempfile.gettempdir()) / f"medconsent-{owner}"
    if not short.exists():
        short.mkdir(mode=0o700, exist_ok=True)
        files.give(short, owner)
    found = short.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise NetworkError(
            "PROCESS_FAILED", f"{short} is not a private folder of this user", "Remove it and try again."
        )
    return short / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}.sock"


def last_words(log: Path, lines: int = 5) -> str:
    """The last lines of a log, shortened.

    Args:
        log: The log's file.
        lines: How many; of each at most 300 characters.
    """
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return "(there is no log)"
    return "\n".join(f"    {line[:300]}" for line in text.splitlines()[-lines:])


def _state(row: dict[str, Any]) -> ProcessState:
    running = row["statename"] in _UP
    return ProcessState(
        name=row["name"],
        state=row["statename"],
        pid=row["pid"],
        seconds=row["now"] - row["start"] if running and row["start"] else 0,
        said=row["spawnerr"] or row["description"],
        group=row["group"],
    )


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
