"""One officer widens by what looks like narrowing, is two people with one key, or leaves the others nothing to read or
to change, with the honest programs and chaincode.

What must hold: what lets one person permit more waits for a second; one key is one person; what waits can be read; and
whatever one officer uses up, what takes away still works.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from actors import Refused, encode
from doing import namesake
from past import Owner, canonical
from scene import BASIS, RESEARCH, Scene, application, ballot, policy, with_another
from statements import C50, EPOCH, STATEMENT

from medconsent.fabric.errors import EndorseError

LEE = "saerom/lee"
TIMED = [{"permission": "HMB", "limits": [{"term": "TS", "months": 3}], "duties": [{"term": "PUB"}]}]
FOR_LONGER = [{"permission": "HMB", "duties": [{"term": "PUB"}]}]
FOR_NOTHING = [{"permission": "HMB", "limits": [{"term": "TS", "months": 3}]}]
LONG = 64 << 10
MOST_PROPOSALS, MOST_EMERGENCIES, MOST_CHANGES = 400, 100, 150


@pytest.fixture
def name() -> str:
    """A name that nothing has yet."""
    return f"officer-{time.time_ns() % 10**8}"


@pytest.fixture(scope="module", autouse=True)
def committee_as_it_was(scene: Scene) -> Iterator[None]:
    """The other attacks on this network go by a committee of one."""
    yield
    scene.seat("hanbit", "dac", "d-1")


@pytest.fixture(scope="module")
def nuri(scene: Scene) -> Owner:
    """An institution that can put into its own records whatever it took many transactions to make."""
    return Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)


# What looks like narrowing. Each gives what stands, the act, and the arguments to try.

Tried = tuple[Callable[[], Any], str, list[dict[str, Any]]]


def of_consent(scene: Scene, name: str) -> Tried:
    """The people bound the time no more; they ask nothing in return."""
    privacy, cohort = scene.actor("hanbit/privacy", "privacy"), f"hanbit/{name}"
    begin = {"slug": name, "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none", "use": TIMED}
    privacy.change("consent.begin", begin, *with_another("hanbit"))
    time.sleep(2)  # epochs are a second apart
    epoch = {"cohort": cohort, "epoch": 2, **EPOCH, "withdrawn": "none"}
    return (
        lambda: privacy.ask("consent.get", {"cohort": cohort})["epoch"]["record"]["body"]["use"],
        "consent.epoch",
        [epoch | {"use": FOR_LONGER}, epoch | {"use": FOR_NOTHING}],
    )


def of_basis(scene: Scene, name: str) -> Tried:
    """The same of a law."""
    privacy, basis = scene.actor("hanbit/privacy", "privacy"), {**BASIS, "slug": name}
    privacy.change("basis.set", {**basis, "purposes": TIMED}, *with_another("hanbit"))
    return (
        lambda: privacy.ask("basis.get", {"basis": f"hanbit/{name}"})["record"]["body"]["purposes"],
        "basis.set",
        [{**basis, "purposes": FOR_LONGER}, {**basis, "purposes": FOR_NOTHING}],
    )


def of_statement(scene: Scene, name: str) -> Tried:
    """Five of a hundred volumes were looked at; then there are five."""
    privacy, dataset = scene.actor("hanbit/privacy", "privacy"), f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"))
    digest = privacy.ask("dataset.get", {"dataset": dataset})["version"]["digest"]

    def stated(volumes: int) -> dict[str, Any]:
        image = {"modality": "CT", "body_part": "chest", "faces": "not-present", "checked": 5, "checked_by": "p"}
        images = [{**image, "volumes": volumes}]
        return {"dataset": dataset, "version_digest": digest, "statement": {**STATEMENT, "images": images}}

    privacy.change("deid.state", stated(100), *with_another("hanbit"))
    return (
        lambda: privacy.ask("deid.get", {"dataset": dataset})["record"]["body"]["statement"]["images"],
        "deid.state",
        [stated(5)],
    )


@pytest.mark.parametrize("what", [of_consent, of_basis, of_statement])
def test_what_only_looks_like_narrowing(scene: Scene, name: str, what: Callable[[Scene, str], Tried]) -> None:
    standing, function, arguments = what(scene, name)
    before = standing()
    for argument in arguments:
        answer = scene.actor("hanbit/privacy").alone(function, argument, *with_another("hanbit"))
        assert "proposal" in answer, "it was done by one"
        assert standing() == before
    scene.seen.seconds["hanbit"].confirm(answer["proposal"]["id"])
    assert standing() != before, "the second officer makes it so"


def test_the_seats_of_the_others_soon_end(scene: Scene, name: str) -> None:
    """The policy asks for a majority. A steward who sits there under the same name lets the others' seats run out."""
    dataset, both = f"hanbit/{name}", scene.actor(f"hanbit/s-{name}", "dac", "steward")
    scene.seat("hanbit", "dac", f"s-{name}", "d-2", "d-3")
    scene.publish(dataset, stages=[{"institution": "hanbit", "role": "dac", "rule": "majority"}])
    request = scene.request(LEE, dataset)["id"]
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    members = [
        {**member, **({} if member["id"] == f"s-{name}" else {"until": soon})}
        for member in scene.members("hanbit", "dac", f"s-{name}", "d-2", "d-3")
    ]
    answer = both.alone("committee.set", {"role": "dac", "members": members}, *with_another("hanbit"))
    time.sleep(2.5)
    both.alone("request.vote", ballot(both, request, "dac"), *with_another("hanbit"))
    assert "proposal" in answer
    assert scene.check(LEE, dataset)["decision"] == "deny"


def test_two_who_work_together_are_both_named(scene: Scene, name: str) -> None:
    """What remains: two officers are their institution. Whoever reads the policy elsewhere sees both."""
    dataset, lee = f"hanbit/{name}", scene.actor(LEE, "researcher")
    scene.publish(dataset, ("hanbit", "dac"), use=C50)
    opened = {"dataset": dataset, "policy": policy(("hanbit", "dac"), automatic=True)}
    proposal = scene.steward.alone("policy.set", opened, *with_another("hanbit"))["proposal"]["id"]
    scene.seen.seconds["hanbit"].confirm(proposal)
    lee.change("request.submit", application(lee, dataset), "hanbit", "saerom")
    assert scene.check(LEE, dataset)["decision"] == "permit"
    by = lee.ask("policy.get", {"dataset": dataset})["record"]["changes"][0]["by"]
    assert by["key"] == scene.steward.fingerprint
    assert by["second"] == {"institution": "hanbit", "id": "second"}


# One key, two certificates.


def test_one_key_breaks_no_glass(scene: Scene, name: str) -> None:
    """A privacy officer of saerom is named a second time, under another name, and confirms their own emergency."""
    dataset = f"saerom/{name}"
    scene.seat("saerom", "dac", "t-1")
    scene.publish(dataset, ("saerom", "dac"))
    first = scene.actor(f"saerom/{name}", "privacy")
    scene.seat("saerom", "privacy", name)
    again = namesake(scene, f"saerom/{name}", f"{name}-2", "privacy")
    scene.install("saerom", f"{name}-2", ["privacy"])
    record = first.change("breakglass.propose", emergency(dataset), *with_another("saerom"))["id"]
    digest = again.ask("breakglass.get", {"breakglass": record})["breakglass"]["digest"]
    confirmation = {"breakglass": record, "digest": digest}
    with pytest.raises(Refused) as refused:
        again.change("breakglass.confirm", confirmation, *with_another("saerom"))
    assert refused.value.code == "OWN_REQUEST"
    assert scene.check("hanbit/park", dataset)["decision"] == "deny"
    steward = scene.actor("saerom/steward", "steward")  # the control: somebody else
    steward.change("breakglass.confirm", confirmation, *with_another("saerom"))
    assert scene.check("hanbit/park", dataset)["decision"] == "permit"


def emergency(dataset: str) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "institution": "hanbit",
        "people": ["park"],
        "purpose": RESEARCH,
        "mode": "download",
        "duration_seconds": 3600,
        "reason": "an emergency",
    }


def test_one_key_has_one_vote(scene: Scene, name: str) -> None:
    """Neither two seats on a committee, nor a seat and a deputy's place beside it."""
    scene.actor(f"hanbit/{name}", "dac")
    namesake(scene, f"hanbit/{name}", f"{name}-2", "dac")
    twice = scene.members("hanbit", "dac", name, f"{name}-2")
    with pytest.raises(Refused) as refused:
        scene.steward.change("committee.set", {"role": "dac", "members": twice}, *with_another("hanbit"))
    assert refused.value.code == "CONFLICT"
    scene.seat("hanbit", "dac", "d-1", name)
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    lets = {"role": "dac", "deputy": f"{name}-2", "deputy_key": twice[0]["key"], "until": until}
    with pytest.raises(Refused) as refused:
        scene.actor("hanbit/d-1", "dac").change("committee.delegate", lets, *with_another("hanbit"))
    assert refused.value.code == "INVALID"


# What others have to read.


def test_a_long_proposal_waits_for_nobody(scene: Scene, name: str) -> None:
    dataset = f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"))
    wider = encode({"dataset": dataset, "policy": policy(("hanbit", "dac"), automatic=True)})
    with pytest.raises(EndorseError) as refused:
        scene.steward.contract.endorse(
            "policy.set", wider + b" " * LONG, endorsing_organizations=with_another("hanbit")
        )
    assert json.loads(refused.value.chaincode_message())["code"] == "TOO_LARGE"


def posted(nuri: Owner, series: str, count: int) -> None:
    """The posts that so many records of a series leave, put up at once by the institution whose they are."""
    told = [{"do": "post", "key": f"{series}#at{number}", "owner": "nuri", "value": "x"} for number in range(1, count)]
    assert nuri.writes(*told).code == "VALID"


def test_proposals_are_bounded(scene: Scene, nuri: Owner, name: str) -> None:
    """One steward of nuri has proposed 399 things within thirty days."""
    dataset, span = f"nuri/{name}", int(time.time()) // (30 * 86_400)
    scene.publish(dataset, ("nuri", "dac"))
    busy = scene.actor(f"nuri/{name}", "steward")
    posted(nuri, f"proposal/nuri/{name}/{span}", MOST_PROPOSALS)
    wider = {"dataset": dataset, "policy": policy(("nuri", "dac"), automatic=True)}
    assert "proposal" in busy.alone("policy.set", wider, "nuri", "hanbit")
    with pytest.raises(Refused) as refused:
        busy.endorse("policy.set", wider, "nuri", "hanbit")
    assert refused.value.code == "LIMIT_EXCEEDED"
    narrower = {"dataset": dataset, "policy": policy(("nuri", "dac"), max_duration_seconds=86_400)}
    assert "proposal" not in busy.alone("policy.set", narrower, "nuri", "hanbit"), "what takes away waits for nobody"
    assert "proposal" in scene.actor("nuri/steward").alone("policy.set", wider, "nuri", "hanbit")


def test_emergencies_are_bounded(scene: Scene, nuri: Owner, name: str) -> None:
    """One privacy officer of nuri has proposed 99 within a day."""
    dataset, day = f"nuri/{name}", int(time.time()) // 86_400
    scene.publish(dataset, ("nuri", "dac"))
    busy = scene.actor(f"nuri/{name}", "privacy")
    scene.seat("nuri", "privacy", "privacy", name)
    posted(nuri, f"breakglass/nuri/{name}/{day}", MOST_EMERGENCIES)
    busy.alone("breakglass.propose", emergency(dataset), "nuri", "hanbit")
    with pytest.raises(Refused) as refused:
        busy.endorse("breakglass.propose", emergency(dataset), "nuri", "hanbit")
    assert refused.value.code == "LIMIT_EXCEEDED"
    scene.actor("nuri/privacy").alone("breakglass.propose", emergency(dataset), "nuri", "hanbit")


# What one officer uses up.


def changed_often(nuri: Owner, key: str) -> None:
    """A record of nuri's as so many changes would leave it that say nothing."""
    record = json.loads(nuri.past.value(key))
    last = record["changes"][-1]
    told = {"changes": [*record["changes"], *[last] * (MOST_CHANGES - len(record["changes"]))]}
    assert nuri.rewrites(key, canonical(record | {"revision": record["revision"] + 1} | told)).code == "VALID"


def test_a_policy_can_always_be_narrowed(scene: Scene, nuri: Owner, name: str) -> None:
    dataset = f"nuri/{name}"
    scene.publish(dataset, ("nuri", "dac"))
    scene.grant("hanbit/park", dataset, "nuri/mallory-2", "dac")
    changed_often(nuri, scene.auditor.ask("dataset.get", {"dataset": dataset})["dataset"]["key"])
    narrower = policy(("nuri", "dac"), use=[{"permission": "DS", "diseases": ["ICD10:C50"]}])
    said = {"dataset": dataset, "policy": narrower, "applies": "existing"}
    assert scene.check("hanbit/park", dataset)["decision"] == "permit"
    scene.actor("nuri/steward").alone("policy.set", said, "nuri", "hanbit")
    assert scene.check("hanbit/park", dataset)["decision"] == "deny"


def test_a_grant_and_a_seat_can_always_be_ended(scene: Scene, nuri: Owner, name: str) -> None:
    """After 150 changes nothing is added any more: nobody is seated, nothing is suspended. What ends has room."""
    dataset = f"nuri/{name}"
    scene.publish(dataset, ("nuri", "dac"))
    grant = scene.grant("hanbit/park", dataset, "nuri/mallory-2", "dac")["id"]
    scene.seat("nuri", "ethics", "e-1", "e-2")
    steward, privacy = scene.actor("nuri/steward"), scene.actor("nuri/privacy", "privacy")
    committee = scene.auditor.ask("committee.get", {"institution": "nuri", "role": "ethics"})["key"]
    for key in (f"grant/{grant}", committee):
        changed_often(nuri, key)
    more = {"role": "ethics", "members": scene.members("nuri", "ethics", "e-1", "e-2", "e-3")}
    for who, function, argument in (
        (steward, "committee.set", more),
        (privacy, "grant.suspend", {"grant": grant, "reason": "x"}),
    ):
        with pytest.raises(Refused) as refused:
            who.endorse(function, argument, "nuri", "hanbit")
        assert refused.value.code == "LIMIT_EXCEEDED", function
    steward.alone("committee.unseat", {"role": "ethics", "members": ["e-2"]}, "nuri")
    assert scene.check("hanbit/park", dataset)["decision"] == "permit"
    steward.alone("grant.revoke", {"grant": grant, "reason": "misuse"}, "nuri")
    assert scene.check("hanbit/park", dataset)["decision"] == "deny"


def test_an_operator_is_left(scene: Scene, name: str) -> None:
    """An operator of hanbit dismisses all operators, or all but one officer."""
    operator = scene.actor(f"hanbit/{name}", "operator")
    officers = scene.auditor.ask("institution.get", {"institution": "hanbit"})["record"]["body"]["officers"]
    operators = [one["id"] for one in officers if "operator" in one["roles"]]
    everybody = [one["id"] for one in officers if one["id"] != name]
    for dismissed in (operators, everybody):
        with pytest.raises(Refused) as refused:
            operator.endorse("institution.dismiss", {"officers": dismissed}, "hanbit")
        assert refused.value.code == "CONFLICT"
    operator.alone("institution.dismiss", {"officers": [name]}, "hanbit")  # the control: one of several


def test_an_epoch_that_says_nothing_new(scene: Scene, name: str) -> None:
    """What remains: the next one, with those who have withdrawn, is too soon. An end waits for nothing."""
    dataset, privacy = f"hanbit/{name}", scene.actor("hanbit/privacy", "privacy")
    scene.publish(dataset, ("hanbit", "dac"))
    begin = {"slug": name, "title": "A cohort", "batch_seconds": 3, **EPOCH, "withdrawn": "none"}
    privacy.change("consent.begin", begin, *with_another("hanbit"))
    digest = privacy.ask("dataset.get", {"dataset": dataset})["version"]["digest"]
    ground = {"dataset": dataset, "version_digest": digest, "cohorts": [dataset]}
    privacy.change("ground.set", ground, *with_another("hanbit"))
    scene.grant(LEE, dataset)
    time.sleep(3)
    epoch = {"cohort": dataset, "epoch": 2, **EPOCH, "withdrawn": "none"}
    privacy.alone("consent.epoch", epoch, *with_another("hanbit"))
    with pytest.raises(Refused) as refused:
        privacy.endorse("consent.epoch", epoch | {"epoch": 3, "withdrawn": "under-20"}, *with_another("hanbit"))
    assert refused.value.code == "TOO_SOON"
    assert scene.check(LEE, dataset)["decision"] == "permit"
    privacy.alone("consent.end", {"cohort": dataset, "reason": "they withdrew"}, "hanbit")
    assert scene.check(LEE, dataset)["decision"] == "deny"
