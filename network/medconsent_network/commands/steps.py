"""How a way that is gone step by step is gone and told."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping

import click

from medconsent_network.steps import Step

Advance = Callable[[], Iterable[Step]]


def go(ways: Mapping[str, Advance], at_end: str, wait: int, *, as_json: bool) -> None:
    """Go each way as far as it leads, again and again while one of them waits; tell them, and end the program.

    It ends with 0 when all are at their end, and with 3 while one waits.

    Args:
        ways: What does what can be done now, by the institution's name.
        at_end: What an institution that has nothing more to do is, such as `is ready`.
        wait: For how many seconds it is tried again.
        as_json: For programs: one object for each institution, a line each.
    """
    end, first = time.monotonic() + wait, True
    while True:
        gone = {name: list(advance()) for name, advance in ways.items()}
        if all(steps[-1].done for steps in gone.values()):
            break
        if time.monotonic() > end and not (first and len(ways) > 1):  # the first may have waited for the last
            break
        first = False
        time.sleep(1)
    for name, steps in gone.items():
        done = steps[-1].done
        if as_json:
            rows = [{"step": step.name, "done": step.done, "waits_for": step.waits_for} for step in steps]
            click.echo(json.dumps({"institution": name, "ready": done, "steps": rows}))
        else:
            for step in steps:
                said = f": {step.waits_for}" if step.waits_for else ""
                click.echo(f"{'yes' if step.done else 'no ':3}  {step.name}{said}")
            click.echo(f"{name} {at_end if done else 'waits'}")
    sys.exit(0 if all(steps[-1].done for steps in gone.values()) else 3)
