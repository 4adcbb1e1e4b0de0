"""Random histories of honest and dishonest institutions, and after each step: does `check` say what somebody says who
saw everything? See README.md here.
"""

import itertools
import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from model_alone import Alone
from model_channel import Channel, build
from model_histories import Honest, Lying
from model_world import World

HISTORIES: dict[type[Honest], int] = {Honest: 100, Lying: 180, Alone: 60}
SECONDS = float(os.environ.get("MEDCONSENT_FUZZ_SECONDS", "0"))


@pytest.fixture(scope="module")
def prepared() -> Iterator[World]:
    channel = Channel(build())
    yield World.prepare(channel)
    channel.close()


def seeds() -> Iterator[int]:
    """One in the unit tests, then as many as there is time for."""
    yield 1
    until = time.monotonic() + SECONDS
    yield from itertools.takewhile(lambda _: time.monotonic() < until, itertools.count(2))


@pytest.mark.timeout(600 + SECONDS)
@pytest.mark.parametrize("machine", list(HISTORIES))
def test_check_says_what_the_observer_says(prepared: World, machine: type[Honest]) -> None:
    """Where nobody lies, `check` permits exactly what the observer permits. Whoever lies, and however many of them but
    one: it permits nothing that the observer does not, and still what rests on the honest alone. Whatever one person
    of the owner does alone widens nothing.
    """
    histories = HISTORIES[machine]
    prepared.tally.clear()
    machine.prepared = prepared
    for number in seeds():
        run_state_machine_as_test(
            seed(number)(type(f"Histories{number}", (machine,), {})),
            settings=settings(
                max_examples=histories,
                stateful_step_count=25,
                deadline=None,
                database=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert prepared.tally["check permit"] > histories, "a history in which nothing is permitted shows little"
    if machine is Lying:
        assert prepared.tally["a lie VALID"] > histories / 4
        assert prepared.tally["a lie ENDORSEMENT_POLICY_FAILURE"] > histories / 4
    if machine is Alone:
        assert (
            sum(prepared.tally[f"alone {function} VALID"] for function in ("policy.set", "basis.set")) > histories / 4
        )
