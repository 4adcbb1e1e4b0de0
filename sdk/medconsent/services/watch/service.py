"""One run of the watcher: where its blocks come from, where it begins, and what it does round after round."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prometheus_client.core import Metric

from medconsent.contexts import Context
from medconsent.errors import DocumentError
from medconsent.fabric.channel import Channel
from medconsent.fabric.errors import BlocksError
from medconsent.fabric.flow import Blocking
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.fabric.trust import Authority
from medconsent.services.runtime.loop import Runtime
from medconsent.services.watch.beats import Beats
from medconsent.services.watch.journal import Entry, Journal
from medconsent.services.watch.ledger import Ledger
from medconsent.services.watch.metrics import Metrics
from medconsent.services.watch.sources import Exported, exported, own_peer
from medconsent.watch.judge import Judge

Begin = int | Literal["genesis", "checkpoint"]
"""The number of the block to begin with; `checkpoint` goes on, and without one begins with the first block."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a run begins and what it compares.

    Attributes:
        begin: The block to begin with.
        genesis: A file with the channel's first block, as the institution keeps it: the ledger must begin with it.
        compare: Seconds from one comparison with the other institutions' peers to the next; 0: never.
        beat: Seconds from one beat of the institution's on the ledger to the next; 0: none is sent.
    """

    begin: Begin = "checkpoint"
    genesis: Path | None = None
    compare: float = 30.0
    beat: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Who is told while a run goes on.

    Attributes:
        found: Is given each new finding, at once.
        judged: Is given the number of each block that was judged.
        unreached: Is given the sentence that says why one's own peer is not reached; it is asked again.
    """

    found: Callable[[Entry], None] = lambda entry: None
    judged: Callable[[int], None] = lambda number: None
    unreached: Callable[[str], None] = lambda why: None


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        next: The number of the block that comes next, so how many were judged when it began with the first.
        entries: Every finding in the journal, oldest first.
    """

    next: int
    entries: tuple[Entry, ...]

    @property
    def standing(self) -> int:
        """How many findings keep decisions closed."""
        return sum(entry.open for entry in self.entries)


class Watcher:
    """Judges blocks for one institution, against the root certificates that it keeps itself.

        watcher = Watcher(authority, "medconsent", folder, Settings(), Listener())
        with Runtime(watcher, every=1.0) as runtime:
            outcome = watcher.peer(context, runtime)

    It ends when the runtime stops, and goes on where it was when it is begun again in the same folder.
    """

    def __init__(
        self, authority: Authority, chaincode: str, folder: Path, settings: Settings, listener: Listener
    ) -> None:
        """
        Args:
            authority: The institution, and the root certificates that it keeps.
            chaincode: The name of the chaincode whose records it watches.
            folder: Where journal, alarm, checkpoint and heartbeat stand; one watcher has it at a time.
            settings: How the run begins and what it compares.
            listener: Who is told meanwhile.
        """
        self._metrics = Metrics()
        self._judge = Judge(authority, chaincode)
        self._folder = folder
        self._settings = settings
        self._listener = listener
        self._journal: Journal | None = None
        self._begun = False
        self._compare_due = 0.0

    def families(self) -> Iterator[Metric]:
        """The watcher's metrics, for the runtime around it."""
        if self._journal is not None:
            # Somebody may have accepted findings meanwhile.
            self._metrics.standing = len(self._journal.open())
        return self._metrics.families()

    def files(self, path: Path, runtime: Runtime) -> Outcome:
        """Judge exported blocks.

        Args:
            path: A file with a block, or a folder of such files.
            runtime: What is around the run.

        Raises:
            DocumentError: A file is no block, or one that is needed is not among them.
        """
        begin = self._settings.begin
        source = Exported(path, self._settings.genesis)
        (last,) = source.blocks()
        if isinstance(begin, int) and begin > last.number:
            raise DocumentError(
                f"the last of these blocks is {last.number}: there is nothing to judge from block {begin} on",
                source=str(path),
            )
        with self._ledger(source.first.channel, runtime) as ledger:
            if begin == "checkpoint":
                ledger.resume()
            self._genesis(ledger, () if source.first.number else [source.first])
            if isinstance(begin, int) and begin:
                ledger.begin_at(begin, source)
            if ledger.judge.state.config is None and source.first.number:
                raise DocumentError(
                    "the first of these blocks is not the channel's first",
                    source=str(path),
                    hint="give it with --genesis FILE",
                )
            ledger.take(source.blocks(ledger.judge.state.next))
            return self._ended(ledger, runtime)

    def peer(self, context: Context, runtime: Runtime, *, once: bool = False) -> Outcome:
        """Judge the blocks of one's own peer: what is there, and what comes.

        A peer that is away for a while is waited for.

        Args:
            context: The identity, and where the peer is.
            runtime: What is around the run, and says when it ends.
            once: Whether to end when everything that is there is judged.

        Raises:
            DocumentError: The folder's journal or checkpoint is damaged, or the ledger has not come to the block to
                begin with.
            ContextError: The context cannot be read.
            IdentityError: The certificate of the context has ended.
            BlocksError: With `once`, the peer is not reached.
        """
        with ExitStack() as opened:
            peer = opened.enter_context(own_peer(context))
            ledger = opened.enter_context(self._ledger(context.channel, runtime))
            if self._settings.beat and not once:
                self._metrics.beats = opened.enter_context(Beats(context, self._folder, self._settings.beat))
            runtime.run(lambda: self._round(ledger, peer, once=once), once=once)
            return self._ended(ledger, runtime)

    def _ledger(self, channel: str, runtime: Runtime) -> Ledger:
        def found(entry: Entry) -> None:
            runtime.hurry()
            self._listener.found(entry)

        ledger = Ledger(
            self._judge, self._folder, channel, tell=found, progress=self._listener.judged, metrics=self._metrics
        )
        self._journal = ledger.journal
        return ledger

    def _round(self, ledger: Ledger, peer: Channel[Blocking], *, once: bool) -> str:
        """Judge what is new; gives why one's own peer was not reached, empty when it was."""
        trouble = ""
        try:
            if not self._begun:
                self._begin(ledger, peer)
                self._begun = True
            ledger.round(peer)
            now = time.monotonic()
            if self._settings.compare and now >= self._compare_due:
                ledger.ask_others(peer.identity, peer.signer, peer.name)
                self._compare_due = now + self._settings.compare
        except BlocksError as error:
            if once:
                raise
            trouble = error.message
            self._listener.unreached(trouble)
        return trouble

    def _begin(self, ledger: Ledger, peer: Channel[Blocking]) -> None:
        begin = self._settings.begin
        resumed = begin == "checkpoint" and ledger.resume()
        self._genesis(ledger, peer.blocks(0, 0) if self._settings.genesis else ())
        if isinstance(begin, int) and begin:
            ledger.begin_at(begin, peer)
        if resumed:
            ledger.look_back(peer)

    def _genesis(self, ledger: Ledger, firsts: Iterable[LedgerBlock]) -> None:
        """The first block as the institution keeps it: compared with what the ledger begins with; where the ledger's
        own is not there, it is what everything begins with.
        """
        kept = self._settings.genesis
        if kept is None:
            return
        (own,) = exported(kept)
        if own.number:
            raise DocumentError("it is not the first block of a channel", source=str(kept))
        there = False
        for block in firsts:
            there = True
            ledger.require_same(own, block)
        if not there and ledger.judge.state.config is None:
            ledger.take([own])

    def _ended(self, ledger: Ledger, runtime: Runtime) -> Outcome:
        runtime.hurry()
        runtime.publish()
        return Outcome(ledger.judge.state.next, tuple(ledger.journal.entries()))
