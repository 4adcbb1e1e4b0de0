"""The logs of the processes, side by side."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from medconsent_network import processes as kinds
from medconsent_network.home import Home

_PAUSE = 0.2
"""Seconds between two looks for new lines: a file tells nobody when it grows."""


def lines(homes: Sequence[Home], processes: Sequence[str] | None, last: int, follow: bool) -> Iterator[str]:
    """The last lines of the logs, each after its institution and process.

    Args:
        homes: Whose logs.
        processes: Names of processes; None for all of each home.
        last: How many of the last lines of each log.
        follow: Whether to go on, for ever, with what is written then.
    """
    sources = [
        (f"{home.name}/{process}", home.log_folder / f"{process}.log")
        for home in homes
        for process in processes or kinds.names(home)
    ]
    width = max(len(label) for label, _ in sources)
    places: dict[Path, int] = {}
    for label, path in sources:
        text = _read(path, 0)
        places[path] = len(text)
        for line in text.decode(errors="replace").splitlines()[-last:] if last else []:
            yield f"{label.ljust(width)}  {line}"
    while follow:
        for label, path in sources:
            whole, places[path] = _new(path, places[path])
            for line in whole.decode(errors="replace").splitlines():
                yield f"{label.ljust(width)}  {line}"
        time.sleep(_PAUSE)


def _new(path: Path, place: int) -> tuple[bytes, int]:
    """The whole lines after `place`, and the place after them; from the start when the log was rotated meanwhile."""
    if path.is_file() and path.stat().st_size < place:
        place = 0
    text = _read(path, place)
    whole = text[: text.rfind(b"\n") + 1]
    return whole, place + len(whole)


def _read(path: Path, place: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(place)
            return file.read()
    except OSError:
        return b""
