"""An institution gives its own sealed record a next state, in which it says what it never said.

Who: nuri, as the one who asked, or as the owner of data, with chaincode of its own; one privacy officer of hanbit with
the honest one; hanbit's registrar. What must hold: a request stays under the policy of when it was made, and a
rejection counts; what lay before those who judged a grant stays what it was; the time in which those who withdrew are
to be left out does not begin anew; a worse statement opens nothing; nobody's next key is held back.
"""

import json
import time
from hashlib import sha256
from typing import Any

import pytest
from actors import Actor, Refused
from doing import of_nuri, restated
from forge import Key
from past import Owner, canonical
from scene import Scene, ballot, codes, policy, with_another
from statements import EPOCH, STATEMENT

from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent_network import identities

KIM, PARK = "nuri/kim", "hanbit/park"
FOR_PEOPLE = [{"permission": "GRU", "limits": [{"term": "RS", "text": "cardiology alone"}]}]
MOST = 100
DAY = 86_400


@pytest.fixture
def name() -> str:
    """A name that nothing has yet."""
    return f"made-{time.time_ns() % 10**8}"


@pytest.fixture(scope="module")
def nuri(scene: Scene) -> Owner:
    scene.seat("nuri", "dac", "mallory-2")
    return Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)


@pytest.mark.parametrize("lies", ["that it is so now", "that it was made so", "not how it was made"])
def test_a_rejected_request_is_aimed_at_a_later_policy(scene: Scene, nuri: Owner, name: str, lies: str) -> None:
    """saerom's board vetoes nuri's request. hanbit's next policy asks hanbit's committee alone, and nuri's request says
    that it is under that. No clock tells which was first: the policy's is four minutes behind.
    """
    dataset = f"hanbit/{name}"
    scene.seat("saerom", "ethics", "s-1")
    scene.publish(dataset, ("hanbit", "dac"), vetoes=[{"institution": "saerom", "role": "ethics"}])
    request = scene.request(KIM, dataset)["id"]
    board = scene.actor("saerom/s-1", "ethics")
    board.change("request.vote", ballot(board, request, "ethics", "reject"), *with_another("saerom"))
    set_by_slow_clocks(scene, dataset)
    later = scene.auditor.ask("dataset.get", {"dataset": dataset})["policy"]
    standing = scene.auditor.ask("request.get", {"request": request})["request"]
    aimed = {"policy_version": later["record"]["body"]["version"], "policy_digest": later["digest"]}
    body = standing["record"]["body"]
    made = {"that it is so now": body, "that it was made so": body | aimed, "not how it was made": None}[lies]
    assert restated(nuri, standing, aimed | {"as_made": made}).code == "VALID"
    member, honest = scene.actor("hanbit/d-1", "dac"), scene.request(KIM, dataset)["id"]
    vote = ballot(member, honest, "dac")
    restated_digest = {"request": request, "request_digest": digest_of(nuri, standing["key"])}
    with pytest.raises(Refused) as refused:
        member.endorse("request.vote", vote | restated_digest, *with_another("hanbit"))
    assert refused.value.code == "FORGED"
    assert scene.check(KIM, dataset)["decision"] == "deny"
    member.change("request.vote", vote, *with_another("hanbit"))  # the control: asked for anew
    assert scene.check(KIM, dataset)["decision"] == "permit"


def set_by_slow_clocks(scene: Scene, dataset: str) -> None:
    """hanbit's two officers set a policy that asks hanbit's committee alone, by clocks that are four minutes behind."""
    changed = {"dataset": dataset, "policy": policy(("hanbit", "dac"), modes=("download", "enclave"))}
    steward, second = scene.steward, scene.steward.seen.seconds["hanbit"]
    told = sent(steward, "policy.set", changed)
    sent(second, "proposal.confirm", second.confirmation(told["proposal"]["id"]))


def sent(officer: Actor, function: str, argument: Any) -> Any:
    held = officer.endorse_dated(int(time.time()) - 240, function, argument, *with_another("hanbit"))
    assert officer.send(held).code == "VALID"
    return json.loads(held.result)


def digest_of(owner: Owner, key: str) -> str:
    return sha256(owner.past.value(key)).hexdigest()


def consented(scene: Scene, name: str, **said: Any) -> str:
    """A dataset of nuri's that rests on a cohort of the same name."""
    dataset, privacy = f"nuri/{name}", of_nuri(scene, "privacy")
    scene.publish(dataset, ("nuri", "dac"), **said)
    begin = {"slug": name, "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
    privacy.change("consent.begin", begin, *with_another("nuri"))
    digest = privacy.ask("dataset.get", {"dataset": dataset})["version"]["digest"]
    ground = {"dataset": dataset, "version_digest": digest, "cohorts": [dataset]}
    privacy.change("ground.set", ground, *with_another("nuri"))
    return dataset


def test_what_was_judged_is_written_anew(scene: Scene, nuri: Owner, name: str) -> None:
    """The people leave to a person what nuri's committee had not seen. nuri's grant says that it had."""
    dataset, privacy = consented(scene, name), of_nuri(scene, "privacy")
    grant = scene.grant(PARK, dataset, "nuri/mallory-2", "dac")["id"]
    time.sleep(2)  # epochs are a second apart
    epoch = {"cohort": dataset, "epoch": 2, **EPOCH, "withdrawn": "none", "use": FOR_PEOPLE}
    privacy.change("consent.epoch", epoch, *with_another("nuri"))
    assert scene.check(PARK, dataset)["decision"] == "review"
    seen = scene.grant("hanbit/nowak", dataset, "nuri/mallory-2", "dac")  # the control: it is judged so
    assert scene.check("hanbit/nowak", dataset)["decision"] == "permit"
    standing = scene.auditor.ask("grant.get", {"grant": grant})["grant"]
    assert restated(nuri, standing, {"judged": seen["body"]["judged"]}).code == "VALID"
    decision = scene.check(PARK, dataset)
    assert decision["decision"] == "deny", decision["reasons"]
    assert "FORGED" in codes(decision)


def test_the_time_of_an_exclusion_begins_anew(scene: Scene, nuri: Owner, name: str) -> None:
    """People withdraw, and nuri is to leave them out within a day. Its next epoch, of its own making, says that nobody
    had withdrawn before.
    """
    dataset, privacy = consented(scene, name, exclusion_period_seconds=DAY), of_nuri(scene, "privacy")
    scene.grant(PARK, dataset, "nuri/mallory-2", "dac")
    for number in (2, 3):
        time.sleep(2)  # epochs are a second apart
        epoch = {"cohort": dataset, "epoch": number, **EPOCH, "withdrawn": "under-20"}
        if number == 2:
            privacy.change("consent.epoch", epoch, *with_another("nuri"))
    assert scene.check(PARK, dataset)["decision"] == "permit"
    shown = scene.auditor.ask("consent.get", {"cohort": dataset})
    second, head = shown["epoch"]["record"], shown["cohort"]
    third = second | {
        "id": f"{dataset}~3",
        "body": second["body"] | {"epoch": 3, "withdrawn_since": 3},
        "changes": [second["changes"][0] | {"tx": "ce" * 32}],
    }
    post = {"do": "post", "key": f"epoch/{dataset}/00000003#at", "owner": "nuri", "value": canonical(third).decode()}
    assert nuri.writes(post).code == "VALID"
    assert restated(nuri, head, {"latest_epoch": 3}).code == "VALID"
    decision = scene.check(PARK, dataset)
    assert decision["decision"] == "deny", decision["reasons"]
    assert "EVIDENCE_MISSING" in codes(decision)


def test_a_worse_statement_opens_nothing(scene: Scene, name: str) -> None:
    """hanbit's policy takes identified data. One privacy officer says that the data is that after all."""
    dataset, privacy = f"hanbit/{name}", scene.actor("hanbit/privacy", "privacy")
    scene.publish(dataset, ("hanbit", "dac"), deidentification={"terms": ["identified"]})
    digest = privacy.ask("dataset.get", {"dataset": dataset})["version"]["digest"]

    def states(term: str) -> Any:
        said = {"dataset": dataset, "version_digest": digest, "statement": STATEMENT | {"term": term}}
        return privacy.alone("deid.state", said, *with_another("hanbit"))

    def asked() -> str:
        return str(explained(scene, dataset)["decision"])

    states("pseudonymous")
    before = asked()
    assert "proposal" not in states("identified"), "what is worse waits for nobody"
    assert (before, asked()) in (("permit", "permit"), ("permit", "deny")), "a worse statement has opened it"


def explained(scene: Scene, dataset: str) -> Any:
    asked = {"dataset": dataset, "purpose": {"kind": "general-research"}, "mode": "download"}
    return scene.auditor.ask("explain", {**asked, "institution": "nuri", "researchers": ["kim"]})


def test_announced_in_anothers_name(scene: Scene, name: str) -> None:
    """hanbit's registrar certifies a hundred keys in a member's name, and announces each."""
    person = scene.actor(f"hanbit/{name}", "dac")
    secret = "known to the registrar"
    told = json.dumps({"secret": secret, "max_enrollments": -1}).encode()
    home = scene.network.home("hanbit")
    with identities.client(home, "ca") as ca:
        ca._wire.send("PUT", f"identities/{name}", told, registrar=identities.registrar(home))
        for _ in range(MOST):
            issued = ca.enroll(name, secret)
            signer = issued.signer
            assert isinstance(signer, PrivateKeySigner)
            other = Actor.at(home, Key(Identity("hanbit", issued.certificate_pem), signer), scene.seen)
            other.alone("person.announce", {}, *with_another("hanbit"))
    person.alone("person.announce", {}, *with_another("hanbit"))
    admits = {"person": name, "key": person.fingerprint}
    scene.actor("hanbit/chair").alone("person.admit", admits, *with_another("hanbit"))
    shown = scene.listed("person.list", institution="hanbit", person=name, state="active")
    assert [one["record"]["body"]["fingerprint"] for one in shown] == [person.fingerprint]
