"""Requests: what is sent, who has to seal it, and how the answers are read."""

from datetime import UTC, datetime

import pytest
from contract_answers import DATASET, GRANT, POLICY, REQUEST, REQUEST_VIEW, gateway, only
from fake_gateway import client, digest, view

from medconsent.nouns.requests import NewRequest, TextReference
from medconsent.values.purposes import Purpose


def test_a_request_is_pinned_to_what_stands_and_does_not_need_the_owner():
    fake = gateway(dataset__get=DATASET, request__submit=REQUEST_VIEW["request"]["record"])
    written = client(fake, "nuri", "kim").requests.submit(
        NewRequest("hanbit/bc", Purpose("disease", ("ICD10:C50",)), "download", duration="2h", project="Screening")
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


def test_a_withdrawal_needs_nobody_else():
    fake = gateway(request__withdraw=REQUEST_VIEW["request"]["record"])
    client(fake, "nuri", "kim").requests.withdraw(REQUEST)
    assert [(asked.organizations, asked.argument) for asked in fake.changes()] == [(("nuri",), {"request": REQUEST})]


def test_what_was_not_counted_on_a_request_is_no_forged_request():
    forged = [{"key": "vote/x", "sealed": False, "forged": "no seal"}]
    fake = gateway(request__list={"items": [{**REQUEST_VIEW, "not_counted": forged}], "bookmark": ""})
    (found,) = client(fake).requests.list().items
    assert found.not_counted[0].forged == "no seal"


@pytest.mark.parametrize("member", ["diseases", "countries", "sensitive"])
def test_a_text_is_not_several(member):
    with pytest.raises(TypeError, match=f"{member} of a purpose is several"):
        Purpose("disease", **{member: "KR"})


def test_a_purpose_is_a_purpose():
    with pytest.raises(TypeError, match=r"medconsent\.Purpose"):
        client(gateway()).decisions.check("hanbit/bc", for_="nuri/kim", purpose="disease", mode="download")
    with pytest.raises(TypeError, match=r"medconsent\.Purpose"):
        client(gateway(dataset__get=DATASET)).requests.submit(NewRequest("hanbit/bc", "disease", "download", 60, "x"))


UNTIL = datetime(2027, 1, 1, tzinfo=UTC)


def submitted(policy):
    fake = gateway(
        dataset__get={**DATASET, "policy": {**DATASET["policy"], "record": with_policy(policy)}},
        request__submit=REQUEST_VIEW["request"]["record"],
    )
    client(fake, "nuri", "kim").requests.submit(
        NewRequest("hanbit/bc", Purpose("health-research"), "download", "2h", project="x", renews=GRANT[:8])
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
