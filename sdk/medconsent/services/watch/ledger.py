"""The watcher beside one's own peer: reads its blocks, has them judged, writes down what was found, and says so."""

import fcntl
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from medconsent._internal.words import counted
from medconsent.errors import DocumentError
from medconsent.fabric.channel import Channel
from medconsent.fabric.channel_config import Organization
from medconsent.fabric.errors import BlockError, BlocksError, IdentityError
from medconsent.fabric.flow import Blocking
from medconsent.fabric.gateway import Gateway
from medconsent.fabric.identity import Identity, Signer
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.private_files import open_private
from medconsent.services.watch.checkpoint import Checkpoint
from medconsent.services.watch.journal import Entry, Journal
from medconsent.services.watch.metrics import Metrics
from medconsent.services.watch.sources import Exported
from medconsent.watch import chain
from medconsent.watch.findings import Finding
from medconsent.watch.judge import Judge
from medconsent.watch.others import Answer, Seen, compare
from medconsent.watch.state import State

HEARTBEAT = "heartbeat"
_SAVE_SECONDS = 2.0
_REMEMBERED = 500
_ANSWER_SECONDS = 4.0
_AGAIN_SECONDS = 2.0


class Ledger:
    """Judges blocks as they come, and keeps journal, checkpoint, heartbeat and metrics. Use it in a `with` statement:
    one folder has one watcher.
    """

    def __init__(
        self,
        judge: Judge,
        folder: Path,
        channel: str,
        *,
        tell: Callable[[Entry], None] = lambda entry: None,
        progress: Callable[[int], None] = lambda number: None,
        metrics: Metrics | None = None,
    ) -> None:
        """`tell` is given each new finding, `progress` the number of each block.

        Raises:
            DocumentError: It cannot be read or written.
        """
        self.judge = judge
        self.journal = Journal(folder)
        self.metrics = Metrics() if metrics is None else metrics
        self._folder = folder
        self._checkpoint = Checkpoint(folder, judge.pinned.msp_id, channel, judge.chaincode)
        self._tell = tell
        self._progress = progress
        self._saved = time.monotonic()
        self._behind = False  # whether the checkpoint lags behind what was judged
        self._seen: OrderedDict[int, Seen] = OrderedDict()
        self._lines: dict[tuple[str, bytes], Gateway] = {}

    def resume(self) -> bool:
        """Go on from the checkpoint; whether there is one.

        Raises:
            DocumentError: It cannot be read or written.
        """
        state = self._checkpoint.load()
        if state is not None:
            self.judge.state = state
        return state is not None

    def take(self, blocks: Iterable[LedgerBlock]) -> int:
        """Judge blocks, in order; how many. What the source of the blocks raises is passed on."""
        count = 0
        for block in blocks:
            self.found(self.judge.judge(block))
            # Only now: the checkpoint must not pass a block before its findings are written down.
            self._remember(block)
            self.metrics.judged(block)
            self._progress(block.number)
            count += 1
            if time.monotonic() - self._saved > _SAVE_SECONDS:
                self.save()
        if self._behind:
            self.save()
        return count

    def found(self, findings: Iterable[Finding]) -> None:
        """Write down and tell what is new."""
        for entry in self.journal.add(findings):
            self.metrics.found(entry.finding)
            self._tell(entry)

    def save(self) -> None:
        """Move the checkpoint to where the judge stands."""
        self._checkpoint.save(self.judge.state)
        self._saved, self._behind = time.monotonic(), False

    def beat(self) -> None:
        """Say that the watcher is well and has judged everything that its peer has."""
        path = self._folder / HEARTBEAT
        with suppress(FileNotFoundError):
            os.utime(path)
            return
        open_private(path).close()

    def begin_at(self, number: int, source: Channel[Blocking] | Exported) -> None:
        """Begin with block `number`: the channel's first block and the configuration in force are judged before.

        Which keys the institution guarded before is not known then.

        Args:
            number: The first block that is judged in full, from 0.
            source: One's own peer's channel, or exported blocks.

        Raises:
            BlocksError: The peer is not reached.
            BlockError: It cannot be read.
            DocumentError: The ledger has not come so far: then nothing is changed.
        """
        (newest, *_) = source.blocks()
        if number > newest.number + 1:
            raise DocumentError(
                f"the ledger ends with block {newest.number}: it cannot be judged from block {number} on",
                hint=f"begin with block {newest.number + 1}, the next to come, or with an earlier one",
            )
        self.judge.state = State()
        self.take(source.blocks(0, 0))
        if number <= 1:
            return
        (before,) = source.blocks(number - 1, number - 1)
        (holding,) = source.blocks(before.last_config(), before.last_config())
        for transaction in holding.transactions():
            if transaction.valid and holding.number:
                self.found(self.judge.judge_config(transaction, holding.number))
        if config := self.judge.state.config:
            self.found([*chain.unsigned(config, holding), *chain.unsigned(config, before)])
        self.judge.state.next, self.judge.state.last_hash = number, before.hash
        self.save()

    def require_same(self, kept: LedgerBlock, block: LedgerBlock) -> None:
        """The channel's first block as the institution keeps it, and as its peer has it.

        Args:
            kept: Block 0 as the institution keeps it in a file.
            block: Block 0 as its peer gives it.
        """
        if kept.hash != block.hash or kept.computed_data_hash() != block.computed_data_hash():
            sentence = "the ledger does not begin with the first block that the institution keeps"
            self.found([Finding("CHAIN_BROKEN", sentence, 0, about="genesis")])

    def look_back(self, peer: Channel[Blocking]) -> None:
        """Whether one's own peer still has what was judged before.

        Raises:
            BlocksError: The peer is not reached.
        """
        state = self.judge.state
        try:
            (newest, *_) = peer.blocks()
        except BlocksError as error:
            self._shut_out(error, peer.identity)
            return
        if newest.number + 1 < state.next:
            sentence = f"one's own peer has {counted(newest.number + 1, 'block')}, and {state.next} were judged before"
            self.found([Finding("CHAIN_BROKEN", sentence, newest.number, about="shorter")])
        elif newest.number + 1 == state.next:
            if state.last_hash and newest.hash != state.last_hash:
                sentence = f"block {newest.number} is not the one that was judged before"
                self.found([Finding("CHAIN_BROKEN", sentence, newest.number, about="replaced")])
            self._remember(newest, judged=False)

    def round(self, peer: Channel[Blocking]) -> int:
        """Judge whatever one's own peer has that was not judged yet; how many blocks.

        Raises:
            BlocksError: The peer is not reached.
            IdentityError: Our certificate has ended.
        """
        try:
            count = self.take(peer.blocks(self.judge.state.next))
        except BlocksError as error:
            self._shut_out(error, peer.identity)
            return 0
        self.beat()
        return count

    def ask_others(self, identity: Identity, signer: Signer, channel: str) -> int:
        """Compare with the other institutions' peers; how many answered.

        Args:
            identity: Who asks.
            signer: The key of who asks.
            channel: The channel's name.
        """
        config = self.judge.state.config
        if config is None or not self._seen:
            return 0
        peers = [one for one in config.members() if one.msp_id != identity.msp_id and one.anchor_peers]
        newest = next(reversed(self._seen))

        def ask(one: Organization) -> Answer:
            key = (one.anchor_peers[0], one.tls_roots)
            if key not in self._lines:
                self._lines[key] = Gateway(key[0], identity, signer, tls_root=key[1], check=False)
            return _ask(one.msp_id, self._lines[key].channel(channel), newest)

        with ThreadPoolExecutor(max_workers=max(1, min(16, len(peers)))) as pool:
            answers = list(pool.map(ask, peers))
            if any(answer.refusal == "shut out" for answer in answers):
                time.sleep(_AGAIN_SECONDS)  # it may only not have heard yet that we are a member
                answers = list(pool.map(ask, peers))
        reached = sum(answer.refusal != "unreached" for answer in answers)
        self.metrics.reached = reached
        self.found(compare(self._seen, config, answers, identity.msp_id))
        return reached

    def __enter__(self) -> Self:
        """Take the folder.

        Raises:
            DocumentError: Another watcher has it.
        """
        self._taken = open_private(self._folder / ".watching")
        try:
            fcntl.flock(self._taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._taken.close()
            raise DocumentError(
                "another watcher works in this folder", source=str(self._folder), hint="medconsent watch status"
            ) from None
        self.journal.refresh()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the folder back, and close the lines to the other peers."""
        self._taken.close()
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def _remember(self, block: LedgerBlock, *, judged: bool = True) -> None:
        self._behind = self._behind or judged
        self._seen[block.number] = Seen.of(block)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def _shut_out(self, error: BlocksError, identity: Identity) -> None:
        """One's own peer turns us away: the channel says that we are nobody."""
        if error.delivery != "FORBIDDEN":
            raise error
        if identity.expires <= datetime.now(UTC):
            raise IdentityError(f"the watcher's own certificate ended at {identity.expires:%Y-%m-%d %H:%M} UTC")
        number = self.judge.state.next
        sentence = f"one's own peer no longer lets {identity.msp_id} read the channel, from block {number} on"
        self.found([Finding("SHUT_OUT", sentence, about=f"own {number}")])


def _ask(institution: str, peer: Channel[Blocking], number: int) -> Answer:
    """The other peer's block `number`, or its newest when it has not come so far."""
    try:
        try:
            return Answer(institution, next(iter(peer.blocks(number, number, timeout=_ANSWER_SECONDS))))
        except BlocksError as error:
            if error.delivery != "NOT_FOUND":
                raise
            return Answer(institution, next(iter(peer.blocks(timeout=_ANSWER_SECONDS))))
    except BlocksError as error:
        return Answer(institution, refusal="shut out" if error.delivery == "FORBIDDEN" else "unreached")
    except (BlockError, StopIteration):
        return Answer(institution, refusal="unreached")
