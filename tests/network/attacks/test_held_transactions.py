"""Somebody keeps an endorsed transaction and hands it in after the world has changed.

Every key that a decision rests on is read in the transaction that makes it, so Fabric itself invalidates what was
decided on something that is no longer so.
"""

import json
from typing import Any

import pytest
from actors import Actor, Outcome
from colluders import Colluders
from scene import MORE_MODES, Scene, ballot, policy, with_another

from medconsent.fabric.transaction import Transaction

STALE = {"MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT", "ENDORSEMENT_POLICY_FAILURE"}


@pytest.fixture
def dataset(scene: Scene, request: pytest.FixtureRequest) -> str:
    """A dataset of hanbit's for one test."""
    name = f"hanbit/{request.node.name.removeprefix('test_').replace('_', '-')[:60]}"
    scene.publish(name, ("hanbit", "dac"))
    return name


def assert_nothing_granted(scene: Scene, outcome: Outcome, researcher: str, dataset: str) -> None:
    assert outcome.code in STALE
    decision = scene.check(researcher, dataset)
    assert decision["decision"] == "deny"
    assert not scene.listed("grant.list", dataset=dataset)


def confirmation(scene: Scene, function: str, argument: dict[str, Any]) -> tuple[Actor, Transaction]:
    """hanbit's second officer, and the endorsed confirmation of what its steward proposed."""
    waits = scene.steward.alone(function, argument, *with_another("hanbit"))["proposal"]["id"]
    second = scene.seen.seconds["hanbit"]
    return second, second.endorse("proposal.confirm", second.confirmation(waits), *with_another("hanbit"))


def test_an_approval_past_the_withdrawal(scene: Scene, dataset: str) -> None:
    request = scene.request("nuri/kim", dataset)
    member = scene.actor("hanbit/d-1", "dac")
    held = member.endorse("request.vote", ballot(member, request["id"], "dac"), *with_another("hanbit"))
    scene.actor("nuri/kim").change("request.withdraw", {"request": request["id"]}, *with_another("nuri"))
    assert_nothing_granted(scene, member.send(held), "nuri/kim", dataset)
    assert scene.auditor.ask("request.get", {"request": request["id"]})["state"] == "withdrawn"


def test_an_approval_past_the_loss_of_the_seat(scene: Scene, dataset: str) -> None:
    scene.seat("hanbit", "dac", "d-1", "d-2")
    request = scene.request("nuri/kim", dataset)
    member = scene.actor("hanbit/d-2", "dac")
    held = member.endorse("request.vote", ballot(member, request["id"], "dac"), *with_another("hanbit"))
    scene.seat("hanbit", "dac", "d-1")
    assert_nothing_granted(scene, member.send(held), "nuri/kim", dataset)


def test_an_approval_past_a_change_of_policy(scene: Scene, dataset: str) -> None:
    request = scene.request("nuri/kim", dataset)
    member = scene.actor("hanbit/d-1", "dac")
    held = member.endorse("request.vote", ballot(member, request["id"], "dac"), *with_another("hanbit"))
    scene.policy(dataset, ("hanbit", "dac"), ("hanbit", "ethics"))
    assert_nothing_granted(scene, member.send(held), "nuri/kim", dataset)


def test_an_approval_past_the_rejection(scene: Scene, dataset: str) -> None:
    request = scene.request("nuri/kim", dataset)
    member = scene.actor("hanbit/d-1", "dac")
    held = member.endorse("request.vote", ballot(member, request["id"], "dac"), *with_another("hanbit"))
    member.change("request.vote", ballot(member, request["id"], "dac", "reject"), *with_another("hanbit"))
    assert_nothing_granted(scene, member.send(held), "nuri/kim", dataset)
    assert scene.auditor.ask("request.get", {"request": request["id"]})["state"] == "rejected"


def test_a_former_roster_past_the_new_one(scene: Scene) -> None:
    """The second officer confirms what was proposed, and holds that back until the roster is another one."""
    scene.seat("hanbit", "dac", "d-1", "d-2")
    roster = {"role": "dac", "members": scene.members("hanbit", "dac", "d-1", "d-9")}
    second, held = confirmation(scene, "committee.set", roster)
    scene.seat("hanbit", "dac", "d-1")
    assert second.send(held).code in STALE
    seats = scene.auditor.ask("committee.get", {"institution": "hanbit", "role": "dac"})["record"]["body"]["seats"]
    assert "d-9" not in [seat["id"] for seat in seats]


def test_a_looser_policy_past_the_stricter_one(scene: Scene, dataset: str) -> None:
    second, held = confirmation(scene, "policy.set", {"dataset": dataset, "policy": policy(("nuri", "dac"))})
    stricter = scene.policy(dataset, ("hanbit", "dac"), ("hanbit", "ethics"))
    assert second.send(held).code in STALE
    assert scene.auditor.ask("policy.get", {"dataset": dataset})["record"] == stricter


def test_a_revocation_stands_past_another_one(scene: Scene, dataset: str) -> None:
    """Whatever hanbit's own client endorsed on the grant before: it read the grant, and the grant has changed."""
    grant = scene.grant("nuri/kim", dataset)
    held = scene.steward.endorse("grant.revoke", {"grant": grant["id"], "reason": "the held one"}, "hanbit")
    revoked = scene.revoke(grant["id"])
    assert scene.steward.send(held).code in STALE
    assert scene.auditor.ask("grant.get", {"grant": grant["id"]})["grant"]["record"] == revoked
    assert scene.check("nuri/kim", dataset)["decision"] == "deny"


def test_a_withdrawal_past_the_approval(scene: Scene, dataset: str) -> None:
    """The requester keeps a withdrawal back until the grant is there: it must not turn an approved request into a
    withdrawn one unseen.
    """
    request = scene.request("nuri/kim", dataset)
    requester = scene.actor("nuri/kim")
    held = requester.endorse("request.withdraw", {"request": request["id"]}, *with_another("nuri"))
    scene.approve("hanbit/d-1", "dac", request["id"])
    assert scene.check("nuri/kim", dataset)["decision"] == "permit"
    assert requester.send(held).code in STALE
    assert scene.check("nuri/kim", dataset)["decision"] == "permit"


def test_the_same_transaction_twice(scene: Scene, dataset: str) -> None:
    held = scene.steward.endorse(
        "policy.set",
        {"dataset": dataset, "policy": policy(("hanbit", "dac"), ("hanbit", "ethics"))},
        *with_another("hanbit"),
    )
    assert scene.steward.send(held).code == "VALID"
    scene.steward.contract.send(held)
    scene.policy(dataset, ("hanbit", "dac"))
    assert scene.auditor.ask("policy.get", {"dataset": dataset})["record"]["body"]["version"] == 3


def test_a_blind_write_undoes_nothing(scene: Scene, colluders: Colluders) -> None:
    """nuri's altered chaincode writes a record of nuri's own without reading it, and holds that past a change. The
    control: without a seal it is valid, since nothing was read; and everybody sees that it is forged.
    """
    own = scene.publish("nuri/blind", ("hanbit", "ethics"))["dataset"]
    put = {"do": "put", "key": f"dataset/{own['id']}/{own['changes'][0]['tx']}"}
    put["value"] = json.dumps(own, separators=(",", ":"), sort_keys=True)
    held = colluders.client.endorse("attack.write", [put, put | {"do": "seal", "owner": "nuri"}], *colluders.names)
    unsealed = colluders.client.endorse("attack.write", [put], *colluders.names)
    changed = {"dataset": "nuri/blind", "policy": policy(("hanbit", "ethics"), modes=MORE_MODES)}
    scene.actor("nuri/steward").change("policy.set", changed, *with_another("nuri"))
    assert colluders.client.send(held).code == "ENDORSEMENT_POLICY_FAILURE"
    assert scene.auditor.ask("policy.get", {"dataset": "nuri/blind"})["record"]["body"]["version"] == 2
    assert colluders.client.send(unsealed).code == "VALID"
    assert put["key"] in scene.forged("dataset.list", owner="nuri")
