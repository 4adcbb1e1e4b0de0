"""All clients of the Gateway that there are for an application, side by side: rates, processor time, memory."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from medconsent_network.progress import Progress

from . import programs, side_by_side
from .clients import Caller, LoadClient, Work, go_client, moe_client, node_client, python_client
from .figures import Figure
from .side_by_side import Turns
from .world import World

IN_FLIGHT = 10_000
"""Calls that one process makes at once. A peer takes 500 at a time by default."""


def measure(world: World, go: Path, request: dict[str, Any], quick: bool, progress: Progress) -> list[Figure]:
    """Submit, evaluate, and ten thousand evaluations at once, in turns on one network.

    Args:
        world: The network.
        go: The load client of the official SDK for Go.
        request: The argument of a `request.submit`.
        quick: Whether fewer and shorter rounds are enough.
        progress: Who is told.
    """
    clients = all_clients(go, progress)
    kim = world.caller(f"{world.requester}/kim", "researcher")
    rounds = 3 if quick else 5
    submit = Work("submit", "request.submit", world.endorsers(world.requester), (json.dumps(request),))
    question = Work("evaluate", "dataset.get", (world.requester,), (json.dumps({"dataset": world.dataset}),))
    out = []
    for work, turns in (
        (submit, Turns(rounds, calls=300 if quick else 600, callers=100, warmup=100)),
        (question, Turns(rounds, calls=2000 if quick else 4000, callers=100, warmup=500)),
    ):
        reports = side_by_side.take_turns(clients, kim, work, turns, progress.say)
        out += side_by_side.figures(work.operation, reports, reference="go", prefix="clients.")
    out += _at_once(clients, kim, question, progress)
    with _stand_in(go, world, kim) as answering:
        turns = Turns(rounds, calls=4000 if quick else 8000, callers=100, warmup=1000)
        reports = side_by_side.take_turns(clients, answering, question, turns, progress.say)
        out += side_by_side.figures("evaluate", reports, reference="go", prefix="clients.stand-in.")
    return out


@contextmanager
def _stand_in(go: Path, world: World, caller: Caller) -> Iterator[Caller]:
    """The caller, at a program that answers every evaluation at once: of a real network the peers are the limit."""
    tls = world.consortium.home(world.requester).node("peer") / "tls"
    command = [go, "stand-in", "--cert", tls / "cert.pem", "--key", tls / "key.pem"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert started.stdout is not None
            yield replace(caller, endpoint=started.stdout.readline().strip())
        finally:
            started.terminate()


def all_clients(go: Path, progress: Progress) -> list[LoadClient]:
    """The official SDKs, moe-fabric-gateway, and ours.

    Args:
        go: The load client of the official SDK for Go.
        progress: Who is told.
    """
    node = programs.node(progress)
    if node is None:
        progress.say("no Node here (node, npm): its SDK is left out")
    others = [node_client(node)] if node else []
    return [
        go_client(go),
        *others,
        moe_client(programs.moe(progress)),
        python_client("asyncio"),
        python_client("threads"),
    ]


def _at_once(clients: Sequence[LoadClient], caller: Caller, work: Work, progress: Progress) -> list[Figure]:
    """Once each: what a peer refuses as too many is a failure, unless the client asks again."""
    out = []
    for client in clients:
        if client.name == "python-threads":
            continue  # nobody has ten thousand threads
        turns = Turns(1, calls=IN_FLIGHT, callers=IN_FLIGHT, warmup=100)
        (report,) = side_by_side.take_turns([client], caller, work, turns, progress.say)[client.name]
        answered = f"{report.successes} of {IN_FLIGHT} answered"
        out += [
            Figure(f"clients.at-once.{client.name}.answered", report.successes, "calls", None, answered),
            Figure(f"clients.at-once.{client.name}.memory", report.memory_mb, "MiB", None, answered),
        ]
    return out
