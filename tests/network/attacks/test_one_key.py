"""One person has their key certified under two names, or an institution's own chaincode seats two names with one key.

Who: a member of hanbit, whom the registrar gives a second certificate for the same key; a steward with a second
certificate as a privacy officer; nuri, which writes the seats of its committee itself. What must hold: one key is one
person. It has one word on a request, does not vote on what it asked for, does not say alone what rests on what it
published, and where two names sit by it, neither votes.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from actors import Actor, Refused
from doing import namesake, restated
from past import Owner
from scene import BASIS, Scene, application, ballot, publication, with_another

LEE, PARK = "saerom/lee", "hanbit/park"


@pytest.fixture
def name() -> str:
    """A name that nothing has yet."""
    return f"key-{time.time_ns() % 10**8}"


@pytest.fixture(scope="module", autouse=True)
def committees_as_they_were(scene: Scene) -> Iterator[None]:
    """The other attacks on this network go by committees of one."""
    yield
    scene.seat("hanbit", "dac", "d-1")
    scene.seat("hanbit", "ethics", "e-1")


def refused(who: Actor, function: str, argument: Any, *endorsers: str) -> str:
    """The code with which the contract refuses."""
    with pytest.raises(Refused) as raised:
        who.endorse(function, argument, *endorsers)
    return raised.value.code


def test_two_names_on_one_committee_vote_for_neither(scene: Scene, name: str) -> None:
    """nuri's data asks two of nuri's committee. nuri's own chaincode gives the second member the key of the first."""
    dataset, first, second = f"nuri/{name}", f"{name}-1", f"{name}-2"
    scene.seat("nuri", "dac", "mallory-2", first, second)
    scene.publish(dataset, stages=[{"institution": "nuri", "role": "dac", "threshold": 2}])
    request = scene.request(PARK, dataset)["id"]
    again = namesake(scene, f"nuri/{first}", f"{name}-3", "dac")
    standing = scene.auditor.ask("committee.get", {"institution": "nuri", "role": "dac"})
    seats = [
        seat | ({"id": f"{name}-3", "key": again.fingerprint} if seat["id"] == second else {})
        for seat in standing["record"]["body"]["seats"]
    ]
    nuri = Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)
    assert restated(nuri, standing, {"seats": seats}).code == "VALID"
    shown = scene.auditor.ask("committee.get", {"institution": "nuri", "role": "dac"})["record"]["body"]["seats"]
    assert [seat["id"] for seat in shown if seat["key"] == again.fingerprint] == [first, f"{name}-3"]
    for who in (scene.actors[f"nuri/{first}"], again):
        assert refused(who, "request.vote", ballot(who, request, "dac"), *with_another("nuri")) == "FORBIDDEN"
    assert scene.check(PARK, dataset)["decision"] == "deny"
    scene.seat("nuri", "dac", "mallory-2", second)  # the control: two keys
    request = scene.request(PARK, dataset)["id"]
    scene.approve("nuri/mallory-2", "dac", request)
    scene.approve(f"nuri/{second}", "dac", request)
    assert scene.check(PARK, dataset)["decision"] == "permit"
    scene.seat("nuri", "dac", "mallory-2")


def test_two_names_on_two_committees_have_one_word(scene: Scene, name: str) -> None:
    """hanbit's data asks the access committee and the ethics board; one person sits on both, under two names."""
    dataset, again = f"hanbit/{name}", f"{name}-2"
    scene.seat("hanbit", "dac", "d-1", name)
    both = namesake(scene, f"hanbit/{name}", again, "ethics")
    scene.seat("hanbit", "ethics", "e-1", again)
    scene.publish(dataset, ("hanbit", "dac"), ("hanbit", "ethics"))
    request = scene.request(LEE, dataset)["id"]
    scene.approve(f"hanbit/{name}", "dac", request)
    assert refused(both, "request.vote", ballot(both, request, "ethics"), *with_another("hanbit")) == "ALREADY_VOTED"
    assert scene.check(LEE, dataset)["decision"] == "deny"
    scene.approve("hanbit/e-1", "ethics", request)  # the control: somebody else
    assert scene.check(LEE, dataset)["decision"] == "permit"


def test_who_asks_votes_under_another_name(scene: Scene, name: str) -> None:
    """The policy lets hanbit's own people vote on hanbit's own requests. A researcher has a seat under another name."""
    dataset, again = f"hanbit/{name}", f"{name}-2"
    asking = scene.actor(f"hanbit/{name}", "researcher")
    both = namesake(scene, f"hanbit/{name}", again, "dac")
    scene.seat("hanbit", "dac", "d-1", again)
    scene.publish(dataset, ("hanbit", "dac"))
    request = asking.change("request.submit", application(asking, dataset), *with_another("hanbit"))["id"]
    assert refused(both, "request.vote", ballot(both, request, "dac"), *with_another("hanbit")) == "OWN_REQUEST"
    assert scene.check(f"hanbit/{name}", dataset)["decision"] == "deny"
    scene.approve("hanbit/d-1", "dac", request)  # the control: somebody else
    assert scene.check(f"hanbit/{name}", dataset)["decision"] == "permit"


def test_who_publishes_says_what_it_rests_on_under_another_name(scene: Scene, name: str) -> None:
    dataset, again = f"hanbit/{name}", f"{name}-2"
    publisher = scene.actor(f"hanbit/{name}", "steward")
    both = namesake(scene, f"hanbit/{name}", again, "privacy")
    scene.install("hanbit", again, ["privacy"])
    publisher.alone("dataset.publish", publication(name, ("hanbit", "dac")), *with_another("hanbit"))
    scene.publish(f"hanbit/{name}-other", ("hanbit", "dac"))  # so that there is a basis
    digest = both.ask("dataset.get", {"dataset": dataset})["version"]["digest"]
    said = {"dataset": dataset, "version_digest": digest, "bases": [f"hanbit/{BASIS['slug']}"]}
    answer = both.alone("ground.set", said, *with_another("hanbit"))
    assert "proposal" in answer, "one person publishes and says the rest"
    scene.seat("hanbit", "dac", "d-1")
    request = scene.request(LEE, f"hanbit/{name}-other")["id"]  # the control: two people
    scene.approve("hanbit/d-1", "dac", request)
    assert scene.check(LEE, f"hanbit/{name}-other")["decision"] == "permit"
