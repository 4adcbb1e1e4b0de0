"""Whether 20,000 sealed transactions stay as cheap as they began: the last thousand against the first.

Fabric's gateway slows down with every sealed transaction whose endorsers it has to find by itself; when they are named,
as here and in the SDK, it must not.
"""

import json
from pathlib import Path
from typing import Any

from medconsent_network.progress import Progress

from .clients import Work, go_client
from .figures import Figure
from .processes import cpu_seconds
from .world import World

THOUSANDS = 20


def measure(world: World, go: Path, request: dict[str, Any], progress: Progress) -> list[Figure]:
    """Submit requests, thousand by thousand."""
    kim = world.caller(f"{world.requester}/kim", "researcher")
    work = Work("submit", "request.submit", world.endorsers(world.requester), (json.dumps(request),))
    rates, costs = [], []
    for thousand in range(1, THOUSANDS + 1):
        before = _peers_cpu(world)
        report = go_client(go).load(kim, work, calls=1000, callers=100, warmup=0)
        cost = (_peers_cpu(world) - before) * 1000 / report.successes
        progress.say(f"sealed transactions, thousand {thousand} of {THOUSANDS}: {report}; peers {cost:.2f} ms cpu")
        rates.append(report.rate)
        costs.append(cost)
    figures = _first_and_last("rate", rates, "tx/s")
    return figures if not all(costs) else figures + _first_and_last("peers-cpu", costs, "ms/tx")


def _first_and_last(name: str, values: list[float], unit: str) -> list[Figure]:
    first, last = values[0], values[-1]
    return [
        Figure(f"flat.first-thousand.{name}", first, unit),
        Figure(f"flat.last-thousand.{name}", last, unit, last / first, "flat is 1.0"),
    ]


def _peers_cpu(world: World) -> float:
    """Processor time of all peers so far, in seconds; 0 where the kernel does not tell."""
    return sum(cpu_seconds(home, "peer") or 0.0 for home in world.consortium.homes.values())
