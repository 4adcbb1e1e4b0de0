"""One person of the owner is dishonest, whatever their offices; everybody's chaincode is the contract, and everybody
else is honest. Besides what `check` says, each thing that they do alone is looked at: it must not widen anything.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from model_acting import NUMBER, USE, How, somebody
from model_channel import VALID, Call
from model_histories import Honest
from model_observer import DATASET, Observer
from model_sample import (
    BASIS,
    CHAIR,
    COHORT,
    COMMITTEES,
    MODES,
    OTHER_PRIVACY,
    PRIVACY,
    PURPOSES,
    STAGES,
    STEWARD,
    Act,
    policy,
    seat,
    state_basis,
)
from model_values import ANSWERS, DAY, covers
from model_world import World

REGISTRAR = "hanbit/r:operator"
ALL = "hanbit/" + CHAIR
BOTH = "hanbit/s:steward,operator"
"""A steward who is the registrar besides."""
PEOPLE = [STEWARD, PRIVACY, ALL, REGISTRAR, BOTH]
ANY_OFFICER = [ALL, "hanbit/second:operator,privacy,steward"]
NAMES = {"dac": ["hanbit/a:dac", "hanbit/b:dac", "hanbit/x:dac"], "steward": [*ANY_OFFICER, STEWARD],
         "privacy": [*ANY_OFFICER, PRIVACY], "operator": ANY_OFFICER}  # fmt: skip
"""In whose names a registrar has keys of their own certified, by the role that is needed."""
PUPPET = "d"
"""Somebody without a seat or an office."""
OF_OFFICERS = ("committee.s", "committee.uns", "policy", "ground", "basis", "consent", "deid", "grant", "institution")
"""What is seen whoever's key signed: where only the role is asked for, it must only take away."""


def probes(observer: Observer) -> dict[str, int]:
    """What is open, in numbers that only get greater when something widens."""
    grounds, policy = observer.grounds, observer.stands()
    found = {"exclusion": policy.exclusion_period, "automatic": int(policy.automatic), "k": -policy.k}
    found["veto"], found["terms"] = -len(policy.vetoes()), -int("terms" in policy.body)
    for purpose in PURPOSES:
        what = str(purpose)
        for mode in MODES:
            for days in (20, 60, 100):
                says = policy.says("nuri", purpose, mode, days * DAY)
                found[f"policy {what} {mode} {days}"] = -ANSWERS.index(says)
        for name in (BASIS, COHORT):
            found[f"{name} {what}"] = -ANSWERS.index(covers(grounds.permitted(name), purpose))
    for version in (1, 2):
        found[f"k of {version}"] = grounds.k[version]
        found[f"rests of {version}"] = -len(grounds.rests_on[version])
        found |= {f"{version} without {name}": int(name not in grounds.rests_on[version]) for name in (BASIS, COHORT)}
        found[f"open {version}"] = int(grounds.open(version, 14 * DAY, 2**40))
    stages = policy.stages("nuri")
    for committee, people in COMMITTEES.items():
        found[f"stage of {committee}"] = -int(stages.get(committee, {"threshold": 0}).get("threshold", 1))
        found[f"majority of {committee}"] = -int("rule" in stages.get(committee, {}))
        found |= {f"{committee} {id}": ends(observer, committee, id) for id in (*people, PUPPET)}
    for grant in observer.grants.values():
        found[grant.id] = int(grant.ended is None) + int(not grant.suspended)
    found["grants"] = len(observer.grants)
    return found


def ends(observer: Observer, committee: str, id: str) -> int:
    seats = observer.seats[committee]
    return (seats[id] or 2**40) if id in seats else 0


Doing = Callable[[World, int, int], list[Act]]


def set_policy(stages: int, uses: int, more: dict[str, Any], applies: str = "") -> Act:
    argument = {"dataset": DATASET, "policy": policy(stages, uses, **more)}
    return "policy.set", argument | ({"applies": applies} if applies else {})


def grant_act(world: World, act: str, number: int) -> Act:
    return f"grant.{act}", {"grant": any_of(world.observer.grants, number), "reason": "because"}


def admit(world: World, number: int, key: int) -> Act:
    person = (PUPPET, "x", "a")[number % 3]
    return "person.admit", {"person": person, "key": any_of(world.announced_keys(person), key)}


def justify(world: World, number: int) -> Act:
    return "breakglass.justify", {"breakglass": any_of(world.glass(), number), "justification": "it was right"}


def two_epochs(world: World, uses: int, withdrawn: bool) -> list[Act]:
    """The people permit less, or withdraw; and then more again."""
    function, first = world.next_epoch(2, withdrawn)
    again = world.next_epoch(uses)[1] | {"epoch": first["epoch"] + 1}
    return [(function, first), (function, again)]


DOINGS: dict[tuple[str, str], Doing] = {
    ("open the policy", "steward"): lambda w, n, u: [set_policy(0, 0, {"automatic": True})],
    ("set a policy", "steward"): lambda w, n, u: [set_policy(n % len(STAGES), u, {})],
    ("narrow a policy and back", "steward"): lambda w, n, u: [
        set_policy(n % len(STAGES), 2, {"modes": ["download"], "deidentification": {"tables": {"k": 5}}}, "existing"),
        set_policy(n % len(STAGES), u % 3, {}),
    ],
    ("seat a puppet", "steward"): lambda w, n, u: [seat("hanbit/dac", ["a", "b", "c", PUPPET])],
    ("seat only a puppet", "steward"): lambda w, n, u: [
        ("committee.seat", {"role": "dac", "members": [{"id": PUPPET}]}),
    ],
    ("unseat", "steward"): lambda w, n, u: [
        ("committee.unseat", {"role": "dac", "members": [["b", "c"], ["a", "b"], ["b"]][n % 3]}),
    ],
    ("seat fewer and more", "steward"): lambda w, n, u: [
        seat("hanbit/dac", [["a"], ["c"], ["a", "b"]][n % 3]),
        seat("hanbit/dac", ["a", "b", "c"]),
    ],
    ("rest on less", "privacy"): lambda w, n, u: [
        w.rest_on(BASIS, COHORT, version=1 + u % 2),
        w.rest_on((BASIS, COHORT)[n % 2], version=1 + u % 2),
    ],
    ("another basis and back", "privacy"): lambda w, n, u: [state_basis(2), state_basis(u)],
    ("another epoch", "privacy"): lambda w, n, u: two_epochs(w, u, bool(n % 2)),
    ("leave out", "privacy"): lambda w, n, u: [w.leave_out(1 + u % 2)],
    ("measure k", "privacy"): lambda w, n, u: [w.de_identified(1 + u % 2, 3), w.de_identified(1 + u % 2, 5)],
    ("suspend and lift", "privacy"): lambda w, n, u: [grant_act(w, "suspend", n), grant_act(w, "lift", n)],
    ("lift", "privacy"): lambda w, n, u: [grant_act(w, "lift", n)],
    ("name an officer", "operator"): lambda w, n, u: [officers(w, n)],
    ("dismiss", "operator"): lambda w, n, u: [
        ("institution.dismiss", {"officers": [["second"], ["p"], ["s", "q"]][n % 3]}),
    ],
    ("admit", "steward"): lambda w, n, u: [admit(w, n, u)],
    ("announce", "dac"): lambda w, n, u: [("person.announce", {})],
    ("name a deputy", "dac"): lambda w, n, u: [
        ("committee.delegate", {"role": "dac", "deputy": PUPPET, "until": "2027-01-01T00:00:00Z"}),
    ],
    ("vote", "dac"): lambda w, n, u: [
        w.vote(any_of(w.observer.requests, n), "dac", ("approve", "reject", "recuse")[u % 3]),
    ],
    ("close", "steward"): lambda w, n, u: [w.vote(any_of(w.observer.requests, n), "steward", "close")],
    ("break the glass", "privacy"): lambda w, n, u: [w.break_glass(["kim"], 0, "download", 48)],
    ("confirm it", "steward"): lambda w, n, u: [w.confirm_glass(any_of(w.glass(), n))],
    ("justify it", "privacy"): lambda w, n, u: [justify(w, n)],
}
"""What the dishonest person tries, one act after the other, and the role that it needs; by two numbers."""


def any_of(things: Any, number: int) -> str:
    """One of some, newest first; where there are none, a transaction that nobody made."""
    chosen = list(things)
    return str(chosen[-1 - number % len(chosen)]) if chosen else "ab" * 32


def officers(world: World, number: int) -> Act:
    """The record of the institution with an officer more, or one in another role or by another key."""
    (key,) = world.under("institution/hanbit/")[-1:]
    body = world.record(key)["body"]
    named = [dict(officer) for officer in body["officers"]]
    if number % 3 == 0:
        named.append(
            {"id": PUPPET, "roles": ["steward", "privacy"], "key": any_of(world.announced_keys(PUPPET), number)}
        )
    elif number % 3 == 1:
        named[-1]["roles"] = ["operator", "privacy", "steward"]
    else:
        named[-1]["key"] = any_of(world.announced_keys(PUPPET), number)
    return "institution.set", {name: body[name] for name in ("title", "country", "contact", "roles")} | {
        "officers": named
    }


WHICH = st.sampled_from(range(len(DOINGS)))


class Alone(Honest):
    """What people do, and one of the owner's besides."""

    @property
    def person(self) -> str:
        return PEOPLE[self.side % len(PEOPLE)]

    def passed_on(self, call: Call) -> Call:
        """What the honest do is not done by the one who is not."""
        if call.person == self.person.partition(":")[0]:
            return replace(call, who="hanbit/" + CHAIR if self.person in {STEWARD, BOTH} else OTHER_PRIVACY)
        return call

    def signs(self, role: str, number: int) -> str:
        """The certificate that the person uses: their own, or (a registrar) another's with a key of their own."""
        if self.person not in {REGISTRAR, BOTH} or (self.person == BOTH and role == "steward" and number < 6):
            return self.person
        return f"{NAMES[role][number % len(NAMES[role])]}#hanbit/{('r', 'x')[number % 2]}"

    @rule(tried=st.lists(st.tuples(WHICH, NUMBER, USE), min_size=3, max_size=6))
    def one_person_tries(self, tried: list[tuple[int, int, int]]) -> None:
        """One thing after the other, each of those that their role lets them try."""
        roles = self.person.partition(":")[2].split(",")
        could = [doing for doing in sorted(DOINGS) if self.person in {REGISTRAR, BOTH} or doing[1] in roles]
        for number, n, uses in tried:
            what, role = could[number % len(could)]
            for act in DOINGS[what, role](self.world, n, uses):
                self.tries(act, role, n)
                if act[0] == "consent.epoch":
                    self.world.time_passes(60)

    @rule(number=NUMBER)
    def a_committee_is_thinned_out(self, number: int) -> None:
        """One person unseats all but one, who votes in the majority of what is left, and is as good as many."""
        self.the_policy_changes(6, 0, {}, False, How())
        self.somebody_asks("nuri/kim", (0, "download", 28), ["kim"], 1, How())
        left = somebody("hanbit/dac", number)
        others = [id for id in COMMITTEES["hanbit/dac"] if f"hanbit/{id}:dac" != left]
        self.tries(("committee.unseat", {"role": "dac", "members": others}), "steward", 0)
        if self.world.observer.requests:
            self.do(left, self.world.vote(self.request(0), "dac", "approve"), How())

    @precondition(lambda self: self.world.waiting)
    @rule(role=st.sampled_from(sorted(NAMES)), n=NUMBER)
    def one_person_confirms(self, role: str, n: int) -> None:
        """What the person proposed, by whichever certificate they have. (With what others proposed, it is two.)"""
        own = [id for id, call in self.world.waiting.items() if self.is_own(call)]
        if own:
            before = probes(self.world.observer)
            self.world.confirm(own[-1 - n % len(own)], self.signs(role, n))
            self.nothing_widened(before, "confirming")

    def is_own(self, call: Call) -> bool:
        return "#" in call.who or call.person == self.person.partition(":")[0]

    def tries(self, act: Act, role: str, n: int) -> None:
        call = Call(self.signs(role, n), *act, self.world.now, self.world.now)
        before, seen = probes(self.world.observer), copy.deepcopy(self.world.observer)
        powers = self.world.powers()
        (outcome,) = self.world.do(call, second=False)
        self.world.tally[f"alone {act[0]} {outcome.refusal.get('code', outcome.code)}"] += 1
        if outcome.code != VALID:
            return
        if "#" in call.who and not act[0].startswith(OF_OFFICERS):  # nobody said it: it is somebody else's key
            self.world.observer = seen
        assert self.world.powers() <= powers, f"{call.who} alone, by {act[0]}: {self.world.powers() - powers}"
        if act[0] != "breakglass.confirm" or "#" in call.who:  # what another proposed, two have opened
            self.nothing_widened(before, act[0])

    def nothing_widened(self, before: dict[str, int], what: str) -> None:
        after = probes(self.world.observer)
        wider = [name for name, number in after.items() if name in before and number > before[name]]
        assert not wider, f"{self.person} alone, by {what}: {wider}"
