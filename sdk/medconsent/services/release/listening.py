"""How the server of the release listens: TLS, HTTP/1.1, and what a client may not do with a connection.

A connection is one of few. It is ended when its request does not come in time, when who receives does not take what is
sent, and at once, with all that waits in it, when what is sent may not be sent any more.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from medconsent.services.release.tls import Accepting, context

CUT = "medconsent.cut"
"""Where a request's scope has the function that says whether its response may not go on."""
ROUND = 0.25
"""Seconds from one look at a connection to the next."""
HEAD_WITHIN = 15.0
"""Seconds within which the head of a request is there; also how long a connection may be quiet between two."""
BODY_WITHIN = 60.0
"""Seconds within which its body is."""
STALLED = 60.0
"""Seconds for which who receives may take nothing."""
_CONNECTIONS = 256
_MOST_HEAD = 16_384  # bytes


class Guarded(H11Protocol):
    """A connection that is looked at again and again."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """It begins."""
        super().connection_made(transport)
        self._since = self._taken = time.monotonic()
        self._at: Any = None
        self._waiting = 0
        self._look()

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        if self._must_end(time.monotonic()):
            self.transport.abort()  # what waits to be sent is dropped
            return
        self.loop.call_later(ROUND, self._look)

    def _must_end(self, now: float) -> bool:
        cycle = self.cycle
        running = cycle is not None and not cycle.response_complete
        at = (id(cycle), running, running and cycle.more_body)
        if at != self._at:
            self._at, self._since, self._taken = at, now, now
        if not running:
            return now - self._since > HEAD_WITHIN
        if cycle.more_body:
            return now - self._since > BODY_WITHIN
        waiting = self.transport.get_write_buffer_size()
        if waiting != self._waiting or not waiting:
            self._waiting, self._taken = waiting, now
        cut: Callable[[], bool] | None = self.scope.get(CUT)  # type: ignore[assignment]  # a key of our own
        return (cut is not None and cut()) or now - self._taken > STALLED


def configured(app: Callable[..., Any], host: str, port: int, cert: Path, key: Path) -> uvicorn.Config:
    """The web server's settings.

    Args:
        app: The application.
        host: Where it listens.
        port: At which port; 0: one that is free.
        cert: The TLS certificate, PEM.
        key: Its key, PEM.

    Raises:
        DocumentError: They cannot be read.
    """
    settings = context(cert, key)
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=lambda **of: Accepting(settings, lambda: Guarded(**of)),  # type: ignore[arg-type]  # it calls it
        loop="asyncio",
        ws="none",
        log_config=None,
        access_log=False,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=int(HEAD_WITHIN),
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=_MOST_HEAD,
        server_header=False,
        lifespan="off",
    )
