"""Handing a signed transaction in, again where that may help, and learning what came of it.

Fabric commits one transaction id once: a second copy of the same envelope gets into a block as DUPLICATE_TXID, changing
nothing (decision 0031). So an envelope that an orderer took with it when it died, or did not answer for, is handed in
again, through one's own Gateway or straight to another institution's orderer (`orderer.AtomicBroadcast/Broadcast`).

What became of it is one's own peer's to say. While that gets no blocks, because its orderer is down, it is taken from
others where more than half of the institutions say the same: as many as have to endorse.
"""

import time
from collections.abc import Iterator
from itertools import chain, cycle, islice
from typing import TYPE_CHECKING, Any

from grpc import StatusCode

from medconsent.fabric import _protos as pb
from medconsent.fabric._log import LOG
from medconsent.fabric.commit import Commit, TransactionStatus
from medconsent.fabric.decoding import answered
from medconsent.fabric.flow import Await, Call, Flow, Node, Pause, RpcFailure
from medconsent.fabric.ordering.nodes import Nodes, nodes
from medconsent.fabric.ordering.patience import left, patient
from medconsent.fabric.transaction import Transaction

if TYPE_CHECKING:
    from medconsent.fabric.contract import Caller

SUBMIT = "/gateway.Gateway/Submit"
COMMIT_STATUS = "/gateway.Gateway/CommitStatus"
BROADCAST = "/orderer.AtomicBroadcast/Broadcast"

_TRY = 1.2
"""Seconds that one node has to take a transaction: an orderer answers in milliseconds, unless it is frozen."""
_AGAIN = 0.2
"""Seconds between two rounds of all nodes, for as long as they have no leader."""
_WAITS = (1.2, 1.2, 1.2, 2.4, 4.8, 9.6)
"""Seconds that a transaction has to get into a block before it is handed in again; the last as often as need be. They
grow, because what is late under a heavy load is not lost, and each copy is more load."""
_WAIT_ELSEWHERE = 0.5
_OTHERS = 0.5
"""Seconds that another institution's peer has to say what came of a transaction."""
_SAME_AGAIN = 2
"""How often the first of all ways is tried again before others are: the next may be the one that is frozen."""
_PATIENT_TURNS = 3
"""How often it is handed in again before others are asked although one's own Gateway hands transactions on."""
_BUSY, _BUSY_MOST = 3.0, 8.0
"""Where transactions take long, these seconds grow: so many times what they have taken lately, up to so many fold."""
_AVOIDED = 10.0
"""Seconds for which one's own Gateway is tried last after it did not hand a transaction on."""
_PATIENCE = (0.2, 0.5, 1.0, 2.0, 4.0)

_LOST = frozenset(
    {
        StatusCode.UNAVAILABLE,
        StatusCode.DEADLINE_EXCEEDED,
        StatusCode.INTERNAL,
        StatusCode.UNKNOWN,
        StatusCode.CANCELLED,
    }
)
"""What does not say that the transaction itself was refused."""


def hand_in(caller: "Caller[Any]", transaction: Transaction, end: float | None) -> Flow[None]:
    """Hand a signed transaction to the ordering service until one of its nodes takes it.

    Args:
        caller: Who hands it in.
        transaction: The transaction, signed.
        end: The moment until which that may take; None: the caller's timeout for it.
    """
    end = time.monotonic() + caller.timeouts.submit if end is None else end
    first: RpcFailure | None = None
    if not _avoided(caller):
        try:
            yield from _to_gateway(caller, transaction, end)
        except RpcFailure as failure:
            if failure.status not in _LOST or failure.unconnected or failure.overloaded:
                raise
            first = failure
            LOG.info("transaction %s was not handed on (%s): others are tried", transaction.transaction_id, failure)
        else:
            return
    found = yield from nodes(caller)
    while True:
        for node in (*found.orderers, None):
            try:
                yield from _hand(caller, transaction, node, end)
            except RpcFailure as failure:
                first = first or failure
                if failure.status not in _LOST:
                    # Refused for good. Where an earlier node may have taken it, that is not the last word.
                    raise first from failure
            else:
                if node is not None:
                    _avoid(caller)
                return
        if first is not None and time.monotonic() + _AGAIN >= end:
            raise first
        if first is not None and first.unreached and not found.orderers:
            raise first  # nobody else is known, and one's own peer is not there
        yield Pause(_AGAIN)


def outcome(caller: "Caller[Any]", commit: Commit, watched: object, end: float | None) -> Flow[TransactionStatus]:
    """What came of a transaction that was handed in.

    Args:
        caller: Who asks.
        commit: The question, signed; with the transaction in it, that is handed in again when it is in no block.
        watched: What the driver looks out for, or None.
        end: The moment until which that may take; None: the caller's timeout for it.
    """
    begun = time.monotonic()
    end = begun + caller.timeouts.commit_status if end is None else end
    whole = end - begun
    again = 0
    for planned in _waits(commit, _busy(caller)):
        # Who hands in elsewhere may have a peer without blocks: others are asked soon.
        wait = _WAIT_ELSEWHERE if planned is not None and _avoided(caller) else planned
        try:
            if watched is not None:
                answer = yield Await(watched, min(left(end) or 0.0, whole if wait is None else wait))
                return _timed(caller, commit.status(answer), None if again else time.monotonic() - begun)
            # A Gateway with too much to do is asked for as long as ever: that nobody answers is no reason for copies.
            call = Call(COMMIT_STATUS, commit.to_bytes(), whole)
            answer = yield from patient(call, _PATIENCE, end, longest=wait)
            return _timed(caller, commit.status(answer), None if again else time.monotonic() - begun)
        except RpcFailure as failure:
            if watched is not None and failure.status is StatusCode.UNAVAILABLE:
                watched = None  # nobody looks out any more
                continue
            late = failure.status is StatusCode.DEADLINE_EXCEEDED
            if commit.transaction is None or not (late or failure.unreached):
                raise
            if time.monotonic() + _AGAIN >= end:
                raise _in_all(failure, watched, whole) from failure
            found = yield from nodes(caller)
            if failure.unreached and not found.gateways:
                raise
            if (_avoided(caller) or again >= _PATIENT_TURNS) and (
                told := (yield from _said_by_others(caller, commit, found, end))
            ) is not None:
                return told
            yield from _again(caller, commit.transaction, _ways(found, again, avoided=_avoided(caller)), end)
            again += 1
    raise AssertionError("the waits have no end")


def _waits(commit: Commit, busy: float) -> Iterator[float | None]:
    if commit.transaction is None:
        return cycle((None,))
    return chain((busy * wait for wait in _WAITS), cycle((busy * _WAITS[-1],)))


def _timed(caller: "Caller[Any]", status: TransactionStatus, seconds: float | None) -> TransactionStatus:
    """The status; how long one's own peer took to have it is remembered, unless it was handed in again meanwhile."""
    if seconds is not None:
        key = f"took {caller.channel_name}"
        caller._driver.kept[key] = 0.8 * float(caller._driver.kept.get(key, seconds)) + 0.2 * seconds
    return status


def _busy(caller: "Caller[Any]") -> float:
    """How many times longer than on an idle network to wait, at least 1."""
    took = float(caller._driver.kept.get(f"took {caller.channel_name}", 0.0))
    return min(max(1.0, _BUSY * took / _TRY), _BUSY_MOST)


def _in_all(failure: RpcFailure, watched: object, whole: float) -> RpcFailure:
    """The failure of the last of several waits, as that of all of them."""
    if failure.status is not StatusCode.DEADLINE_EXCEEDED or failure.details:
        return failure
    what = "the transaction was in no block within" if watched is not None else "no answer to commit status in"
    return RpcFailure(failure.status, f"{what} {whole:g} s", seconds=whole)


def _ways(found: Nodes, turn: int, *, avoided: bool) -> Iterator[Node | None]:
    """Where to hand a transaction in once more: all nodes and one's own Gateway (None), another one first each time."""
    ways: list[Node | None] = [*found.orderers, None] if avoided else [None, *found.orderers]
    first = max(0, turn - _SAME_AGAIN) % len(ways)
    return islice(cycle(ways), first, first + len(ways))


def _again(caller: "Caller[Any]", transaction: Transaction, ways: Iterator[Node | None], end: float) -> Flow[None]:
    """Hand it in again where the first of these nodes takes it. What a node says is of that copy alone."""
    gateway_failed = False
    for node in ways:
        LOG.info("transaction %s is in no block yet: handed in again at %s", transaction.transaction_id, _where(node))
        try:
            yield from _hand(caller, transaction, node, end)
        except RpcFailure:
            gateway_failed |= node is None
            continue
        if gateway_failed:
            _avoid(caller)
        return


def _where(node: Node | None) -> str:
    return node.address if node else "one's own Gateway"


def _said_by_others(caller: "Caller[Any]", commit: Commit, found: Nodes, end: float) -> Flow[TransactionStatus | None]:
    """What more than half of the institutions say came of it; None when they do not, or not yet."""
    heard: dict[tuple[str, int | None], int] = {}
    silent = 0
    for node in found.gateways.values():
        if found.majority > len(found.gateways) - silent or time.monotonic() >= end:
            return None
        call = Call(COMMIT_STATUS, commit.to_bytes(), min(_OTHERS, left(end) or 0.0), node)
        try:
            status = commit.status((yield call), seen=False)
        except RpcFailure:
            silent += 1
            continue
        said = (status.code, status.block_number)
        heard[said] = heard.get(said, 0) + 1
        if heard[said] >= found.majority:
            return (yield from _seen(commit, status))
    return None


def _seen(commit: Commit, status: TransactionStatus) -> Flow[TransactionStatus]:
    """What one's own peer says, if it can say it by now."""
    try:
        return commit.status((yield Call(COMMIT_STATUS, commit.to_bytes(), _AGAIN)))
    except RpcFailure:
        return status


def _avoid(caller: "Caller[Any]") -> None:
    """Try one's own Gateway last for a while."""
    caller._driver.kept[f"avoided {caller.channel_name}"] = time.monotonic() + _AVOIDED


def _avoided(caller: "Caller[Any]") -> bool:
    """Whether one's own Gateway did not hand a transaction on a moment ago."""
    return time.monotonic() < float(caller._driver.kept.get(f"avoided {caller.channel_name}", 0.0))


def _hand(caller: "Caller[Any]", transaction: Transaction, node: Node | None, end: float) -> Flow[None]:
    if node is None:
        yield from _to_gateway(caller, transaction, end)
    else:
        yield from _to_orderer(transaction, node, end)


def _to_gateway(caller: "Caller[Any]", transaction: Transaction, end: float) -> Flow[None]:
    call = Call(SUBMIT, transaction.submit_request(), caller.timeouts.submit)
    yield from patient(call, (), end, longest=_TRY * _busy(caller))


def _to_orderer(transaction: Transaction, node: Node, end: float) -> Flow[None]:
    """Straight to an orderer, as peers' Gateways do: a stream of which one envelope and its answer are used."""
    answer = yield Call(BROADCAST, transaction.envelope(), min(_TRY, left(end) or 0.0), node)
    said = answered(pb.BroadcastResponse, answer)
    if int(said.status) == pb.STATUS_SUCCESS:
        return
    refused = 400 <= int(said.status) < 500  # as in HTTP: the transaction is wrong, not the orderer
    words = f"received unsuccessful response from orderer: status={pb.delivery_status_name(int(said.status))}, "
    raise RpcFailure(StatusCode.ABORTED if refused else StatusCode.UNAVAILABLE, f"{words}info={said.info}")
