"""Two institutions write worthless keys into everything that an act of the third reads, at 37 transactions a second and
as fast as it goes, from a plain client of the Gateway with altered chaincode on their two peers.

What must hold: every act that takes away (or says no) reads only keys that it names, needs its owner's own peer alone,
and goes through the first time. Where the flood has to write is read from the act itself, endorsed once beforehand and
never sent; so it meets whatever the contract reads.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from actors import Actor, Refused
from flood import flooding, targets
from people import Person
from scene import BASIS, COLLUDERS, MORE_MODES, OFFICES, Scene, ballot, policy, with_another
from test_people_and_desk import EPOCH

PLAIN_RATE = 37.0
AS_FAST_AS_IT_GOES = 0.0
COMMITMENT = "9f" * 32


@pytest.fixture(scope="session")
def scene(crowded_scene: Scene) -> Scene:
    return crowded_scene


@dataclass(frozen=True)
class Act:
    """Something that takes away: who does it, what they call, whose peers the client asks."""

    who: Actor
    function: str
    argument: dict[str, Any]
    endorsers: tuple[str, ...] = ("hanbit",)


NAMES = (
    "grant.revoke",
    "grant.suspend",
    "grant.relinquish",
    "request.withdraw",
    "vote reject",
    "vote recuse",
    "vote close",
    "a seat lost",
    "committee.undelegate",
    "consent.epoch",
    "consent.end",
    "basis.end",
    "text.purge",
    "an office lost",
    "person.end",
    "proposal.reject",
)


def acts(scene: Scene, mark: str) -> dict[str, Act]:
    """Each act, ready to be done, on things of its own that are called `mark`."""
    steward, privacy = scene.steward, scene.actor("hanbit/privacy", "privacy")
    member, park = scene.actor("hanbit/d-1", "dac"), scene.actor("hanbit/park", "researcher")
    dataset, purged = f"hanbit/{mark}", scene.actor("hanbit/d-2", "dac")
    scene.seat("hanbit", "dac", "d-1", "d-2")
    scene.seat("hanbit", "ethics", "e-1", "e-9")
    scene.publish(dataset, ("hanbit", "dac"))
    grants = [scene.grant(who, dataset)["id"] for who in ("nuri/kim", "saerom/lee", "hanbit/park")]
    asked = [scene.request("nuri/kim", dataset)["id"] for _ in range(4)]
    own = scene.request("hanbit/park", "nuri/cohort")["id"]
    until = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"
    deputy = scene.actor(f"hanbit/deputy-{mark}", "dac")
    lets = {"role": "dac", "deputy": f"deputy-{mark}", "deputy_key": deputy.fingerprint, "until": until}
    delegation = member.change("committee.delegate", lets, *with_another("hanbit"))["id"]
    for slug in (f"{mark}-a", f"{mark}-b"):
        begin = {"slug": slug, "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
        privacy.change("consent.begin", begin, *with_another("hanbit"))
    privacy.change("basis.set", {**BASIS, "slug": mark}, *with_another("hanbit"))
    chair, leaver = scene.actor("hanbit/chair", *sorted(OFFICES)), f"leaver-{mark}"
    scene.actor(f"hanbit/{leaver}", "operator")
    announced = deputy.change("person.announce", {}, *with_another("hanbit"))["id"]
    wider = {"dataset": dataset, "policy": policy(("hanbit", "dac"), modes=MORE_MODES)}
    waits = steward.alone("policy.set", wider, *with_another("hanbit"))["proposal"]["id"]
    said = {"request": asked[3], "commitment": COMMITMENT}
    purged.change("request.remark", said, *with_another("hanbit"))
    time.sleep(2)  # epochs are a second apart

    def vote(word: str, request: str, role: str = "dac", who: Actor = member) -> Act:
        return Act(who, "request.vote", ballot(who, request, role, word))

    seats = {"role": "ethics", "members": [{"id": "e-1"}]}
    withdrawn = {"cohort": f"hanbit/{mark}-a", "epoch": 2, **EPOCH}
    reason = {"reason": "a reason"}
    listed = (
        Act(steward, "grant.revoke", {"grant": grants[0], **reason}),
        Act(privacy, "grant.suspend", {"grant": grants[1], **reason}),
        Act(park, "grant.relinquish", {"grant": grants[2], **reason}),
        Act(park, "request.withdraw", {"request": own}),
        vote("reject", asked[0]),
        vote("recuse", asked[1]),
        vote("close", asked[2], "steward", steward),
        Act(steward, "committee.set", seats),
        Act(member, "committee.undelegate", {"delegation": delegation, **reason}),
        Act(privacy, "consent.epoch", withdrawn),
        Act(privacy, "consent.end", {"cohort": f"hanbit/{mark}-b", **reason}),
        Act(privacy, "basis.end", {"basis": f"hanbit/{mark}", **reason}),
        Act(privacy, "text.purge", said),
        Act(chair, "institution.dismiss", {"officers": [leaver]}),
        Act(chair, "person.end", {"person": deputy.key.identity.common_name, "announced": announced, **reason}),
        Act(privacy, "proposal.reject", {"proposal": waits, **reason}),
    )
    return dict(zip(NAMES, listed, strict=True))


@pytest.fixture(scope="module")
def alone(scene: Scene) -> dict[str, Act]:
    """The acts in quiet times."""
    return acts(scene, f"alone-{time.time_ns() % 10**6}")


@pytest.mark.parametrize("name", NAMES)
def test_it_needs_its_owners_peer_alone(alone: dict[str, Act], name: str) -> None:
    """No other institution is asked: none of them can refuse, or be down."""
    act = alone[name]
    assert act.who.send(act.who.endorse(act.function, act.argument, "hanbit")).code == "VALID"


def test_the_program_revokes_by_a_prefix(scene: Scene, tmp_path: Path) -> None:
    """hanbit's steward types the beginning of a grant's id, as the documentation shows; the two flood the range of all
    grants. The program finds out which grant it is, and revokes it at once.
    """
    dataset = f"hanbit/prefix-{time.time_ns() % 10**6}"
    scene.publish(dataset, ("hanbit", "dac"))
    grant = scene.grant("nuri/kim", dataset)["id"]
    _ = scene.steward
    person = Person("hanbit/steward", tmp_path / "steward")
    wallet = scene.network.folder / "wallets" / "hanbit" / "steward"
    profile = str(scene.network.home("hanbit").connection_profile)
    person.run("context", "add", "hanbit/steward", "--profile", profile, "--msp", str(wallet))
    scene.actor("nuri/mallory", "researcher")
    keys = [f"grant/{grant[:10]}zz", f"grant/{grant[:8]}zz", "grant/zz"]
    with flooding(scene.network, "nuri/mallory", COLLUDERS, keys, PLAIN_RATE):
        ran = person.run("--json", "grant", "revoke", grant[:8], "--reason", "misuse", "--yes", exit_code=None)
        decision = scene.check("nuri/kim", dataset)
    assert ran.exit_code == 0, f"{ran.stderr}\nand meanwhile: {decision['decision']}"
    assert decision["decision"] == "deny"


# Last in this file: the flood stands until the module's end.


@pytest.fixture(scope="module", params=[PLAIN_RATE, AS_FAST_AS_IT_GOES], ids=["37 a second", "as fast as it goes"])
def under_flood(scene: Scene, request: pytest.FixtureRequest) -> Iterator[dict[str, Act]]:
    """The acts, while the two flood all that any of them reads."""
    rate: float = request.param
    ready = acts(scene, f"flood-{int(rate)}-{time.time_ns() % 10**6}")
    where: set[str] = {"vote/flood"}
    for act in ready.values():
        where |= targets(act.who.endorse(act.function, act.argument, *act.endorsers))
    scene.actor("nuri/mallory", "researcher")
    with flooding(scene.network, "nuri/mallory", COLLUDERS, sorted(where), rate):
        yield ready


@pytest.mark.parametrize("name", NAMES)
def test_it_goes_through_the_first_time(under_flood: dict[str, Act], name: str) -> None:
    act = under_flood[name]
    try:
        outcome = act.who.send(act.who.endorse(act.function, act.argument, *act.endorsers)).code
    except Refused as refused:
        outcome = str(refused)
    assert outcome == "VALID"
