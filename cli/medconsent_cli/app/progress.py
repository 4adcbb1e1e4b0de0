"""A word on stderr when something takes longer than two seconds: how long, or how far it is."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from medconsent._internal import streams

FIRST_AFTER = 2.0
"""Seconds before anything is said."""
_AGAIN_AFTER = 10.0


class Copied(Protocol):
    """How far files are that are read and written: how many, and how many bytes of them."""

    @property
    def files(self) -> int:
        """Files that are done."""

    @property
    def of_files(self) -> int:
        """How many there are."""

    @property
    def bytes(self) -> int:
        """Bytes that are done."""

    @property
    def of_bytes(self) -> int:
        """How many there are."""


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on stderr what is being waited for, after two seconds and then every ten (each second on a terminal).

    Args:
        what: What the body of the ``with`` statement does, as in `reading the datasets`.
    """
    done = threading.Event()
    started = time.monotonic()
    terminal = sys.stderr.isatty()

    def say() -> None:
        wait = FIRST_AFTER
        while not done.wait(wait):
            seconds = int(time.monotonic() - started)
            if terminal:
                streams.passing(f"{what} ... {seconds} s")
            else:
                print(f"{what} ... {seconds} s", file=sys.stderr, flush=True)
            wait = 1.0 if terminal else _AGAIN_AFTER

    teller = threading.Thread(target=say, daemon=True)
    try:
        teller.start()
        yield
    finally:
        done.set()
        if teller.is_alive():  # not so when Ctrl-C came before it began
            teller.join()
        streams.take_away()


@contextmanager
def copying(what: str, *, said: bool = True) -> Iterator[Callable[[Copied], None]]:
    """Say on stderr how far files are, after two seconds and then every ten (twice a second on a terminal).

    Args:
        what: What the body of the ``with`` statement does, as in `fetching`.
        said: False: nothing is said, as with ``--json``.

    Yields:
        What is to be called whenever there is more.
    """
    due = time.monotonic() + FIRST_AFTER
    terminal = sys.stderr.isatty()

    def tell(copied: Copied) -> None:
        nonlocal due
        if not said or time.monotonic() < due:
            return
        due = time.monotonic() + (0.5 if terminal else _AGAIN_AFTER)
        line = (
            f"{what} ... {copied.files} of {copied.of_files} files, {copied.bytes >> 20} of {copied.of_bytes >> 20} MiB"
        )
        if terminal:
            streams.passing(line)
        else:
            print(line, file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        streams.take_away()
