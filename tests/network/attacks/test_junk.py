"""Worthless keys of others in every range that anything reads: a thousand, and in `make attacks-long` as many as
a peer reads at once.

Who: two institutions, with chaincode of their own; what they write is valid and says nothing. What must hold: none of
hanbit's acts and decisions is refused for it, or takes long; what changes something reads none of it; what they can add
to what others have to read is bounded.
"""

import functools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from actors import Actor, Refused
from colluders import Colluders
from flood import targets
from scene import MORE_MODES, OFFICES, Scene, application, ballot, policy, question, with_another
from taking_away import NAMES, Act, acts

AT_ONCE = 4_000
MAY_TAKE = 25.0
"""Seconds for one transaction, on a machine that does everything at once; a peer gives a chaincode 30."""
MAKING = (
    "policy.set",
    "request.submit",
    "vote approve",
    "committee.set",
    "person.announce",
    "person.admit",
    "proposal.confirm",
    "check",
    "request.get",
    "explain",
)
QUERIES = ("check", "request.get", "explain")
SOME = ("check", "request.submit", "vote reject", "a seat lost", "consent.end", "basis.end")
"""Those that are tried among as many keys as a peer reads at once; each range of theirs takes some seconds to fill."""
THOUSAND, MOST = 1_000, 10_000
LONG = bool(os.environ.get("MEDCONSENT_LONG_ATTACKS"))


@pytest.fixture(scope="session")
def scene(crowded_scene: Scene) -> Scene:
    return crowded_scene


def making(scene: Scene, mark: str) -> dict[str, Act]:
    """What makes something or asks, on things of its own that are called `mark`."""
    dataset = f"hanbit/{mark}-m"
    steward, member, kim = scene.steward, scene.actor("hanbit/d-1", "dac"), scene.actor("nuri/kim", "researcher")
    scene.seat("hanbit", "dac", "d-1")
    scene.publish(dataset, ("hanbit", "dac"))
    scene.publish(f"{dataset}-b", ("hanbit", "dac"))
    scene.grant("nuri/kim", dataset)
    request = scene.request("nuri/kim", dataset)["id"]
    asked = {name: value for name, value in question("nuri/kim", dataset).items() if name != "for"}
    both = with_another("hanbit")
    wider = {"dataset": f"{dataset}-b", "policy": policy(("hanbit", "dac"), modes=MORE_MODES)}
    second = scene.actor("hanbit/second", *sorted(OFFICES))
    newcomer, admitted = (scene.actor(f"hanbit/{mark}-{name}", "dac") for name in ("newcomer", "admitted"))
    admitted.change("person.announce", {}, *both)
    waits = steward.alone("policy.set", {**wider, "dataset": dataset}, *both)["proposal"]["id"]
    seats = {"role": "dac", "members": scene.members("hanbit", "dac", "d-1", "d-2", f"{mark}-seated")}
    listed = (
        Act(steward, "policy.set", wider, both),
        Act(kim, "request.submit", application(kim, dataset), with_another("nuri", "hanbit")),
        Act(member, "request.vote", ballot(member, request, "dac"), both),
        Act(steward, "committee.set", seats, both),
        Act(newcomer, "person.announce", {}, both),
        Act(steward, "person.admit", {"person": admitted.key.identity.common_name, "key": admitted.fingerprint}, both),
        Act(second, "proposal.confirm", steward.confirmation(waits), both),
        Act(scene.auditor, "check", question("nuri/kim", dataset)),
        Act(scene.auditor, "request.get", {"request": request}),
        Act(scene.auditor, "explain", {**asked, "institution": "nuri", "researchers": ["kim"]}),
    )
    return dict(zip(MAKING, listed, strict=True))


@dataclass(frozen=True)
class Ready:
    """Something that can be done, and where others can write into what it reads."""

    act: Act
    places: set[str]


@pytest.fixture(scope="module")
def amid_junk(scene: Scene, crowded_colluders: Colluders) -> Callable[[int], dict[str, Ready]]:
    """Everything that can be done, each of whose ranges has so many keys of others; filled once for each number."""
    return functools.cache(functools.partial(filled, scene, crowded_colluders))


def filled(scene: Scene, colluders: Colluders, count: int) -> dict[str, Ready]:
    mark = f"junk-{count}-{time.time_ns() % 10**6}"
    all_acts = making(scene, mark) | acts(scene, mark)
    if count == MOST:
        all_acts = {name: all_acts[name] for name in SOME}
    ready = {
        name: Ready(act, targets(act.who.endorse(act.function, act.argument, *act.endorsers)))
        for name, act in all_acts.items()
    }
    where = sorted({place for one in ready.values() for place in one.places})
    puts = [{"do": "put", "key": f"{key}{number:06}", "value": "junk"} for key in where for number in range(count)]
    for first in range(0, len(puts), AT_ONCE):
        outcome = colluders.write("altered chaincode", *puts[first : first + AT_ONCE])
        assert outcome.code == "VALID"
    return ready


def did(act: Act, name: str) -> str:
    """What came of an act."""
    who: Actor = act.who
    try:
        if name in QUERIES:
            answer: Any = who.ask(act.function, act.argument)
            return str(answer.get("decision", "VALID"))
        return who.send(who.endorse(act.function, act.argument, *act.endorsers)).code
    except Refused as refused:
        return str(refused)


@pytest.mark.parametrize(
    ("count", "name"), [*((THOUSAND, name) for name in (*MAKING, *NAMES)), *((MOST, name) for name in SOME if LONG)]
)
def test_nothing_is_refused_for_it_or_takes_long(
    amid_junk: Callable[[int], dict[str, Ready]], count: int, name: str
) -> None:
    act = amid_junk(count)[name].act
    begun = time.monotonic()
    outcome = did(act, name)
    took = time.monotonic() - begun
    assert outcome in {"VALID", "permit"}
    assert took < MAY_TAKE, f"{name} took {took:.1f} s"


@pytest.mark.parametrize("name", [name for name in (*MAKING, *NAMES) if name not in QUERIES])
def test_what_changes_something_reads_nothing_of_others(
    amid_junk: Callable[[int], dict[str, Ready]], name: str
) -> None:
    """Neither a range nor a key that is not there: so there is nothing in it for others to fill."""
    assert amid_junk(THOUSAND)[name].places == set()
