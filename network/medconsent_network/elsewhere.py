"""Whether a home runs somewhere else already: two of one home would sign two things in its name.

A home keeps where it was started last. At another place it asks before it starts: the addresses that the others know
it by, and the other institutions' peers, which hear of each peer of the channel every few seconds. That does not depend
on where the other one is.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path

from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.membership import heard
from medconsent_network.processes.probes import answers_as
from medconsent_network.progress import SILENT, Progress

_MARK = "place.json"
_MACHINE = Path("/etc/machine-id")
_SERVICES = ("peer", "orderer", "ca")
SECONDS = 14.0
"""For so long the others are asked."""
_NEWS = 8.0
"""In so many seconds at their end a peer that lives is heard of anew: it tells every five."""
_PAUSE = 1.0


def require_once(home: Home, progress: Progress = SILENT) -> None:
    """Refuse to start a home that runs elsewhere, where it is at another place than when it was started last.

    Where nobody could be asked that is said, and it starts: without the others it changes nothing.

    Raises:
        NetworkError: RUNS_ELSEWHERE.
    """
    if _last(home) == _here(home):
        return
    try:
        require(home, progress=progress)
    except NetworkError as error:
        if error.code != "NOT_CHECKED":
            raise
        progress.say(f"{error.message}: see to it that it does not")


def keep(home: Home) -> None:
    """Remember that the home is started here."""
    files.write_private(home / _MARK, json.dumps(_here(home)) + "\n")


def require(home: Home, *, unchecked: bool = False, progress: Progress = SILENT) -> None:
    """Refuse when the home is heard of while it does not run here.

    Args:
        home: Which; nothing of it runs here.
        unchecked: Go on when nobody could be asked.
        progress: Is told what is done.

    Raises:
        NetworkError: RUNS_ELSEWHERE with who hears of it; NOT_CHECKED when there are others and none answers.
    """
    one = home.institution
    for service in _SERVICES:
        if answers_as(home, one.host, one.port(service)):
            raise _elsewhere(home, f"its {service} answers at {one.address(service)}")
    asked = [other for other in home.spec.names if other != home.name and home.tls_root_of(other).is_file()]
    if not asked:
        return
    progress.say(f"asking {', '.join(asked)} for {SECONDS:.0f} s whether {home.name} runs elsewhere")
    before: dict[str, heard.Heard] = {}
    answered: set[str] = set()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for other in asked:
            now = _heard(home, other)
            if now is None:
                continue
            answered.add(other)
            if time.monotonic() < end - _NEWS:  # what a peer told before it stopped still goes round
                before[other] = now
            elif now > before.setdefault(other, now):
                raise _elsewhere(home, f"the peer of {other} hears from it")
        time.sleep(_PAUSE)
    if not answered and not unchecked:
        raise NetworkError(
            "NOT_CHECKED",
            f"nobody could be asked whether {home.name} runs elsewhere: no peer of {', '.join(asked)} answers",
            "Ask again when one does. Or, when you know that it does not run: --unchecked.",
        )


def _heard(home: Home, other: str) -> heard.Heard | None:
    try:
        return heard.of(home, other)
    except NetworkError as error:
        if error.code != "CERTIFICATE_ENDED":  # of a home from an old backup: nobody answers it
            raise
        return None


def _elsewhere(home: Home, how: str) -> NetworkError:
    return NetworkError(
        "RUNS_ELSEWHERE",
        f"{home.name} runs already: {how}",
        "Stop that one first (`medconsent-network down` there). A home never runs twice.",
    )


def _here(home: Home) -> Mapping[str, object]:
    there = home.path.stat()
    machine = _MACHINE.read_text().strip() if _MACHINE.is_file() else ""
    return {"machine": machine, "folder": str(home.path), "inode": there.st_ino}


def _last(home: Home) -> Mapping[str, object] | None:
    try:
        return dict(json.loads((home / _MARK).read_text()))
    except (OSError, ValueError, TypeError):
        return None
