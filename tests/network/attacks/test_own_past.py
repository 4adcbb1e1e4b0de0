"""The requester's institution writes its own sealed request anew, with chaincode of its own, after others have decided.

Who: nuri, alone, with its own peer and its own seal on its own record; its researcher asks for hanbit's data. A seal
says who wrote, not that it was written once. What must hold: whatever others have said to a request counts for it for
ever, whatever its text says later; `check` at hanbit's own peer never permits on a request that was rejected, returned
or had lapsed, nor on one that is not the one that was judged.
"""

import contextlib
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from actors import Actor, Refused
from past import Owner, canonical
from scene import Scene, application, ballot, question, with_another

E_1, D_1 = ("hanbit/e-1", "ethics"), ("hanbit/d-1", "dac")
NOTHING_ENDED = {"submitted", "in-review", "approved"}
"""The states of a request that was not ended: none of them may be shown of one that was."""


@pytest.fixture(scope="module")
def nuri(scene: Scene) -> Owner:
    """The requester's institution, with chaincode of its own; hanbit's auditor sees what comes of it."""
    return Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)


@pytest.fixture
def dataset(request: pytest.FixtureRequest) -> str:
    """The name of a dataset of hanbit's for one test."""
    return f"hanbit/{request.node.name.removeprefix('test_').replace('_', '-')[:60]}"


def moment(seconds: float = 0) -> str:
    """`seconds` from now."""
    return f"{datetime.now(UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def votes(scene: Scene, who: tuple[str, str], request: str, vote: str) -> Any:
    """Somebody of hanbit votes on what their own peer shows them; the answer, or the refusal."""
    member: Actor = scene.actor(*who)
    try:
        return member.change("request.vote", ballot(member, request, who[1], vote), *with_another("hanbit"))
    except Refused as refused:
        return refused


def stands(nuri: Owner, request: str) -> dict[str, Any]:
    """The record of the request."""
    return dict(json.loads(nuri.past.value(f"request/{request}")))


def stated_anew(record: dict[str, Any], **changed: Any) -> bytes:
    """The record as an amendment would leave it that the contract refuses now."""
    at = max(moment(), record["updated_at"])
    amended = {"action": "request.amended", "at": at, "by": record["changes"][0]["by"], "tx": "ab" * 32}
    body = record["body"] | changed | {"as_made": record["body"].get("as_made", record["body"])}
    return canonical(record | {"body": body, "updated_at": at, "changes": [*record["changes"], amended]})


def assert_never_granted(scene: Scene, request: str, dataset: str) -> None:
    """hanbit's committee votes for what it is shown, and nothing comes of it."""
    shown = "nothing"
    with contextlib.suppress(Refused):
        shown = scene.auditor.ask("request.get", {"request": request})["state"]
    for who in (D_1, E_1):
        votes(scene, who, request, "approve")
    decision = scene.check("nuri/kim", dataset)
    assert decision["decision"] == "deny", f"after the rewriting the request was {shown!r}, and then: {decision}"
    assert shown not in NOTHING_ENDED


def test_a_vetoed_request_is_stated_anew(scene: Scene, nuri: Owner, dataset: str) -> None:
    """hanbit's ethics board has a veto and uses it; nuri adds an amendment to the record, so that the veto is about
    another text.
    """
    scene.publish(dataset, ("hanbit", "dac"), vetoes=[{"institution": "hanbit", "role": "ethics"}])
    request = scene.request("nuri/kim", dataset)["id"]
    assert votes(scene, E_1, request, "reject")["state"] == "rejected"
    nuri.rewrites(f"request/{request}", stated_anew(stands(nuri, request), project="The same project"))
    assert_never_granted(scene, request, dataset)


def test_a_rejected_request_is_stated_anew(scene: Scene, nuri: Owner, dataset: str) -> None:
    """A stage that can no longer be met, in the same way."""
    scene.publish(dataset, ("hanbit", "dac"), ("hanbit", "ethics"))
    request = scene.request("nuri/kim", dataset)["id"]
    assert votes(scene, E_1, request, "reject")["state"] == "rejected"
    nuri.rewrites(f"request/{request}", stated_anew(stands(nuri, request), project="The same project"))
    outcome = votes(scene, E_1, request, "approve")
    assert isinstance(outcome, Refused), outcome
    assert_never_granted(scene, request, dataset)


def test_approvals_of_a_former_text_come_back(scene: Scene, nuri: Owner, dataset: str) -> None:
    """Approved by one committee, amended by the rules (which ends the approval), rejected by that committee; then nuri
    puts the older bytes back: the rejection is about a text that is no more, and the approval counts again.
    """
    scene.publish(dataset, ("hanbit", "dac"), ("hanbit", "ethics"))
    request = scene.request("nuri/kim", dataset)["id"]
    votes(scene, D_1, request, "approve")
    first = nuri.past.value(f"request/{request}")
    kim = scene.actor("nuri/kim")
    kim.change("request.amend", {"request": request, "project": "Something else"}, *with_another("nuri"))
    assert votes(scene, D_1, request, "reject")["state"] == "rejected"
    nuri.rewrites(f"request/{request}", first)
    assert_never_granted(scene, request, dataset)


def test_an_approval_that_an_amendment_ended(scene: Scene, nuri: Owner, dataset: str) -> None:
    """The same without any rejection: an approval of a text that its author took back does not count for it again."""
    scene.publish(dataset, ("hanbit", "dac"), ("hanbit", "ethics"))
    request = scene.request("nuri/kim", dataset)["id"]
    votes(scene, D_1, request, "approve")
    first = nuri.past.value(f"request/{request}")
    kim = scene.actor("nuri/kim")
    kim.change("request.amend", {"request": request, "project": "Something else"}, *with_another("nuri"))
    nuri.rewrites(f"request/{request}", first)
    votes(scene, E_1, request, "approve")
    decision = scene.check("nuri/kim", dataset)
    assert decision["decision"] == "deny", decision


def test_a_lapsed_deadline_begins_anew(scene: Scene, nuri: Owner, dataset: str) -> None:
    """The request is dated later than it was made, and with it its deadline."""
    period = 4
    scene.publish(dataset, ("hanbit", "dac"), review_period_seconds=period)
    request = scene.request("nuri/kim", dataset)["id"]
    record = stands(nuri, request)
    time.sleep(period + 2)
    assert scene.auditor.ask("request.get", {"request": request})["state"] == "lapsed"
    made = [record["changes"][0] | {"at": moment(60)}]
    body = record["body"] | {"review_until": moment(60 + period)}
    record |= {"changes": made, "updated_at": made[0]["at"], "body": body}
    made_at = datetime.fromisoformat(made[0]["at"])
    body["review_until"] = f"{made_at + timedelta(seconds=period):%Y-%m-%dT%H:%M:%SZ}"
    nuri.rewrites(f"request/{request}", canonical(record))
    assert_never_granted(scene, request, dataset)


def test_a_request_is_dated_back(scene: Scene, nuri: Owner, dataset: str) -> None:
    """The policy asks for an ethics approval that is valid. When its time is over nuri puts another project and other
    people into the request, dated when the letter was still good.
    """
    use = [{"permission": "GRU", "limits": [{"term": "IRB"}]}]
    scene.publish(dataset, ("hanbit", "dac"), use=use)
    kim = scene.actor("nuri/kim", "researcher")
    letter = {"board": "nuri IRB", "number": "2026-1", "sha256": "9f" * 32, "valid_until": moment(5)}
    asked = application(kim, dataset)
    asked["purpose"] = asked["purpose"] | {"ethics": letter}
    request = kim.change("request.submit", asked, *with_another("nuri"))["id"]
    time.sleep(6)
    with pytest.raises(Refused) as refused:
        kim.change("request.amend", {"request": request, "project": "A later project"}, *with_another("nuri"))
    assert refused.value.code == "POLICY_DENIES"
    record = stands(nuri, request)
    later = record["body"] | {"project": "A later project", "purpose": record["body"]["purpose"] | {"ethics": letter}}
    later["purpose"] = later["purpose"] | {"ethics": letter | {"valid_until": moment(86_400)}}
    nuri.rewrites(f"request/{request}", canonical(record | {"body": later}))
    votes(scene, D_1, request, "approve")
    asked_about = question("nuri/kim", dataset)
    decision = scene.auditor.ask("check", asked_about)
    assert decision["decision"] == "deny", decision
