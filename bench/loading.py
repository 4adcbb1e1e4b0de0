"""Filling the ledger: what so many records are, and how they get there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medconsent_network.progress import Progress

from .clients import LoadClient, Work
from .processes import settle
from .world import MODE, PURPOSE, World

#: Of four requests the loader has three approved (a vote and a grant each) and one still open: ten records.
REQUESTS, RECORDS = 4, 10

#: The first requests are all of one person, so that somebody has a long list of grants.
BUSY, BUSY_REQUESTS = "p-busy", 160

#: Requests that one loading transaction writes, with all that belongs to them; and how many such go at once.
BATCH, CALLERS = 200, 4


def people(records: int, count: int) -> list[str]:
    """People who hold a grant, so many, spread evenly over all that the loader made for so many records."""
    requests = range(BUSY_REQUESTS, records * REQUESTS // RECORDS)
    holders = [number for number in requests if number % REQUESTS != REQUESTS - 1]
    return [f"p-{number:07}" for number in holders[:: max(1, len(holders) // count)][:count]]


def fill(world: World, client: LoadClient, loader: Path, records: int, progress: Progress) -> None:
    """Bring the ledger to so many requests, votes and grants. Raises RuntimeError when some could not be written."""
    requests = records * REQUESTS // RECORDS
    orders = [_order(world, range(BUSY_REQUESTS), BUSY)]
    orders += [
        _order(world, range(start, min(start + BATCH, requests)), "") for start in range(BUSY_REQUESTS, requests, BATCH)
    ]
    work = Work("submit", "bench.load", world.endorsers(world.owner, world.requester), tuple(orders))
    steward = world.officer(world.owner, "steward")
    with _loading(world, loader), progress.long(f"loading {records} records"):
        report = client.load(steward, work, calls=len(orders), callers=CALLERS, warmup=0)
    if report.failures:
        raise RuntimeError(f"{report.failures} of {len(orders)} loading transactions failed: {report.errors}")
    _restart_peers(world)
    waited = settle(world.consortium.homes.values())
    progress.say(
        f"{records} records loaded in {report.seconds:.0f} s, {records / report.seconds:.0f} /s; "
        f"the peers have settled after {waited:.0f} s more"
    )


def _restart_peers(world: World) -> None:
    """As they are started anew now and then in any life.

    A peer that has written hundreds of thousands of records in one go keeps next to nothing of its files' indexes in
    memory until it is started again, whatever it may (bench/README.md).
    """
    for institution in world.consortium.institutions:
        world.consortium.stop(institution, "peer")
        world.consortium.start(institution, "peer")
    world.consortium.wait_ready()


def _order(world: World, numbers: range, person: str) -> str:
    what = {
        "dataset": world.dataset,
        "institution": world.requester,
        "person": person,
        "purpose": PURPOSE,
        "mode": MODE,
    }
    return json.dumps({**what, "first": numbers.start, "count": len(numbers)})


@contextmanager
def _loading(world: World, loader: Path) -> Iterator[None]:
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
