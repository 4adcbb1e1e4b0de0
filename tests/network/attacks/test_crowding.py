"""Others add to what somebody has to read: grants of a colleague's, remarks, worthless and sealed records.

Who: a colleague at nuri with a plain client; the requester; a voter's institution; two institutions with chaincode of
their own. What must hold: what one institution can add to what others have to read is bounded; what fits is counted
before anything is cut off; one's own is found; and the same is told everywhere.
"""

import contextlib
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest
from actors import CHAINCODE, CHANNEL, Actor, Refused
from colluders import Colluders
from past import Owner
from scene import Scene, application, ballot, question, with_another
from statements import EPOCH

from medconsent.fabric.errors import EndorseError
from medconsent.fabric.proposal import Proposal
from medconsent.ontology.pages import Hierarchy, StatedTerm

COLLEAGUES = 201
"""More grants than a check looks at."""
MAY_TAKE = 20.0
"""Seconds for one transaction, on a machine that does everything at once."""


@pytest.fixture(scope="session")
def scene(crowded_scene: Scene) -> Scene:
    return crowded_scene


@pytest.fixture(scope="session")
def colluders(crowded_colluders: Colluders) -> Colluders:
    return crowded_colluders


@pytest.fixture
def name() -> str:
    return f"crowd-{time.time_ns() % 10**8}"


def test_a_colleagues_grants_crowd_out_a_persons_own(scene: Scene, name: str) -> None:
    """kim may use the data behind glass. lee, who asks for both of them, gets grants of another kind that last longer,
    by a policy that approves by itself.
    """
    dataset = f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"), automatic=True, modes=["download", "enclave"])
    kim, lee = scene.actor("nuri/kim", "researcher"), scene.actor("nuri/lee", "researcher")
    own = application(kim, dataset) | {"mode": "enclave", "duration_seconds": 3600}
    kim.change("request.submit", own, *with_another("nuri", "hanbit"))
    asked = question("nuri/kim", dataset) | {"mode": "enclave"}
    assert scene.auditor.ask("check", asked)["decision"] == "permit"
    theirs = application(lee, dataset) | {"researchers": ["kim", "lee"], "duration_seconds": 90 * 86_400}

    def submit(_: int) -> str:
        return lee.send(lee.endorse("request.submit", theirs, *with_another("nuri", "hanbit"))).code

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(submit, range(COLLEAGUES))).count("VALID") == COLLEAGUES
    decision = scene.auditor.ask("check", asked)
    assert decision["decision"] == "permit", [reason["code"] for reason in decision["reasons"]][-3:]


def before(actor: Actor, function: str, argument: Any, other: str, *endorsers: str) -> Proposal:
    """A proposal whose transaction id comes before another one, by trying."""
    while True:
        proposal = Proposal.create(
            actor.key.identity,
            CHANNEL,
            CHAINCODE,
            function,
            [json.dumps(argument).encode()],
            endorsing_organizations=endorsers,
        )
        if proposal.transaction_id < other:
            return proposal


def test_somebody_elses_remark_takes_a_commitment_over(scene: Scene, name: str) -> None:
    """hanbit's member comments on nuri's request, in private; nuri's researcher makes a remark with the same
    commitment whose key comes before. The text stays the member's: they can keep it.
    """
    dataset = f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"))
    request = scene.request("nuri/kim", dataset)["id"]
    member, kim = scene.actor("hanbit/d-1", "dac"), scene.actor("nuri/kim", "researcher")
    text, salt = b"what the committee thinks of it", secrets.token_bytes(32)
    commitment = sha256(b"medconsent/text/1\0" + salt + text).hexdigest()
    said = {"request": request, "commitment": commitment}
    own = member.change("request.remark", said, *with_another("hanbit"))
    kim.seen.everywhere()
    taking = before(kim, "request.remark", said, own["id"], *with_another("nuri", "hanbit"))
    with contextlib.suppress(EndorseError):  # a contract may refuse the second remark
        kim.send(kim.contract.endorse_proposal(taking))
    member.seen.everywhere()
    assert keep(member, said, text, salt) == "VALID"


def keep(actor: Actor, said: dict[str, str], text: bytes, salt: bytes) -> str:
    """Keep a private text with both institutions; what came of it."""
    both, sent = ("hanbit", "nuri"), {"text": text, "salt": salt}
    try:
        kept = actor.contract.endorse(
            "text.keep", json.dumps(said).encode(), endorsing_organizations=both, transient=sent
        )
    except EndorseError as refused:
        return str(Refused(refused))
    return actor.send(kept).code


def test_a_deleted_old_vote_is_told_alike(scene: Scene, name: str) -> None:
    """saerom's ethics board approved; saerom deletes the vote long after. Whatever the answer is, `check`, `grant.get`
    and `grant.list` give the same.
    """
    dataset = f"hanbit/{name}"
    scene.seat("saerom", "ethics", "s-1", "s-2")
    saerom = Owner.of(scene.actor("saerom/trudy", "researcher"), scene.auditor)
    scene.publish(dataset, ("hanbit", "dac"), ("saerom", "ethics"))
    request = scene.request("nuri/kim", dataset)["id"]
    voter = scene.actor("saerom/s-1", "ethics")
    vote = voter.send(voter.endorse("request.vote", ballot(voter, request, "ethics"), "hanbit", "saerom"))
    grant = dict(scene.approve("hanbit/d-1", "dac", request)["grant"])
    assert scene.check("nuri/kim", dataset)["decision"] == "permit"
    saerom.takes_back(vote.transaction_id, posts=[f"vote/{request}#at1"])
    decision = scene.check("nuri/kim", dataset)
    (listed,) = scene.listed("grant.list", dataset=dataset)
    shown = scene.auditor.ask("grant.get", {"grant": grant["id"]})
    told = {
        "check": decision["decision"] == "permit",
        "grant.list": listed["state"] == "active",
        "grant.get": shown["state"] == "active",
    }
    assert len(set(told.values())) == 1, f"{told}: {decision['reasons'][0]}, {listed['state']}"


def labels(scene: Scene, colluders: Colluders, count: int) -> None:
    """One page of nuri's under `count` labels, each sealed and posted by nuri, also in the series of what nuri goes by:
    in bulk what its steward makes in minutes.
    """
    mark = secrets.token_hex(4)
    hierarchy = Hierarchy.of([StatedTerm("MONDO:0000001", f"disease {mark}", ())], system="MONDO", version=mark)
    steward = scene.actor("nuri/steward", "steward")
    steward.change("ontology.page", {"pages": [page.content() for page in hierarchy.pages]}, *with_another("nuri"))
    pages = [page.sha256 for page in hierarchy.pages]
    published = {"system": "MONDO", "version": mark, "pages": pages}
    record = steward.change("ontology.publish", published, *with_another("nuri"))
    text = json.dumps(record, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    text = text.replace(record["changes"][0]["tx"], "$TX")
    at_once = 500
    for first in range(0, count, at_once):
        operations: list[dict[str, Any]] = []
        for number in range(first, first + at_once):
            digest = secrets.token_hex(32)
            value = text.replace(record["body"]["index"], digest)
            put = {"do": "put", "key": f"ontology/MONDO/{digest}/nuri/$TX", "value": value}
            operations += [put, put | {"do": "seal", "owner": "nuri"}]
            for at in (f"{'/'.join(put['key'].split('/')[:4])}#at", f"ontology/MONDO#at{number + 2}"):
                operations.append({"do": "post", "key": at, "value": put["key"], "owner": "nuri"})
        assert colluders.write("altered chaincode", *operations).code == "VALID"


@pytest.fixture(scope="module")
def many_labels(scene: Scene, colluders: Colluders) -> None:
    """10,000 of them. They stay."""
    for institution in scene.network.institutions:
        described = {"title": institution, "country": "KR", "contact": f"data@{institution}.example", "roles": ["dac"]}
        operator = scene.actor(f"{institution}/operator", "operator")
        operator.ensure("institution.set", described, *with_another(institution))
    labels(scene, colluders, 10_000)


CANCER = [{"permission": "DS", "diseases": ["MONDO:0004992"]}]


@pytest.mark.parametrize("act", ["policy.set", "consent.begin", "consent.epoch", "dataset.publish", "explain"])
def test_ten_thousand_labels_of_one_page(scene: Scene, many_labels: None, name: str, act: str) -> None:
    """hanbit names diseases by the hierarchy in force, in a policy and in what the people permit."""
    dataset = f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"))
    privacy = scene.actor("hanbit/privacy", "privacy")
    consent = {**EPOCH, "withdrawn": "none", "use": CANCER}
    begun = time.monotonic()
    policy = scene.auditor.ask("policy.get", {"dataset": dataset})["record"]["body"]["policy"] | {"use": CANCER}
    if act == "policy.set":
        scene.steward.change(act, {"dataset": dataset, "policy": policy}, *with_another("hanbit"))
    elif act == "dataset.publish":
        scene.publish(f"{dataset}-b", ("hanbit", "dac"), use=CANCER)
    elif act == "consent.begin":
        privacy.change(act, {"slug": name, "title": "A cohort", **consent}, *with_another("hanbit"))
    elif act == "consent.epoch":
        begin = {"slug": name, "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
        privacy.change("consent.begin", begin, *with_another("hanbit"))
        time.sleep(2)
        privacy.change(act, {"cohort": dataset, "epoch": 2, **consent}, *with_another("hanbit"))
    else:
        purpose = {"kind": "disease", "diseases": ["MONDO:0004992"]}
        whose = {"institution": "nuri", "researchers": ["kim"]}
        scene.auditor.ask(act, {"policy": policy, **whose, "purpose": purpose, "mode": "download"})
    assert time.monotonic() - begun < MAY_TAKE
