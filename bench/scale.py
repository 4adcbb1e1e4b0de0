"""Decisions and listings on a small ledger and on large ones: a decision must cost the same, a page what is on it.

Each size has a consortium of its own, all up at once, and they are asked in turns: what slows the machine for a while
slows both of a pair.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from medconsent_network.progress import Progress

from . import loading
from .clients import Caller, LoadClient, Work, go_client
from .figures import Figure, median_ratio
from .listings import LISTINGS, PAGES, Listing, pages
from .processes import cpu_seconds, settle
from .world import MODE, PURPOSE, World, temporary_consortium

#: How many different people are asked about, at every size: so many hold a grant when there are 1,000 records.
PEOPLE = 180

#: The institutions of each consortium: a question is answered by one peer, and two load faster than three.
INSTITUTIONS = 2


@dataclass(frozen=True)
class Question:
    """Something asked again and again: how often by one caller, for its time, and by many, for the peer's processor."""

    name: str
    function: str
    arguments: tuple[str, ...]
    calls: int
    callers: int  # of the second run
    turns: int = 1  # in each round


@dataclass(frozen=True)
class Turn:
    """What one turn gave: time of a call for one caller, and the peer's and the chaincode's processor time for it."""

    p50_ms: float
    rate: float  # with many callers
    cpu_ms: float | None

    def __str__(self) -> str:
        cpu = "?" if self.cpu_ms is None else f"{self.cpu_ms:.2f}"
        return f"p50 {self.p50_ms:.1f} ms, {self.rate:.0f} /s, peer and chaincode {cpu} ms cpu"


@dataclass(frozen=True)
class Ledger:
    """A consortium with so many records, and somebody at the owner's institution who asks."""

    records: int
    world: World
    caller: Caller
    questions: tuple[Question, ...]


def measure(go: Path, loader: Path, sizes: Sequence[int], rounds: int, progress: Progress) -> list[Figure]:
    """Fill a ledger of each size and ask all in turns; figures with ratios to the smallest."""
    client = go_client(go)
    with ExitStack() as stack:
        ledgers = []
        for size in sizes:
            consortium = stack.enter_context(temporary_consortium(INSTITUTIONS))
            consortium.up()
            ledgers.append(_filled(World(consortium), client, loader, size, progress))
        _warm_up(ledgers, client, progress)
        turns: dict[tuple[int, str], list[Turn]] = {}
        for number in range(1, rounds + 1):
            progress.say(f"round {number} of {rounds}")
            for same in zip(*(ledger.questions for ledger in ledgers), strict=True):
                for _ in range(same[0].turns):
                    for ledger, question in zip(ledgers, same, strict=True):
                        turn = _ask(ledger, client, question)
                        turns.setdefault((ledger.records, question.name), []).append(turn)
                        progress.say(f"{question.name} with {ledger.records} records: {turn}")
    return _figures(turns, sizes)


def _warm_up(ledgers: Sequence[Ledger], client: LoadClient, progress: Progress) -> None:
    """Ask everything once and count nothing: the first reads after a load make LevelDB compact once more."""
    for ledger in ledgers:
        for question in ledger.questions:
            _ask(ledger, client, question)
    waited = settle(home for ledger in ledgers for home in ledger.world.consortium.homes.values())
    progress.say(f"everything asked once, not counted; the peers have settled after {waited:.0f} s")


def _filled(world: World, client: LoadClient, loader: Path, records: int, progress: Progress) -> Ledger:
    world.furnish()
    loading.fill(world, client, loader, records, progress)
    auditor = world.caller(f"{world.owner}/gateway", "gateway")
    questions = [_check(world, auditor, records)]
    for listing in LISTINGS:
        questions += [_listing(world, auditor, listing, size) for size in PAGES]
    return Ledger(records, world, auditor, tuple(questions))


def _check(world: World, caller: Caller, records: int) -> Question:
    """Checks that end in a permit, of people spread over the whole ledger; one answer is looked at."""
    arguments = [
        {"dataset": world.dataset, "for": f"{world.requester}/{person}", "purpose": PURPOSE, "mode": MODE}
        for person in loading.people(records, PEOPLE)
    ]
    answer = world.evaluate(caller, "check", arguments[-1])
    if answer["decision"] != "permit":
        raise RuntimeError(f"check of a loaded grant answers {answer}")
    return Question("check", "check", tuple(json.dumps(a) for a in arguments), calls=400, callers=20, turns=3)


def _listing(world: World, caller: Caller, listing: Listing, size: int) -> Question:
    arguments = tuple(json.dumps(a) for a in pages(world, caller, listing, size))
    return Question(f"{listing.name}.page-{size}", listing.function, arguments, calls=1000 // size, callers=4)


def _ask(ledger: Ledger, client: LoadClient, question: Question) -> Turn:
    """One turn: first one caller, then many; every argument has been asked once before."""
    home = ledger.world.consortium.home(ledger.world.owner)
    work = Work("evaluate", question.function, (ledger.world.owner,), question.arguments)
    warmup = len(question.arguments)
    alone = client.load(ledger.caller, work, calls=question.calls, callers=1, warmup=warmup)
    calls = question.calls * 2
    before = cpu_seconds(home, "peer", "chaincode")
    crowd = client.load(ledger.caller, work, calls=calls, callers=question.callers, warmup=0)
    after = cpu_seconds(home, "peer", "chaincode")
    if lost := alone.failures + crowd.failures:
        raise RuntimeError(f"{lost} calls of {question.name} failed: {alone.errors | crowd.errors}")
    cpu = None if before is None or after is None else (after - before) * 1000 / calls
    return Turn(alone.p50_ms, crowd.rate, cpu)


def _figures(turns: dict[tuple[int, str], list[Turn]], sizes: Sequence[int]) -> list[Figure]:
    out = []
    for size in sizes:
        for name in dict.fromkeys(name for _, name in turns):
            ours, smallest = turns[size, name], turns[sizes[0], name]
            note = f"flat is 1.0, against {sizes[0]} records" if size != sizes[0] else ""
            out += _flat(f"{name}.{size}", ours, smallest if note else None, note)
        out += [figure for listing in LISTINGS for figure in _proportional(turns, size, listing)]
    return out


def _flat(name: str, ours: list[Turn], smallest: list[Turn] | None, note: str) -> list[Figure]:
    def figure(what: str, values: list[float], others: list[float], unit: str) -> Figure:
        return Figure(f"{name}.{what}", median(values), unit, median_ratio(values, others) if others else None, note)

    them = smallest or []
    out = [figure("p50", [t.p50_ms for t in ours], [t.p50_ms for t in them], "ms")]
    if name.startswith("check"):
        out.append(figure("rate", [t.rate for t in ours], [t.rate for t in them], "/s"))
    cpu = [t.cpu_ms for t in ours if t.cpu_ms]
    if len(cpu) == len(ours):
        out.append(figure("server-cpu", cpu, [t.cpu_ms for t in them if t.cpu_ms], "ms"))
    return out


def _proportional(turns: dict[tuple[int, str], list[Turn]], size: int, listing: Listing) -> list[Figure]:
    """What an item of a large page costs, to an item of a small one."""
    small, large = min(PAGES), max(PAGES)
    few, many = (turns[size, f"{listing.name}.page-{page}"] for page in (small, large))
    note = f"an item on a page of {large} to one on a page of {small}; proportional is at most 1"
    few_ms, many_ms = [t.p50_ms / small for t in few], [t.p50_ms / large for t in many]
    return [Figure(f"{listing.name}.item.{size}.p50", median(many_ms), "ms", median_ratio(many_ms, few_ms), note)]
