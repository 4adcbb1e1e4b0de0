"""Verify the blocks of a channel, by the first block that somebody trusts and nothing else."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.errors import BlockError
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.proof.configurations import changed
from medconsent.proof.program import Program
from medconsent.proof.report import Found, Permitted, Report
from medconsent.proof.signatures import Signatures, Verified
from medconsent.watch import chain
from medconsent.watch.findings import Finding
from medconsent.watch.state import State

_BATCH = 32  # blocks that one process verifies at a time
_WORTH_PROCESSES = 200  # blocks
_AHEAD = 4  # batches a process


class _Batch:
    """Blocks in a row under one configuration."""

    def __init__(self, config: bytes) -> None:
        self.config = config
        self.blocks: list[LedgerBlock] = []


Answer = list[tuple[list[Found], tuple[str, ...], list[Verified]]]
"""Of each block of a batch: findings, the channel's members, and its endorsed transactions."""


def verify(
    genesis: LedgerBlock,
    blocks: Iterable[LedgerBlock],
    program: Path | None = None,
    *,
    processes: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """What the blocks of a channel say, and whether anything about them is wrong.

    Args:
        genesis: The channel's first block, from somebody whom the auditor trusts: who the members are is what it says.
        blocks: All blocks from then on, in order, with or without the first.
        program: The contract's program (the chaincode's executable); None: no decision is judged again.
        processes: How many processes verify signatures, where there is enough to do. More than one needs a program
            that can be imported (`if __name__ == "__main__":`), as `multiprocessing` says.
        progress: Told how many blocks were read.

    Raises:
        DocumentError: The program is not the contract's.
        BlockError: The first block is none of a channel's.
    """
    report = Report(channel=genesis.channel, first=genesis.hash.hex())
    with ExitStack() as stack:
        replay = stack.enter_context(Program(program)) if program else None
        spawn = get_context("spawn")
        pool = stack.enter_context(ProcessPoolExecutor(processes, mp_context=spawn)) if processes > 1 else None
        try:
            for answered, batch in _verified(report, _batches(report, genesis, blocks, progress), pool, processes):
                _told(report, replay, answered, batch)
            if replay is not None:
                _ended(report, list(replay.end()))
        finally:
            if pool is not None:
                pool.shutdown(cancel_futures=True)
    report.findings.sort(key=lambda one: one.block)
    return report


def _batches(
    report: Report, genesis: LedgerBlock, blocks: Iterable[LedgerBlock], progress: Callable[[int], None]
) -> Iterator[_Batch]:
    """The blocks, each once it was found to follow from the one before, by the configuration that judges it."""
    state = State()
    config = ChannelConfig(next(iter(genesis.transactions())).config().config)
    state.next, state.last_hash = 1, genesis.hash
    report.blocks, report.last = 1, report.first
    batch, configured = _Batch(config.data), 0
    for read, block in enumerate(blocks):
        progress(read + 1)
        if block.number == 0 and report.blocks == 1:
            if block.hash != genesis.hash or block.computed_data_hash() != genesis.data_hash:
                sentence = f"block 0 is {block.hash.hex()}, and not the first block that was given, {report.first}"
                report.findings.append(Found("OTHER_CHANNEL", sentence, 0))
            continue
        report.findings += _found(chain.broken(state, block))
        state.next, state.last_hash = block.number + 1, block.hash
        report.blocks, report.last = report.blocks + 1, block.hash.hex()
        batch.blocks.append(block)
        new = _configured(report, config, block)
        configured = configured if new is None else block.number
        report.findings += _hidden(block, configured)
        if new is not None or len(batch.blocks) >= _BATCH:
            yield batch
            config = new or config
            batch = _Batch(config.data)
    yield batch


def _configured(report: Report, config: ChannelConfig, block: LedgerBlock) -> ChannelConfig | None:
    """The configuration that a block puts in force, or None."""
    for index, code in enumerate(block.flags):
        try:
            transaction = block.transaction(index, code)
            if transaction.type != pb.CONFIG or not transaction.valid:
                continue
            envelope = transaction.config()
            after = ChannelConfig(envelope.config)
            done = changed(config, after, envelope, block.number)
        except Exception as error:  # others wrote it
            if len(block.envelopes) == 1 and _is_config(block):
                report.findings.append(Found("UNREADABLE", f"the configuration cannot be read: {error}", block.number))
            continue
        report.configurations.append(done)
        if done.not_agreed:
            sentence = f"{', '.join(done.not_agreed)} changed, signed by {', '.join(done.signed_by) or 'nobody'} alone"
            report.findings.append(Found("CONFIG_NOT_AGREED", sentence, block.number, transaction.id))
        return after
    return None


def _hidden(block: LedgerBlock, configured: int) -> list[Found]:
    """Which configuration is in force stands in what the orderers signed."""
    try:
        said = block.last_config()
    except BlockError as error:
        return [Found("UNREADABLE", str(error), block.number)]
    if said == configured:
        return []
    sentence = f"by the ordering service's word the configuration of block {said} is in force, and not {configured}'s"
    return [Found("CONFIG_HIDDEN", sentence, block.number)]


def _is_config(block: LedgerBlock) -> bool:
    try:
        return bool(block.transaction(0, 0).type == pb.CONFIG)
    except BlockError:
        return True


def _verified(
    report: Report, batches: Iterator[_Batch], pool: Executor | None, count: int
) -> Iterator[tuple[Answer, _Batch]]:
    """What is right about the signatures of each batch, in order; side by side where there are several processes."""
    if pool is None:
        yield from ((signatures(batch.config, batch.blocks), batch) for batch in batches)
        return
    waiting: deque[tuple[Future[Answer], _Batch]] = deque()
    for batch in batches:
        if report.blocks <= _WORTH_PROCESSES and not waiting:
            yield signatures(batch.config, batch.blocks), batch
            continue
        waiting.append((pool.submit(signatures, batch.config, batch.blocks), batch))
        if len(waiting) > count * _AHEAD:
            done, first = waiting.popleft()
            yield done.result(), first
    while waiting:
        done, first = waiting.popleft()
        yield done.result(), first


@lru_cache(maxsize=4)
def _by(config: bytes) -> tuple[ChannelConfig, Signatures]:
    parsed = ChannelConfig.parse(config)
    return parsed, Signatures(parsed)


def signatures(config: bytes, blocks: list[LedgerBlock]) -> Answer:
    """Verify the signatures of blocks under one configuration; what a process of the pool does.

    Args:
        config: The channel's configuration that the blocks fall under, as a serialized `common.Config`.
        blocks: Blocks that follow one another under it.
    """
    parsed, members = _by(config)
    answer: Answer = []
    for block in blocks:
        found = _found(chain.unsigned(parsed, block))
        try:
            verified = members.verified(block)
        except BlockError as error:
            found.append(Found("UNREADABLE", str(error), block.number))
            verified = []
        answer.append((found, members.members, verified))
    return answer


def _told(report: Report, replay: Program | None, answered: Answer, batch: _Batch) -> None:
    for (found, members, verified), block in zip(answered, batch.blocks, strict=True):
        report.findings += found
        report.counts["transactions"] += len(verified)
        report.counts["signatures"] += sum(one.signed + len(one.endorsers) for one in verified)
        if replay is None:
            report.findings += [
                Found("TAKEN_WRONGLY", "it was taken for valid, and no member of the channel signed it", block.number)
                for one in verified
                if not one.code and not one.signed
            ]
            continue
        for answer in replay.hand(block.number, members, verified):
            _judged(report, answer)


def _judged(report: Report, answer: dict[str, Any]) -> None:
    for name in ("valid", "invalid", "again", "private", "unjudged"):
        report.counts[name] += int(answer[name])
    report.findings += [
        Found(str(one["code"]), str(one["sentence"]), int(answer["block"]), str(one["transaction"]))
        for one in answer["findings"]
    ]


def _ended(report: Report, answers: list[dict[str, Any]]) -> None:
    for answer in answers[:-1]:
        _judged(report, answer)
    ended = answers[-1]
    report.until = str(ended["at"])
    report.contract, report.version = str(ended["contract"]), str(ended["version"])
    report.permitted = [Permitted.of(one) for one in ended["grants"]]


def _found(findings: Iterable[Finding]) -> list[Found]:
    return [Found(one.code, one.sentence, one.block or 0, one.transaction) for one in findings]
