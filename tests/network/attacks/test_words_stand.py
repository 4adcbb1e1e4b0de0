"""What people said stands, whatever an institution does to the records that it was said by or about.

Who: nuri as the owner of data, which writes votes and grants of its own making, sealed as they have to be; saerom,
which takes away the committee or the delegation by which its own member said no; members of hanbit and their deputies,
with the honest programs. What must hold: on hanbit's peer `check` does not permit what was rejected or revoked, or what
the people do not permit any more.
"""

import contextlib
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import rwset
from actors import Actor, Outcome, Refused
from colluders import transaction_on_ledger
from doing import of_nuri, restated
from past import Owner, canonical
from scene import Scene, ballot, with_another
from statements import C50, EPOCH

PARK, NOWAK = "hanbit/park", "hanbit/nowak"


@pytest.fixture
def name() -> str:
    return f"word-{time.time_ns() % 10**8}"


@pytest.fixture(scope="module")
def nuri(scene: Scene) -> Owner:
    scene.seat("nuri", "dac", "mallory-2", "mallory-3")
    return Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)


@pytest.fixture(scope="module")
def saerom(scene: Scene) -> Owner:
    scene.seat("saerom", "ethics", "s-1", "s-2")
    return Owner.of(scene.actor("saerom/trudy", "researcher"), scene.auditor)


@pytest.fixture(scope="module", autouse=True)
def committee_as_it_was(scene: Scene) -> Iterator[None]:
    """The other attacks on this network go by a committee of one."""
    yield
    scene.seat("hanbit", "dac", "d-1")


# An approval, and a grant, of nuri's own making: those of an honest request, told of another one.


def own_grant(
    scene: Scene, nuri: Owner, honest: dict[str, Any], request: str, at: str, *, number: int = 1, posted: bool = True
) -> Outcome:
    """nuri posts an approval of the request, dated `at`, as the vote with a number; and writes the grant that it makes,
    in every list, and posts it as the request's one grant unless not `posted`.
    """
    given, vote = honest["grant"], honest["vote"]
    own = scene.auditor.ask("request.get", {"request": request})["request"]
    until = f"{datetime.fromisoformat(at) + timedelta(seconds=86_400):%Y-%m-%dT%H:%M:%SZ}"
    told = {
        vote["body"]["request"]: request,
        given["body"]["request_digest"]: own["digest"],
        given["body"]["votes"][0]["digest"]: "$DIGEST",
        given["id"]: "$TX",
        '"id":"park"': f'"id":"{own["record"]["body"]["requester"]["id"]}"',
        '"park"': f'"{own["record"]["body"]["requester"]["id"]}"',
        "hanbit/park/": f"hanbit/{own['record']['body']['requester']['id']}/",
    }
    for was, becomes in ((given["body"]["from"], at), (given["body"]["until"], until)):
        told[was] = becomes
        told |= dict(zip(numbers(was), numbers(becomes), strict=True))
    writes = rwset.of(transaction_on_ledger(scene.auditor, given["id"])).writes
    grant = {key: value for key, value in writes.items() if value and given["id"] in key}
    operations = rwset.operations(rwset.retold(rwset.ReadWriteSet(grant), told), sealed_by="nuri")
    text = canonical(vote).decode()
    for was, becomes in told.items():
        text = text.replace(was, becomes)
    operations.insert(0, {"do": "post", "key": f"vote/{request}#at{number}", "owner": "nuri", "value": text})
    if posted:
        operations.append({"do": "post", "key": f"grant-of/{request}#at", "owner": "nuri", "value": "grant/$TX"})
    return nuri.writes(*operations, beside=("saerom",))


def numbers(moment: str) -> tuple[str, str]:
    """How index entries have a moment."""
    seconds = int(datetime.fromisoformat(moment).timestamp())
    return f"{seconds:012}", f"{999_999_999_999 - seconds:012}"


def asked(scene: Scene, researcher: str, dataset: str) -> tuple[str, str]:
    """A request; its id and date."""
    made = scene.request(researcher, dataset)
    return made["id"], made["updated_at"]


def test_an_approval_is_dated_back_before_a_veto(scene: Scene, nuri: Owner, name: str) -> None:
    """hanbit's ethics board has a veto on nuri's data, and uses it; nuri's member has approved before, as nuri says."""
    dataset = f"nuri/{name}"
    scene.seat("hanbit", "ethics", "e-1")
    scene.publish(dataset, ("nuri", "dac"), vetoes=[{"institution": "hanbit", "role": "ethics"}])
    honest = scene.approve("nuri/mallory-2", "dac", scene.request(PARK, dataset)["id"])
    scene.actor("nuri/steward").change("grant.revoke", {"grant": honest["grant"]["id"], "reason": "x"}, "nuri")
    request, at = asked(scene, NOWAK, dataset)
    control, then = asked(scene, "hanbit/nowak-2", dataset)
    time.sleep(1)
    voter = scene.actor("hanbit/e-1", "ethics")
    voter.change("request.vote", ballot(voter, request, "ethics", "reject"), *with_another("hanbit"))
    for each, when in ((request, at), (control, then)):
        assert own_grant(scene, nuri, honest, each, when).code == "VALID"
    assert scene.check("hanbit/nowak-2", dataset)["decision"] == "permit", "nobody rejected: nuri's word is enough"
    decision = scene.check(NOWAK, dataset)
    assert decision["decision"] == "deny", decision["reasons"]
    assert scene.auditor.ask("request.get", {"request": request})["state"] == "rejected"


def test_a_revoked_grant_is_given_again_by_another_vote(scene: Scene, nuri: Owner, name: str) -> None:
    """nuri gives its committee another past, in which the member whose vote made the grant had another key: that vote
    does not count any more. Another member approves, and nuri writes the grant that this vote would have made.
    """
    dataset, steward = f"nuri/{name}", of_nuri(scene, "steward")
    scene.seat("nuri", "dac", "mallory-2", "mallory-3")
    scene.publish(dataset, ("nuri", "dac"))
    request, _ = asked(scene, PARK, dataset)
    first = scene.approve("nuri/mallory-2", "dac", request)["grant"]["id"]
    standing = scene.auditor.ask("committee.get", {"institution": "nuri", "role": "dac"})
    seats = [
        seat | ({"key": "ab" * 32} if seat["id"] == "mallory-2" else {}) for seat in standing["record"]["body"]["seats"]
    ]
    assert restated(nuri, standing, {"seats": seats}).code == "VALID"
    honest = scene.approve("nuri/mallory-3", "dac", scene.request(PARK, dataset)["id"])
    for grant in (first, honest["grant"]["id"]):
        steward.change("grant.revoke", {"grant": grant, "reason": "misuse"}, "nuri")
    at = honest["vote"]["updated_at"]
    assert own_grant(scene, nuri, honest, request, at, number=2).code == "ENDORSEMENT_POLICY_FAILURE"
    made = own_grant(scene, nuri, honest, request, at, number=2, posted=False)
    assert made.code == "VALID"
    decision = scene.check(PARK, dataset)
    scene.seat("nuri", "dac", "mallory-2", "mallory-3")
    assert decision["decision"] == "deny", decision["reasons"]
    assert scene.auditor.ask("grant.get", {"grant": made.transaction_id})["state"] == "unproven"


def test_an_earlier_epoch_is_the_newest(scene: Scene, nuri: Owner, name: str) -> None:
    """The people of nuri's cohort permit less; nuri gives its record a new state, in which they have not said so."""
    dataset, privacy = f"nuri/{name}", of_nuri(scene, "privacy")
    scene.publish(dataset, ("nuri", "dac"))
    begin = {"slug": name, "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
    privacy.change("consent.begin", begin, *with_another("nuri"))
    digest = privacy.ask("dataset.get", {"dataset": dataset})["version"]["digest"]
    ground = {"dataset": dataset, "version_digest": digest, "cohorts": [dataset]}
    privacy.change("ground.set", ground, *with_another("nuri"))
    scene.grant(PARK, dataset, "nuri/mallory-2", "dac")
    time.sleep(2)  # epochs are a second apart
    epoch = {"cohort": dataset, "epoch": 2, **EPOCH, "withdrawn": "none", "use": C50}
    privacy.change("consent.epoch", epoch, *with_another("nuri"))
    assert scene.check(PARK, dataset)["decision"] == "deny"
    standing = scene.auditor.ask("consent.get", {"cohort": dataset})["cohort"]
    assert restated(nuri, standing, {"latest_epoch": 1}).code == "VALID"
    decision = scene.check(PARK, dataset)
    assert decision["decision"] == "deny", decision["reasons"]


# What a member's word was judged by is not there any more.


def delegated(member: Actor, deputy: Actor, deputy_id: str, role: str) -> str:
    """The member names a deputy for a day; the delegation."""
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    lets = {"role": role, "deputy": deputy_id, "deputy_key": deputy.fingerprint, "until": until}
    return str(member.change("committee.delegate", lets, *with_another(member.institution))["id"])


@pytest.mark.parametrize("what", ["committee", "delegation"])
def test_a_veto_is_undone_by_deleting_what_it_was_judged_by(scene: Scene, saerom: Owner, name: str, what: str) -> None:
    dataset = f"hanbit/{name}"
    scene.publish(dataset, ("hanbit", "dac"), vetoes=[{"institution": "saerom", "role": "ethics"}])
    request = scene.request("nuri/kim", dataset)["id"]
    voter, said = scene.actor("saerom/s-1", "ethics"), {}
    key = scene.auditor.ask("committee.get", {"institution": "saerom", "role": "ethics"})["key"]
    if what == "delegation":
        member, voter = voter, scene.actor("saerom/deputy", "ethics")
        said = {"for": "s-1", "delegation": delegated(member, voter, "deputy", "ethics")}
        key = f"delegation/saerom/ethics/s-1/{said['delegation']}"
    vote = ballot(voter, request, "ethics", "reject") | said
    voter.change("request.vote", vote, "hanbit", "saerom")
    stood = saerom.past.value(key)
    assert saerom.writes({"do": "delete", "key": key}).code == "VALID"
    with contextlib.suppress(Refused):
        scene.approve("hanbit/d-1", "dac", request)
    decision, state = scene.check("nuri/kim", dataset), scene.auditor.ask("request.get", {"request": request})["state"]
    saerom.writes({"do": "put", "key": key, "value": stood.decode()}, beside=("nuri",))
    assert state != "approved"
    assert decision["decision"] == "deny", decision["reasons"]


def test_a_deputy_speaks_for_one_member_and_nobody_speaks_twice(scene: Scene, name: str) -> None:
    """Two of hanbit's three members have to approve; one names a deputy, who tries to be more than that one."""
    dataset, names = f"hanbit/{name}", [f"{name}-{letter}" for letter in "abcde"]
    scene.seat("hanbit", "dac", *names[:3])
    scene.publish(dataset, stages=[{"institution": "hanbit", "role": "dac", "threshold": 2}])
    request = scene.request("nuri/kim", dataset)["id"]
    a, _, _, deputy, other = (scene.actor(f"hanbit/{it}", "dac") for it in names)
    lent = delegated(a, deputy, names[3], "dac")

    def tries(who: Actor, code: str, **said: str) -> None:
        with pytest.raises(Refused) as refused:
            who.endorse("request.vote", ballot(who, request, "dac") | said, *with_another("hanbit"))
        assert refused.value.code == code, said

    tries(deputy, "FORBIDDEN")  # in their own name
    tries(deputy, "NOT_FOUND", **{"for": names[1], "delegation": lent})  # for a member who lent nothing
    tries(other, "FORBIDDEN", **{"for": names[0], "delegation": lent})  # by what was lent to somebody else
    with pytest.raises(Refused) as refused:
        delegated(deputy, other, names[4], "dac")  # passed on
    assert refused.value.code == "FORBIDDEN"
    own = ballot(deputy, request, "dac") | {"for": names[0], "delegation": lent}
    deputy.change("request.vote", own, *with_another("hanbit"))
    tries(a, "ALREADY_VOTED")
    tries(deputy, "ALREADY_VOTED", **{"for": names[0], "delegation": lent})
    assert scene.check("nuri/kim", dataset)["decision"] == "deny"
    scene.approve(f"hanbit/{names[1]}", "dac", request)  # the control: another member
    assert scene.check("nuri/kim", dataset)["decision"] == "permit"
