"""The institution's sign of life on the ledger, beside the watcher's rounds: it tells how old one's own ledger is."""

import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from medconsent.client import Client, connect
from medconsent.contexts import Context
from medconsent.errors import MedconsentError
from medconsent.fabric.contract import Timeouts
from medconsent.fabric.errors import FabricError

BEAT = "beat"
"""The file that is touched when a beat has come back."""

_AGAIN = 1.0  # seconds after a beat that failed
_CALL = 10.0  # seconds for a call


class Beats:
    """Sends a beat every so many seconds, in a thread of its own: a slow ordering service holds no judgement up.

    Use it in a `with` statement.

    Attributes:
        sent: How many beats came back.
        failed: How many did not.
        trouble: Why the last one did not come back; empty when it did.
    """

    def __init__(self, context: Context, folder: Path, every: float) -> None:
        """
        Args:
            context: Whose identity sends them, through which peer.
            folder: Where `BEAT` stands.
            every: Seconds from one beat to the next.
        """
        self.sent = 0
        self.failed = 0
        self.trouble = ""
        self._context = context
        self._file = folder / BEAT
        self._every = every
        self._ended = threading.Event()
        self._client: Client | None = None
        self._thread = threading.Thread(target=self._run, name="beats", daemon=True)

    def __enter__(self) -> Self:
        waits = max(_CALL, self._every)
        self._client = connect(self._context, timeouts=Timeouts(_CALL, _CALL, _CALL, waits))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._client is not None:
            self._client.close()
        self._thread.join(_CALL)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._ended.wait(self._every if self._beat() else min(_AGAIN, self._every))

    def _beat(self) -> bool:
        client = self._client
        if client is None:
            return False
        try:
            client.ledger.beat()
        except (MedconsentError, FabricError) as error:
            if not self._ended.is_set():
                self.failed += 1
                self.trouble = str(error).splitlines()[0] if str(error) else type(error).__name__
            return False
        self.sent += 1
        self.trouble = ""
        with suppress(OSError):  # who looks at it finds that it is old
            self._file.touch()
        return True
