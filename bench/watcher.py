"""What the watcher costs beside the peer: processor time for one transaction, against the peer's own to commit it.

The owner's orderer stands still while others submit sealed transactions; then the owner's peer, which endorsed none of
them, gets them all and does nothing but commit. The same blocks are then judged by two watchers: that of the
institution that sealed every one of them (each needs a signature verified), and the owner's, which sealed none.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from medconsent.contexts import Contexts
from medconsent_network.home import Home
from medconsent_network.processes.peer import height
from medconsent_network.progress import Progress

from .clients import Work, go_client
from .figures import Figure
from .processes import cpu_seconds, settle
from .world import World

AIM = 0.1
_IDLE_SECONDS = 5.0
_PATIENCE = 300.0
_NOTE = f"to the peer's own; aim {AIM} or less"


def measure(world: World, go: Path, request: dict[str, object], transactions: int, progress: Progress) -> list[Figure]:
    """Commit so many sealed transactions at a peer that endorses none, and judge them."""
    with TemporaryDirectory(prefix="medconsent-watch-") as folder:
        sealing, owner = (_Watcher(world, name, Path(folder)) for name in (world.requester, world.owner))
        for watcher in (sealing, owner):
            watcher.judge()  # what there is so far
        peer = _commit(world, go, request, transactions, progress)
        progress.say(f"the peer commits a transaction in {peer:.3f} ms of processor time")
        judged = [("sealed-by-all", sealing.judge()), ("sealed-by-none", owner.judge())]
        files = sealing.export()
        judged.append(("exported-files", sealing.judge("--blocks", str(files))))
        start = sealing.judge()  # nothing is new: what the program costs by itself
        figures = [Figure("watch.peer-commits.cpu", peer, "ms/tx")]
        for name, seconds in judged:
            cost = (seconds - start) * 1000 / transactions
            figures.append(Figure(f"watch.{name}.cpu", cost, "ms/tx", cost / peer if peer else None, _NOTE))
        return [*figures, Figure("watch.memory", max(sealing.memory, owner.memory), "MiB")]


def _commit(world: World, go: Path, request: dict[str, object], transactions: int, progress: Progress) -> float:
    """Processor time of the owner's peer to commit one transaction, in ms; 0 where the kernel does not tell."""
    consortium = world.consortium
    home, other = consortium.home(world.owner), consortium.home(world.requester)
    settle([home], patience=20)
    kim = world.caller(f"{world.requester}/kim", "researcher")
    work = Work("submit", "request.submit", world.endorsers(world.requester), (json.dumps(request),))
    assert world.owner not in work.orgs
    consortium.stop(world.owner, "orderer")
    report = go_client(go).load(kim, work, calls=transactions, callers=100, warmup=0)
    progress.say(f"submitted while the owner's orderer stands still: {report}")
    wanted = height(other) or 0
    idle = _until(home, lambda passed: passed > _IDLE_SECONDS)
    consortium.start(world.owner, "orderer")
    caught_up = _until(home, lambda passed: (height(home) or 0) >= wanted)
    # Less what the peer uses by itself in that time, asked for its height as often.
    used = caught_up.cpu - idle.cpu * caught_up.seconds / idle.seconds
    progress.say(f"the peer used {used:.1f} s to catch up with {report.successes}, in {caught_up.seconds:.0f} s")
    consortium.wait_ready()
    return used * 1000 / report.successes


@dataclass(frozen=True)
class _Spent:
    seconds: float
    cpu: float


def _until(home: Home, done: Callable[[float], bool]) -> _Spent:
    """What the peer of a home spends until something is done, which is given the seconds that have passed."""
    began, before = time.monotonic(), cpu_seconds(home, "peer") or 0.0
    while True:
        height(home)
        passed = time.monotonic() - began
        if done(passed):
            return _Spent(passed, (cpu_seconds(home, "peer") or 0.0) - before)
        if passed > _PATIENCE:
            raise TimeoutError(f"the peer of {home.name} does not catch up")
        time.sleep(0.5)


class _Watcher:
    """`medconsent watch ledger --once`, run as a process of its own for an institution."""

    def __init__(self, world: World, institution: str, folder: Path) -> None:
        self.memory = 0.0
        self._home = folder / institution
        caller = world.caller(f"{institution}/auditor", "auditor")
        profile = world.consortium.home(institution).connection_profile
        self._institution = institution
        self._root = world.consortium.home(institution).ca_certificate("ca")
        Contexts(self._home).add(profile, caller.certificate.parent)

    def judge(self, *options: str) -> float:
        """Judge what is new; seconds of processor time."""
        named = ("--institution", self._institution, "--root", str(self._root)) if options else ()
        return self._run(["watch", "ledger", "--once", "--json", "--compare", "0", *named, *options])

    def export(self) -> Path:
        """Write all blocks to files."""
        files = self._home / "blocks"
        self._run(["watch", "export", str(files), "--json"])
        return files

    def _run(self, arguments: Sequence[str]) -> float:
        program = subprocess.Popen(
            [sys.executable, "-m", "medconsent_cli", *arguments],
            env={**os.environ, "MEDCONSENT_HOME": str(self._home)},
            stdout=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
        assert program.returncode == 0, f"{arguments} ended with {program.returncode}"
        self.memory = max(self.memory, used.ru_maxrss / 1024)
        return used.ru_utime + used.ru_stime
