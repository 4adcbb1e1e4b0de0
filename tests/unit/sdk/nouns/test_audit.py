"""The audit: one list in order of time."""

import pytest
from contract_answers import DATASET, GRANT, gateway
from fake_gateway import Refusal, client, view

from medconsent import errors
from medconsent.times import parse_time


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


def test_the_audit_of_nothing_is_refused():
    fake = gateway(audit__trail={"items": [], "bookmark": ""}, dataset__get=Refusal("NOT_FOUND"))
    with pytest.raises(errors.NotFound) as caught:
        client(fake).audit.trail("hanbit/nothere")
    assert caught.value.transaction_id == ""  # a question is in no block


KIM, LEE = {"institution": "nuri", "id": "kim"}, {"institution": "hanbit", "id": "lee"}


def trail_of(*records):
    for place, record in enumerate(records):
        record["record"]["changes"][0] |= {"at": f"2026-11-24T10:00:0{place}Z", "tx": record["record"]["id"]}
    page = {"items": list(records), "bookmark": ""}
    return client(gateway(audit__trail=page)).audit.trail("hanbit/bc")


def test_a_trail_says_who_approved_what_for_whom():
    asked = view("request", "a1", "nuri", requester=KIM, researchers=["kim", "park"])
    deputy = {"member": "choi", "delegation": "d1", "changes": 1}
    vote = view("vote", "c3", "hanbit", request="a1", voter=LEE, role="dac", vote="approve", deputy_for=deputy)
    grant = view("grant", "b2", "hanbit", request="a1", institution="nuri", grantees=["kim", "park"])
    accepted = view("acceptance", "e5", "hanbit", grant="b2")
    opened = view("breakglass", "g6", "hanbit", institution="nuri", people=["kim"])
    trail = trail_of(asked, vote, grant, accepted, opened)
    people = ("nuri/kim", "nuri/park")
    assert [
        (it.type, it.what, it.committee, it.voted_for, it.request, it.grant, it.people) for it in trail.entries
    ] == [
        ("request", "request.set", None, None, "a1", None, people),
        ("vote", "approve", "hanbit/dac", "hanbit/choi", "a1", None, people),
        ("grant", "grant.set", None, None, "a1", "b2", people),
        ("acceptance", "acceptance.set", None, None, None, "b2", ()),
        ("breakglass", "breakglass.set", None, None, None, None, ("nuri/kim",)),
    ]


def test_a_part_of_a_trail():
    votes = [
        view("vote", f"c{place}", "hanbit", request="a1", voter=LEE, role="dac", vote=word)
        for place, word in enumerate(("approve", "reject", "return", "recuse"))
    ]
    confirmed = view("policy", "p", "hanbit")
    confirmed["record"]["changes"][0]["by"] |= {"second": LEE}
    deputy = view(
        "vote", "c9", "hanbit", request="a1", voter={"institution": "hanbit", "id": "mi"}, role="dac", vote="approve",
        deputy_for={"member": "lee", "delegation": "d", "changes": 1},
    )  # fmt: skip
    trail = trail_of(*votes, confirmed, deputy)
    at = [entry.at for entry in trail.entries]

    def ids(**filters):
        return [entry.id for entry in trail.only(**filters).entries]

    assert ids() == ["c0", "c1", "c2", "c3", "p", "c9"]
    assert ids(since=at[2], until=at[4]) == ["c2", "c3"]
    assert ids(kinds=("policy", "recuse")) == ["c3", "p"]
    assert ids(kinds=("vote",), since=at[3]) == ["c3", "c9"]
    assert ids(person="hanbit/lee") == ["p", "c9"]  # as the second officer, and by a deputy
    assert ids(person="hanbit/someone", kinds=("approve",)) == ["c0", "c9"]
    assert ids(person="nuri/kim") == []


def test_what_is_forged_ends_no_report_and_is_named():
    """Others can put something in the place of a ground: the report of all other records is there."""
    key = "ground/hanbit/bc/00000002/x"
    fake = gateway(
        receipt__list={"items": [], "bookmark": ""},
        grant__list={"items": [{"key": "grant/g", "sealed": False, "forged": "no seal"}], "bookmark": ""},
        dataset__list={"items": [DATASET], "bookmark": ""},
        ground__get=Refusal("FORGED", details=[{"key": key, "sealed": False, "forged": "no seal"}]),
        deid__get=Refusal("NOT_FOUND"),
    )
    report = client(fake).audit.processing()
    assert [(entry.dataset, entry.legal_ground) for entry in report.entries] == [("hanbit/bc", ())]
    assert [one.key for one in report.forged] == ["grant/g", key]
    assert [one["key"] for one in report.to_json()["forged"]] == ["grant/g", key]


def released(identifier, at, cohort_epoch=1):
    made = view(
        "receipt", identifier, "hanbit", "completed", dataset="hanbit/bc", version=2, version_digest="d" * 64,
        grant=GRANT, person=KIM, delivery="e" * 64, archive="c" * 64, files={"root": "9" * 64, "count": 1, "bytes": 2},
        mode="download", asked={"at": at, "key": "8" * 64, "signature": "AAAA"}, sent=3,
        exclusions=[{"cohort": "hanbit/oncology", "epoch": cohort_epoch}],
    )  # fmt: skip
    made["record"]["changes"][0]["at"] = at
    return {"receipt": made, "state": "completed"}


def consent_at(epoch):
    cohort = view("cohort", "hanbit/oncology", "hanbit", "active", title="t", latest_epoch=3, batch_seconds=1)
    said = {
        "cohort": "hanbit/oncology", "epoch": epoch, "root": "a" * 64, "people": "100-999", "withdrawn": "none",
        "use": [{"permission": "HMB"}], "law": {"code": "GDPR"}, "wording": {"url": "https://x", "sha256": "b" * 64},
    }  # fmt: skip
    return {"cohort": cohort, "epoch": view("epoch", f"hanbit/oncology~{epoch}", "hanbit", **said)}


def test_what_was_released_comes_with_what_it_rests_on():
    """The epochs that receipts name and the newest, in order of time; what is forged is named and hides nothing."""
    early, late = released("r1", "2026-11-24T10:00:00Z"), released("r2", "2026-11-25T10:00:00Z", 2)
    ground = view(
        "ground",
        "hanbit/bc@2",
        "hanbit",
        dataset="hanbit/bc",
        version=2,
        version_digest="d",
        cohorts=["hanbit/oncology"],
    )
    fake = gateway(
        dataset__get=DATASET,
        receipt__list={"items": [late, early, {"key": "f", "sealed": False, "forged": "w"}], "bookmark": ""},
        grant__list={"items": [], "bookmark": ""},
        ground__get=ground,
        consent__get=[consent_at(epoch) for epoch in (3, 1, 2, 3, 2, 3, 1)],
    )
    found = client(fake).audit.disclosures("hanbit/bc")
    assert [one.id for one in found.receipts] == ["r1", "r2"]
    assert [one.epoch.epoch for one in found.consents] == [1, 2, 3]
    assert [one.key for one in found.forged] == ["f"]
    only = client(fake).audit.disclosures("hanbit/bc", since=late_moment(), until=None)
    assert [one.id for one in only.receipts] == ["r2"]
    assert not client(fake).audit.disclosures("hanbit/bc", until=late_moment()).receipts[1:]


def late_moment():
    return parse_time("2026-11-25T10:00:00Z")
