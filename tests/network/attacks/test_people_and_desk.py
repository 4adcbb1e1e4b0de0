"""The two collude against what the third says of the people in its data, and against its desk.

A new record in its name is committed without its seal and counts for nothing; a change of what stands is refused, seal
or not: nothing that was taken away comes back.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from actors import Refused
from colluders import NO_SEAL, REFUSED, Colluders, impersonated
from scene import BASIS, Scene, ballot, codes, publication, question, with_another
from statements import EPOCH, STATEMENT

DATASET = "hanbit/people"
COHORT = "hanbit/cohort-a"
LATER = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture(scope="module", autouse=True)
def consented(scene: Scene) -> None:
    """hanbit's dataset rests on consent, of which some has been withdrawn; its privacy committee sits."""
    scene.publish(DATASET, ("hanbit", "dac"))
    scene.seat("hanbit", "privacy", "p-1", "privacy")
    privacy = scene.actor("hanbit/privacy", "privacy")
    begin = {"slug": "cohort-a", "title": "Cohort A", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
    privacy.change("consent.begin", begin, *with_another("hanbit"))
    ground(scene, {"cohorts": [COHORT]})


def ground(scene: Scene, on: dict[str, Any]) -> None:
    privacy = scene.actor("hanbit/privacy", "privacy")
    digest = privacy.ask("dataset.get", {"dataset": DATASET})["version"]["digest"]
    said = {"dataset": DATASET, "version_digest": digest, **on}
    privacy.change("ground.set", said, *with_another("hanbit"))


def explained(scene: Scene, dataset: str = DATASET) -> Any:
    asked = {name: member for name, member in question("nuri/kim", dataset).items() if name != "for"}
    return scene.auditor.ask("explain", {**asked, "institution": "nuri", "researchers": ["kim"]})


def test_a_basis_and_a_cohort_that_the_owner_never_recorded(scene: Scene, colluders: Colluders) -> None:
    made = impersonated(colluders, "privacy", "privacy", "basis.set", {**BASIS, "slug": "invented"})
    assert scene.forged("basis.list", institution="hanbit")[f"basis/hanbit/invented/{made.transaction_id}"] == NO_SEAL
    begin = {"slug": "invented", "title": "Invented", **EPOCH}
    made = impersonated(colluders, "privacy", "privacy", "consent.begin", begin)
    key = f"cohort/hanbit/invented/{made.transaction_id}"
    assert scene.forged("consent.list", institution="hanbit")[key] == NO_SEAL
    with pytest.raises(Refused) as refused:
        scene.auditor.ask("consent.get", {"cohort": "hanbit/invented"})
    assert refused.value.code == "FORGED"


def test_a_ground_and_a_statement_in_the_owners_name(scene: Scene, colluders: Colluders) -> None:
    """Data that rests on nothing goes on resting on nothing."""
    steward = scene.steward
    published = publication("ungrounded", ("hanbit", "dac"))
    steward.change("dataset.publish", published, *with_another("hanbit"))
    shown = scene.auditor.ask("dataset.get", {"dataset": "hanbit/ungrounded"})["version"]
    said = {"dataset": "hanbit/ungrounded", "version_digest": shown["digest"]}
    impersonated(colluders, "privacy", "privacy", "ground.set", {**said, "bases": ["hanbit/research"]})
    told = explained(scene, "hanbit/ungrounded")
    assert told["decision"] == "deny"
    assert "NO_GROUND" in codes(told)
    made = impersonated(colluders, "privacy", "privacy", "deid.state", {**said, "statement": STATEMENT})
    with pytest.raises(Refused) as refused:
        scene.auditor.ask("deid.get", {"dataset": "hanbit/ungrounded"})
    assert refused.value.code == "FORGED"
    assert made.transaction_id in str(refused.value)


@pytest.mark.parametrize("leave", [(), ("seals",), ("seals", "guards", "deletions")])
def test_a_withdrawal_is_not_undone(scene: Scene, colluders: Colluders, leave: tuple[str, ...]) -> None:
    """Neither by an epoch in which nobody has withdrawn, nor by an exclusion that was never made."""
    privacy = scene.actor("hanbit/privacy", "privacy")
    number = scene.auditor.ask("consent.get", {"cohort": COHORT})["cohort"]["record"]["body"]["latest_epoch"]
    time.sleep(2)  # epochs are a second apart
    privacy.change("consent.epoch", {"cohort": COHORT, "epoch": number + 1, **EPOCH}, *with_another("hanbit"))
    time.sleep(2)
    due = scene.auditor.ask("consent.get", {"cohort": COHORT})["epoch"]["record"]
    assert due["body"]["withdrawn"] == "under-20"
    somebody = colluders.somebody("hanbit/privacy", "privacy")
    undone = {"cohort": COHORT, "epoch": number + 2, **EPOCH, "withdrawn": "none"}
    assert colluders.impersonate(somebody, "consent.epoch", undone, leave=leave).code == REFUSED
    assert "EXCLUSION_DUE" in codes(explained(scene))


def test_an_exclusion_that_the_owner_did_not_attest(scene: Scene, colluders: Colluders) -> None:
    number = scene.auditor.ask("consent.get", {"cohort": COHORT})["cohort"]["record"]["body"]["latest_epoch"]
    said = {"cohort": COHORT, "epoch": number, "dataset": DATASET, "version": 1, "exclusion_list": "9f" * 32}
    impersonated(colluders, "privacy", "privacy", "consent.exclude", said)
    assert "EXCLUSION_DUE" in codes(explained(scene))


@pytest.mark.parametrize("leave", [(), ("seals",), ("seals", "guards")])
def test_a_suspension_is_not_lifted_nor_a_seat_given_back(
    scene: Scene, colluders: Colluders, leave: tuple[str, ...]
) -> None:
    privacy = scene.actor("hanbit/privacy", "privacy")
    ground(scene, {"bases": ["hanbit/research"]})
    grant = scene.grant("nuri/kim", DATASET)["id"]
    privacy.change("grant.suspend", {"grant": grant, "reason": "a question"}, "hanbit")
    somebody = colluders.somebody("hanbit/privacy", "privacy")
    lifted = colluders.impersonate(somebody, "grant.lift", {"grant": grant, "reason": "x"}, leave=leave)
    assert lifted.code == REFUSED
    assert "SUSPENDED" in codes(scene.check("nuri/kim", DATASET))
    scene.revoke(grant)
    roster = {"role": "privacy", "members": [{"id": "mallory", "key": colluders.client.fingerprint}]}
    steward = colluders.somebody("hanbit/forger", "steward")
    assert colluders.impersonate(steward, "committee.set", roster, leave=leave).code == REFUSED
    ground(scene, {"cohorts": [COHORT]})


def test_a_deputy_that_nobody_named(scene: Scene, colluders: Colluders) -> None:
    """hanbit's own peer does not count the vote of somebody whose delegation it did not seal."""
    ground(scene, {"bases": ["hanbit/research"]})
    mallory = scene.actor("hanbit/mallory", "dac")
    lets = {"role": "dac", "deputy": "mallory", "deputy_key": mallory.fingerprint, "until": LATER}
    made = impersonated(colluders, "d-1", "dac", "committee.delegate", lets)
    listed = scene.forged("delegation.list", institution="hanbit")
    assert NO_SEAL in listed.values()
    request = scene.request("nuri/kim", DATASET)
    vote = ballot(mallory, request["id"], "dac") | {"for": "d-1", "delegation": made.transaction_id}
    with pytest.raises(Refused) as refused:
        mallory.change("request.vote", vote, *with_another("hanbit"))
    assert refused.value.code in {"FORGED", "NOT_FOUND"}
    assert scene.auditor.ask("request.get", {"request": request["id"]})["state"] == "submitted"
    ground(scene, {"cohorts": [COHORT]})


def test_glass_that_the_owner_did_not_break(scene: Scene, colluders: Colluders) -> None:
    proposal = {
        "dataset": DATASET,
        "institution": "nuri",
        "people": ["mallory"],
        "purpose": {"kind": "clinical-care"},
        "mode": "download",
        "duration_seconds": 3600,
        "reason": "an emergency",
    }
    made = impersonated(colluders, "p-1", "privacy", "breakglass.propose", proposal)
    assert scene.forged("breakglass.list", owner="hanbit")[f"breakglass/{made.transaction_id}"] == NO_SEAL
    with pytest.raises(Refused) as refused:
        scene.auditor.ask("breakglass.get", {"breakglass": made.transaction_id})
    assert refused.value.code == "FORGED"
    # an honest proposal is not theirs to confirm
    proposed = scene.actor("hanbit/p-1", "privacy").change("breakglass.propose", proposal, *with_another("hanbit"))
    digest = scene.auditor.ask("breakglass.get", {"breakglass": proposed["id"]})["breakglass"]["digest"]
    confirmation = {"breakglass": proposed["id"], "digest": digest}
    steward = colluders.somebody("hanbit/steward", "steward")
    for leave in ((), ("seals",), ("seals", "guards")):
        assert colluders.impersonate(steward, "breakglass.confirm", confirmation, leave=leave).code == REFUSED
    asked = question("nuri/mallory", DATASET) | {"purpose": {"kind": "clinical-care"}}
    assert scene.auditor.ask("check", asked)["decision"] == "deny"


def test_a_remark_in_somebody_elses_name(scene: Scene, colluders: Colluders) -> None:
    ground(scene, {"bases": ["hanbit/research"]})
    request = scene.request("nuri/kim", DATASET)
    made = impersonated(colluders, "d-1", "dac", "request.remark", {"request": request["id"], "text": "all is well"})
    shown = scene.auditor.ask("request.get", {"request": request["id"]})
    assert shown["remarks"] == []
    assert made.transaction_id in str(shown["not_counted"])
