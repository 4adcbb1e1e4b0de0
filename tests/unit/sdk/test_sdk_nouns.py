"""What each noun sends, who has to seal it, and how the answers are read (docs/contract.md)."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from sdk_fakes import AT, FakeGateway, Refusal, client, digest, view

from medconsent import errors
from medconsent.data.manifest import describe, read
from medconsent.nouns.committees import Committee, Member
from medconsent.nouns.requests import RequestView, choose_role
from medconsent.policies import Alternative, Policy, PolicyRecord, Stage
from medconsent.values.purposes import Purpose

REQUEST, GRANT = digest("request"), digest("grant")
POLICY = {
    "use": [{"permission": "DS", "diseases": ["ICD10:C50"]}, {"permission": "HMB"}],
    "stages": [{"institution": "hanbit", "role": "dac", "threshold": 2}],
    "modes": ["download"],
    "max_duration_seconds": 86400,
    "review_period_seconds": 3600,
    "recipients": [],
    "own_institution_votes": False,
}
DATASET = {
    "dataset": view("dataset", "hanbit/bc", "hanbit", latest_version=2, latest_policy=3),
    "version": view(
        "version",
        "hanbit/bc@2",
        "hanbit",
        "final",
        dataset="hanbit/bc",
        version=2,
        title="Breast cancer",
        kinds=["tabular"],
        keywords=[],
        contact="data@hanbit.example",
        records=569,
        manifest={"sha256": digest("m"), "bytes": 10, "jcs_sha256": digest("j")},
        content={"root": digest("r"), "files": 1, "bytes": 5},
    ),
    "policy": view("policy", "hanbit/bc#3", "hanbit", "final", dataset="hanbit/bc", version=3, policy=POLICY),
}
STAGES = [
    {
        "institution": name,
        "role": role,
        "threshold": 1,
        "approvals": 0,
        "rejections": 0,
        "seated": 2,
        "missing": 1,
        "step": 1,
        "open": True,
        "since": AT,
        "waits_for": ["lee", "park"],
    }
    for name, role in (("hanbit", "dac"), ("hanbit", "privacy"), ("saerom", "ethics"))
]
REQUEST_VIEW = {
    "request": view(
        "request",
        REQUEST,
        "nuri",
        "open",
        dataset="hanbit/bc",
        version=2,
        version_digest=digest("hanbit/bc@2"),
        policy_version=3,
        policy_digest=digest("hanbit/bc#3"),
        purpose={"kind": "disease", "diseases": ["ICD10:C50"]},
        mode="download",
        duration_seconds=7200,
        project="Screening",
        requester={"institution": "nuri", "id": "kim"},
        researchers=["kim"],
        review_until=AT,
    ),
    "state": "in-review",
    "waits_for": STAGES,
    "votes": [],
    "remarks": [],
    "invitations": [],
}
VOTE = view(
    "vote",
    digest("vote"),
    "hanbit",
    "final",
    request=REQUEST,
    dataset="hanbit/bc",
    seq=1,
    voter={"institution": "hanbit", "id": "lee"},
    role="dac",
    vote="approve",
    request_digest=digest(REQUEST),
    version_digest=digest("hanbit/bc@2"),
    policy_digest=digest("hanbit/bc#3"),
    rosters=[{"committee": "hanbit/dac", "changes": 1}],
)
GRANT_RECORD = view(
    "grant",
    GRANT,
    "hanbit",
    dataset="hanbit/bc",
    version=2,
    version_digest=digest("hanbit/bc@2"),
    policy_version=3,
    policy_digest=digest("hanbit/bc#3"),
    request=REQUEST,
    request_digest=digest(REQUEST),
    votes=[{"key": "vote/x", "digest": digest("vote")}],
    institution="nuri",
    grantees=["kim"],
    purpose={"kind": "health-research"},
    mode="download",
    **{"from": AT, "until": AT},
    obligations=["no-reidentification"],
)

# Changes answer bare records, questions answer views.
PUBLISHED = {name: part["record"] for name, part in DATASET.items()}


class Contract:
    """Answers by function; a list is the pages of a list."""

    def __init__(self, **answers):
        self.answers = {name.replace("__", "."): answer for name, answer in answers.items()}

    def __call__(self, function, argument):
        answer = self.answers[function]
        if isinstance(answer, Exception):
            raise answer
        return answer.pop(0) if isinstance(answer, list) else answer


def gateway(**answers):
    return FakeGateway(Contract(**answers))


def test_a_committee_is_set_by_names_or_terms():
    answer = view("committee", "hanbit/dac", "hanbit", institution="hanbit", role="dac", seats=[])
    fake = gateway(committee__set=answer["record"])
    until = datetime(2027, 1, 1, tzinfo=UTC)
    written = client(fake).committees.set("dac", ["lee", Member("park", until=until)])
    assert fake.changes()[0].argument == {
        "role": "dac",
        "members": [{"id": "lee"}, {"id": "park", "until": "2027-01-01T00:00:00Z"}],
    }
    assert written.answer.role == "dac"


def test_a_seat_is_held_from_its_first_second_until_before_its_last():
    seats = [{"id": "lee", "from": AT, "until": "2026-11-24T10:50:12Z", "set_tx": digest("t")}]
    answer = view("committee", "hanbit/dac", "hanbit", institution="hanbit", role="dac", seats=seats)
    fake = gateway(committee__get=answer)
    committee = client(fake).committees.get("hanbit/dac")
    assert fake.asked[0].argument == {"institution": "hanbit", "role": "dac"}
    (seat,) = committee.seats
    moments = [seat.from_ + timedelta(seconds=seconds) for seconds in (-1, 0, 1, 2)]
    assert [seat.seated(at) for at in moments] == [False, True, True, False]
    assert Committee.from_json(answer).to_json() == answer


def test_a_dataset_is_published_with_what_its_manifest_says(tmp_path):
    (tmp_path / "data.csv").write_text("id,value\n1,2\n2,3\n")
    manifest = describe(
        tmp_path,
        title="Breast cancer",
        summary="A table.",
        publisher="Hanbit",
        contact="data@hanbit.example",
        keywords=["Breast Cancer"],
    )
    fake = gateway(dataset__publish=PUBLISHED)
    policy = PolicyRecord.from_json(DATASET["policy"]).policy
    written = client(fake).datasets.publish("bc", manifest, policy)
    argument = fake.changes()[0].argument
    document = read(manifest)
    assert argument == {
        "slug": "bc",
        "title": "Breast cancer",
        "summary": "A table.",
        "kinds": ["tabular"],
        "keywords": ["breast-cancer"],
        "contact": "data@hanbit.example",
        "records": 2,
        "manifest": {"text": manifest.decode()},
        "content": {"root": document.root, "files": 1, "bytes": 17},
        "policy": POLICY,
    }
    assert written.answer.id == "hanbit/bc"
    client(fake).datasets.publish("bc", manifest, title="Other", manifest_url="https://hanbit.example/m.json")
    argument = fake.changes()[1].argument
    assert argument["title"] == "Other"
    assert "policy" not in argument
    assert argument["manifest"] == {
        "url": "https://hanbit.example/m.json",
        "sha256": document.sha256,
        "jcs_sha256": document.jcs_sha256,
        "bytes": len(manifest),
    }


USAGE_INFO = {"@type": ["odrl:Offer"], "sc:name": "한국"}
OFFER = {"usage_info": USAGE_INFO, "sha256": hashlib.sha256(rfc8785.dumps(USAGE_INFO)).hexdigest()}


def test_a_policy_that_is_not_set_yet_is_compared():
    why = {"code": "MODE_NOT_ALLOWED", "message": "enclave is not allowed", "clause": "modes"}
    fake = gateway(
        policy__diff={"dataset": "hanbit/bc", "from": 3, "removed": [], "added": [], "narrower": True, "wider": []},
        policy__ends={"items": [{"grant": GRANT_RECORD, "state": "active", "reasons": [why]}], "bookmark": ""},
    )
    policies, draft = client(fake).policies, PolicyRecord.from_json(DATASET["policy"]).policy
    assert policies.diff("hanbit/bc", policy=draft).to is None
    (one,) = policies.iterate_ends("hanbit/bc", draft)
    assert (one.id, one.reasons[0].code) == (one.grant.id, "MODE_NOT_ALLOWED")
    assert policies.ends("hanbit/bc", draft, page_size=1).items == (one,)
    asked = {"dataset": "hanbit/bc", "policy": POLICY}
    assert [it.argument for it in fake.asked] == [asked, asked, asked | {"page_size": 1}]


def test_a_policy_is_offered_by_the_contract():
    fake = gateway(policy__offer=OFFER)
    policies = client(fake).policies
    offer = policies.offer("hanbit/bc", PolicyRecord.from_json(DATASET["policy"]).policy)
    assert offer.usage_info == USAGE_INFO
    assert offer.to_json() == OFFER
    policies.offer("hanbit/bc", version=2)
    assert [asked.argument for asked in fake.asked] == [
        {"dataset": "hanbit/bc", "policy": POLICY},
        {"dataset": "hanbit/bc", "version": 2},
    ]


def test_conditions_of_use_in_a_manifest_are_compared_with_the_contract_s(tmp_path):
    (tmp_path / "data.csv").write_text("id\n1\n")

    def manifest(usage_info):
        return describe(
            tmp_path, title="T", summary="S", publisher="Hanbit", contact="a@b.example", usage_info=usage_info
        )

    fake = gateway(policy__offer=OFFER)
    compare = client(fake).datasets.compare_usage
    assert compare("hanbit/bc", manifest(USAGE_INFO)) == "current"
    assert compare("hanbit/bc", manifest(USAGE_INFO | {"sc:name": "any use"})) == "differs"
    assert len(fake.asked) == 2
    assert compare("hanbit/bc", manifest({"n": 1 << 60})) == "differs"  # without an RFC 8785 form
    assert compare("hanbit/bc", manifest(None)) == "absent"
    assert len(fake.asked) == 2
    with pytest.raises(errors.DocumentError):
        compare("hanbit/bc", b"{")


def test_a_dataset_says_how_its_manifest_stands_to_the_policy():
    fake = gateway(dataset__get=DATASET | {"usage_info": "outdated"})
    shown = client(fake).datasets.get("hanbit/bc")
    assert shown.usage_info == "outdated"
    assert shown.version.manifest.usage_info_sha256 is None
    refused = gateway(dataset__get=Refusal("USAGE_INFO_DIFFERS", field="manifest.text:usageInfo"))
    with pytest.raises(errors.UsageInfoDiffers):
        client(refused).datasets.get("hanbit/bc")


def test_a_manifest_that_is_none_is_not_sent():
    fake = gateway()
    with pytest.raises(errors.DocumentError, match="not JSON"):
        client(fake).datasets.publish("bc", b"{")
    assert fake.asked == []


def test_a_request_is_pinned_to_what_stands_and_does_not_need_the_owner():
    fake = gateway(dataset__get=DATASET, request__submit=REQUEST_VIEW["request"]["record"])
    written = client(fake, "nuri", "kim").requests.submit(
        "hanbit/bc", purpose=Purpose("disease", ("ICD10:C50",)), mode="download", duration="2h", project="Screening"
    )
    (asked,) = fake.changes()
    assert asked.argument == {
        "dataset": "hanbit/bc",
        "version": 2,
        "version_digest": digest("hanbit/bc@2"),
        "policy_version": 3,
        "policy_digest": digest("hanbit/bc#3"),
        "purpose": {"kind": "disease", "diseases": ["ICD10:C50"]},
        "mode": "download",
        "duration_seconds": 7200,
        "project": "Screening",
    }
    assert asked.organizations == ("nuri", "saerom")
    assert str(written.answer.requester) == "nuri/kim"


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


def test_a_rejection_gets_by_without_the_requester_s_institution():
    fake = gateway(request__get=REQUEST_VIEW, request__vote={"vote": VOTE["record"], "state": "rejected"})
    client(fake, "hanbit", "lee", "dac").requests.reject(REQUEST, "no ethics letter")
    (asked,) = fake.changes()
    assert asked.organizations == ("hanbit", "saerom")
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


def test_a_revocation_needs_nobody_else():
    fake = gateway(grant__revoke=GRANT_RECORD["record"])
    client(fake).grants.revoke(GRANT[:6], "leak")
    (asked,) = fake.changes()
    assert asked.organizations == ("hanbit",)
    assert asked.argument == {"grant": GRANT[:6], "reason": "leak"}


def test_check_and_explain_ask_and_decide_nothing():
    decision = {
        "decision": "deny",
        "reasons": [{"code": "NO_GRANT", "message": "no grant", "clause": "grants"}],
        "obligations": [],
        "evaluated": [{"type": "dataset", "id": "hanbit/bc", "digest": digest("d")}],
        "at": AT,
    }
    stage = {"institution": "hanbit", "role": "dac", "threshold": 2, "seated": 3}
    fake = gateway(check={**decision, "grant": GRANT}, explain={**decision, "stages": [stage]})
    decisions = client(fake).decisions
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    found = decisions.check("hanbit/bc", for_="nuri/kim", purpose=Purpose("origins"), mode="download", at=moment)
    assert not found.permitted
    assert found.reasons[0].message == "no grant"
    assert found.grant == GRANT
    assert fake.asked[0].argument == {
        "dataset": "hanbit/bc",
        "for": "nuri/kim",
        "purpose": {"kind": "origins"},
        "mode": "download",
        "at": "2026-11-25T00:00:00Z",
    }
    found = decisions.explain("hanbit/bc", purpose=Purpose("origins"), mode="download", duration=timedelta(days=1))
    assert (found.decision, found.stages[0].seated) == ("deny", 3)
    assert fake.asked[1].argument["duration_seconds"] == 86400


def test_a_list_goes_on_to_an_empty_bookmark_and_reports_what_is_forged():
    pages = [
        {"items": [], "bookmark": "a"},
        {
            "items": [{"grant": GRANT_RECORD, "state": "active"}, {"key": "k", "sealed": False, "forged": "no seal"}],
            "bookmark": "b",
        },
        {"items": [{"grant": GRANT_RECORD, "state": "expired"}], "bookmark": ""},
    ]
    fake = gateway(grant__list=pages)
    forged = []
    found = list(client(fake).grants.iterate(holder="nuri/kim", on_forged=forged.append))
    assert [item.state for item in found] == ["active", "expired"]
    assert [(item.key, item.forged) for item in forged] == [("k", "no seal")]
    assert [asked.argument for asked in fake.asked] == [
        {"holder": "nuri/kim"},
        {"holder": "nuri/kim", "bookmark": "a"},
        {"holder": "nuri/kim", "bookmark": "b"},
    ]


def test_the_audit_is_one_list_in_order_of_time():
    late, early = view("grant", "b", "hanbit", x=1), view("request", "a", "nuri")
    early["record"]["changes"][0]["at"] = "2026-11-24T10:00:00Z"
    pages = [
        {"items": [late], "bookmark": "x"},
        {"items": [early, {"key": "f", "sealed": False, "forged": "w"}], "bookmark": ""},
    ]
    trail = client(gateway(audit__trail=pages)).audit.trail("hanbit/bc")
    assert [(entry.type, str(entry.by)) for entry in trail.entries] == [
        ("request", "nuri/someone"),
        ("grant", "hanbit/someone"),
    ]
    assert trail.forged[0].key == "f"
    assert client(gateway(audit__trail={"items": [late], "bookmark": ""})).audit.records("x").items[0].to_json() == late


@pytest.mark.parametrize(
    "value", [REQUEST_VIEW, {"vote": VOTE["record"], "state": "approved", "grant": GRANT_RECORD["record"]}]
)
def test_values_are_the_contract_s_json_again(value):
    from medconsent.nouns.requests import VoteOutcome  # noqa: PLC0415

    kind, empty = (RequestView, {"not_counted": []}) if "request" in value else (VoteOutcome, {})
    assert kind.from_json(value).to_json() == value | empty


def test_the_contract_s_refusals_come_through_queries():
    fake = gateway(policy__get=Refusal("NOT_FOUND", "no such dataset"))
    with pytest.raises(errors.NotFound, match="no such dataset"):
        client(fake).policies.get("hanbit/none")


def test_a_policy_is_a_value():
    policy = Policy((Alternative("GRU"),), (Stage("hanbit", "dac"),), ("download",), 60, 60)
    fake = gateway(policy__set=PUBLISHED["policy"])
    client(fake).policies.set("hanbit/bc", policy)
    assert fake.changes()[0].argument["policy"]["use"] == [{"permission": "GRU"}]
    assert Policy.from_json(POLICY).to_json() == POLICY


def test_the_digest_of_what_was_just_written_is_that_of_its_stored_form():
    record = PUBLISHED["policy"]
    stored = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()  # RFC 8785, for ASCII and whole numbers
    found = PolicyRecord.from_json(record)
    assert found.digest == hashlib.sha256(stored).hexdigest()
    assert (found.key, found.sealed) == ("", True)
    assert found.to_json() == record


def test_a_withdrawal_needs_nobody_else():
    fake = gateway(request__withdraw=REQUEST_VIEW["request"]["record"])
    client(fake, "nuri", "kim").requests.withdraw(REQUEST)
    assert [(asked.organizations, asked.argument) for asked in fake.changes()] == [(("nuri",), {"request": REQUEST})]


def test_what_was_not_counted_on_a_request_is_no_forged_request():
    forged = [{"key": "vote/x", "sealed": False, "forged": "no seal"}]
    fake = gateway(request__list={"items": [{**REQUEST_VIEW, "not_counted": forged}], "bookmark": ""})
    (found,) = client(fake).requests.list().items
    assert found.not_counted[0].forged == "no seal"


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


def test_the_audit_of_nothing_is_refused():
    fake = gateway(audit__trail={"items": [], "bookmark": ""}, dataset__get=Refusal("NOT_FOUND"))
    with pytest.raises(errors.NotFound) as caught:
        client(fake).audit.trail("hanbit/nothere")
    assert caught.value.transaction_id == ""  # a question is in no block


@pytest.mark.parametrize("member", ["diseases", "countries", "sensitive"])
def test_a_text_is_not_several(member):
    with pytest.raises(TypeError, match=f"{member} of a purpose is several"):
        Purpose("disease", **{member: "KR"})


def test_a_purpose_is_a_purpose():
    with pytest.raises(TypeError, match=r"medconsent\.Purpose"):
        client(gateway()).decisions.check("hanbit/bc", for_="nuri/kim", purpose="disease", mode="download")
