"""The loop of a service: round after round until somebody wants an end, and after each what is to be told of it."""

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from medconsent.private_files import write_private
from medconsent.services.runtime.health import Health
from medconsent.services.runtime.metrics import Source, exposition
from medconsent.services.runtime.server import Server
from medconsent.services.runtime.stop import Stop

_TOLD_SECONDS = 5.0
"""Metrics are made anew at most so often, unless something happened that must be told at once."""


class Runtime:
    """What a service has around it, while the body of the `with` statement runs.

    Ctrl-C and SIGTERM raise `KeyboardInterrupt` in the body; `run` takes it for the end that it is.

    Attributes:
        health: How the service is; its rounds tell.
    """

    def __init__(
        self,
        source: Source,
        *,
        every: float,
        address: tuple[str, int] | None = None,
        file: Path | None = None,
    ) -> None:
        """
        Args:
            source: What has the service's metrics.
            every: Seconds from the end of one round to the beginning of the next.
            address: Host and port at which metrics and health are served; None: nowhere.
            file: Where metrics are written, for a collector of files; None: nowhere.

        Raises:
            ValueError: The address cannot be used.
        """
        self.health = Health(every)
        self._source = source
        self._every = every
        self._file = file
        self._stop = Stop()
        self._text = b""
        self._due = 0.0
        self._server = Server(address, lambda: self._text, self.health) if address else None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if self._server is not None:
            self._open.enter_context(self._server)
        self._open.enter_context(self._stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def run(self, one: Callable[[], str], *, once: bool = False) -> None:
        """Do rounds until an end is wanted.

        Args:
            one: Does one round. It gives the sentence that says why the round failed, empty when it went well; what it
                raises ends the service.
            once: Whether one round is all.
        """
        with suppress(KeyboardInterrupt):
            while not self._stop.asked:
                if trouble := one():
                    self.health.failed(trouble)
                else:
                    self.health.went_well()
                self.publish()
                if once:
                    break
                self._stop.sleep(self._every)

    def hurry(self) -> None:
        """Something happened that the next `publish` is to tell, however short ago the last one was."""
        self._due = 0.0

    def publish(self) -> None:
        """Make the metrics anew when it is time, for who asks and for the file."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _TOLD_SECONDS
        self._text = exposition(self._source)
        if self._file is not None:
            # For the collector, which is another user; there is nothing private in it.
            write_private(self._file, self._text, mode=0o644)
