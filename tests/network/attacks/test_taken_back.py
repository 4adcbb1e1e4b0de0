"""An institution takes back, in its own sealed records, what it or its people had said, with chaincode of its own.

Who: nuri as the owner of data (or as the one who asked), and saerom as the institution of a voter, each alone on its
own records: older bytes are put and sealed again, what was new is deleted with its seal. What must hold: an end counts
for ever. On the peer of anybody else `check` does not permit again what was revoked, suspended, given up, withdrawn by
the people in the data, narrowed or rejected, unless the contract's own rules let it be given anew, for all to see.
"""

import contextlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from actors import Refused
from doing import done, of_nuri
from past import Owner, canonical
from scene import BASIS, RESEARCH, Scene, ballot, policy, publication, question, with_another
from statements import C50, EPOCH, STATEMENT

PARK = "hanbit/park"
ASKS = {"deidentification": {"terms": ["pseudonymous"]}}


@pytest.fixture(scope="module")
def nuri(scene: Scene) -> Owner:
    scene.seat("nuri", "dac", "mallory-2", "mallory-3")
    scene.seat("nuri", "privacy", "privacy")
    return Owner.of(scene.actor("nuri/mallory", "researcher"), scene.auditor)


@pytest.fixture(scope="module")
def saerom(scene: Scene) -> Owner:
    scene.seat("saerom", "ethics", "s-1", "s-2")
    return Owner.of(scene.actor("saerom/trudy", "researcher"), scene.auditor)


@pytest.fixture
def slug(request: pytest.FixtureRequest) -> str:
    """A name of its own for each test and each of its cases."""
    name = request.node.name.removeprefix("test_").replace("[", "-").replace("]", "").replace("_", "-")
    return str(name[-48:]).strip("-")


# What nuri says of its own data, and takes back. Each gives the transaction in which it was said.


def revoke(scene: Scene, dataset: str, grant: str) -> str:
    return done(of_nuri(scene, "steward"), "grant.revoke", {"grant": grant, "reason": "misuse"}, "nuri")


def suspend(scene: Scene, dataset: str, grant: str) -> str:
    return done(of_nuri(scene, "privacy"), "grant.suspend", {"grant": grant, "reason": "a question"}, "nuri")


def relinquish(scene: Scene, dataset: str, grant: str) -> str:
    return done(scene.actor(PARK), "grant.relinquish", {"grant": grant, "reason": "not needed"}, "nuri")


def narrow(scene: Scene, dataset: str, grant: str) -> str:
    narrower = policy(("nuri", "dac"), use=C50, **ASKS)
    said = {"dataset": dataset, "policy": narrower, "applies": "existing"}
    return done(of_nuri(scene, "steward"), "policy.set", said, *with_another("nuri"))


def end_consent(scene: Scene, dataset: str, grant: str) -> str:
    said = {"cohort": dataset, "reason": "the people said no"}
    return done(of_nuri(scene, "privacy"), "consent.end", said, *with_another("nuri"))


def next_epoch(scene: Scene, dataset: str, grant: str) -> str:
    """The people permit research on one disease alone from now on."""
    time.sleep(2)  # epochs are a second apart
    said = {"cohort": dataset, "epoch": 2, **EPOCH, "withdrawn": "none", "use": C50}
    return done(of_nuri(scene, "privacy"), "consent.epoch", said, *with_another("nuri"))


def end_basis(scene: Scene, dataset: str, grant: str) -> str:
    said = {"basis": dataset, "reason": "the committee took its letter back"}
    return done(of_nuri(scene, "privacy"), "basis.end", said, *with_another("nuri"))


def change_ground(scene: Scene, dataset: str, grant: str) -> str:
    """It rests on consent for one disease alone."""
    privacy, slug = of_nuri(scene, "privacy"), f"{dataset.partition('/')[2]}-c"
    begin = {"slug": slug, "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none", "use": C50}
    privacy.change("consent.begin", begin, *with_another("nuri"))
    return ground(scene, dataset, cohorts=[f"nuri/{slug}"])


def state_otherwise(scene: Scene, dataset: str, grant: str) -> str:
    """The statement of de-identification says now that the data identifies people."""
    return state(scene, dataset, "identified")


def ground(scene: Scene, dataset: str, **on: Any) -> str:
    privacy = of_nuri(scene, "privacy")
    digest = privacy.ask("dataset.get", {"dataset": dataset})["version"]["digest"]
    said = {"dataset": dataset, "version_digest": digest, **on}
    return done(privacy, "ground.set", said, *with_another("nuri"))


def state(scene: Scene, dataset: str, term: str) -> str:
    privacy = of_nuri(scene, "privacy")
    digest = privacy.ask("dataset.get", {"dataset": dataset})["version"]["digest"]
    said = {"dataset": dataset, "version_digest": digest, "statement": STATEMENT | {"term": term}}
    return done(privacy, "deid.state", said, *with_another("nuri"))


def rest(scene: Scene, dataset: str, on: str) -> None:
    """What nuri's dataset rests on: a cohort or a basis of its own name."""
    privacy, slug = of_nuri(scene, "privacy"), dataset.partition("/")[2]
    if on == "cohorts":
        begin = {"slug": slug, "title": "A cohort", "batch_seconds": 1, **EPOCH, "withdrawn": "none"}
        privacy.change("consent.begin", begin, *with_another("nuri"))
    else:
        privacy.change("basis.set", {**BASIS, "slug": slug}, *with_another("nuri"))
    ground(scene, dataset, **{on: [dataset]})


Act = Callable[[Scene, str, str], str]
ON_CONSENT: list[Act] = [end_consent, next_epoch]
ACTS: list[Act] = [revoke, suspend, relinquish, narrow, *ON_CONSENT, end_basis, change_ground, state_otherwise]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_the_owner_takes_back_what_it_took_away(scene: Scene, nuri: Owner, slug: str, act: Act) -> None:
    """nuri grants, takes away, and makes that undone; hanbit's peer must not permit again."""
    dataset = f"nuri/{slug}"
    published = publication(slug, ("nuri", "dac"), **ASKS)
    of_nuri(scene, "steward").change("dataset.publish", published, *with_another("nuri"))
    rest(scene, dataset, "cohorts" if act in ON_CONSENT else "bases")
    state(scene, dataset, "pseudonymous")
    grant = scene.grant(PARK, dataset, "nuri/mallory-2", "dac")["id"]
    assert scene.check(PARK, dataset)["decision"] == "permit"
    transaction = act(scene, dataset, grant)
    ended = scene.check(PARK, dataset)
    assert ended["decision"] == "deny"
    nuri.takes_back(transaction)
    decision = scene.check(PARK, dataset)
    assert decision["decision"] == "deny", f"it was {ended['reasons']}, and now: {decision['reasons']}"


def test_a_seat_that_was_taken_away_comes_back(scene: Scene, nuri: Owner, slug: str) -> None:
    """hanbit's data needs nuri's committee too. A member lost the seat there, and votes after nuri put the former
    roster back: its date is that of long ago, and nobody is shown that the seat was gone.
    """
    dataset = f"hanbit/{slug}"
    scene.publish(dataset, ("hanbit", "dac"), ("nuri", "dac"), own_institution_votes=True)
    request = scene.request("saerom/lee", dataset)["id"]
    scene.approve("hanbit/d-1", "dac", request)
    roster = {"role": "dac", "members": [{"id": "mallory-2"}]}
    transaction = done(of_nuri(scene, "steward"), "committee.set", roster, *with_another("nuri"))
    member = scene.actor("nuri/mallory-3", "dac")
    with pytest.raises(Refused) as refused:
        member.change("request.vote", ballot(member, request, "dac"), "hanbit", "nuri")
    assert refused.value.code == "FORBIDDEN"
    nuri.takes_back(transaction)
    with contextlib.suppress(Refused):
        member.change("request.vote", ballot(member, request, "dac"), "hanbit", "nuri")
    assert scene.check("saerom/lee", dataset)["decision"] == "deny"
    scene.seat("nuri", "dac", "mallory-2", "mallory-3")


def test_a_delegation_that_was_ended_comes_back(scene: Scene, nuri: Owner, slug: str) -> None:
    """nuri's member takes the deputy's right away; nuri makes that undone, and the deputy votes on hanbit's data."""
    dataset = f"hanbit/{slug}"
    scene.publish(dataset, ("hanbit", "dac"), ("nuri", "dac"))
    request = scene.request("saerom/lee", dataset)["id"]
    scene.approve("hanbit/d-1", "dac", request)
    member, deputy = scene.actor("nuri/mallory-2", "dac"), scene.actor("nuri/deputy", "dac")
    until = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"
    lets = {"role": "dac", "deputy": "deputy", "deputy_key": deputy.fingerprint, "until": until}
    delegation = member.change("committee.delegate", lets, *with_another("nuri"))["id"]
    transaction = done(member, "committee.undelegate", {"delegation": delegation}, "nuri")
    vote = ballot(deputy, request, "dac") | {"for": "mallory-2", "delegation": delegation}
    with pytest.raises(Refused):
        deputy.change("request.vote", vote, "hanbit", "nuri")
    nuri.takes_back(transaction)
    with contextlib.suppress(Refused):
        deputy.change("request.vote", vote, "hanbit", "nuri")
    assert scene.check("saerom/lee", dataset)["decision"] == "deny"


@pytest.mark.parametrize("word", ["reject", "return", "recuse"])
def test_a_voters_institution_takes_the_word_back(scene: Scene, saerom: Owner, slug: str, word: str) -> None:
    """saerom's ethics board is asked about hanbit's data, and has a veto. A member says no, or that it cannot be asked;
    saerom deletes the vote, and the member approves.
    """
    dataset = f"hanbit/{slug}"
    scene.publish(
        dataset, ("hanbit", "dac"), ("saerom", "ethics"), vetoes=[{"institution": "saerom", "role": "ethics"}]
    )
    request = scene.request("nuri/kim", dataset)["id"]
    member = scene.actor("saerom/s-1", "ethics")
    said = ballot(member, request, "ethics", word)
    transaction = done(member, "request.vote", said, "hanbit", "saerom")
    saerom.takes_back(transaction, posts=[f"vote/{request}#at1"])
    shown = scene.auditor.ask("request.get", {"request": request})
    for who, role in (("hanbit/d-1", "dac"), ("saerom/s-1", "ethics")):
        with contextlib.suppress(Refused):
            scene.approve(who, role, request)
    decision = scene.check("nuri/kim", dataset)
    assert decision["decision"] == "deny", f"after the deletion the request was {shown['state']!r}: {decision}"


def another_past(record: dict[str, Any], seat: Callable[[dict[str, Any]], None], member: str) -> bytes:
    """The committee as a change would leave it that the contract does not make: with something else said of a seat."""
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    changed = record["changes"][-1] | {
        "action": "committee.updated",
        "at": max(at, record["updated_at"]),
        "tx": "cd" * 32,
    }
    for held in record["body"]["seats"]:
        if held["id"] == member:
            seat(held)
    told = {"revision": record["revision"] + 1, "updated_at": changed["at"], "changes": [*record["changes"], changed]}
    return canonical(record | told)


PASTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "began-later": lambda seat: seat.update({"from": f"{datetime.now(UTC) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"}),
    "another-key": lambda seat: seat.update({"key": "ab" * 32}),
    "never-there": lambda seat: seat.update({"id": "somebody-else"}),
}


@pytest.mark.parametrize("past", PASTS)
def test_a_veto_is_undone_by_another_past_of_the_seat(scene: Scene, saerom: Owner, slug: str, past: str) -> None:
    """saerom's ethics board has a veto on hanbit's data and uses it. saerom gives the committee's record a new state,
    sealed as it has to be, in which the member had no seat; then hanbit approves.
    """
    dataset, member = f"hanbit/{slug}", f"v-{past}"
    scene.seat("saerom", "ethics", "s-1", "s-2", member)
    scene.publish(dataset, ("hanbit", "dac"), vetoes=[{"institution": "saerom", "role": "ethics"}])
    request = scene.request("nuri/kim", dataset)["id"]
    voter = scene.actor(f"saerom/{member}", "ethics")
    done(voter, "request.vote", ballot(voter, request, "ethics", "reject"), "hanbit", "saerom")
    assert scene.auditor.ask("request.get", {"request": request})["state"] == "rejected"
    standing = scene.auditor.ask("committee.get", {"institution": "saerom", "role": "ethics"})
    time.sleep(2)
    assert saerom.rewrites(standing["key"], another_past(standing["record"], PASTS[past], member)).code == "VALID"
    restated = scene.auditor.ask("committee.get", {"institution": "saerom", "role": "ethics"})["record"]
    assert restated["revision"] == standing["record"]["revision"] + 1, "what was written anew is what stands there"
    with contextlib.suppress(Refused):
        scene.approve("hanbit/d-1", "dac", request)
    shown = scene.auditor.ask("request.get", {"request": request})
    decision = scene.check("nuri/kim", dataset)
    assert (shown["state"], decision["decision"]) == ("rejected", "deny"), f"{past}: {decision}"


def test_an_owner_takes_the_end_of_a_request_back(scene: Scene, nuri: Owner, slug: str) -> None:
    """nuri's steward closes a request for nuri's data, which ends it; nuri deletes that, and approves."""
    dataset = f"nuri/{slug}"
    scene.publish(dataset, ("nuri", "dac"))
    request = scene.request(PARK, dataset)["id"]
    steward = of_nuri(scene, "steward")
    transaction = done(steward, "request.vote", ballot(steward, request, "steward", "close"), *with_another("nuri"))
    assert scene.auditor.ask("request.get", {"request": request})["state"] == "closed"
    nuri.takes_back(transaction, posts=[f"vote/{request}#at1"])
    with contextlib.suppress(Refused):
        scene.approve("nuri/mallory-2", "dac", request)
    assert scene.check(PARK, dataset)["decision"] == "deny"


def test_a_withdrawal_of_a_request_is_taken_back(scene: Scene, nuri: Owner, slug: str) -> None:
    """hanbit knows that nuri withdrew; nuri makes that undone, and hanbit's committee is asked again."""
    dataset = f"hanbit/{slug}"
    scene.publish(dataset, ("hanbit", "dac"))
    request = scene.request("nuri/kim", dataset)["id"]
    transaction = done(scene.actor("nuri/kim"), "request.withdraw", {"request": request}, "nuri")
    assert scene.auditor.ask("request.get", {"request": request})["state"] == "withdrawn"
    nuri.takes_back(transaction)
    with contextlib.suppress(Refused):
        scene.approve("hanbit/d-1", "dac", request)
    assert scene.check("nuri/kim", dataset)["decision"] == "deny"


def test_a_policy_is_written_anew_under_its_grants(scene: Scene, nuri: Owner, slug: str) -> None:
    """The text of a policy version becomes another one, with the same number: whoever read it before is not told. (A
    request that named it before is refused already, by its digest.)
    """
    dataset = f"nuri/{slug}"
    scene.publish(dataset, ("nuri", "dac"), use=C50)
    made = scene.auditor.ask("policy.get", {"dataset": dataset})
    stood = nuri.past.value(made["key"])
    nuri.rewrites(
        made["key"], stood.replace(b'[{"diseases":["ICD10:C50"],"permission":"DS"}]', b'[{"permission":"GRU"}]')
    )
    with contextlib.suppress(Refused):
        scene.grant(PARK, dataset, "nuri/mallory-2", "dac")
    decision = scene.check(PARK, dataset)
    assert decision["decision"] == "deny", decision


def test_an_emergency_that_was_never_justified_is_forgotten(scene: Scene, nuri: Owner, slug: str) -> None:
    """The glass is broken again while the first time is not justified: nuri takes back what it had to keep in mind."""
    dataset = f"nuri/{slug}"
    scene.publish(dataset, ("nuri", "dac"))
    proposal = {
        "dataset": dataset,
        "institution": "hanbit",
        "people": ["park"],
        "purpose": RESEARCH,
        "mode": "download",
        "duration_seconds": 2,
        "reason": "an emergency",
    }
    justify_all(scene)
    opened, _ = break_glass(scene, proposal)
    time.sleep(3)  # it has ended, and nobody has justified it
    keys = [key for key in nuri.past.written(opened) if key.startswith("emergencies/")]
    for key in keys:
        before = nuri.past.before(key, opened)
        if before is not None:
            nuri.rewrites(key, before)
        else:
            nuri.writes({"do": "delete", "key": key}, {"do": "unseal", "key": key, "owner": "nuri"})
    proposal |= {"people": ["nowak"]}
    with contextlib.suppress(Refused):
        break_glass(scene, proposal)
    decision = scene.auditor.ask("check", question("hanbit/nowak", dataset))
    assert decision["decision"] == "deny", decision


def test_broken_glass_is_prolonged(scene: Scene, nuri: Owner, slug: str) -> None:
    """Opened for seconds, as everybody was told; when it has ended, nuri writes record and grant anew, for 72 hours,
    and a new index entry with saerom's help.
    """
    dataset = f"nuri/{slug}"
    scene.publish(dataset, ("nuri", "dac"))
    proposal = {
        "dataset": dataset,
        "institution": "hanbit",
        "people": ["nowak"],
        "purpose": RESEARCH,
        "mode": "download",
        "duration_seconds": 5,
        "reason": "an emergency",
    }
    justify_all(scene)
    grant, record = break_glass(scene, proposal)
    time.sleep(6)
    assert scene.auditor.ask("check", question("hanbit/nowak", dataset))["decision"] == "deny"
    glass, given = (json.loads(nuri.past.value(key)) for key in (f"breakglass/{record}", f"grant/{grant}"))
    glass["body"]["duration_seconds"] = 72 * 3600
    until = datetime.fromisoformat(given["body"]["from"]) + timedelta(hours=72)
    given["body"]["until"] = f"{until:%Y-%m-%dT%H:%M:%SZ}"
    entry = f"i/grant-person/hanbit/nowak/{dataset}/{999_999_999_999 - int(until.timestamp()):012}/{grant}"
    nuri.rewrites(f"breakglass/{record}", canonical(glass))
    nuri.rewrites(f"grant/{grant}", canonical(given))
    nuri.writes({"do": "put", "key": entry, "value": "1"}, beside=("saerom",))
    decision = scene.auditor.ask("check", question("hanbit/nowak", dataset))
    assert decision["decision"] == "deny", decision


def justify_all(scene: Scene) -> None:
    """Nothing of nuri's is left to justify."""
    for standing in scene.listed("breakglass.list", owner="nuri"):
        made = standing.get("breakglass", {}).get("record", {})
        if made.get("status") == "open":
            said = {"breakglass": made["id"], "justification": "of an earlier test"}
            with contextlib.suppress(Refused):
                revoke(scene, "", made["body"]["grant"])
            with contextlib.suppress(Refused):
                scene.actor("nuri/privacy-2", "privacy").change("breakglass.justify", said, *with_another("nuri"))


def break_glass(scene: Scene, proposal: dict[str, Any]) -> tuple[str, str]:
    """Proposed by nuri's privacy officer, confirmed by its steward; the confirming transaction and the record's id."""
    privacy, steward = of_nuri(scene, "privacy"), of_nuri(scene, "steward")
    record = privacy.change("breakglass.propose", proposal, *with_another("nuri"))["id"]
    digest = steward.ask("breakglass.get", {"breakglass": record})["breakglass"]["digest"]
    confirmed = {"breakglass": record, "digest": digest}
    return done(steward, "breakglass.confirm", confirmed, *with_another("nuri")), record
