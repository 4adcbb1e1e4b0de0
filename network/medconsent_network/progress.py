"""Progress for people: what is being done, with the seconds since the start."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

QUIET_SECONDS = 2.0


class Progress:
    """Prints one line for each thing that happened, to `stream` or standard error; nothing when `quiet`."""

    def __init__(
        self, stream: TextIO | None = None, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._quiet = quiet
        self._clock = clock
        self._start = clock()
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """Seconds since this progress began."""
        return self._clock() - self._start

    def say(self, text: str) -> None:
        """Print one line."""
        if not self._quiet:
            with self._lock:
                print(f"{self.seconds:6.1f} s  {text}", file=self._stream or sys.stderr, flush=True)

    @contextmanager
    def long(self, what: str, every: float = 10.0) -> Iterator[None]:
        """Say that `what` begins, that it is still going on every `every` seconds, and when it is done."""
        done = threading.Event()
        begin = self._clock()
        self.say(f"{what} ...")

        def remind() -> None:
            while not done.wait(every):
                self.say(f"{what} ... {self._clock() - begin:.0f} s so far")

        reminder = threading.Thread(target=remind, daemon=True)
        reminder.start()
        try:
            yield
        finally:
            done.set()
            reminder.join()
        if self._clock() - begin > QUIET_SECONDS:
            self.say(f"{what}: done in {self._clock() - begin:.0f} s")


SILENT = Progress(quiet=True)
