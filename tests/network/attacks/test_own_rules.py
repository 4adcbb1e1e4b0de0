"""A colluder writes records in its own name, properly sealed by itself, that the contract would never have let it
write.

Nobody's seal is forged here. What must hold is that hanbit's peer judges by its own rules whatever the others'
records say: nothing is granted on hanbit's data that hanbit's policy forbids, and nothing that hanbit's people say
can be held back.
"""

import json
from typing import Any

import pytest
import rwset
from actors import Refused
from colluders import Colluders, transaction_on_ledger
from doing import done, of_nuri
from past import Owner, canonical
from scene import Scene, ballot, codes, publication, question, with_another

REVIEWERS = ("saerom", "ethics")


@pytest.fixture(scope="module", autouse=True)
def reviewers(scene: Scene) -> None:
    """hanbit leaves the review of its data to saerom's board, within the limits of its policy."""
    scene.seat("saerom", "ethics", "e-1", "e-2")


def requested(scene: Scene, colluders: Colluders, dataset: str, changes: dict[str, Any]) -> str:
    """A request of nuri/kim's, written with `changes` to its body and sealed by nuri; its id."""
    twin = scene.request("nuri/kim", dataset)
    honest = rwset.of(transaction_on_ledger(scene.auditor, twin["id"]))
    record = json.dumps(twin | {"body": twin["body"] | changes}, separators=(",", ":"), sort_keys=True)
    writes = dict(honest.writes) | {f"request/{twin['id']}": record.encode()}
    told = rwset.retold(rwset.ReadWriteSet(writes), {twin["id"]: "$TX"})
    outcome = colluders.write("altered chaincode", *rwset.operations(told, sealed_by="nuri"))
    assert outcome.code == "VALID"
    return outcome.transaction_id


FORBIDDEN = {
    "for a hundred years": {"duration_seconds": 100 * 365 * 86_400},
    "by another way": {"mode": "federated"},
    "for another purpose": {"purpose": {"kind": "clinical-care"}},
}


@pytest.mark.parametrize("wish", FORBIDDEN)
def test_a_request_that_the_policy_forbids(scene: Scene, colluders: Colluders, wish: str) -> None:
    """nuri asks for what hanbit's policy does not allow, and saerom's board approves: hanbit's own peer has to
    endorse the grant, and does not.
    """
    dataset = f"hanbit/not-{wish.replace(' ', '-')}"
    scene.publish(dataset, REVIEWERS)
    request = requested(scene, colluders, dataset, FORBIDDEN[wish])
    board = scene.actor("saerom/e-1", "ethics")
    with pytest.raises(Refused) as refused:
        board.endorse("request.vote", ballot(board, request, "ethics"), "hanbit", "saerom")
    assert refused.value.code in ("POLICY_DENIES", "LIMIT_EXCEEDED", "FORGED")
    # The control: what the policy allows is approved in the same way.
    assert scene.grant("nuri/kim", dataset, "saerom/e-1", "ethics")["status"] == "active"


def test_a_deadline_of_the_requesters_own(scene: Scene, colluders: Colluders) -> None:
    """The time for review is the policy's, and cannot be stretched by who asks."""
    dataset = "hanbit/not-for-ever"
    scene.publish(dataset, REVIEWERS)
    request = requested(scene, colluders, dataset, {"review_until": "2126-01-01T00:00:00Z"})
    board = scene.actor("saerom/e-1", "ethics")
    with pytest.raises(Refused) as refused:
        board.endorse("request.vote", ballot(board, request, "ethics"), "hanbit", "saerom")
    assert refused.value.code in ("POLICY_DENIES", "LIMIT_EXCEEDED", "FORGED")


@pytest.mark.parametrize("vote", ["reject", "approve"])
def test_index_entries_guarded_by_the_requester(scene: Scene, colluders: Colluders, vote: str) -> None:
    """nuri writes its own, properly sealed request, but keeps for itself the index entries that hanbit's vote would
    remove. A rejection needs nobody who would rather not have it.
    """
    name = f"hanbit/held-back-{vote}"
    scene.publish(name, ("hanbit", "dac"))
    twin = scene.request("nuri/kim", name)
    honest = rwset.of(transaction_on_ledger(scene.auditor, twin["id"]))
    told = rwset.operations(rwset.retold(honest, {twin["id"]: "$TX"}), sealed_by="nuri", guarded_by="nuri")
    forgery = colluders.write("altered chaincode", *told)
    assert forgery.code == "VALID"
    member = scene.actor("hanbit/d-1", "dac")
    outcome = member.send(
        member.endorse(
            "request.vote", ballot(member, forgery.transaction_id, "dac", vote), *with_another("hanbit", "saerom")
        )
    )
    state = scene.auditor.ask("request.get", {"request": forgery.transaction_id})["state"]
    if vote == "reject":
        assert (outcome.code, state) == ("VALID", "rejected")
    else:  # nuri can spoil a request of its own; nothing is granted then
        assert (outcome.code, state) in (("VALID", "approved"), ("ENDORSEMENT_POLICY_FAILURE", "submitted"))


def test_a_vote_with_the_last_number(scene: Scene, colluders: Colluders) -> None:
    """Votes are counted in the order of their numbers. A colluder that takes the last number must not keep hanbit
    from rejecting.
    """
    dataset = "hanbit/numbered"
    scene.publish(dataset, ("hanbit", "dac"), REVIEWERS)
    request = scene.request("nuri/kim", dataset)
    board = scene.actor("saerom/e-1", "ethics")
    held = board.endorse("request.vote", ballot(board, request["id"], "ethics"), "hanbit", "saerom")
    assert board.send(held).code == "VALID"
    second = scene.request("nuri/kim", dataset)
    honest = rwset.of(transaction_on_ledger(scene.auditor, held.transaction_id))
    shown = scene.auditor.ask("request.get", {"request": second["id"]})["request"]["digest"]
    first = scene.auditor.ask("request.get", {"request": request["id"]})["request"]["digest"]
    changes = {held.transaction_id: "$TX", request["id"]: second["id"], first: shown, '"seq":1,': '"seq":1000000,'}
    told = rwset.operations(rwset.retold(honest, changes), sealed_by="saerom")
    last = colluders.write("altered chaincode", *(one for one in told if one["do"] != "delete"))
    assert last.code == "VALID"
    member = scene.actor("hanbit/d-1", "dac")
    rejected = member.change("request.vote", ballot(member, second["id"], "dac", "reject"), *with_another("hanbit"))
    assert rejected["state"] == "rejected"


def test_an_approval_that_the_owner_was_not_asked_about(scene: Scene, colluders: Colluders) -> None:
    """The last vote is a colluder's, and sealed by it. The grant that would follow is hanbit's to seal, and hanbit
    was not asked.
    """
    dataset = "hanbit/not-asked"
    scene.publish(dataset, ("hanbit", "dac"), REVIEWERS)
    request = scene.request("nuri/kim", dataset)
    assert scene.approve("hanbit/d-1", "dac", request["id"])["state"] == "in-review"
    board = scene.actor("saerom/e-1", "ethics")
    held = board.endorse("request.vote", ballot(board, request["id"], "ethics"), "saerom", "nuri")
    assert board.send(held).code == "ENDORSEMENT_POLICY_FAILURE", "it seals a grant of hanbit's"
    caller = {"leave": ["seals of hanbit", "deletions"]}
    forgery = colluders.impersonate(board.key, "request.vote", ballot(board, request["id"], "ethics"), **caller)
    assert forgery.code == "VALID"
    decision = scene.check("nuri/kim", dataset)
    assert decision["decision"] == "deny"
    assert "FORGED" in codes(decision)


CONTRADICTIONS: dict[str, dict[str, str]] = {
    "nothing": {},
    "a stage that nobody has to approve": {'"threshold":1': '"threshold":0'},
    "more stages than there can be": {
        '{"institution":"nuri","role":"dac","threshold":1}': ",".join(
            ['{"institution":"nuri","role":"dac","threshold":1}'] * 101
        )
    },
    "a use that there is not": {'"permission":"GRU"': '"permission":"ANY"'},
    "a kind of data that no rule about faces knows": {'"kinds":["tabular"]': '"kinds":["brain-mri"]'},
    "images of whatever": {'"kinds":["tabular"]': '"kinds":["MR"]'},
    "a title that reads backwards": {'"title":"A cohort"': '"title":"A \u202ecohort"'},
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_a_version_that_the_contract_refuses(scene: Scene, colluders: Colluders, what: str) -> None:
    """nuri publishes with a policy, or a title, that the contract would not have let it write; sealed and posted as it
    has to be. hanbit's peer goes by none of it.
    """
    twin, slug = f"twin-{len(what)}", f"contradicts-{len(what)}"
    publish = publication(twin, ("nuri", "dac")) | {"manifest": {"text": "{}"}}
    made = done(of_nuri(scene, "steward"), "dataset.publish", publish, *with_another("nuri"))
    honest = rwset.of(transaction_on_ledger(scene.auditor, made))
    told = rwset.retold(honest, {twin: slug, made: "$TX", **CONTRADICTIONS[what]})
    records = [key for key, value in told.writes.items() if value and key.endswith("/$TX") and not key.startswith("i/")]
    posts = [{"do": "post", "key": f"{key.rpartition('/')[0]}#at", "owner": "nuri", "value": key} for key in records]
    written = colluders.write("altered chaincode", *rwset.operations(told, sealed_by="nuri"), *posts)
    assert written.code == "VALID"
    dataset = f"nuri/{slug}"
    if what == "nothing":  # the control
        scene.ground(dataset)
        scene.grant("hanbit/park", dataset, "nuri/mallory-2", "dac")
        assert scene.check("hanbit/park", dataset)["decision"] == "permit"
        return
    for question_of, asked in (
        ("explain", {"purpose": {"kind": "general-research"}, "mode": "download"}),
        ("dataset.get", {}),
    ):
        with pytest.raises(Refused) as refused:
            scene.auditor.ask(question_of, {"dataset": dataset, **asked})
        assert refused.value.code == "FORGED", question_of
    assert scene.auditor.ask("check", question("hanbit/park", dataset))["decision"] == "deny"


IMPROPER: dict[str, tuple[str, dict[str, Any]]] = {
    "a status that there is not": ("grant", {"status": "eternal"}),
    "the same grantee twice": ("grant", {"body": {"grantees": ["park", "park"]}}),
    "a policy that has not been set": ("dataset", {"body": {"narrowed_by": 99}}),
    "an act that drives a terminal": ("dataset", {"changes": [{"note": "\u001b]0;gone\u0007"}]}),
}


@pytest.mark.parametrize("what", IMPROPER)
def test_a_state_that_the_contract_would_not_have_written(scene: Scene, what: str) -> None:
    """nuri gives its grant, or its dataset, a next state that the program alone never writes. hanbit's peer goes by
    none of it, and says whose it is.
    """
    kind, said = IMPROPER[what]
    dataset = f"nuri/improper-{list(IMPROPER).index(what)}"
    scene.publish(dataset, ("nuri", "dac"))
    grant = scene.grant("hanbit/park", dataset, "nuri/mallory-2", "dac")["id"]
    assert scene.check("hanbit/park", dataset)["decision"] == "permit"
    query: tuple[str, dict[str, str]] = ("grant.get", {"grant": grant})
    if kind == "dataset":
        query = ("dataset.get", {"dataset": dataset})
    standing = scene.auditor.ask(*query)[kind]
    record = standing["record"]
    last = record["changes"][-1] | {"action": f"{kind}.updated", "tx": "cd" * 32} | said.get("changes", [{}])[0]
    told = record | {"revision": record["revision"] + 1, "changes": [*record["changes"], last]}
    told |= {"status": said.get("status", record["status"]), "body": record["body"] | said.get("body", {})}
    nuri = Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)
    assert nuri.rewrites(standing["key"], canonical(told)).code == "VALID"
    with pytest.raises(Refused) as refused:
        scene.auditor.ask(*query)
    assert refused.value.code == "FORGED"
    assert f"nuri sealed it although the contract refuses such a {kind}" in str(refused.value)
    decision = scene.check("hanbit/park", dataset)
    assert decision["decision"] == "deny"
    assert "FORGED" in codes(decision)
