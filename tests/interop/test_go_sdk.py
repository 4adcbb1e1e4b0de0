"""What the official Go SDK writes through our contract, ours reads; and the other way round."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from bench.clients import GoGateway, GoRefused
from bench.world import MODE, World

from medconsent.client import Client
from medconsent.data.manifest import croissant
from medconsent.data.manifest.describe import describe
from medconsent.errors import MedconsentError
from medconsent.nouns.bases import Document, NewBasis, Notice, Objection
from medconsent.nouns.committees import Member
from medconsent.nouns.institutions import Officer
from medconsent.times import parse_time
from medconsent.values.policies import Alternative, Policy, Stage
from medconsent.values.purposes import Purpose
from medconsent.values.requests import NewRequest

Ours = Callable[..., Client]

BASIS = NewBasis(
    code="KR-BIOETHICS-EXEMPTION",
    document=Document("A plan", "9f" * 32),
    notice=Notice("https://hanbit.example/notice", "9f" * 32, parse_time("2026-01-01T00:00:00Z")),
    objection=Objection("https://hanbit.example/object"),
)
BREAST_CANCER = Purpose("disease", ("ICD10:C50",))
POLICY = Policy(
    use=(Alternative("DS", ("ICD10:C50",)),),
    stages=(Stage("hanbit", "dac", 2),),
    modes=(MODE,),
    max_duration_seconds=365 * 86400,
    review_period_seconds=30 * 86400,
)


def manifest(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A Croissant document of a small table."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "table.csv").write_text("radius,texture\n17.99,10.38\n20.57,17.77\n")
    return describe(
        folder, title="A small table", summary="Two rows", publisher="Hanbit", contact="data-access@hanbit.example"
    )


def test_what_go_writes_ours_reads(go: GoGateway, ours: Ours, world: World) -> None:
    operator = world.officer("saerom", "operator-1")
    described = world.description("saerom") | {
        "title": "새롬대학교병원",  # not ASCII, and not escaped by Go's JSON
        "roles": ["steward", "ethics"],
    }
    written = go.submit(operator, "institution.set", described, world.endorsers("saerom"))

    client = ours("saerom/operator-1")
    client.wait_for_block(written["block"])
    read = client.institutions.get("saerom")
    assert (read.title, read.country, read.contact) == (described["title"], "KR", described["contact"])
    assert read.roles == ("steward", "ethics")
    assert [officer.to_json() for officer in read.officers] == described["officers"]
    assert read.sealed
    change = read.changes[-1]
    assert change.tx == written["tx"]
    assert str(change.by) == "saerom/operator-1"
    status = client.transactions.status(written["tx"])
    assert (status.outcome, status.code) == ("committed", "VALID")


def test_what_ours_writes_go_reads(go: GoGateway, ours: Ours, world: World) -> None:
    written = ours("nuri/operator-1", "operator").institutions.set(
        title="누리의료원",
        country="KR",
        contact="https://nuri.example/data",
        roles=["researcher"],
        officers=[Officer.from_json(officer) for officer in world.description("nuri")["officers"]],
    )
    view = go.evaluate(world.caller("nuri/operator-1"), "institution.get", {"institution": "nuri"}, ["nuri"])["result"]
    assert view["sealed"] is True
    assert view["record"] == written.answer.to_json()  # byte for byte the same record, so the same digest
    assert view["digest"] == written.answer.digest
    assert view["record"]["changes"][-1]["tx"] == written.transaction_id


def test_one_story_told_by_both(
    go: GoGateway, ours: Ours, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Founded and published by Go, seated and confirmed by turns, asked for by ours, approved by a vote through each,
    checked by both, revoked by ours.
    """
    steward, member = world.officer("hanbit", "steward"), world.caller("hanbit/d-1", "dac")
    kim, second = ours("nuri/kim", "researcher"), ours("hanbit/d-2", "dac")
    sealing = world.endorsers("hanbit")
    seated_by_both(go, ours, world)
    document = croissant.read(manifest(tmp_path_factory))
    published = go.submit(steward, "dataset.publish", publication(document), sealing)
    privacy = ours("hanbit/privacy")
    privacy.wait_for_block(published["block"])
    assert privacy.bases.set("research", BASIS).answer.sealed
    grounded = privacy.grounds.set("hanbit/told-by-both", bases=["hanbit/research"])

    kim.wait_for_block(grounded.block)
    shown = kim.datasets.get("hanbit/told-by-both")
    assert shown.version.to_json()["record"] == published["result"]["version"]
    assert shown.version.manifest.sha256 == document.sha256
    assert kim.datasets.manifest("hanbit/told-by-both").text.encode() == document.data
    assert shown.policy.policy == POLICY

    wanted = NewRequest("hanbit/told-by-both", BREAST_CANCER, MODE, duration="90d", project="Recurrence")
    request = kim.requests.submit(wanted, shown=shown)
    found = go.evaluate(member, "request.get", {"request": request.answer.id}, ["hanbit"])["result"]
    assert found["state"] == "submitted"
    vote = {
        "request": request.answer.id,
        "vote": "approve",
        "role": "dac",
        "request_digest": found["request"]["digest"],
        "version_digest": found["request"]["record"]["body"]["version_digest"],
        "policy_digest": found["request"]["record"]["body"]["policy_digest"],
    }
    voted = go.submit(member, "request.vote", vote, sealing)
    assert voted["result"]["state"] == "in-review"

    second.wait_for_block(voted["block"])
    decided = second.requests.approve(request.answer.id)
    assert decided.answer.state == "approved"
    assert decided.answer.grant is not None

    kim.wait_for_block(decided.block)
    question = {
        "dataset": "hanbit/told-by-both",
        "for": "nuri/kim",
        "purpose": BREAST_CANCER.to_json(),
        "mode": MODE,
    }
    by_ours = kim.decisions.check("hanbit/told-by-both", for_="nuri/kim", purpose=BREAST_CANCER, mode=MODE)
    by_go = go.evaluate(world.caller("nuri/kim"), "check", question, ["nuri"])["result"]
    assert by_ours.permitted
    assert by_go["decision"] == "permit"
    assert by_go["reasons"] == [reason.to_json() for reason in by_ours.reasons]
    assert by_go["evaluated"] == [evidence.to_json() for evidence in by_ours.evaluated]

    revoked = ours("hanbit/steward").grants.revoke(decided.answer.grant.id, "the study ended")
    kim.wait_for_block(revoked.block)
    assert go.evaluate(world.caller("nuri/kim"), "check", question, ["nuri"])["result"]["decision"] == "deny"
    assert not kim.decisions.check("hanbit/told-by-both", for_="nuri/kim", purpose=BREAST_CANCER, mode=MODE).permitted


def test_both_are_refused_alike(go: GoGateway, ours: Ours, world: World) -> None:
    """The contract's code and sentence reach the users of either SDK, in queries and in writes."""
    with pytest.raises(GoRefused) as of_go:
        go.evaluate(world.caller("nuri/kim", "researcher"), "dataset.get", {"dataset": "hanbit/none"}, ["nuri"])
    with pytest.raises(MedconsentError) as of_ours:
        ours("nuri/kim", "researcher").datasets.get("hanbit/none")
    assert same_refusal(of_go.value, of_ours.value) == "NOT_FOUND"

    argument = {"title": "Nuri", "country": "KR", "contact": "data@nuri.example", "roles": ["steward"]}
    with pytest.raises(GoRefused) as of_go:
        go.submit(world.caller("nuri/kim"), "institution.set", argument, world.endorsers("nuri"))
    with pytest.raises(MedconsentError) as of_ours:
        ours("nuri/kim").institutions.set(title="Nuri", country="KR", contact="data@nuri.example", roles=["steward"])
    assert same_refusal(of_go.value, of_ours.value) == "FORBIDDEN"
    assert ours("nuri/kim").transactions.status(of_go.value.report["tx"]).outcome == "unknown"  # never sent


def test_an_unendorsed_seal_is_invalid_for_go_too(go: GoGateway, ours: Ours, world: World) -> None:
    """A write that its owner's institution did not endorse is committed as invalid, whatever SDK sent it."""
    argument, operator = world.description("nuri"), world.officer("nuri", "operator-1")
    with pytest.raises(GoRefused) as refused:
        go.submit(operator, "institution.set", argument, ["hanbit", "saerom"])
    report = refused.value.report
    assert report["validation_code"] == "ENDORSEMENT_POLICY_FAILURE"
    status = ours("nuri/operator-1").transactions.status(report["tx"])
    assert (status.outcome, status.code) == ("invalid", "ENDORSEMENT_POLICY_FAILURE")


def seated_by_both(go: GoGateway, ours: Ours, world: World) -> None:
    """Go founds hanbit; its committee's d-1 is proposed by ours and confirmed by Go, d-2 the other way round."""
    sealing = world.endorsers("hanbit")
    steward, second = world.officer("hanbit", "steward"), world.officer("hanbit", "second")
    founded = go.submit(world.officer("hanbit", "operator-1"), "institution.set", world.description("hanbit"), sealing)
    first, other = world.members("hanbit", "dac", "d-1", "d-2")

    proposing = ours("hanbit/steward")
    proposing.wait_for_block(founded["block"])
    waiting = proposing.committees.set("dac", [Member(first["id"], key=first["key"])]).proposal
    assert waiting is not None
    assert waiting.widens == (f"d-1 sits on hanbit/dac, by the key {first['key']}",)
    named = {"proposal": waiting.id, "digest": waiting.digest}
    with pytest.raises(GoRefused) as own:
        go.submit(steward, "proposal.confirm", named, sealing)
    assert own.value.refusal["code"] == "OWN_REQUEST"
    confirmed = go.submit(second, "proposal.confirm", named, sealing)["result"]
    assert [seat["id"] for seat in confirmed["done"]["body"]["seats"]] == ["d-1"]

    proposed = go.submit(steward, "committee.seat", {"role": "dac", "members": [other]}, sealing)
    confirming = ours("hanbit/second")
    confirming.wait_for_block(proposed["block"])
    done = confirming.proposals.confirm(proposed["result"]["proposal"]["id"]).answer.done
    assert [(seat["id"], seat["key"]) for seat in done["body"]["seats"]] == [
        (it["id"], it["key"]) for it in (first, other)
    ]


def same_refusal(of_go: GoRefused, of_ours: Any) -> str:
    """The code, after it was found that both say the same."""
    refusal = of_go.refusal
    assert (refusal["code"], refusal["message"]) == (of_ours.code, of_ours.message), json.dumps(of_go.report)
    return str(refusal["code"])


def publication(document: croissant.Document) -> dict[str, Any]:
    """The argument of ``dataset.publish``."""
    return {
        "slug": "told-by-both",
        "title": "A small table",
        "kinds": ["tabular"],
        "contact": "data-access@hanbit.example",
        "manifest": {"text": document.text},
        "content": {"root": document.root, "files": len(document.files), "bytes": document.size},
        "policy": POLICY.to_json(),
    }
