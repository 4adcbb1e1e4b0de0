"""A word on stderr when something takes longer than two seconds."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from medconsent._internal import streams

FIRST_AFTER = 2.0
"""Seconds before anything is said."""
_AGAIN_AFTER = 10.0


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say on stderr what is being waited for, after two seconds and then every ten (each second on a terminal).

    Args:
        what: what the body of the ``with`` statement does, as in `reading the datasets`.
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
