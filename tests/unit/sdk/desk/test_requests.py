"""What somebody reads before they vote: everything that the vote is about, in the order of reading."""

from types import SimpleNamespace
from typing import Any

import pytest
from contract_answers import DATASET, REQUEST, REQUEST_VIEW, VOTE
from fake_gateway import AT, digest, view

from medconsent.desk.people import People
from medconsent.desk.requests import RequestScreen, attested, judged, screen, voter, waited_for
from medconsent.errors import Unreachable
from medconsent.nouns.decisions import Decision
from medconsent.values.purposes import Ethics
from medconsent.values.requests import RequestView

NOBODY = People()


def request(**members: Any) -> RequestView:
    return RequestView.from_json({**REQUEST_VIEW, **members})


def with_vote(**body: Any) -> RequestView:
    members = {**VOTE["record"]["body"], **body}
    return request(votes=[view("vote", digest("vote"), "hanbit", "final", **members)])


def said(shown: RequestScreen) -> dict[str, tuple[str, ...]]:
    return {one.label: one.says for one in shown.facts}


def test_the_digests_that_a_vote_names_are_shown() -> None:
    found = request()
    facts = said(screen(found, None, NOBODY))
    named = ("digest of the request", "digest of the version", "digest of the policy")
    body = found.request
    digests = (body.digest, body.version_digest, body.policy_digest)
    assert [facts[label] for label in named] == [(it[:12],) for it in digests]  # cut short: the vote has them whole
    assert facts["for"] == ("2h",)
    assert facts["by"] == ("nuri/kim",)
    assert facts["renews grant"] == ()


def test_each_stage_says_what_it_waits_for() -> None:
    stage = REQUEST_VIEW["waits_for"][0]
    later = {**stage, "open": False, "step": 2, "threshold": 2}
    begun = {**stage, "threshold": 3, "approvals": 1, "missing": 2, "rule": "majority", "rejections": 1}
    people = People("hanbit", {"lee": "Lee Jiwoo"})
    facts = said(screen(request(waits_for=[stage, begun, later]), None, people))
    assert facts["waits for"] == (
        f"hanbit/dac: 1 (0 of 1 approval; 2 seated) since {AT}: lee (Lee Jiwoo), park",
        f"hanbit/dac: 2 more (1 of 3 approvals, by majority, 1 against; 2 seated) since {AT}: lee (Lee Jiwoo), park",
        "hanbit/dac: opens after the steps before (2 approvals; step 2)",
    )


def test_a_stage_that_too_few_are_left_for_says_that_it_can_no_longer_be_met() -> None:
    stage = {**REQUEST_VIEW["waits_for"][0], "threshold": 2, "missing": 2, "recused": 1, "waits_for": ["lee"]}
    later = {**stage, "open": False, "step": 2}
    found = request(waits_for=[stage, later])
    hopeless = (
        "it can no longer be met: 1 member is left who can vote; a steward of hanbit seats others (committee add)"
    )
    assert said(screen(found, None, NOBODY))["waits for"] == (
        f"hanbit/dac: 2 (0 of 2 approvals, 1 with a conflict of interest; 2 seated) since {AT}: lee; {hopeless}",
        f"hanbit/dac: opens after the steps before (2 approvals; step 2); {hopeless}",
    )
    assert waited_for(found, NOBODY)[0] == "hanbit/dac (2, can no longer be met)"


def test_a_returned_request_waits_for_its_requester() -> None:
    found = RequestView.from_json({**with_vote(vote="return", reason="say where").to_json(), "state": "returned"})
    facts = said(screen(found, None, NOBODY))
    assert facts["waits for"] == (f"nuri/kim to amend it since {AT}",)
    assert waited_for(found, NOBODY) == ("nuri/kim", AT)


def test_a_list_says_which_committees_are_waited_for_and_since_when() -> None:
    assert waited_for(request(), NOBODY) == ("hanbit/dac (1), hanbit/privacy (1), saerom/ethics (1)", AT)
    assert waited_for(request(waits_for=[]), NOBODY) == ("", "")


def test_a_decided_request_says_why_and_since_when() -> None:
    shown = screen(request(state="lapsed", why="deadline", decided_at=AT), None, NOBODY)
    (state,) = (one for one in shown.facts if one.label == "state")
    assert (state.state, state.says) == ("lapsed", (f"(deadline) since {AT}",))


def test_what_is_left_to_people_is_said_in_the_contract_s_sentences() -> None:
    reasons = [
        {"code": "USE_PERMITTED", "message": "the purpose is permitted"},
        {"code": "CLAIMED_ONLY", "message": "whether it is not commercial is only claimed"},
        {"code": "MODE_NOT_ALLOWED", "message": "download is not allowed"},
        {"code": "SENSITIVE_NEEDS_REVIEW", "message": "the purpose is a sensitive one"},
        {"code": "EXCLUSION_DUE", "message": "the withdrawn are to be left out"},
    ]
    decision = Decision.from_json({"decision": "review", "reasons": reasons, "at": AT, "claimed": ["commercial"]})
    shown = screen(request(), decision, NOBODY)
    (rules,) = (one for one in shown.facts if one.label == "the rules say")
    assert rules.state == "review"
    facts = said(shown)
    assert facts["for it"] == ("the purpose is permitted",)
    assert facts["against it"] == ("download is not allowed",)
    assert facts["for people to judge"] == (
        "whether it is not commercial is only claimed",
        "the purpose is a sensitive one",
    )
    assert facts["to know"] == ("the withdrawn are to be left out",)
    assert said(shown)["only claimed"] == ("commercial",)


@pytest.mark.parametrize(
    ("body", "note"),
    [({}, ""), ({"request_digest": digest("before")}, "before the amendment")],
)
def test_a_vote_from_before_the_amendment_is_marked_and_attests_nothing(body: dict[str, Any], note: str) -> None:
    letter = {"board": "IRB", "number": "7", "sha256": digest("letter"), "valid_until": AT}
    shown = screen(with_vote(attestation=letter, **body), None, NOBODY)
    (vote,) = shown.votes
    assert (vote.vote, vote.note, vote.by, vote.committee) == ("approve", note, "hanbit/lee", "hanbit/dac")
    line = f"{attested(Ethics.from_json(letter))}, by hanbit/lee"
    assert shown.attested == (() if note else (line,))


def test_a_declared_conflict_outlives_an_amendment() -> None:
    (vote,) = screen(with_vote(vote="recuse", request_digest=digest("before")), None, NOBODY).votes
    assert vote.note == ""


def test_a_deputy_votes_for_somebody() -> None:
    deputy = {"member": "park", "delegation": digest("d"), "changes": 1, "digest": digest("e")}
    (vote,) = with_vote(deputy_for=deputy).votes
    assert voter(vote, People("hanbit", {"park": "Park Sora"})) == "hanbit/lee for park (Park Sora)"


def test_what_was_said_besides_is_whole() -> None:
    remark = view(
        "remark", digest("r"), "nuri", "final", request=REQUEST, dataset="hanbit/bc",
        author={"institution": "nuri", "id": "kim"}, commitment="c" * 64,
    )  # fmt: skip
    remark["record"]["body"]["kind"] = "remark"
    shown = screen(request(remarks=[remark]), None, NOBODY)
    assert shown.remarks[0].heading == f"remark of nuri/kim at {AT}"
    assert shown.remarks[0].said == f"(kept off the ledger; commitment {'c' * 64})"


def test_the_rules_are_asked_about_undecided_requests_alone() -> None:
    asked: list[tuple[Any, ...]] = []

    def explain(*words: Any, **members: Any) -> str:
        asked.append((words, members["version"], members["duration"]))
        return "an answer"

    client: Any = SimpleNamespace(decisions=SimpleNamespace(explain=explain))
    assert judged(client, request(state="approved")) is None
    assert judged(client, request()) == "an answer"
    assert asked == [(("hanbit/bc",), DATASET["version"]["record"]["body"]["version"], 7200)]


def test_a_request_is_shown_though_the_rules_cannot_be_asked() -> None:
    def explain(*_words: Any, **_members: Any) -> None:
        raise Unreachable("the peer was not reached")

    client: Any = SimpleNamespace(decisions=SimpleNamespace(explain=explain))
    assert judged(client, request()) is None
