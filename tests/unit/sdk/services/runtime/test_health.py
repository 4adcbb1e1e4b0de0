"""A service is well while its rounds go well, and for a while after the last one that did."""

import pytest

from medconsent.services.runtime.health import Health


class Clock:
    """Seconds that the test lets pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("every", "after", "well"),
    [(1.0, 60.0, True), (1.0, 60.1, False), (3600.0, 10_800.0, True), (3600.0, 10_800.1, False)],
)
def test_rounds_may_fail_for_a_while(every: float, after: float, well: bool) -> None:
    clock = Clock()
    health = Health(every, clock=clock)
    clock.now += 5
    health.went_well()
    clock.now += after
    health.failed("the peer was not reached")
    report = health.report()
    assert report.well is well
    assert report.since is not None
    told = report.to_json()
    assert told["status"] == ("well" if well else "unwell")
    assert told["trouble"] == "the peer was not reached"


def test_a_round_that_goes_well_ends_the_trouble() -> None:
    clock = Clock()
    health = Health(1.0, clock=clock)
    clock.now += 100
    health.failed("x")
    assert health.report().to_json() == {"status": "unwell", "trouble": "x"}
    health.went_well()
    assert set(health.report().to_json()) == {"status", "since"}
    assert health.report().well


def test_what_has_just_started_is_well() -> None:
    assert Health(1.0).report().to_json() == {"status": "well"}
