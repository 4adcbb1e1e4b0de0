"""Somebody makes more of hanbit's words by another disease hierarchy, in which asthma is a cancer too.

Who: two other institutions; one steward of hanbit. What must hold: what hanbit says is understood by what hanbit itself
has adopted, and what an officer confirms by the hierarchy that stood there when it was proposed.
"""

import time
from typing import Any

import pytest
from actors import Refused
from doing import adopted, explained, loaded
from past import Owner, canonical
from scene import Scene, policy, with_another
from statements import ASTHMA, BREAST, CANCER, TERMS

from medconsent.ontology.pages import StatedTerm

ANYTHING = tuple(
    StatedTerm("DOID:2841", "asthma", ("DOID:4", "DOID:162")) if term.id == "DOID:2841" else term for term in TERMS
)
ICD = [{"permission": "DS", "diseases": ["ICD10:C50"]}]


@pytest.fixture(scope="module", autouse=True)
def registered(scene: Scene) -> None:
    """More than half of the institutions that are known have to adopt a version."""
    for institution in scene.network.institutions:
        scene.actor(f"{institution}/steward", "steward")


@pytest.fixture
def name() -> str:
    return f"hierarchy-{time.time_ns() % 10**8}"


def pinned(scene: Scene, dataset: str) -> list[str]:
    """The hierarchies by which the policy that stands is understood."""
    body = scene.auditor.ask("policy.get", {"dataset": dataset})["record"]["body"]
    return [one["digest"] for one in body.get("ontologies", [])]


def answers(scene: Scene, dataset: str) -> tuple[Any, Any]:
    return tuple(explained(scene, dataset, purpose)["decision"] for purpose in (BREAST, ASTHMA))


def test_two_others_adopt_one_in_which_everything_is_a_cancer(scene: Scene, name: str) -> None:
    honest = loaded(scene, "nuri", TERMS, f"{name}-1")
    adopted(scene, "hanbit", honest)
    scene.publish(f"hanbit/{name}-before", ("hanbit", "dac"), use=CANCER)
    false = loaded(scene, "nuri", ANYTHING, f"{name}-2")
    adopted(scene, "saerom", false)
    scene.publish(f"hanbit/{name}-after", ("hanbit", "dac"), use=CANCER)
    for dataset in (f"hanbit/{name}-before", f"hanbit/{name}-after"):
        assert false not in pinned(scene, dataset)
        assert answers(scene, dataset) == ("permit", "deny"), dataset
    adopted(scene, "hanbit", false)  # the control: hanbit goes by it too
    scene.publish(f"hanbit/{name}-own", ("hanbit", "dac"), use=CANCER)
    assert answers(scene, f"hanbit/{name}-own") == ("permit", "permit")
    assert answers(scene, f"hanbit/{name}-before") == ("permit", "deny")


def test_an_adoption_is_dated_back(scene: Scene, name: str) -> None:
    """hanbit and nuri went by the false one, and then by an honest one. nuri, with chaincode of its own, says that it
    had adopted this long before, so that the false one is the one published last.
    """
    nuri = Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)
    false, honest = (loaded(scene, "hanbit", terms, f"{name}-{terms is TERMS}") for terms in (ANYTHING, TERMS))
    for digest in (false, honest):
        adopted(scene, "nuri", digest)
    shown = scene.auditor.ask("ontology.get", {"system": "DOID", "digest": honest})["records"]
    (standing,) = (one for one in shown if one["record"]["owner"] == "nuri")
    record, long_ago = standing["record"], "2026-01-01T00:00:00Z"
    changes = [change | {"at": long_ago} for change in record["changes"]]
    told = record | {"revision": record["revision"] + 1, "updated_at": long_ago, "changes": changes}
    assert nuri.rewrites(standing["key"], canonical(told)).code == "VALID"
    assert scene.auditor.ask("ontology.get", {"system": "DOID"})["digest"] == false, "nothing is shown"
    scene.publish(f"hanbit/{name}", ("hanbit", "dac"), use=CANCER)
    assert pinned(scene, f"hanbit/{name}") == [honest]
    assert answers(scene, f"hanbit/{name}") == ("permit", "deny")


def test_one_steward_adopts_it_alone(scene: Scene, name: str) -> None:
    """What remains: once more than half adopt it, the next policy means more than a colleague thinks, and names it."""
    honest = loaded(scene, "nuri", TERMS, f"{name}-1")
    adopted(scene, "hanbit", honest)
    false = loaded(scene, "hanbit", ANYTHING, f"{name}-2")
    scene.publish(f"hanbit/{name}", ("hanbit", "dac"), use=CANCER)
    assert (pinned(scene, f"hanbit/{name}"), answers(scene, f"hanbit/{name}")) == ([honest], ("permit", "deny"))
    adopted(scene, "saerom", false)
    scene.publish(f"hanbit/{name}-next", ("hanbit", "dac"), use=CANCER)
    assert pinned(scene, f"hanbit/{name}-next") == [false]
    assert answers(scene, f"hanbit/{name}") == ("permit", "deny")


def test_another_is_adopted_between_a_proposal_and_its_confirmation(scene: Scene, name: str) -> None:
    """hanbit's steward proposes a policy for cancer, and adopts the other version before it is confirmed."""
    dataset = f"hanbit/{name}"
    honest = loaded(scene, "nuri", TERMS, f"{name}-1")
    adopted(scene, "hanbit", honest)
    scene.publish(dataset, ("hanbit", "dac"), use=ICD)
    wider = {"dataset": dataset, "policy": policy(("hanbit", "dac"), use=CANCER)}
    proposal = scene.steward.alone("policy.set", wider, *with_another("hanbit"))["proposal"]
    assert honest in str(proposal["body"]["widens"])
    adopted(scene, "hanbit", loaded(scene, "nuri", ANYTHING, f"{name}-2"))
    with pytest.raises(Refused) as refused:
        scene.seen.seconds["hanbit"].confirm(proposal["id"])
    assert refused.value.code == "CONFLICT"
    assert "permit" not in answers(scene, dataset)
    scene.steward.change("policy.set", wider, *with_another("hanbit"))  # the control: proposed and confirmed by it
    assert answers(scene, dataset) == ("permit", "permit")
