"""Two people of hanbit keep glass broken, with the honest programs and chaincode.

Who: two officers who work together. What must hold: an emergency ends, is justified by somebody who did not take part,
and does not come back at once.
"""

import contextlib
import time
from typing import Any

import pytest
from actors import Actor, Refused
from scene import RESEARCH, Scene, question, with_another

LEE = "saerom/lee"
PROPOSER, SECOND, THIRD = ("hanbit/p-1", "privacy"), ("hanbit/p-2", "privacy"), ("hanbit/p-3", "privacy")
THREE_DAYS = 72 * 3600


def attempt(actor: Actor, function: str, argument: Any, *endorsers: str) -> None:
    """Whatever the contract answers."""
    with contextlib.suppress(Refused):
        actor.change(function, argument, *endorsers)


@pytest.fixture(scope="session")
def scene(crowded_scene: Scene) -> Scene:
    """Where hanbit's privacy officers may be seated: elsewhere a test invents their committee."""
    return crowded_scene


@pytest.fixture
def shut(scene: Scene) -> str:
    """A dataset of hanbit's, whose privacy officers are seated, and nothing is open."""
    dataset = f"hanbit/glass-{time.time_ns() % 10**8}"
    scene.publish(dataset, ("hanbit", "dac"))
    scene.seat("hanbit", "privacy", "p-1", "p-2", "p-3", "privacy")
    for standing in scene.listed("breakglass.list", owner="hanbit"):
        record = standing.get("breakglass", {}).get("record", {})
        if record.get("status") == "open":
            scene.revoke(record["body"]["grant"]) if standing["state"] == "open" else None
            for who in (THIRD, SECOND, PROPOSER):
                attempt(scene.actor(*who), "breakglass.justify", justification(record["id"]), *with_another("hanbit"))
    return dataset


def justification(record: str) -> dict[str, str]:
    return {"breakglass": record, "justification": "it had to be"}


def opened(scene: Scene, dataset: str, seconds: int = THREE_DAYS, *, to: str = LEE) -> str:
    """Proposed by one, confirmed by another; the record. Raises `Refused`."""
    institution, person = to.split("/")
    proposal = {
        "dataset": dataset,
        "institution": institution,
        "people": [person],
        "purpose": RESEARCH,
        "mode": "download",
        "duration_seconds": seconds,
        "reason": "an emergency",
    }
    record = str(scene.actor(*PROPOSER).change("breakglass.propose", proposal, *with_another("hanbit"))["id"])
    second = scene.actor(*SECOND)
    digest = second.ask("breakglass.get", {"breakglass": record})["breakglass"]["digest"]
    second.change("breakglass.confirm", {"breakglass": record, "digest": digest}, *with_another("hanbit"))
    return record


def test_an_emergency_is_not_justified_while_it_lasts(scene: Scene, shut: str) -> None:
    record = opened(scene, shut)
    with pytest.raises(Refused):
        scene.actor(*THIRD).change("breakglass.justify", justification(record), *with_another("hanbit"))


@pytest.mark.parametrize("who", [PROPOSER, SECOND, ("hanbit/p-9", "privacy")], ids=["proposed", "confirmed", "got it"])
def test_those_who_took_part_do_not_justify(scene: Scene, shut: str, who: tuple[str, str]) -> None:
    """Neither who proposed it, nor who confirmed it, nor who was given the data (here a privacy officer of hanbit)."""
    scene.actor("hanbit/p-9", "privacy")
    record = opened(scene, shut, 3, to="hanbit/p-9")
    time.sleep(4)
    with pytest.raises(Refused):
        scene.actor(*who).change("breakglass.justify", justification(record), *with_another("hanbit"))


def test_four_times_72_hours(scene: Scene, shut: str) -> None:
    """Justified by a third person each time, so that nothing but the bound is left."""
    records = []
    for _ in range(4):
        with contextlib.suppress(Refused):
            records.append(opened(scene, shut))
        for who in (THIRD, SECOND, PROPOSER):
            for record in records:
                attempt(scene.actor(*who), "breakglass.justify", justification(record), *with_another("hanbit"))
    assert len(records) == 1, f"opened {len(records)} times for 72 hours within a minute"


def test_never_two_at_a_time_for_one_person(scene: Scene, shut: str) -> None:
    first = opened(scene, shut, 3600)
    for who in (THIRD, SECOND, PROPOSER):
        attempt(scene.actor(*who), "breakglass.justify", justification(first), *with_another("hanbit"))
    with pytest.raises(Refused):
        opened(scene, shut, 3600)
    assert scene.auditor.ask("check", question(LEE, shut))["decision"] == "permit"
