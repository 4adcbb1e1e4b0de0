"""``check`` at so many grants on the ledger: what it costs must not depend on how many there are."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from medconsent_network.progress import Progress

from .clients import Caller, LoadClient, Report, Work, go_client
from .figures import Figure
from .processes import cpu_seconds, settle
from .world import MODE, PURPOSE, World

#: Grants that one loading transaction writes, with their requests and votes.
BATCH = 200


@dataclass(frozen=True)
class Checked:
    """``check`` measured at one size of the ledger."""

    grants: int
    alone: Report  # one caller
    crowd: Report  # many callers
    server_ms: float | None  # processor time of peer and chaincode for one check


def measure(world: World, go: Path, loader: Path, sizes: Sequence[int], progress: Progress) -> list[Figure]:
    """Fill the ledger to each size in turn and measure; figures with ratios to the smallest."""
    client, loaded = go_client(go), 0
    done: list[Checked] = []
    for size in sizes:
        with loading(world, loader):
            fill(world, client, range(loaded, size), progress)
        loaded = size
        waited = settle(world.consortium.homes.values())
        progress.say(f"the peers have settled after {waited:.0f} s")
        done.append(check_at(world, client, size, progress))
    return [figure for checked in done for figure in figures(checked, done[0])]


@contextmanager
def loading(world: World, loader: Path) -> Iterator[None]:
    """Let those who seal what is loaded run the loader's chaincode; the shipped one is back afterwards."""
    sealing = world.endorsers(world.owner, world.requester)
    shipped = world.consortium.home(world.owner).binary("chaincode").resolve()
    try:
        for institution in sealing:
            world.consortium.use_chaincode(institution, loader)
        yield
    finally:
        for institution in sealing:
            world.consortium.use_chaincode(institution, shipped)


def fill(world: World, client: LoadClient, numbers: range, progress: Progress) -> None:
    """Write a grant for each number, with its request and votes. Raises RuntimeError when some could not be written."""
    what = {"dataset": world.dataset, "institution": world.requester, "purpose": PURPOSE, "mode": MODE}
    parts = [numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH)]
    orders = tuple(json.dumps({**what, "first": part.start, "count": len(part)}) for part in parts)
    work = Work("submit", "bench.load", world.endorsers(world.owner, world.requester), orders)
    steward = world.caller(f"{world.owner}/steward", "steward")
    with progress.long(f"loading grants {numbers.start} to {numbers.stop}"):
        report = client.load(steward, work, calls=len(orders), callers=3, warmup=0)
    if report.failures:
        raise RuntimeError(f"{report.failures} of {len(orders)} loading transactions failed: {report.errors}")
    progress.say(f"loaded {len(numbers)} grants in {report.seconds:.0f} s, {len(numbers) / report.seconds:.0f} /s")


def check_at(world: World, client: LoadClient, grants: int, progress: Progress) -> Checked:
    """Measure checks of people spread over all grants, at the owner's peer: all permitted, one answer is looked at."""
    auditor = world.caller(f"{world.owner}/gateway", "gateway")
    people = range(0, grants, max(1, grants // 500))
    arguments = [question(world, f"{world.requester}/p-{number:07}") for number in people]
    answer = world.evaluate(auditor, "check", arguments[0])
    if answer["decision"] != "permit":
        raise RuntimeError(f"check of a loaded grant answers {answer}")
    work = Work("evaluate", "check", (world.owner,), tuple(json.dumps(argument) for argument in arguments))
    alone = client.load(auditor, work, calls=500, callers=1, warmup=100)
    crowd, server = _with_server_time(world, client, auditor, work)
    progress.say(f"check at {grants} grants, one caller: {alone}")
    progress.say(f"check at {grants} grants, 20 callers: {crowd}")
    return Checked(grants, alone, crowd, server)


def _with_server_time(world: World, client: LoadClient, caller: Caller, work: Work) -> tuple[Report, float | None]:
    home, calls = world.consortium.home(world.owner), 4000
    before = cpu_seconds(home, "peer", "chaincode")
    report = client.load(caller, work, calls=calls, callers=20, warmup=0)
    after = cpu_seconds(home, "peer", "chaincode")
    return report, None if before is None or after is None else (after - before) * 1000 / calls


def question(world: World, person: str) -> dict[str, object]:
    """The argument of a ``check`` for a person."""
    return {"dataset": world.dataset, "for": person, "purpose": PURPOSE, "mode": MODE}


def figures(checked: Checked, smallest: Checked) -> list[Figure]:
    """The figures of one size, as ratios to the smallest one."""
    name, note = f"check.{checked.grants}", f"flat is 1.0, against {smallest.grants} grants"
    out = [
        Figure(f"{name}.p50", checked.alone.p50_ms, "ms", checked.alone.p50_ms / smallest.alone.p50_ms, note),
        Figure(f"{name}.rate", checked.crowd.rate, "/s", checked.crowd.rate / smallest.crowd.rate, note),
    ]
    if checked.server_ms is not None and smallest.server_ms:
        out.append(Figure(f"{name}.server-cpu", checked.server_ms, "ms", checked.server_ms / smallest.server_ms, note))
    return out
