"""How a network is doing now: heights, rates and latencies of each institution, from two looks at its processes."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from medconsent._internal import columns
from medconsent_network import operations
from medconsent_network.home import Home
from medconsent_network.status import ProcessStatus, status

_VALID = {"validation_code": "VALID"}
_HEADS = (
    "INSTITUTION",
    "SERVES",
    "BLOCKS",
    "BEHIND",
    "BLOCKS/s",
    "VALID/s",
    "INVALID/s",
    "ENDORSED/s",
    "IN ms",
    "LEADS",
)
_LEAST = 6


@dataclass(frozen=True)
class Doing:
    """What an institution's processes do.

    Attributes:
        institution: Whose they are.
        serving: How many of them serve, of how many.
        height: How many blocks its peer has; None when it does not say.
        behind: How many fewer than the peer that has most.
        blocks: A second, at its peer.
        valid: Transactions a second that took effect there.
        invalid: Transactions a second that did not.
        endorsed: Proposals a second that its peer endorsed.
        endorsing: Seconds that a proposal took, on average; None while there was none.
        leads: Whether its orderer leads.
        wrong: What is wrong, a sentence for each process.
    """

    institution: str
    serving: tuple[int, int]
    height: int | None
    behind: int | None
    blocks: float
    valid: float
    invalid: float
    endorsed: float
    endorsing: float | None
    leads: bool
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class _Look:
    """What was seen of a home at a moment."""

    home: Home
    at: float
    peer: operations.Samples
    orderer: operations.Samples


def doing(homes: Sequence[Home], every: float) -> Iterator[list[Doing]]:
    """How the homes do, again and again.

    Args:
        homes: Whose processes are looked at, over their operations listeners.
        every: Seconds from one look to the next; rates are of that span.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(homes))) as pool:
        before = list(pool.map(_look, homes))
        while True:
            time.sleep(every)
            now = list(pool.map(_look, homes))
            yield _compared(before, now, status(homes))
            before = now


def table(rows: Iterable[Doing], room: int | None = None) -> str:
    """What is done, for people, in at most `room` columns; what is wrong follows in sentences."""
    told = list(rows)
    lines = [_HEADS, *(_cells(row) for row in told)]
    widths = [max(columns.width(line[column]) for line in lines) for column in range(len(_HEADS))]
    fitting = widths if room is None else columns.fitting(widths, room, _LEAST) or widths
    shown = [
        (" " * columns.BETWEEN)
        .join(columns.clip(cell, width).ljust(width) for cell, width in zip(line, fitting, strict=True))
        .rstrip()
        for line in lines
    ]
    return "\n".join([*shown, *(f"{row.institution}: {sentence}" for row in told for sentence in row.wrong)])


def _look(home: Home) -> _Look:
    return _Look(home, time.monotonic(), operations.samples(home, "peer"), operations.samples(home, "orderer"))


def _compared(before: Sequence[_Look], now: Sequence[_Look], rows: Sequence[ProcessStatus]) -> list[Doing]:
    heights = [_height(look) for look in now]
    most = max((height for height in heights if height is not None), default=0)
    return [
        _doing(one, other, height, most, [row for row in rows if row.institution == other.home.name])
        for one, other, height in zip(before, now, heights, strict=True)
    ]


def _doing(before: _Look, now: _Look, height: int | None, most: int, rows: Sequence[ProcessStatus]) -> Doing:
    def rate(name: str, labels: Mapping[str, str] | None = None) -> float:
        grown = now.peer.total(name, labels) - before.peer.total(name, labels)
        return max(0.0, grown) / (now.at - before.at)  # after a start it begins at 0 again

    was = _height(before)
    valid, all_ = rate("ledger_transaction_count", _VALID), rate("ledger_transaction_count")
    proposals, spent = rate("endorser_proposal_duration_count"), rate("endorser_proposal_duration_sum")
    return Doing(
        institution=now.home.name,
        serving=(sum(row.healthy for row in rows), len(rows)),
        height=height,
        behind=None if height is None else most - height,
        blocks=0.0 if height is None or was is None else max(0, height - was) / (now.at - before.at),
        valid=valid,
        invalid=max(0.0, all_ - valid),
        endorsed=rate("endorser_successful_proposals"),
        endorsing=spent / proposals if proposals else None,
        leads=now.orderer.total("consensus_etcdraft_is_leader") > 0,
        wrong=tuple(f"{row.process}: {said}" for row in rows for said in (row.alarm, row.trouble) if said),
    )


def _height(look: _Look) -> int | None:
    name, labels = "ledger_blockchain_height", {"channel": look.home.spec.channel}
    return int(look.peer.total(name, labels)) if look.peer.has(name) else None


def _cells(row: Doing) -> tuple[str, ...]:
    return (
        row.institution,
        f"{row.serving[0]}/{row.serving[1]}",
        "-" if row.height is None else str(row.height),
        "-" if row.behind is None else str(row.behind),
        *(f"{number:.1f}" for number in (row.blocks, row.valid, row.invalid, row.endorsed)),
        "-" if row.endorsing is None else f"{row.endorsing * 1000:.0f}",
        "yes" if row.leads else "",
    )
