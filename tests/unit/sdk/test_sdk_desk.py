"""The approval desk in the SDK: what each operation sends, who seals it, and how the answers are read."""

from datetime import UTC, datetime

import pytest
from sdk_fakes import AT, FakeGateway, Refusal, client, digest, view
from test_sdk_nouns import DATASET, GRANT, GRANT_RECORD, POLICY, REQUEST, REQUEST_VIEW, VOTE, gateway

from medconsent import errors
from medconsent.nouns.breakglass import BreakglassView
from medconsent.nouns.grants import Grant
from medconsent.nouns.requests import RequestView, TextReference, choose_role
from medconsent.policies import Policy, Stage, Veto
from medconsent.values.purposes import Ethics, Purpose

UNTIL = datetime(2027, 1, 1, tzinfo=UTC)
LETTER = Ethics("IRB of Saerom", "2026-114", digest("letter"), UNTIL)
DELEGATION = view(
    "delegation",
    digest("delegation"),
    "hanbit",
    institution="hanbit",
    role="dac",
    member="lee",
    deputy="choi",
    **{"from": "2020-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z"},
)
GIVEN = {"delegation": DELEGATION, "state": "active"}
EMERGENCY = view(
    "breakglass",
    digest("breakglass"),
    "hanbit",
    "proposed",
    dataset="hanbit/bc",
    version=2,
    version_digest=digest("v"),
    institution="nuri",
    people=["kim"],
    purpose={"kind": "clinical-care"},
    mode="enclave",
    duration_seconds=43200,
    reason="an emergency",
    proposed_by={"institution": "hanbit", "id": "p-1"},
    roster={"committee": "hanbit/privacy", "changes": 1},
)
OUTCOME = {"vote": VOTE["record"], "state": "in-review"}


def only(fake: FakeGateway):
    (asked,) = fake.changes()
    return asked


def submitted(policy):
    fake = gateway(
        dataset__get={**DATASET, "policy": {**DATASET["policy"], "record": with_policy(policy)}},
        request__submit=REQUEST_VIEW["request"]["record"],
    )
    client(fake, "nuri", "kim").requests.submit(
        "hanbit/bc", purpose=Purpose("health-research"), mode="download", duration="2h", project="x", renews=GRANT[:8]
    )
    return only(fake)


def with_policy(policy):
    record = DATASET["policy"]["record"]
    return {**record, "body": {**record["body"], "policy": policy}}


def test_an_automatic_approval_is_sealed_by_the_owner_and_no_other_submission_is():
    assert submitted(POLICY).organizations == ("nuri", "saerom")
    asked = submitted({**POLICY, "automatic": True})
    assert set(asked.organizations) == {"nuri", "hanbit"}
    assert asked.argument["renews"] == GRANT[:8]
    assert "joins" not in asked.argument


def test_an_amendment_sends_what_changes_and_needs_nobody_else():
    fake = gateway(request__amend=REQUEST_VIEW["request"]["record"])
    client(fake, "nuri", "kim").requests.amend(REQUEST, duration="1d", researchers=["kim", "lee"])
    asked = only(fake)
    assert asked.argument == {"request": REQUEST, "duration_seconds": 86400, "researchers": ["kim", "lee"]}
    assert asked.organizations == ("nuri",)


def test_an_amendment_names_texts_by_their_commitments():
    fake = gateway(request__amend=REQUEST_VIEW["request"]["record"])
    requests = client(fake, "nuri", "kim", "researcher").requests
    requests.amend(REQUEST, texts=[TextReference("description", "9f" * 32)])
    assert only(fake).argument == {
        "request": REQUEST,
        "texts": [{"kind": "description", "commitment": "9f" * 32}],
    }


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
def test_what_is_no_approval_gets_by_without_the_requester_s_institution(operation, vote):
    fake = gateway(request__get=REQUEST_VIEW, request__vote=OUTCOME)
    getattr(client(fake, "hanbit", "lee", "dac,steward").requests, operation)(REQUEST, "because")
    asked = only(fake)
    assert (asked.argument["vote"], asked.argument["reason"]) == (vote, "because")
    assert asked.argument["role"] == ("steward" if vote == "close" else "dac")
    assert asked.organizations == ("hanbit", "saerom")


def test_a_stage_that_is_not_open_is_voted_in_only_when_no_other_fits():
    stages = [
        {**stage, "open": stage["role"] == "privacy", "step": 2 if stage["role"] == "dac" else 1}
        for stage in REQUEST_VIEW["waits_for"]
    ]
    shown = RequestView.from_json({**REQUEST_VIEW, "waits_for": stages})
    assert choose_role(shown, "hanbit", ["dac", "privacy"]) == "privacy"
    assert choose_role(shown, "hanbit", ["dac"]) == "dac"
    assert [stage.role for stage in shown.open_stages()] == ["privacy"]


def test_remarks_and_invitations():
    remark = view("remark", digest("r"), "nuri", "final")
    remark["record"]["body"] = {
        "request": REQUEST,
        "dataset": "hanbit/bc",
        "author": {"institution": "nuri", "id": "park"},
        "kind": "opinion",
        "text": "sound",
        "invitation": digest("i"),
    }
    asked_for = view("invitation", digest("i"), "hanbit", "final", request=REQUEST, dataset="hanbit/bc",
                     inviter={"institution": "hanbit", "id": "lee"}, reviewer={"institution": "nuri", "id": "park"},
                     question="sound?", until="2027-01-01T00:00:00Z")  # fmt: skip
    listed = {"invitation": asked_for, "answered": False, "state": "in-review", "open": True}
    fake = gateway(
        request__remark=remark["record"],
        request__invite=asked_for["record"],
        invitation__list={"items": [listed], "bookmark": ""},
    )
    requests = client(fake, "nuri", "park").requests
    requests.remark(REQUEST, "sound", invitation=digest("i"))
    requests.remark(REQUEST, commitment=digest("c"))
    requests.invite(REQUEST, "nuri/park", "sound?", until=UNTIL)
    assert [asked.argument for asked in fake.changes()] == [
        {"request": REQUEST, "text": "sound", "kind": "opinion", "invitation": digest("i")},
        {"request": REQUEST, "commitment": digest("c")},
        {"request": REQUEST, "reviewer": "nuri/park", "question": "sound?", "until": "2027-01-01T00:00:00Z"},
    ]
    (found,) = requests.invitations("nuri/park", open_only=True)
    assert (found.open, found.answered, found.state) == (True, False, "in-review")
    assert fake.asked[-1].argument == {"reviewer": "nuri/park", "open": True}


def test_a_delegation_is_given_and_taken_back():
    fake = gateway(
        committee__delegate=DELEGATION["record"],
        committee__undelegate=DELEGATION["record"],
        delegation__list={"items": [GIVEN], "bookmark": ""},
    )
    committees = client(fake, "hanbit", "lee", "dac").committees
    committees.delegate("dac", "choi", until=UNTIL, reason="leave")
    committees.undelegate(digest("delegation"))
    given, taken = fake.changes()
    assert given.argument == {"role": "dac", "deputy": "choi", "until": "2027-01-01T00:00:00Z", "reason": "leave"}
    assert len(given.organizations) == 2  # a new key
    assert taken.organizations == ("hanbit",)
    (found,) = committees.delegations(deputy="choi")
    assert fake.asked[-1].argument == {"institution": "hanbit", "deputy": "choi"}
    assert (found.delegation.member, found.state) == ("lee", "active")


def test_a_grant_is_given_back_through_its_owner_alone():
    fake = gateway(grant__get={"grant": GRANT_RECORD, "state": "active"}, grant__relinquish=GRANT_RECORD["record"])
    client(fake, "nuri", "kim").grants.relinquish(GRANT[:8], reason="done")
    asked = only(fake)
    assert asked.organizations == ("hanbit",)
    assert asked.argument == {"grant": GRANT, "reason": "done"}


@pytest.mark.parametrize("operation", ["suspend", "lift"])
def test_a_suspension_needs_nobody_else(operation):
    fake = gateway(**{f"grant__{operation}": GRANT_RECORD["record"]})
    getattr(client(fake, "hanbit", "p-1", "privacy").grants, operation)(GRANT, "an incident")
    assert only(fake).organizations == ("hanbit",)
    assert only(fake).argument == {"grant": GRANT, "reason": "an incident"}


def test_terms_are_accepted_in_person():
    word = view("acceptance", digest("a"), "nuri", "final", grant=GRANT, dataset="hanbit/bc", terms=digest("t"),
                person={"institution": "nuri", "id": "lee"})  # fmt: skip
    fake = gateway(grant__accept=word["record"])
    written = client(fake, "nuri", "lee").grants.accept(GRANT, digest("t"))
    assert only(fake).argument == {"grant": GRANT, "terms": digest("t")}
    assert set(only(fake).organizations) == {"nuri", "hanbit"}
    assert str(written.answer.person) == "nuri/lee"


def other(number):
    record = view("grant", digest(f"other {number}"), "hanbit", **GRANT_RECORD["record"]["body"])
    return {"grant": record, "state": "active", "people": ["kim"]}


class Revocable:
    """A contract at which `count` other grants stand, until they are revoked; pages of 25."""

    def __init__(self, count, state="active"):
        self.others = [other(number) for number in range(count)]
        self.state = state

    def __call__(self, function, argument):
        if function == "grant.get":
            return {"grant": GRANT_RECORD, "state": self.state}
        if function == "grant.others":
            start = int(argument.get("bookmark", 0))
            more = str(start + 25) if start + 25 < len(self.others) else ""
            return {"items": self.others[start : start + 25], "bookmark": more}
        assert function == "grant.revoke"
        named = [argument["grant"], *argument.get("others", [])]
        if self.state == "revoked" and argument["grant"] == GRANT:
            raise Refusal("DECIDED", "the grant was revoked")
        assert len(named) <= 51
        assert len(set(named)) == len(named)
        self.others = [it for it in self.others if it["grant"]["record"]["id"] not in named]
        self.state = "revoked"
        return GRANT_RECORD["record"]


@pytest.mark.parametrize(
    ("others", "state", "transactions"),
    [(0, "active", [1]), (3, "active", [4]), (120, "active", [51, 51, 19]), (52, "revoked", [51, 1])],
)
def test_everything_that_gives_the_same_is_ended(others, state, transactions):
    contract = Revocable(others, state)
    fake = FakeGateway(contract)
    done = client(fake).grants.revoke_all(GRANT[:8], "leak")
    assert [len(one.grants) for one in done] == transactions
    assert contract.others == []
    assert all(asked.organizations == ("hanbit",) for asked in fake.changes())


def test_where_there_is_nothing_to_end_the_contract_says_why():
    with pytest.raises(errors.Decided):
        client(FakeGateway(Revocable(0, "revoked"))).grants.revoke_all(GRANT, "leak")


def test_the_break_glass():
    opened = {**EMERGENCY["record"], "status": "open"}
    body = {**GRANT_RECORD["record"]["body"], "breakglass": EMERGENCY["record"]["id"]}
    for name in ("policy_version", "policy_digest", "request", "request_digest", "votes"):
        del body[name]
    grant = view("grant", GRANT, "hanbit", **body)
    fake = gateway(
        breakglass__propose=EMERGENCY["record"],
        breakglass__get={"breakglass": EMERGENCY, "state": "proposed"},
        breakglass__confirm={"breakglass": opened, "grant": grant["record"]},
        breakglass__justify={**opened, "body": {**opened["body"], "justification": "why"}},
        breakglass__list={"items": [{"breakglass": EMERGENCY, "state": "lapsed"}], "bookmark": ""},
    )
    emergencies = client(fake, "hanbit", "p-2", "privacy").breakglass
    emergencies.propose(
        "hanbit/bc", institution="nuri", people=["kim"], purpose=Purpose("clinical-care"), mode="enclave",
        duration="12h", reason="an emergency",
    )  # fmt: skip
    written = emergencies.confirm(EMERGENCY["record"]["id"][:8])
    assert emergencies.justify(EMERGENCY["record"]["id"], "why").answer.justification == "why"
    proposed, confirmed, justified = fake.changes()
    assert proposed.argument["duration_seconds"] == 43200
    assert "version" not in proposed.argument
    assert confirmed.argument == {"breakglass": EMERGENCY["record"]["id"], "digest": EMERGENCY["digest"]}
    assert [len(asked.organizations) for asked in (proposed, confirmed, justified)] == [2, 2, 1]
    assert written.answer.grant.breakglass == EMERGENCY["record"]["id"]
    assert written.answer.grant.request is None
    assert [it.state for it in emergencies.iterate(owner="hanbit")] == ["lapsed"]
    assert BreakglassView.from_json({"breakglass": EMERGENCY, "state": "open"}).to_json() == {
        "breakglass": EMERGENCY,
        "state": "open",
    }
    assert Grant.from_json(grant).to_json()["record"]["body"] == {**body, "votes": []}


class Desk:
    """A contract with one of each kind of thing that can wait for hanbit/choi."""

    def __init__(self):
        waits = [
            {**stage, "waits_for": ["lee"] if stage["role"] == "dac" else ["choi"]}
            for stage in REQUEST_VIEW["waits_for"]
        ]
        self.waiting = {**REQUEST_VIEW, "waits_for": waits}
        self.asked_for = view(
            "invitation", digest("i"), "nuri", "final", request=REQUEST, dataset="nuri/ct", question="sound?",
            inviter={"institution": "nuri", "id": "kim"}, reviewer={"institution": "hanbit", "id": "choi"},
        )  # fmt: skip
        self.asked = []

    @staticmethod
    def returned(person):
        record = REQUEST_VIEW["request"]["record"]
        body = {**record["body"], "requester": {"institution": "hanbit", "id": "kim"}, "researchers": ["kim", person]}
        return {
            **REQUEST_VIEW,
            "request": {**REQUEST_VIEW["request"], "record": {**record, "body": body}},
            "state": "returned",
        }

    def __call__(self, function, argument):
        self.asked.append((function, argument))
        items = []
        if function == "request.list" and argument.get("waiting_for") in ("hanbit/dac", "hanbit/privacy"):
            items = [self.waiting]
        elif function == "request.list" and argument.get("state") == "returned":
            items = [self.returned("kim"), self.returned("choi")]
        elif function == "delegation.list":
            items = [GIVEN] if argument["role"] == "dac" else []
        elif function == "breakglass.list":
            later = view("breakglass", digest("later"), "hanbit", "proposed", **EMERGENCY["record"]["body"])
            states = [(later, "proposed"), (EMERGENCY, "unjustified"), (EMERGENCY, "proposed")]
            items = [{"breakglass": record, "state": state} for record, state in states]
        elif function == "invitation.list":
            items = [{"invitation": self.asked_for, "answered": False, "state": "in-review", "open": True}]
        elif function == "grant.list":
            items = [{"grant": GRANT_RECORD, "state": "active"}]
        elif function == "request.get":
            return self.returned("choi")
        elif function == "check":
            reason = {"code": "TERMS_NOT_ACCEPTED", "message": "no", "clause": GRANT_RECORD["key"]}
            return {"decision": "deny", "reasons": [reason], "at": AT}
        return {"items": items, "bookmark": ""}


def test_the_inbox_puts_the_contract_s_lists_together():
    desk = Desk()
    found = list(client(FakeGateway(desk), "hanbit", "choi", "dac,privacy,researcher").inbox.iterate())
    assert [(it.what, it.committee, it.members) for it in found] == [
        ("confirm", None, ()),
        ("confirm", None, ()),
        ("justify", None, ()),
        ("vote", "hanbit/dac", ("lee",)),
        ("vote", "hanbit/privacy", ()),
        ("amend", None, ()),
        ("accept", None, ()),
        ("answer", None, ()),
    ]
    # Who could confirm is the contract's to say; what lapses first stands first.
    assert [it.breakglass.id for it in found[:2]] == [EMERGENCY["record"]["id"], digest("later")]
    assert ("breakglass.list", {"waiting": True}) in desk.asked
    assert ("request.list", {"waiting_for": "hanbit/dac", "waiting_person": "choi"}) in desk.asked
    assert ("request.list", {"requester": "hanbit", "state": "returned"}) in desk.asked
    assert ("invitation.list", {"reviewer": "hanbit/choi", "open": True}) in desk.asked
    assert found[-1].to_json()["what"] == "answer"
    # Who is no researcher holds nothing, and who is on no committee is asked nothing.
    other = Desk()
    found = list(client(FakeGateway(other), "hanbit", "choi", "auditor").inbox.iterate())
    assert [it.what for it in found] == ["confirm", "confirm", "justify", "answer"]
    assert [function for function, _ in other.asked] == ["breakglass.list", "invitation.list"]


def test_a_stage_says_what_is_given():
    assert Stage("hanbit", "dac").to_json() == {"institution": "hanbit", "role": "dac", "threshold": 1}
    staged = Stage(of="requester", role="ethics", rule="majority", step=2, attests=False)
    assert staged.to_json() == {"of": "requester", "role": "ethics", "rule": "majority", "step": 2, "attests": False}
    assert Stage.from_json(staged.to_json()) == staged
    assert str(staged) == "requester/ethics"
    policy = {
        **POLICY,
        "vetoes": [{"institution": "hanbit", "role": "privacy"}],
        "automatic": True,
        "conflicts": "declare",
    }
    assert Policy.from_json(policy).to_json() == policy
    assert Policy.from_json(policy).vetoes == (Veto("hanbit", "privacy"),)
    assert Policy.from_json({**POLICY, "vetoes": [], "automatic": False, "conflicts": "none"}).to_json() == POLICY
