"""Two institutions write records in the third one's name.

With the third one's seal Fabric refuses the transaction, because the third one's peer did not endorse it. Without,
Fabric takes it: a majority endorsed, and new keys need no more. Then every reader sees that it is forged, and nothing
follows from it.
"""

import json
import time
from dataclasses import replace
from typing import Any

import pytest
import rwset
from actors import Outcome, Refused
from colluders import NO_SEAL, REFUSED, WAYS, Colluders, Way, impersonated, transaction_on_ledger
from scene import MORE_MODES, Scene, application, ballot, codes, policy, publication, with_another

COHORT = "hanbit/cohort"
A_STALL = 60  # seconds: the peers' pullRetryThreshold


@pytest.fixture(scope="module", autouse=True)
def cohorts(scene: Scene) -> None:
    """A dataset of the victim and one of the colluders, each released by its owner's committee."""
    scene.publish(COHORT, ("hanbit", "dac"))
    scene.publish("nuri/twin", ("nuri", "dac"))


# By altered chaincode: the honest rules run, but are shown a caller of hanbit's who never asked. What comes out is,
# to the byte, what the contract would have written for that caller.


@pytest.mark.parametrize("way", WAYS)
def test_an_institution_that_is_not_in_the_channel(scene: Scene, colluders: Colluders, way: Way) -> None:
    """There is no collection to look for its seal in: the record is forged, and the listing goes on."""
    profile = {"title": "Nuri", "country": "KR", "contact": "https://nuri.example", "roles": ["dac"]}
    scene.actor("nuri/operator", "operator").ensure("institution.set", profile, "nuri", "hanbit")
    shown = scene.auditor.ask("institution.get", {"institution": "nuri"})
    made = shown["key"].rpartition("/")[2]
    record = json.dumps(shown["record"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    ghost = f"ghost-{way.partition(' ')[0]}"
    record = record.replace('"nuri"', f'"{ghost}"').replace(made, "$TX")
    outcome = colluders.write(way, {"do": "put", "key": f"institution/{ghost}/$TX", "value": record})
    assert outcome.code == "VALID"
    forged = scene.forged("institution.list")
    assert forged[f"institution/{ghost}/{outcome.transaction_id}"] == f"{ghost} is no institution of this channel"


def test_institution_by_altered_chaincode(scene: Scene, colluders: Colluders) -> None:
    """hanbit's record, which names its officers, is hanbit's to change; another one beside it is forged."""
    before = scene.auditor.ask("institution.get", {"institution": "hanbit"})
    described = {name: before["record"]["body"][name] for name in ("country", "contact", "roles")}
    mallory = {"id": "mallory", "roles": ["steward"], "key": colluders.client.fingerprint}
    argument = {**described, "title": "Ours", "officers": [*before["record"]["body"]["officers"], mallory]}
    somebody = colluders.somebody("hanbit/operator", "operator")
    for leave in ((), ("seals",), ("seals", "guards", "deletions")):
        assert colluders.impersonate(somebody, "institution.set", argument, leave=leave).code == REFUSED
    made = before["key"].rpartition("/")[2]
    record = json.dumps(before["record"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    record = record.replace(made, "$TX").replace(before["record"]["body"]["title"], "Ours")
    forgery = colluders.write("altered chaincode", {"do": "put", "key": "institution/hanbit/$TX", "value": record})
    assert forgery.code == "VALID"
    assert scene.forged("institution.list")[f"institution/hanbit/{forgery.transaction_id}"] == NO_SEAL
    assert scene.auditor.ask("institution.get", {"institution": "hanbit"}) == before


def test_committee_by_altered_chaincode(scene: Scene, colluders: Colluders) -> None:
    roster = {"role": "privacy", "members": [{"id": "mallory", "key": colluders.client.fingerprint}]}
    forgery = impersonated(colluders, "forger", "steward", "committee.set", roster)
    listed = scene.forged("committee.list", institution="hanbit")
    assert listed[f"committee/hanbit/privacy/{forgery.transaction_id}"] == NO_SEAL
    scene.seat("hanbit", "privacy", "p-1")
    shown = scene.auditor.ask("committee.get", {"institution": "hanbit", "role": "privacy"})
    assert [seat["id"] for seat in shown["record"]["body"]["seats"]] == ["p-1"]


def test_dataset_by_altered_chaincode(scene: Scene, colluders: Colluders) -> None:
    argument = publication("invented", ("nuri", "dac"))
    forgery = impersonated(colluders, "forger", "steward", "dataset.publish", argument)
    key = f"dataset/hanbit/invented/{forgery.transaction_id}"
    assert scene.forged("dataset.list", owner="hanbit")[key] == NO_SEAL
    decision = scene.check("nuri/kim", "hanbit/invented")
    assert decision["decision"] == "deny"
    assert "FORGED" in codes(decision)
    assert key in str(decision["reasons"])
    # The name is not taken: hanbit publishes under it, and its own record is the one that counts.
    scene.publish("hanbit/invented", ("hanbit", "dac"))
    assert scene.auditor.ask("dataset.get", {"dataset": "hanbit/invented"})["dataset"]["sealed"]
    assert scene.grant("nuri/kim", "hanbit/invented")["status"] == "active"
    assert scene.check("nuri/kim", "hanbit/invented")["decision"] == "permit"


def test_policy_by_altered_chaincode(scene: Scene, colluders: Colluders) -> None:
    """A new policy changes the dataset's head, which exists and is hanbit's to change: refused even without a seal."""
    somebody = colluders.somebody("hanbit/forger", "steward")
    argument = {"dataset": COHORT, "policy": policy(("nuri", "dac"))}
    assert colluders.impersonate(somebody, "policy.set", argument).code == REFUSED
    assert colluders.impersonate(somebody, "policy.set", argument, leave=["seals", "guards"]).code == REFUSED
    assert scene.auditor.ask("dataset.get", {"dataset": COHORT})["policy"]["record"]["body"]["version"] == 1


def test_request_by_altered_chaincode(scene: Scene, colluders: Colluders) -> None:
    argument = application(colluders.client, "nuri/cohort")
    forgery = impersonated(colluders, "r-1", "researcher", "request.submit", argument)
    assert scene.forged("request.list", requester="hanbit")[f"request/{forgery.transaction_id}"] == NO_SEAL
    with pytest.raises(Refused) as refused:
        scene.auditor.ask("request.get", {"request": forgery.transaction_id})
    assert refused.value.code == "FORGED"


def test_vote_and_grant_by_altered_chaincode(scene: Scene, colluders: Colluders) -> None:
    """The vote of hanbit's member on a request for hanbit's data, and the grant that it completes."""
    request = scene.request("nuri/kim", COHORT)
    member = scene.actor("hanbit/d-1", "dac")
    vote = ballot(member, request["id"], "dac")
    forgery = impersonated(colluders, "d-1", "dac", "request.vote", vote)
    decision = scene.check("nuri/kim", COHORT)
    assert decision["decision"] == "deny"
    assert "FORGED" in codes(decision)
    assert f"grant/{forgery.transaction_id}" in str(decision["reasons"])
    assert scene.forged("grant.list", owner="hanbit")[f"grant/{forgery.transaction_id}"] == NO_SEAL
    assert scene.auditor.ask("request.get", {"request": request["id"]})["state"] == "submitted"
    # The real member has not voted yet, and may: the forged vote is not theirs.
    rejected = member.change("request.vote", vote | {"vote": "reject"}, *with_another("hanbit"))
    assert rejected["state"] == "rejected"


def test_vote_on_the_colluders_own_data_by_altered_chaincode(scene: Scene, colluders: Colluders) -> None:
    """A dataset of nuri that hanbit's ethics board has to approve: nuri seals the grant itself, and only the vote is
    forged.
    """
    request = scene.request("saerom/lee", "nuri/cohort")
    board = scene.actor("hanbit/e-1", "ethics")
    somebody = colluders.somebody("hanbit/e-1", "ethics")
    argument = ballot(board, request["id"], "ethics")
    assert colluders.impersonate(somebody, "request.vote", argument).code == REFUSED
    forgery = colluders.impersonate(somebody, "request.vote", argument, leave=["seals of hanbit", "deletions"])
    assert forgery.code == "VALID"
    grant = scene.auditor.ask("grant.get", {"grant": forgery.transaction_id})
    assert grant["grant"]["sealed"], "nuri did seal the grant: it is its own"
    decision = scene.check("saerom/lee", "nuri/cohort")
    assert decision["decision"] == "deny"
    assert "FORGED" in codes(decision)
    assert f"vote/{request['id']}/{forgery.transaction_id}" in str(decision["reasons"])
    # The same with the board's real vote is permitted: nothing else was missing.
    honest = scene.request("saerom/lee", "nuri/cohort")
    board.change("request.vote", ballot(board, honest["id"], "ethics"), "hanbit", "nuri")
    assert scene.check("saerom/lee", "nuri/cohort")["decision"] == "permit"


def test_a_vote_in_a_colluders_own_collection(scene: Scene, colluders: Colluders) -> None:
    """saerom's board is asked too, so its collection is read: there it puts up a second vote of hanbit's, which needs
    nobody's endorsement but its own.
    """
    dataset, board = "hanbit/put-up-elsewhere", scene.actor("saerom/s-1", "ethics")
    scene.seat("hanbit", "dac", "d-1", "d-2")
    scene.seat("saerom", "ethics", "s-1", "s-2")
    stages = [
        {"institution": "hanbit", "role": "dac", "threshold": 2},
        {"institution": "saerom", "role": "ethics", "threshold": 1},
    ]
    scene.publish(dataset, stages=stages)
    request = scene.request("nuri/kim", dataset)["id"]
    member, second = scene.actor("hanbit/d-1", "dac"), scene.actor("hanbit/d-2", "dac")
    vote = member.change("request.vote", ballot(member, request, "dac"), *with_another("hanbit"))["vote"]
    text = json.dumps(vote, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    for was, becomes in {
        vote["id"]: "$TX",
        '"id":"d-1"': '"id":"d-2"',
        member.fingerprint: second.fingerprint,
        '"seq":1': '"seq":2',
    }.items():
        assert was in text
        text = text.replace(was, becomes)
    put_up = {"do": "post", "key": f"vote/{request}#at1", "value": text, "owner": "saerom"}
    assert colluders.write("altered chaincode", put_up).code == "VALID"
    board.send(board.endorse("request.vote", ballot(board, request, "ethics"), "hanbit", "saerom"))
    assert scene.auditor.ask("request.get", {"request": request})["state"] == "in-review"
    assert scene.check("nuri/kim", dataset)["decision"] == "deny"
    assert scene.approve("hanbit/d-2", "dac", request)["state"] == "approved"  # the control


# By hand: what nuri did honestly in its own name is told again as hanbit's, under the signatures of the colluders'
# peers.


def retold(scene: Scene, colluders: Colluders, transaction_id: str, changes: dict[str, str]) -> Outcome:
    """The transaction with `changes`: refused with hanbit's seals, committed without. The second outcome."""
    honest = rwset.of(transaction_on_ledger(scene.auditor, transaction_id))

    def told(new_id: str) -> rwset.ReadWriteSet:
        return rwset.retold(honest, {transaction_id: new_id} | changes)

    assert colluders.forge(lambda new_id: rwset.resealed(told(new_id), "hanbit")).code == REFUSED
    unsealed = colluders.forge(told)
    assert unsealed.code == "VALID", "the write itself has to land, or nothing is shown"
    return unsealed


TO_HANBIT = {
    "nuri/twin": COHORT,
    '"owner":"nuri"': '"owner":"hanbit"',
    '"institution":"nuri"': '"institution":"hanbit"',
}


def made_by(record: Any) -> str:
    """The transaction that last changed a record."""
    return str(record["changes"][-1]["tx"])


def test_committee_by_hand(scene: Scene, colluders: Colluders) -> None:
    steward = scene.actor("nuri/steward", "steward")
    roster = {"role": "ethics", "members": scene.members("nuri", "ethics", "mallory-2")}
    twin = steward.change("committee.set", roster, *with_another("nuri"))
    forgery = retold(
        scene,
        colluders,
        made_by(twin),
        TO_HANBIT | {"committee/nuri": "committee/hanbit", "nuri/ethics": "hanbit/ethics"},
    )
    assert (
        scene.forged("committee.list", institution="hanbit")[f"committee/hanbit/ethics/{forgery.transaction_id}"]
        == NO_SEAL
    )
    shown = scene.auditor.ask("committee.get", {"institution": "hanbit", "role": "ethics"})
    assert [seat["id"] for seat in shown["record"]["body"]["seats"]] == ["e-1"]


def test_dataset_by_hand(scene: Scene, colluders: Colluders) -> None:
    twin = scene.publish("nuri/told-again", ("nuri", "dac"))
    changes = TO_HANBIT | {"nuri/told-again": "hanbit/told-again"}
    forgery = retold(scene, colluders, made_by(twin["dataset"]), changes)
    key = f"dataset/hanbit/told-again/{forgery.transaction_id}"
    assert scene.forged("dataset.list", owner="hanbit")[key] == NO_SEAL
    assert key.replace("dataset/", "version/").replace("again/", "again/00000001/") in scene.forged(
        "audit.trail", dataset="hanbit/told-again"
    )


def test_policy_by_hand(scene: Scene, colluders: Colluders) -> None:
    """Version 2 of the policy of hanbit's dataset, and a second head that names it as the latest."""
    steward = scene.actor("nuri/steward", "steward")
    again = {"dataset": "nuri/twin", "policy": policy(("nuri", "dac"), modes=MORE_MODES)}
    twin = steward.change("policy.set", again, *with_another("nuri"))
    forgery = retold(scene, colluders, made_by(twin), TO_HANBIT)
    assert f"policy/{COHORT}/00000002/{forgery.transaction_id}" in scene.forged("audit.trail", dataset=COHORT)
    assert scene.auditor.ask("dataset.get", {"dataset": COHORT})["policy"]["record"]["body"]["version"] == 1
    with pytest.raises(Refused) as refused:
        scene.auditor.ask("policy.get", {"dataset": COHORT, "version": 2})
    assert refused.value.code == "FORGED"
    scene.policy(COHORT, ("hanbit", "dac"), modes=MORE_MODES)
    assert scene.auditor.ask("policy.get", {"dataset": COHORT, "version": 2})["sealed"]


def test_request_by_hand(scene: Scene, colluders: Colluders) -> None:
    twin = scene.request("nuri/kim", "nuri/cohort")
    changes = {'"owner":"nuri"': '"owner":"hanbit"', '"institution":"nuri"': '"institution":"hanbit"',
               "request-requester/nuri": "request-requester/hanbit"}  # fmt: skip
    forgery = retold(scene, colluders, twin["id"], changes)
    assert scene.forged("request.list", requester="hanbit")[f"request/{forgery.transaction_id}"] == NO_SEAL


def test_vote_and_grant_by_hand(scene: Scene, colluders: Colluders) -> None:
    """nuri's committee gave nuri/twin away; told again, hanbit's gave hanbit/cohort away."""
    request = scene.request("saerom/lee", "nuri/twin")
    member = scene.actor("nuri/mallory-2", "dac")
    given = member.change("request.vote", ballot(member, request["id"], "dac"), "nuri", "hanbit")["grant"]
    assert scene.check("saerom/lee", "nuri/twin")["decision"] == "permit"
    forgery = retold(scene, colluders, given["id"], TO_HANBIT | {"i/grant-owner/nuri": "i/grant-owner/hanbit"})
    decision = scene.check("saerom/lee", COHORT)
    assert decision["decision"] == "deny"
    assert "FORGED" in codes(decision)
    assert f"grant/{forgery.transaction_id}" in str(decision["reasons"])
    assert scene.forged("grant.list", owner="hanbit")[f"grant/{forgery.transaction_id}"] == NO_SEAL


# A record that its forger does seal, with what the forger has: its own collection.


@pytest.mark.parametrize("owner", ["nuri", "saerom"])
def test_a_grant_on_hanbits_data_owned_and_sealed_by_a_colluder(scene: Scene, colluders: Colluders, owner: str) -> None:
    """The seal fits and Fabric takes it; but a grant belongs to the dataset's institution, whoever else says to own
    it.
    """
    scene.publish(f"hanbit/kept-from-{owner}", ("hanbit", "dac"))
    dataset = f"hanbit/kept-from-{owner}"
    request = scene.request("saerom/kang", "nuri/twin")
    member = scene.actor("nuri/mallory-2", "dac")
    given = member.change("request.vote", ballot(member, request["id"], "dac"), "nuri", "hanbit")["grant"]
    honest = rwset.of(transaction_on_ledger(scene.auditor, given["id"]))
    changes = {given["id"]: "$TX", "nuri/twin": dataset, '"owner":"nuri"': f'"owner":"{owner}"'}
    told = rwset.operations(rwset.retold(honest, changes), sealed_by=owner)
    forgery = colluders.write("altered chaincode", *(one for one in told if one["do"] != "delete"))
    assert forgery.code == "VALID"
    decision = scene.check("saerom/kang", dataset)
    assert decision["decision"] == "deny"
    assert "FORGED" in codes(decision)
    assert f"grant/{forgery.transaction_id}" in str(decision["reasons"])


def test_a_refused_forgery_does_not_stall_the_victims_peer(scene: Scene, colluders: Colluders) -> None:
    """It names private data of hanbit's that does not exist. A peer that went looking for it would stand still for a
    minute a block.
    """
    began = time.monotonic()
    for number in range(3):
        key = f"dataset/hanbit/stalling-{number}/{number:064x}"
        assert colluders.forge(rwset.resealed(rwset.ReadWriteSet({key: b"{}"}), "hanbit")).code == REFUSED
    scene.publish("hanbit/not-stalled", ("hanbit", "dac"))
    assert time.monotonic() - began < A_STALL / 2


def test_a_result_signed_by_one_colluder_alone(scene: Scene, colluders: Colluders) -> None:
    """Not even an unsealed record: new keys need a majority."""
    twin = scene.publish("nuri/alone", ("nuri", "dac"))
    honest = rwset.of(transaction_on_ledger(scene.auditor, made_by(twin["dataset"])))
    told = replace(rwset.retold(honest, {"nuri": "hanbit"}), policies={})
    assert colluders.forge(told, by=colluders.peers[:1]).code == REFUSED
    assert colluders.forge(told, by=colluders.peers[:1] * 2).code == REFUSED
