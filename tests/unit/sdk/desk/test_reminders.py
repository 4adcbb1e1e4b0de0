"""Reminders: what is due, what is gathered for it, and what a digest leaves out."""

import copy
import json
from datetime import UTC, datetime, timedelta

import pytest
from contract_answers import EMERGENCY, GRANT_RECORD, REQUEST, REQUEST_VIEW, VOTE
from fake_gateway import AT, FakeGateway, client, digest, view

from medconsent.desk.reminders import Digest, Facts, due, gather
from medconsent.nouns.breakglass import BreakglassView
from medconsent.nouns.requests import RequestView
from medconsent.values.grants import GrantView

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
TERMS = {"older_than": timedelta(days=3), "ending_within": timedelta(days=14)}


def facts(**members):
    nothing = {"waiting": {}, "returned": (), "grants": (), "unjustified": (), "proposed": ()}
    return Facts(institution="hanbit", **{**nothing, **members})


def waiting(since, **more):
    stage = {**REQUEST_VIEW["waits_for"][0], "since": since, **more}
    return RequestView.from_json({**REQUEST_VIEW, "waits_for": [stage]})


def grant(until, **body):
    record = view("grant", digest(until), "hanbit", **{**GRANT_RECORD["record"]["body"], "until": until, **body})
    return GrantView.from_json({"grant": record, "state": "active"})


def keys(found):
    return [reminder.key for reminder in found]


@pytest.mark.parametrize(
    ("since", "more", "told"),
    [
        ("2026-11-28T12:00:00Z", {}, True),
        ("2026-11-28T12:00:01Z", {}, False),  # not yet three days
        ("2026-11-20T12:00:00Z", {"open": False}, False),  # waits for earlier steps, not for this committee
        ("2026-11-20T12:00:00Z", {"institution": "saerom"}, False),
    ],
)
def test_a_vote_is_waited_for_from_when_its_stage_opened(since, more, told):
    found = due(facts(waiting={"dac": (waiting(since, **more),)}), NOW, **TERMS)
    assert keys(found) == ([f"vote/hanbit/dac/{REQUEST}"] if told else [])


@pytest.mark.parametrize(
    ("until", "told"), [("2026-12-15T12:00:00Z", True), ("2026-12-15T12:00:01Z", False), ("2026-12-01T12:00:01Z", True)]
)
def test_a_grant_is_told_of_before_it_ends(until, told):
    assert len(due(facts(grants=(grant(until),)), NOW, **TERMS)) == told


def test_a_break_glass_is_told_of_at_once_and_first_and_not_as_a_grant():
    emergency = BreakglassView.from_json({"breakglass": EMERGENCY, "state": "open"})
    found = due(
        facts(
            unjustified=(emergency,),
            returned=(RequestView.from_json({**REQUEST_VIEW, "state": "returned"}),),
            grants=(grant("2026-12-02T00:00:00Z", breakglass=emergency.id), grant("2026-12-03T00:00:00Z")),
        ),
        NOW,
        **TERMS,
    )
    assert [it.kind for it in found] == ["justify", "amend", "ending"]


def test_a_proposed_break_glass_is_told_of_before_everything_and_says_until_when():
    later = view("breakglass", digest("later"), "hanbit", "proposed", **EMERGENCY["record"]["body"])
    until = "2026-12-02T10:00:00Z"
    proposed = [
        BreakglassView.from_json({"breakglass": record, "state": "proposed", "confirm_until": until})
        for record in (later, EMERGENCY)  # as the contract lists them: the newest first
    ]
    opened = BreakglassView.from_json({"breakglass": EMERGENCY, "state": "open"})
    now = proposed[0].breakglass.created_at
    found = due(facts(proposed=proposed, unjustified=(opened,)), now, **TERMS)
    assert [it.kind for it in found] == ["confirm", "confirm", "justify"]
    assert [it.id for it in found[:2]] == [EMERGENCY["record"]["id"], digest("later")]
    assert str(found[0]) == (
        f"break-glass {EMERGENCY['record']['id'][:12]} for hanbit/bc proposed at {AT}, waits for a second person "
        f"until {until}"
    )
    assert len(set(keys(found))) == 3


def returned(at):
    vote = copy.deepcopy(VOTE)
    vote["record"]["body"] |= {"vote": "return", "reason": "say more"}
    vote["record"]["changes"][0]["at"] = at
    return RequestView.from_json({**REQUEST_VIEW, "state": "returned", "votes": [VOTE, vote]})


@pytest.mark.parametrize(("at", "told"), [("2026-11-28T12:00:00Z", True), ("2026-11-28T12:00:01Z", False)])
def test_an_amendment_is_waited_for_from_when_it_was_returned(at, told):
    found = due(facts(returned=(returned(at),)), NOW, **TERMS)
    assert len(found) == told
    assert not told or f"was returned for changes at {at}" in str(found[0])


def test_what_is_gathered_is_asked_for_by_committee_requester_and_owner():
    asked = []

    def contract(function, argument):
        asked.append((function, argument))
        if function == "request.get":
            return returned("2026-11-20T12:00:00Z").to_json()
        if argument.get("state") == "returned":
            return {"items": [{**REQUEST_VIEW, "state": "returned", "votes": []}], "bookmark": ""}
        if argument.get("waiting_for") == "hanbit/dac":
            return {"items": [REQUEST_VIEW], "bookmark": ""}
        if function == "grant.list":  # on one's own data and held by one's own people: told once
            return {"items": [{"grant": GRANT_RECORD, "state": "active"}], "bookmark": ""}
        if function == "breakglass.list" and argument["state"] in ("unjustified", "proposed"):
            return {"items": [{"breakglass": EMERGENCY, "state": argument["state"]}], "bookmark": ""}
        return {"items": [], "bookmark": ""}

    found = gather(client(FakeGateway(contract), "hanbit", "desk", "auditor"))
    assert [len(found.waiting[role]) for role in ("dac", "ethics", "privacy")] == [1, 0, 0]
    assert (len(found.returned), len(found.grants), len(found.unjustified)) == (1, 1, 1)
    assert [it.state for it in (*found.proposed, *found.unjustified)] == ["proposed", "unjustified"]
    assert found.returned[0].returned_at is not None
    assert ("grant.list", {"owner": "hanbit", "state": "active"}) in asked
    assert ("grant.list", {"holder": "hanbit", "state": "active"}) in asked
    assert ("request.list", {"requester": "hanbit", "state": "returned"}) in asked


def test_a_digest_has_nothing_that_anybody_wrote_and_no_person():
    emergency = BreakglassView.from_json({"breakglass": EMERGENCY, "state": "open"})
    found = due(
        facts(
            waiting={"dac": (waiting("2026-11-20T12:00:00Z"),)},
            returned=(RequestView.from_json({**REQUEST_VIEW, "state": "returned"}),),
            grants=(grant("2026-12-03T00:00:00Z"),),
            unjustified=(emergency,),
            proposed=(BreakglassView.from_json({"breakglass": EMERGENCY, "state": "proposed"}),),
        ),
        NOW,
        **TERMS,
    )
    digest_ = Digest("hanbit", NOW, found)
    text = json.dumps(digest_.to_json()) + digest_.title + "\n".join(digest_.lines())
    for private in ("Screening", "an emergency", "kim", "lee", "p-1", "C50"):
        assert private not in text
    assert digest_.title == "medconsent: 5 things to see to at hanbit"
    assert f"request {REQUEST[:12]} for hanbit/bc waits for a vote of hanbit/dac since 2026-11-20T12:00:00Z" in text
