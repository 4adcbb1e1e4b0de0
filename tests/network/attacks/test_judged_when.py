"""A grant that begins later than it was decided takes a change in between as judged; nobody attacks at all.

Who: nobody; a committee of hanbit's approves the renewal of a grant, the people in the data (or the law that the data
rests on) then permit less than before, so that a person would have to judge, and the renewed grant begins after that.
What must hold: the time of judging is the time of the decision. What came after it was judged by nobody: `review`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scene import BASIS, Scene, application, ballot, codes, question, with_another
from statements import EPOCH

FOR_PEOPLE = [{"permission": "GRU", "limits": [{"term": "RS", "text": "cardiology alone"}]}]
"""What a person has to judge."""
LASTS = 60
"""Seconds for a change and a second grant to be made in, on a slow machine too."""


@pytest.fixture
def dataset(scene: Scene) -> str:
    """A dataset of hanbit's that rests on a cohort of the same name."""
    return resting(scene)


def resting(scene: Scene) -> str:
    """A further such dataset."""
    name = f"hanbit/when-{time.time_ns() % 10**8}"
    scene.publish(name, ("hanbit", "dac"))
    privacy = scene.actor("hanbit/privacy", "privacy")
    begin = {"slug": name.partition("/")[2], "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
    privacy.change("consent.begin", begin, *with_another("hanbit"))
    ground(scene, name, cohorts=[name])
    return name


def ground(scene: Scene, dataset: str, **on: Any) -> None:
    privacy = scene.actor("hanbit/privacy", "privacy")
    digest = privacy.ask("dataset.get", {"dataset": dataset})["version"]["digest"]
    privacy.change("ground.set", {"dataset": dataset, "version_digest": digest, **on}, *with_another("hanbit"))


# Changes after which a person has to judge.


def epoch(scene: Scene, dataset: str) -> None:
    time.sleep(2)  # epochs are a second apart
    privacy = scene.actor("hanbit/privacy", "privacy")
    said = {"cohort": dataset, "epoch": 2, **EPOCH, "withdrawn": "none", "use": FOR_PEOPLE}
    privacy.change("consent.epoch", said, *with_another("hanbit"))


def basis(scene: Scene, dataset: str) -> None:
    """It rests on a law besides, for purposes that a person judges."""
    privacy = scene.actor("hanbit/privacy", "privacy")
    said = {**BASIS, "slug": dataset.partition("/")[2], "purposes": FOR_PEOPLE}
    privacy.change("basis.set", said, *with_another("hanbit"))
    ground(scene, dataset, cohorts=[dataset], bases=[dataset])


def cohort(scene: Scene, dataset: str) -> None:
    """It rests on other people, who permit less."""
    privacy, slug = scene.actor("hanbit/privacy", "privacy"), f"{dataset.partition('/')[2]}-b"
    begin = {"slug": slug, "title": "Others", **EPOCH, "withdrawn": "none", "use": FOR_PEOPLE}
    privacy.change("consent.begin", begin, *with_another("hanbit"))
    ground(scene, dataset, cohorts=[f"hanbit/{slug}"])


Change = Callable[[Scene, str], None]
CHANGES: list[Change] = [epoch, basis, cohort]


def granted(scene: Scene, dataset: str, **asked: Any) -> dict[str, Any]:
    """A grant of nuri/kim's, approved by hanbit's committee."""
    kim, member = scene.actor("nuri/kim", "researcher"), scene.actor("hanbit/d-1", "dac")
    request = kim.change("request.submit", application(kim, dataset) | asked, *with_another("nuri", "hanbit"))["id"]
    answer = member.change("request.vote", ballot(member, request, "dac"), *with_another("hanbit"))
    return dict(answer["grant"])


def ends(grant: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(grant["body"]["until"])


def wait_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()) + 1.5)


@dataclass(frozen=True)
class Renewed:
    """A dataset of which a grant was renewed, with a change before the committee decided on that or after."""

    dataset: str
    first: dict[str, Any]
    renewal: dict[str, Any]


@pytest.fixture(scope="module")
def renewals(scene: Scene) -> dict[tuple[str, str], Renewed]:
    """Every change, before and after the decision. All first grants are over: they are waited for together."""
    made = {}
    for change in CHANGES:
        for when in ("before", "after"):
            dataset = resting(scene)
            first = granted(scene, dataset, duration_seconds=LASTS)
            if when == "before":
                change(scene, dataset)
            renewal = granted(scene, dataset, duration_seconds=3600, renews=first["id"])
            if when == "after":
                change(scene, dataset)
            made[change.__name__, when] = Renewed(dataset, first, renewal)
    wait_until(max(ends(it.first) for it in made.values()))
    return made


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_between_the_decision_and_the_beginning(
    scene: Scene, renewals: dict[tuple[str, str], Renewed], change: Change
) -> None:
    found = renewals[change.__name__, "after"]
    assert found.renewal["body"]["from"] == found.first["body"]["until"]
    decision = scene.check("nuri/kim", found.dataset)
    assert decision["decision"] == "review", decision["reasons"]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_before_the_decision_was_judged(
    scene: Scene, renewals: dict[tuple[str, str], Renewed], change: Change
) -> None:
    """The control: who approved the renewal saw what the people permit, and judged it."""
    assert scene.check("nuri/kim", renewals[change.__name__, "before"].dataset)["decision"] == "permit"


def test_a_change_after_the_beginning(scene: Scene, dataset: str) -> None:
    """The control: whatever came later was judged by nobody."""
    granted(scene, dataset, duration_seconds=3600)
    time.sleep(2)
    epoch(scene, dataset)
    decision = scene.check("nuri/kim", dataset)
    assert decision["decision"] == "review", decision["reasons"]
    assert "CONSENT_NEEDS_REVIEW" in codes(decision)


def test_asked_about_a_moment_to_come(scene: Scene, dataset: str) -> None:
    """The same, asked beforehand."""
    first = granted(scene, dataset, duration_seconds=3600)
    renewed = granted(scene, dataset, duration_seconds=3600, renews=first["id"])
    time.sleep(2)
    epoch(scene, dataset)
    begins = datetime.fromisoformat(renewed["body"]["from"])
    at = f"{begins + timedelta(seconds=5):%Y-%m-%dT%H:%M:%SZ}"
    decision = scene.auditor.ask("check", question("nuri/kim", dataset) | {"at": at})
    assert decision["decision"] != "permit", decision["reasons"]
