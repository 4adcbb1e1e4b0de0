"""What is wrong with a process, in a sentence, and what to do: also where it serves."""

from collections.abc import Mapping
from datetime import UTC, datetime

from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.identities import certificates
from medconsent_network.processes import Process
from medconsent_network.status.keeping import Keeping
from medconsent_network.supervisor import ProcessState, leftovers, loglines

FAR = 20
"""Blocks behind the others from which that is told: less is under way."""

_YOUNG = 60
_NOTHING = ("", "")


def of(keeping: Keeping, process: Process, healthy: bool) -> tuple[str, str]:
    """What is wrong with a process, and what to do; two empty texts when nothing is, or its home is stopped as a whole.

    Args:
        keeping: The home, and what runs of it.
        process: Which process.
        healthy: Whether it serves.
    """
    home, kept = keeping.home, keeping.states.get(process.name)
    gone = [path for path in process.certificates(home) if path.is_file()]
    ended = min((certificates.ends(path) for path in gone), default=None)
    if ended is not None and ended <= datetime.now(UTC):
        return _ended(home, process, ended)
    if not keeping.answers:
        return _unwatched(keeping) if keeping.states or keeping.daemon else _NOTHING
    if kept is None or not kept.pid:
        return _not_running(keeping, process)
    if not healthy:
        return _not_serving(home, process, kept)
    try:
        return process.trouble(home)
    except NetworkError as error:
        return error.message, error.hint


def behind(home: Home, process: Process, height: int, others: Mapping[str, int]) -> tuple[str, str]:
    """That a process has far fewer blocks than the other institutions' peers.

    Args:
        home: Whose process.
        process: Which.
        height: How many blocks it had when it was asked.
        others: How many the other institutions' peers have.
    """
    name, most = max(others.items(), key=lambda one: one[1], default=("", 0))
    if most - height < FAR:
        return _NOTHING
    now = process.height(home)  # it may have been asked long before them
    if now is None or most - now < FAR:
        return _NOTHING
    return process.behind(home, most - now, name)


def _ended(home: Home, process: Process, when: datetime) -> tuple[str, str]:
    root = next((ca for ca, end in certificates.roots(home).items() if ca == process.name and end == when), None)
    if root:
        return (
            f"the root of the {root} has ended on {certificates.day(when)}",
            "A new root is a change of the channel that the institutions sign.",
        )
    return f"its certificate has ended on {certificates.day(when)}", certificates.mend(home.name)


def _not_running(keeping: Keeping, process: Process) -> tuple[str, str]:
    home, kept = keeping.home, keeping.states.get(process.name)
    if not any(state.pid for state in keeping.states.values()):
        return _NOTHING
    if kept is None or kept.state in ("STOPPED", "STOPPING"):
        return "it is stopped", f"`medconsent-network up --institution {home.name}` starts it."
    said, mend = loglines.explain(home.log_folder / f"{process.name}.log")
    return said or f"it does not stay up: {kept.said}", mend or _look(home, process.name)


def _not_serving(home: Home, process: Process, kept: ProcessState) -> tuple[str, str]:
    if leftovers.state_of(kept.pid) in ("T", "t"):
        return (
            f"it is frozen: process {kept.pid} was stopped by a signal",
            f"`kill -CONT {kept.pid}` lets it go on; after `kill -KILL {kept.pid}` supervisord starts it anew.",
        )
    young = kept.seconds < _YOUNG  # then its log may still say why it ended before
    said, mend = loglines.explain(home.log_folder / f"{process.name}.log") if young else _NOTHING
    return said or "it runs and does not serve", mend or _look(home, process.name)


def _unwatched(keeping: Keeping) -> tuple[str, str]:
    name = keeping.home.name
    if keeping.daemon:
        return (
            f"supervisord of {name}, process {keeping.daemon}, does not answer: it is frozen",
            f"`kill -CONT {keeping.daemon}` lets it go on; `medconsent-network down --institution {name}` ends it with "
            "all that it keeps.",
        )
    return (
        f"supervisord of {name} was killed, and left processes running that nobody starts again",
        f"`medconsent-network up --institution {name}` ends them and starts the home anew; `down` ends them.",
    )


def _look(home: Home, process: str) -> str:
    return f"`medconsent-network logs {home.name} {process}` shows why."
