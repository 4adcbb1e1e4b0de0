"""``python -m bench``: bring up a consortium of its own, measure, and end with one line a figure."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

import click

from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.progress import Progress

from . import comparison, flat, machine, programs, release, scale, side_by_side, startup, watcher
from .clients import Work, go_client, python_client
from .figures import Figure
from .side_by_side import Turns
from .world import World, temporary_consortium

PARTS = ("network", "submit", "evaluate", "clients", "flat", "watch", "release", "scale", "million")
BY_DEFAULT = ("network", "submit", "evaluate", "scale")

#: Records on the ledgers that are compared.
SCALE, QUICK_SCALE, MILLION = (1_000, 100_000), (1_000, 10_000), (1_000, 1_000_000)


@click.command()
@click.option("--quick", is_flag=True, help="Fewer and shorter rounds, and at most 10,000 records.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(PARTS),
    help="Only this part (default: all but clients, flat, watch, release and million).",
)
def main(quick: bool, only: tuple[str, ...]) -> None:
    """Measure on a real network of this machine; what each figure means: bench/README.md."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that the network is taken down
    progress = Progress()
    for line in machine.describe():
        click.echo(line)
    try:
        figures = run(only or BY_DEFAULT, quick, progress)
    except NetworkError as error:
        sys.exit(f"error {error.diagnostics()}")
    click.echo("\n# name value unit ratio")
    for figure in figures:
        click.echo(figure.line())


def run(parts: tuple[str, ...], quick: bool, progress: Progress) -> list[Figure]:
    """Measure the parts, in the order of `PARTS`."""
    needs_go = not {"submit", "evaluate", "clients", "flat", "watch", "scale", "million"}.isdisjoint(parts)
    go = programs.build("gateway-go", progress) if needs_go else Path()
    figures: list[Figure] = []
    if not {"network", "submit", "evaluate", "clients", "flat", "watch"}.isdisjoint(parts):
        with temporary_consortium() as consortium:
            figures += _on_one_network(consortium, parts, quick, go, progress)
    if "release" in parts:
        with temporary_consortium() as consortium:
            consortium.up(progress)
            sizes = release.Sizes(64 << 20, 1_000, 3) if quick else release.Sizes(256 << 20, 10_000, 5)
            figures += release.measure(World(consortium), sizes, progress)
    for part, records in (("scale", QUICK_SCALE if quick else SCALE), ("million", MILLION)):
        if part in parts:
            loader = programs.build("loader", progress)
            figures += scale.measure(go, loader, records, 3 if quick else 5, progress)
    return figures


def _on_one_network(
    consortium: Consortium, parts: tuple[str, ...], quick: bool, go: Path, progress: Progress
) -> list[Figure]:
    figures: list[Figure] = []
    if "network" in parts:
        figures += startup.measure(consortium, progress)
    else:
        consortium.up(progress)
    world = World(consortium)
    request = world.furnish()
    clients = [go_client(go), python_client("asyncio"), python_client("threads")]
    kim = world.caller(f"{world.requester}/kim", "researcher")
    for operation, work, turns in _comparisons(world, request, quick, parts):
        reports = side_by_side.take_turns(clients, kim, work, turns, progress.say)
        figures += side_by_side.figures(operation, reports, reference="go")
    if "clients" in parts:
        figures += comparison.measure(world, go, request, quick, progress)
    if "flat" in parts:
        figures += flat.measure(world, go, request, progress)
    if "watch" in parts:
        figures += watcher.measure(world, go, request, 1_000 if quick else 5_000, progress)
    return figures


def _comparisons(
    world: World, request: dict[str, Any], quick: bool, parts: tuple[str, ...]
) -> list[tuple[str, Work, Turns]]:
    rounds = 3 if quick else 5
    out = []
    if "submit" in parts:
        work = Work("submit", "request.submit", world.endorsers(world.requester), (json.dumps(request),))
        out.append(("submit", work, Turns(rounds, calls=400 if quick else 600, callers=100, warmup=100)))
    if "evaluate" in parts:
        question = json.dumps({"dataset": world.dataset})
        work = Work("evaluate", "dataset.get", (world.requester,), (question,))
        out.append(("evaluate", work, Turns(rounds, calls=2000 if quick else 4000, callers=100, warmup=500)))
    return out


if __name__ == "__main__":
    main()
