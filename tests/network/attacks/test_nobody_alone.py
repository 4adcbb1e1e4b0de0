"""One person of hanbit alone makes or widens a permit on hanbit's data, with the honest programs and chaincode.

Who: the registrar of hanbit's CA; a steward; a privacy officer. What must hold:
no single person, whatever their role, makes or widens a permit. A seat counts for a person's key, not for whoever has a
certificate in that name; what widens counts when a second person of the owner has confirmed it.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from actors import Actor, Refused
from forge import Key
from scene import BASIS, Scene, application, ballot, policy, publication, with_another
from statements import EPOCH, STATEMENT

from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent_network import identities

C50 = [{"permission": "DS", "diseases": ["ICD10:C50"]}]
LEE = "saerom/lee"


@pytest.fixture
def name() -> str:
    """A name that nothing has yet."""
    return f"alone-{time.time_ns() % 10**8}"


@pytest.fixture(scope="module", autouse=True)
def committee_as_it_was(scene: Scene) -> Iterator[None]:
    """The other attacks on this network go by a committee of one."""
    yield
    scene.seat("hanbit", "dac", "d-1")


def taken_over(scene: Scene, person: str) -> Actor:
    """The registrar sets a new secret for somebody of the own institution, and enrols in their place."""
    institution, enrolment_id = person.split("/")
    home = scene.network.home(institution)
    told = json.dumps({"secret": "known to the registrar", "max_enrollments": -1}).encode()
    with identities.client(home, "ca") as ca:
        ca._wire.send("PUT", f"identities/{enrolment_id}", told, registrar=identities.registrar(home))
        issued = ca.enroll(enrolment_id, "known to the registrar")
    signer = issued.signer
    assert isinstance(signer, PrivateKeySigner)
    return Actor.at(home, Key(Identity(institution, issued.certificate_pem), signer), scene.seen)


def attempt(actor: Actor, function: str, argument: Any, *endorsers: str) -> Any:
    """What the contract answers to one person, or None when it refuses. Nobody confirms what waits."""
    with contextlib.suppress(Refused):
        return actor.alone(function, argument, *endorsers)
    return None


def assert_not_given(scene: Scene, dataset: str, person: str = LEE) -> None:
    decision = scene.check(person, dataset)
    assert decision["decision"] == "deny", decision["reasons"]


# The registrar.


def test_the_registrar_votes_as_a_seated_member(scene: Scene, name: str) -> None:
    dataset = f"hanbit/{name}"
    scene.seat("hanbit", "dac", "d-1", name)
    scene.actor(f"hanbit/{name}", "dac")  # the member has their own certificate, and does nothing
    scene.publish(dataset, ("hanbit", "dac"))
    request = scene.request(LEE, dataset)["id"]
    registrar = taken_over(scene, f"hanbit/{name}")
    attempt(registrar, "request.vote", ballot(registrar, request, "dac"), *with_another("hanbit"))
    assert_not_given(scene, dataset)


def test_the_registrar_acts_as_the_steward_and_seats_a_puppet(scene: Scene, name: str) -> None:
    """The registrar alone is the institution: steward, committee and all."""
    dataset = f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"))
    request = scene.request(LEE, dataset)["id"]
    registrar = taken_over(scene, "hanbit/steward")
    puppet = scene.actor(f"hanbit/{name}", "dac")
    roster = {"role": "dac", "members": scene.members("hanbit", "dac", "d-1", name)}
    attempt(registrar, "committee.set", roster, *with_another("hanbit"))
    attempt(puppet, "request.vote", ballot(puppet, request, "dac"), *with_another("hanbit"))
    assert_not_given(scene, dataset)


# The steward.


def test_a_steward_seats_an_accomplice(scene: Scene, name: str) -> None:
    dataset = f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"))
    request = scene.request(LEE, dataset)["id"]
    accomplice = scene.actor(f"hanbit/{name}", "dac")
    roster = {"role": "dac", "members": scene.members("hanbit", "dac", "d-1", name)}
    attempt(scene.steward, "committee.set", roster, *with_another("hanbit"))
    attempt(accomplice, "request.vote", ballot(accomplice, request, "dac"), *with_another("hanbit"))
    assert_not_given(scene, dataset)


def test_a_steward_unseats_all_but_an_accomplice(scene: Scene, name: str) -> None:
    """The policy asks for a majority of three; of the one who is left, one would be a majority."""
    dataset = f"hanbit/{name}"
    scene.seat("hanbit", "dac", "d-1", "d-2", "d-3")
    scene.publish(dataset, stages=[{"institution": "hanbit", "role": "dac", "rule": "majority"}])
    request = scene.request(LEE, dataset)["id"]
    attempt(scene.steward, "committee.unseat", {"role": "dac", "members": ["d-2", "d-3"]}, "hanbit")
    accomplice = scene.actor("hanbit/d-1", "dac")
    attempt(accomplice, "request.vote", ballot(accomplice, request, "dac"), *with_another("hanbit"))
    assert_not_given(scene, dataset)
    # two officers say that the others are gone: then one is the majority
    scene.seat("hanbit", "dac", "d-1")
    again = scene.request(LEE, dataset)["id"]
    scene.approve("hanbit/d-1", "dac", again)
    assert scene.check(LEE, dataset)["decision"] == "permit"


def test_a_steward_opens_the_policy_for_a_moment(scene: Scene, name: str) -> None:
    """Automatic approval of any use; an accomplice elsewhere asks; the policy is what it was."""
    dataset = f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"), use=C50)
    lee = scene.actor(LEE, "researcher")
    opened = {"dataset": dataset, "policy": policy(("hanbit", "dac"), automatic=True)}
    attempt(scene.steward, "policy.set", opened, *with_another("hanbit"))
    attempt(lee, "request.submit", application(lee, dataset), "hanbit", "saerom")
    closed = {"dataset": dataset, "policy": policy(("hanbit", "dac"), use=C50)}
    attempt(scene.steward, "policy.set", closed, *with_another("hanbit"))
    assert_not_given(scene, dataset)


def test_a_steward_publishes_a_version_with_an_open_policy(scene: Scene, name: str) -> None:
    """The same data again, as another dataset that asks nobody. The steward is a privacy officer, too."""
    dataset = f"hanbit/{name}"
    lee = scene.actor(LEE, "researcher")
    both = scene.actor("hanbit/both", "steward", "privacy")
    scene.publish(f"hanbit/{name}-other", ("hanbit", "dac"))  # so that there is a legal basis
    published = publication(name, ("hanbit", "dac"), automatic=True)
    attempt(both, "dataset.publish", published, *with_another("hanbit"))
    with contextlib.suppress(Refused):
        shown = both.ask("dataset.get", {"dataset": dataset})["version"]
        said = {"dataset": dataset, "version_digest": shown["digest"], "bases": [f"hanbit/{BASIS['slug']}"]}
        attempt(both, "ground.set", said, *with_another("hanbit"))
        lee.change("request.submit", application(lee, dataset), "hanbit", "saerom")
    with contextlib.suppress(Refused):  # NOT_FOUND: there is no such dataset
        assert_not_given(scene, dataset)


# One privacy officer. Each first narrows what was granted, alone or with another, and then widens it again alone.


def of_version(scene: Scene, dataset: str) -> dict[str, str]:
    digest = scene.auditor.ask("dataset.get", {"dataset": dataset})["version"]["digest"]
    return {"dataset": dataset, "version_digest": digest}


def lift(scene: Scene, dataset: str, grant: str) -> None:
    privacy = scene.actor("hanbit/privacy", "privacy")
    privacy.change("grant.suspend", {"grant": grant, "reason": "a question"}, "hanbit")
    attempt(privacy, "grant.lift", {"grant": grant, "reason": "none"}, *with_another("hanbit"))


def widen_consent(scene: Scene, dataset: str, grant: str) -> None:
    privacy = scene.actor("hanbit/privacy", "privacy")
    for number, use in ((2, C50), (3, EPOCH["use"])):
        time.sleep(2)  # epochs are a second apart
        epoch = {"cohort": dataset, "epoch": number, **EPOCH, "withdrawn": "none", "use": use}
        attempt(privacy, "consent.epoch", epoch, *with_another("hanbit"))


def ground_otherwise(scene: Scene, dataset: str, grant: str) -> None:
    privacy, said = scene.actor("hanbit/privacy", "privacy"), of_version(scene, dataset)
    narrow = {"slug": f"{dataset.partition('/')[2]}-n", "title": "A cohort", **EPOCH, "withdrawn": "none", "use": C50}
    privacy.change("consent.begin", narrow, *with_another("hanbit"))
    privacy.change("ground.set", {**said, "cohorts": [f"{dataset}-n"]}, *with_another("hanbit"))
    attempt(privacy, "ground.set", {**said, "cohorts": [dataset]}, *with_another("hanbit"))


def state_better(scene: Scene, dataset: str, grant: str) -> None:
    privacy, said = scene.actor("hanbit/privacy", "privacy"), of_version(scene, dataset)
    for term in ("identified", "pseudonymous"):
        stated = {**said, "statement": STATEMENT | {"term": term}}
        attempt(privacy, "deid.state", stated, *with_another("hanbit"))


def widen_basis(scene: Scene, dataset: str, grant: str) -> None:
    privacy, said = scene.actor("hanbit/privacy", "privacy"), of_version(scene, dataset)
    basis = {**BASIS, "slug": dataset.partition("/")[2]}
    privacy.change("basis.set", {**basis, "purposes": C50}, *with_another("hanbit"))
    privacy.change("ground.set", {**said, "bases": [dataset]}, *with_another("hanbit"))
    attempt(privacy, "basis.set", basis, *with_another("hanbit"))


def say_they_are_left_out(scene: Scene, dataset: str, grant: str) -> None:
    """People have withdrawn, and the time for leaving them out has run out."""
    privacy = scene.actor("hanbit/privacy", "privacy")
    time.sleep(2)  # epochs are a second apart
    epoch = {"cohort": dataset, "epoch": 2, **EPOCH, "withdrawn": "under-20"}
    privacy.change("consent.epoch", epoch, *with_another("hanbit"))
    time.sleep(3)
    assert "EXCLUSION_OVERDUE" in [reason["code"] for reason in scene.check(LEE, dataset)["reasons"]]
    said = {"cohort": dataset, "epoch": 2, "dataset": dataset, "version": 1, "exclusion_list": "ab" * 32}
    attempt(privacy, "consent.exclude", said, *with_another("hanbit"))


Act = Callable[[Scene, str, str], None]
ACTS: list[Act] = [lift, widen_consent, ground_otherwise, state_better, widen_basis, say_they_are_left_out]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_a_privacy_officer_widens(scene: Scene, name: str, act: Act) -> None:
    dataset = f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"), deidentification={"terms": ["pseudonymous"]}, exclusion_period_seconds=1)
    privacy = scene.actor("hanbit/privacy", "privacy")
    begin = {"slug": name, "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
    privacy.change("consent.begin", begin, *with_another("hanbit"))
    said = of_version(scene, dataset)
    privacy.change("ground.set", {**said, "cohorts": [dataset]}, *with_another("hanbit"))
    privacy.change("deid.state", {**said, "statement": STATEMENT}, *with_another("hanbit"))
    grant = scene.grant(LEE, dataset)["id"]
    assert scene.check(LEE, dataset)["decision"] == "permit"
    act(scene, dataset, grant)
    assert_not_given(scene, dataset)
