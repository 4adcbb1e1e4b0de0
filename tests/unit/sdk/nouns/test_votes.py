"""Votes: what one names, the role it is cast in, and who seals it."""

from datetime import UTC, datetime

import pytest
from contract_answers import DELEGATION, GIVEN, GRANT_RECORD, OUTCOME, REQUEST, REQUEST_VIEW, VOTE, gateway, only
from fake_gateway import client, digest, view

from medconsent import errors
from medconsent.nouns.requests import RequestView, choose_role
from medconsent.values.purposes import Ethics


def test_an_approval_names_what_was_shown_and_is_sealed_by_the_owner_too():
    fake = gateway(
        request__get=REQUEST_VIEW,
        request__vote={"vote": VOTE["record"], "state": "approved", "grant": GRANT_RECORD["record"]},
    )
    outcome = client(fake, "saerom", "e-17", "ethics").requests.approve(REQUEST[:8])
    (asked,) = fake.changes()
    assert asked.argument == {
        "request": REQUEST,
        "vote": "approve",
        "role": "ethics",
        "request_digest": digest(REQUEST),
        "version_digest": digest("hanbit/bc@2"),
        "policy_digest": digest("hanbit/bc#3"),
    }
    assert set(asked.organizations) == {"saerom", "hanbit"}
    assert outcome.answer.grant.until.isoformat() == "2026-11-24T10:50:10+00:00"


def test_a_vote_on_what_was_shown_reads_nothing_again():
    fake = gateway(request__vote={"vote": VOTE["record"], "state": "in-review"})
    shown = RequestView.from_json(REQUEST_VIEW)
    client(fake, "hanbit", "lee", "dac").requests.approve(REQUEST, shown=shown)
    assert [asked.function for asked in fake.asked] == ["request.vote"]


def test_a_rejection_needs_nobody_else():
    fake = gateway(request__get=REQUEST_VIEW, request__vote={"vote": VOTE["record"], "state": "rejected"})
    client(fake, "hanbit", "lee", "dac").requests.reject(REQUEST, "no ethics letter")
    (asked,) = fake.changes()
    assert asked.organizations == ("hanbit",)
    assert asked.argument["reason"] == "no ethics letter"


@pytest.mark.parametrize(
    ("institution", "roles", "chosen"),
    [
        ("hanbit", ["steward", "dac"], "dac"),
        ("saerom", ["ethics", "dac"], "ethics"),
        ("nuri", ["privacy"], "privacy"),  # nothing waits for it: the contract says so
        ("saerom", ["researcher"], "ethics"),  # no such role: the contract says so
        ("nuri", [], "dac"),
    ],
)
def test_the_role_is_the_only_one_that_fits_or_one_that_the_contract_can_refuse(institution, roles, chosen):
    assert choose_role(RequestView.from_json(REQUEST_VIEW), institution, roles) == chosen


def test_two_fitting_roles_are_a_question_to_the_voter():
    with pytest.raises(errors.DocumentError, match="dac or as privacy"):
        choose_role(RequestView.from_json(REQUEST_VIEW), "hanbit", ["dac", "privacy"])


def test_votes_of_one_second_stand_in_the_order_in_which_they_were_counted():
    def vote(seq):
        found = view("vote", digest(f"vote {seq}"), "hanbit", request=REQUEST, seq=seq)
        found["record"]["changes"][0]["tx"] = found["record"]["id"]
        return found

    grant = view("grant", digest("vote 3"), "hanbit")
    grant["record"]["changes"][0]["tx"] = digest("vote 3")
    items = [view("request", REQUEST, "nuri"), vote(2), grant, vote(3), vote(1), view("dataset", "hanbit/bc", "hanbit")]
    trail = client(gateway(audit__trail={"items": items, "bookmark": ""})).audit.trail("hanbit/bc")
    votes = [digest(f"vote {seq}") for seq in (1, 2, 3)]
    assert [entry.id for entry in trail.entries] == [REQUEST, *votes[:2], votes[2], votes[2], "hanbit/bc"]


UNTIL = datetime(2027, 1, 1, tzinfo=UTC)
LETTER = Ethics("IRB of Saerom", "2026-114", digest("letter"), UNTIL)


def test_an_approval_can_attest_and_declare():
    fake = gateway(request__get=REQUEST_VIEW, request__vote=OUTCOME)
    client(fake, "saerom", "e-1", "ethics").requests.approve(REQUEST, attestation=LETTER, no_conflict=True)
    argument = only(fake).argument
    assert argument["attestation"] == {
        "board": "IRB of Saerom",
        "number": "2026-114",
        "sha256": digest("letter"),
        "valid_until": "2027-01-01T00:00:00Z",
    }
    assert argument["no_conflict"] is True


def test_a_deputy_names_the_delegation_that_holds():
    fake = gateway(
        request__get=REQUEST_VIEW,
        request__vote=OUTCOME,
        delegation__list=[{"items": [], "bookmark": "x"}, {"items": [GIVEN], "bookmark": ""}],
    )
    client(fake, "hanbit", "choi", "dac").requests.reject(REQUEST, "no", for_="lee")
    argument = only(fake).argument
    assert (argument["for"], argument["delegation"]) == ("lee", DELEGATION["record"]["id"])
    asked = [one.argument for one in fake.asked if one.function == "delegation.list"]
    assert asked[0] == {"institution": "hanbit", "role": "dac", "member": "lee", "deputy": "choi", "state": "active"}


def test_who_is_nobody_s_deputy_is_told_so():
    fake = gateway(request__get=REQUEST_VIEW, delegation__list={"items": [], "bookmark": ""})
    with pytest.raises(errors.DocumentError, match="lee has not named choi as deputy in hanbit/dac"):
        client(fake, "hanbit", "choi", "dac").requests.approve(REQUEST, for_="lee")
    assert fake.changes() == []


@pytest.mark.parametrize(("operation", "vote"), [("recuse", "recuse"), ("return_", "return"), ("close", "close")])
def test_what_is_no_approval_needs_nobody_else(operation, vote):
    fake = gateway(request__get=REQUEST_VIEW, request__vote=OUTCOME)
    getattr(client(fake, "hanbit", "lee", "dac,steward").requests, operation)(REQUEST, "because")
    asked = fake.changes()[-1]
    assert (asked.argument["vote"], asked.argument["reason"]) == (vote, "because")
    assert asked.argument["role"] == ("steward" if vote == "close" else "dac")
    assert asked.organizations == ("hanbit",)


def test_a_declared_conflict_that_completes_an_approval_needs_what_an_approval_needs():
    completes = {**OUTCOME, "state": "approved", "grant": GRANT_RECORD["record"]}
    fake = gateway(request__get=REQUEST_VIEW, request__vote=completes)
    client(fake, "hanbit", "lee", "dac").requests.recuse(REQUEST, "because")
    assert fake.changes()[-1].organizations == ("hanbit", "saerom")


def test_a_stage_that_is_not_open_is_voted_in_only_when_no_other_fits():
    stages = [
        {**stage, "open": stage["role"] == "privacy", "step": 2 if stage["role"] == "dac" else 1}
        for stage in REQUEST_VIEW["waits_for"]
    ]
    shown = RequestView.from_json({**REQUEST_VIEW, "waits_for": stages})
    assert choose_role(shown, "hanbit", ["dac", "privacy"]) == "privacy"
    assert choose_role(shown, "hanbit", ["dac"]) == "dac"
    assert [stage.role for stage in shown.open_stages()] == ["privacy"]
