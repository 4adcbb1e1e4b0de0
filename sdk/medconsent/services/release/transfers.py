"""What is under way: receipts that this server opened, how much has left under each, and which were cut."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from medconsent.errors import MedconsentError, NotFound
from medconsent.nouns.receipts import Outcome, ReleaseCheck
from medconsent.release.leaves import ArchivedFile, Place
from medconsent.release.stored import Archive

ROUND = 0.3
"""Seconds from one look at what may go on to the next."""
UNKNOWN = 2.0
"""Seconds for which one's own peer may say nothing before transfers are cut: what is missing denies."""
IDLE = 300.0
"""Seconds after which a receipt that nobody fetches under is closed."""


@dataclass
class Transfer:
    """One receipt.

    Attributes:
        receipt: Its id.
        person: Whose it is, as `nuri/kim`.
        archive: The archive that its files are of.
        files: The files, each with its place under the receipt's root, by id.
        sent: Bytes that have left, of headers and bodies.
        cut: Why it was cut: objects with `code` and `message`; None while it was not.
        checked: When it was last asked, and answered, that it may go on; its receipt's commit answers that, too.
    """

    receipt: str
    person: str
    archive: Archive
    files: Mapping[str, tuple[ArchivedFile, Place]]
    sent: int = 0
    cut: tuple[Mapping[str, Any], ...] | None = None
    running: int = 0
    checked: float = field(default_factory=time.monotonic)
    touched: float = field(default_factory=time.monotonic)
    looked: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def file(self, name: str) -> tuple[ArchivedFile, Place]:
        """The file with this id, and its place.

        Raises:
            NotFound: It is none of the receipt.
        """
        found = self.files.get(name)
        if found is None:
            raise NotFound("that is no file of the receipt")
        return found

    def count(self, size: int) -> None:
        """So many bytes leave."""
        with self.lock:
            self.sent += size
            self.touched = time.monotonic()

    def touch(self) -> None:
        """It is still used."""
        with self.lock:
            self.touched = time.monotonic()

    def begin(self) -> None:
        """A body begins to leave."""
        with self.lock:
            self.running += 1
            self.touched = time.monotonic()

    def end(self) -> None:
        """A body ends."""
        with self.lock:
            self.running -= 1
            self.touched = time.monotonic()


class Transfers:
    """All of them. A thread looks at each again and again, and cuts what may not go on."""

    def __init__(
        self,
        check: Callable[[str], ReleaseCheck],
        close: Callable[[Transfer, Outcome, str], None],
        *,
        idle: float = IDLE,
    ) -> None:
        """
        Args:
            check: Whether what was opened may go on now, by one's own peer.
            close: Says on the ledger what came of one: the outcome, and why.
            idle: Seconds after which one that nobody fetches under is closed.
        """
        self._check, self._close, self._idle = check, close, idle
        self._lock = threading.Lock()
        self._open: dict[str, Transfer] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Cut everything, and say on the ledger what came of it."""
        self._stop.set()
        self._thread.join()
        reason = ({"code": "STOPPED", "message": "the server of the release was stopped"},)
        for transfer in self.all():
            transfer.cut = transfer.cut or reason
            self.finish(transfer, "aborted", "the server was stopped")

    def add(self, transfer: Transfer) -> None:
        """One that was opened."""
        with self._lock:
            self._open[transfer.receipt] = transfer

    def get(self, receipt: str) -> Transfer | None:
        """The one with this receipt."""
        with self._lock:
            return self._open.get(receipt)

    def of(self, who: str, receipt: str) -> Transfer:
        """The one with this receipt, when it is theirs.

        Args:
            who: The person who asks, as `nuri/kim`.
            receipt: The receipt's id.

        Raises:
            NotFound: It is not open here, or somebody else's: which of both is not said.
        """
        transfer = self.get(receipt)
        if transfer is None or transfer.person != who:
            raise NotFound(f"no release {receipt[:12]} of yours is open here")
        return transfer

    def all(self) -> list[Transfer]:
        """Those that are open."""
        with self._lock:
            return list(self._open.values())

    def refresh(self, transfer: Transfer) -> None:
        """See that one may go on, unless that was seen within a round: what runs is looked at as often.

        Raises:
            MedconsentError: One's own peer does not answer.
        """
        asked = time.monotonic()
        if asked - transfer.checked < ROUND:
            return
        standing = self._check(transfer.receipt)
        if standing.permitted:
            transfer.checked = asked
        else:
            transfer.cut = transfer.cut or tuple(reason.to_json() for reason in standing.reasons)

    def finish(self, transfer: Transfer, outcome: Outcome, reason: str) -> None:
        """Say on the ledger what came of one; when that fails it is tried again in the next round.

        Args:
            transfer: The one that has ended.
            outcome: How it ended.
            reason: Why, in a sentence; empty where the outcome says it.

        Raises:
            MedconsentError: The ledger does not take it now.
        """
        self._close(transfer, outcome, reason)
        with self._lock:
            self._open.pop(transfer.receipt, None)

    def _watch(self) -> None:
        while not self._stop.wait(ROUND):
            for transfer in self.all():
                if self._stop.is_set():
                    return
                self._look(transfer)

    def _look(self, transfer: Transfer) -> None:
        now = time.monotonic()
        if transfer.cut is None:
            if transfer.running:
                transfer.cut = self._standing(transfer, now)
            else:
                transfer.looked = now
        idle = transfer.running == 0 and now - transfer.touched > self._idle
        if (transfer.cut is not None and transfer.running == 0) or idle:
            why = "nobody went on fetching" if transfer.cut is None else sentence(transfer.cut)
            try:
                self.finish(transfer, "aborted", why)
            except MedconsentError:
                transfer.touched = now - self._idle + 10  # again in ten seconds

    def _standing(self, transfer: Transfer, now: float) -> tuple[Mapping[str, Any], ...] | None:
        """Why it may not go on; None: it may."""
        try:
            standing = self._check(transfer.receipt)
        except MedconsentError as error:
            if now - transfer.looked < UNKNOWN:
                return None
            return ({"code": error.code, "message": f"the owner's peer does not say whether it may: {error.message}"},)
        transfer.looked = time.monotonic()
        return None if standing.permitted else tuple(reason.to_json() for reason in standing.reasons)


def sentence(reasons: tuple[Mapping[str, Any], ...]) -> str:
    """Why something was cut, in words that a receipt can hold."""
    return "; ".join(str(reason.get("message", "")) for reason in reasons)[:500]
