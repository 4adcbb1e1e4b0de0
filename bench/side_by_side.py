"""Submit-to-commit and evaluate: our SDK beside the official Go Gateway SDK, taking turns on one network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from .clients import Caller, LoadClient, Report, Work
from .figures import Figure, median_ratio

#: What the project aims at, as ratios to the official Go SDK: at least for rates, at most for processor time.
AIM = {"submit": 1.0, "evaluate": 1.0, "cpu": 1.3}


@dataclass(frozen=True)
class Turns:
    """How often each client has its turn, and how long a turn is (calls, after a warm-up of its own)."""

    rounds: int
    calls: int
    callers: int
    warmup: int


def take_turns(
    clients: Sequence[LoadClient], caller: Caller, work: Work, turns: Turns, say: Callable[[str], None]
) -> dict[str, list[Report]]:
    """A B C A B C ...: what disturbs the machine for a while disturbs all of them."""
    reports: dict[str, list[Report]] = {client.name: [] for client in clients}
    for turn in range(1, turns.rounds + 1):
        for client in clients:
            report = client.load(caller, work, calls=turns.calls, callers=turns.callers, warmup=turns.warmup)
            reports[client.name].append(report)
            say(f"{work.operation} {turn}/{turns.rounds} {client.name:15} {report}")
    return reports


def figures(operation: str, reports: dict[str, list[Report]], reference: str, prefix: str = "") -> list[Figure]:
    """Medians of each client, and ratios to the reference client by round."""
    out = []
    for name, rounds in reports.items():
        theirs = reports[reference]
        rate = median_ratio([r.rate for r in rounds], [r.rate for r in theirs])
        cpu = median_ratio([r.cpu_ms for r in rounds], [r.cpu_ms for r in theirs])
        lost = sum(r.failures for r in rounds)
        failed = f"; {lost} of {lost + sum(r.successes for r in rounds)} failed" if lost else ""
        ours, it = name.startswith("python"), "the reference" if name == reference else "another client"
        rate_note = (f"aim: at least {AIM[operation]}" if ours else it) + failed
        cpu_note = f"aim: at most {AIM['cpu']}" if ours else it
        out += [
            Figure(f"{prefix}{operation}.{name}.rate", median(r.rate for r in rounds), "tx/s", rate, rate_note),
            Figure(f"{prefix}{operation}.{name}.cpu", median(r.cpu_ms for r in rounds), "ms/tx", cpu, cpu_note),
            Figure(f"{prefix}{operation}.{name}.p50", median(r.p50_ms for r in rounds), "ms"),
            Figure(f"{prefix}{operation}.{name}.p99", median(r.p99_ms for r in rounds), "ms"),
        ]
    return out
