"""Histories as hypothesis makes them up: what the honest do (`Honest`), and what the dishonest do besides (`Lying`).
After each step `check` is compared with the observer.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from model_channel import INSTITUTIONS, Call
from model_world import (
    BASIS,
    COHORT,
    COMMITTEES,
    DATASET,
    DAY,
    LATEST,
    MODES,
    PRIVACY,
    PURPOSES,
    RESEARCHERS,
    STAGES,
    STEWARD,
    TERMS,
    USES,
    World,
    policy,
    seat,
    state_basis,
)


@dataclass(frozen=True)
class How:
    """How a transaction reaches the channel: with a clock that is off, or held back for a while."""

    skew: int = 0
    hold: bool = False


HOW = st.builds(How, st.sampled_from([0, 0, 0, -LATEST, LATEST]), st.sampled_from([False, False, False, True]))
NUMBER = st.integers(0, 7)
STAGE = st.integers(0, len(STAGES) - 1)
USE = st.integers(0, len(USES) - 1)
MORE = st.fixed_dictionaries(
    {},
    optional={
        "modes": st.just(["download"]),
        "max_duration_seconds": st.just(30 * DAY),
        "vetoes": st.just([{"institution": "saerom", "role": "ethics"}]),
        "automatic": st.just(True),
        "terms": st.just(TERMS),
    },
)
"""What a policy may say besides its stages and uses."""
SO_FAR = ["nothing", "asked", "approve", "approve", "approve", "reject", "reject"]
VOTES = ["approve", "approve", "reject", "recuse"]
MEMBERS = [f"{name.partition('/')[0]}/{id}:{name.partition('/')[2]}" for name, ids in COMMITTEES.items() for id in ids]
NEEDED = ["hanbit/a:dac", "saerom/e-1:ethics", "nuri/n-1:ethics", "hanbit/b:dac", "saerom/e-1:ethics", "hanbit/a:dac"]
"""Who approves whatever the stages and steps are; some of them in vain."""


class Honest(RuleBasedStateMachine):
    """What people do, as the contract lets them or does not."""

    prepared: ClassVar[World]
    sides: ClassVar[list[tuple[str, ...]]] = [()]
    """The institutions that may be dishonest, each time some of them."""

    world: World
    liars: list[str]

    @initialize(side=st.integers(0, 5), stages=STAGE, more=MORE, so_far=st.sampled_from(SO_FAR))
    def begin(self, side: int, stages: int, more: dict[str, Any], so_far: str) -> None:
        """Most histories begin where somebody has asked, and many where that was decided."""
        self.liars = sorted(self.sides[side % len(self.sides)])
        self.world = self.prepared.begin(self.liars)
        if so_far != "nothing":
            self.the_policy_changes(stages, 0, more, False, How())
            self.somebody_asks("nuri/kim", (1, "download", 20), ["kim", "lee"], How())
        if so_far in {"approve", "reject"}:
            self.everybody_votes(0, so_far)

    def do(self, who: str, act: tuple[str, dict[str, Any]], how: How, alone: str = "") -> None:
        """Somebody does something, or tries. `alone` is the one institution whose peer is enough for it."""
        self.world.do(self.call(who, act, how, alone), hold=how.hold)

    def call(self, who: str, act: tuple[str, dict[str, Any]], how: How, alone: str = "") -> Call:
        now = self.world.now
        return self.passed_on(Call(who, *act, now + how.skew, now, (alone,) if alone else INSTITUTIONS))

    def passed_on(self, call: Call) -> Call:
        """What comes of a call on its way to the channel."""
        return call

    def request(self, number: int) -> str:
        """One of the requests, mostly an open one: with these most can be done."""
        requests = self.world.observer.requests
        chosen = [id for id in requests if requests[id].state == "open" or number == 7] or list(requests)
        return chosen[-1 - number % len(chosen)]

    def grant(self, number: int) -> str:
        grants = list(self.world.observer.grants)
        return grants[-1 - number % len(grants)]

    @rule(seconds=st.sampled_from([60, 3600, DAY, 9 * DAY, 30 * DAY]))
    def time_passes(self, seconds: int) -> None:
        self.world.time_passes(seconds)

    @rule(
        who=st.sampled_from(RESEARCHERS),
        what=st.tuples(st.sampled_from([0, 0, 1, 2, 3]), st.sampled_from(MODES), st.sampled_from([20, 60, 100])),
        people=st.sampled_from([["kim"], ["kim", "lee"], ["lee"]]),
        how=HOW,
    )
    def somebody_asks(self, who: str, what: tuple[int, str, int], people: list[str], how: How) -> None:
        self.do(f"{who}:researcher", self.world.ask_for(*what, people), how)

    @precondition(lambda self: self.world.observer.requests)
    @rule(who=st.sampled_from(RESEARCHERS), number=NUMBER, days=st.sampled_from([10, 20, 100]), how=HOW)
    def somebody_amends(self, who: str, number: int, days: int, how: How) -> None:
        argument = {"request": self.request(number), "duration_seconds": days * DAY}
        self.do(f"{who}:researcher", ("request.amend", argument), how, "nuri")

    @precondition(lambda self: self.world.observer.requests)
    @rule(who=st.sampled_from(RESEARCHERS), number=NUMBER, how=HOW)
    def somebody_withdraws(self, who: str, number: int, how: How) -> None:
        self.do(f"{who}:researcher", ("request.withdraw", {"request": self.request(number)}), how, "nuri")

    @precondition(lambda self: self.world.observer.requests)
    @rule(who=st.sampled_from(MEMBERS), number=NUMBER, vote=st.sampled_from(VOTES), how=HOW)
    def a_member_votes(self, who: str, number: int, vote: str, how: How) -> None:
        self.do(who, self.world.vote(self.request(number), who.partition(":")[2], vote), how)

    @precondition(lambda self: self.world.observer.requests)
    @rule(number=NUMBER, vote=st.sampled_from(["approve", "approve", "reject"]))
    def everybody_votes(self, number: int, vote: str) -> None:
        """All who are needed say the same of a request that nobody has approved."""
        requests = [id for id, request in self.world.observer.requests.items() if request.state != "approved"]
        if not requests:
            return
        request = requests[-1 - number % len(requests)]
        voters = NEEDED if vote == "approve" else MEMBERS
        ballots = [(who, self.world.vote(request, who.partition(":")[2], vote)) for who in voters]
        self.world.do(*(self.call(who, ballot, How()) for who, ballot in ballots))

    @precondition(lambda self: self.world.observer.requests)
    @rule(number=NUMBER, how=HOW)
    def the_steward_closes(self, number: int, how: How) -> None:
        self.do(STEWARD, self.world.vote(self.request(number), "steward", "close"), how)

    @rule(
        committee=st.sampled_from(sorted(COMMITTEES)),
        some=st.sets(NUMBER, max_size=3),
        days=st.sampled_from([0, 0, 5]),
        how=HOW,
    )
    def a_committee_changes(self, committee: str, some: set[int], days: int, how: How) -> None:
        until = f"{datetime.fromtimestamp(self.world.now + days * DAY, UTC):%Y-%m-%dT%H:%M:%SZ}" if days else ""
        people = [id for number, id in enumerate(COMMITTEES[committee]) if number in some]
        self.do(f"{committee.partition('/')[0]}/s:steward", seat(committee, people, until), how)

    @rule(stages=STAGE, uses=USE, more=MORE, existing=st.booleans(), how=HOW)
    def the_policy_changes(self, stages: int, uses: int, more: dict[str, Any], existing: bool, how: How) -> None:
        argument = {"dataset": DATASET, "policy": policy(stages, uses, **more)}
        self.do(STEWARD, ("policy.set", argument | ({"applies": "existing"} if existing else {})), how)

    @rule(on=st.sampled_from([(BASIS,), (COHORT,), (BASIS, COHORT)]), how=HOW)
    def it_rests_on_something_else(self, on: tuple[str, ...], how: How) -> None:
        self.do(PRIVACY, self.world.rest_on(*on), how)

    @rule(uses=USE, how=HOW)
    def the_people_say_something_else(self, uses: int, how: How) -> None:
        self.do(PRIVACY, self.world.next_epoch(uses), how)

    @rule(uses=USE, how=HOW)
    def the_basis_is_another(self, uses: int, how: How) -> None:
        self.do(PRIVACY, state_basis(uses), how)

    @rule(what=st.sampled_from([("basis", BASIS), ("consent", COHORT)]), how=HOW)
    def what_it_rests_on_ends(self, what: tuple[str, str], how: How) -> None:
        function, name = what
        argument = {{"basis": "basis", "consent": "cohort"}[function]: name, "reason": "over"}
        self.do(PRIVACY, (f"{function}.end", argument), how, "hanbit")

    @precondition(lambda self: self.world.observer.grants)
    @rule(act=st.sampled_from(["revoke", "suspend", "lift", "suspend", "lift"]), number=NUMBER, how=HOW)
    def the_owner_takes_away(self, act: str, number: int, how: How) -> None:
        self.do(PRIVACY, (f"grant.{act}", {"grant": self.grant(number), "reason": "because"}), how, "hanbit")

    @precondition(lambda self: self.world.observer.grants)
    @rule(who=st.sampled_from(RESEARCHERS), number=NUMBER, how=HOW)
    def somebody_gives_up(self, who: str, number: int, how: How) -> None:
        self.do(f"{who}:researcher", ("grant.relinquish", {"grant": self.grant(number)}), how, "hanbit")

    @precondition(lambda self: self.world.observer.grants)
    @rule(who=st.sampled_from(RESEARCHERS), number=NUMBER, how=HOW)
    def somebody_accepts(self, who: str, number: int, how: How) -> None:
        argument = {"grant": self.grant(number), "terms": TERMS["sha256"]}
        self.do(f"{who}:researcher", ("grant.accept", argument), how)

    @precondition(lambda self: self.world.held)
    @rule(number=NUMBER)
    def what_was_held_back_is_handed_in(self, number: int) -> None:
        self.world.release(number)

    @invariant()
    def check_says_what_the_observer_says(self) -> None:
        differences = self.world.differences()
        assert not differences, "\n".join(differences)


RESTATED: list[tuple[str, dict[str, Any], str]] = [
    ("request", {"project": "another"}, ""),
    ("request", {"project": "one more"}, "open"),
    ("request", {"researchers": ["kim", "lee"]}, "open"),
    ("request", {"duration_seconds": 300 * DAY}, ""),
    ("request", {"mode": "enclave", "purpose": PURPOSES[3]}, ""),
    ("grant", {}, "active"),
    ("grant", {"until": "2027-12-31T00:00:00Z"}, "active"),
    ("grant", {"grantees": ["kim", "lee"], "purpose": PURPOSES[3]}, ""),
    ("dataset", {"latest_policy": 1}, ""),
    ("dataset", {"narrowed_by": 0}, ""),
    ("cohort", {"latest_epoch": 1}, "active"),
    ("basis", {"purposes": USES[0]}, "active"),
    ("ground", {"bases": [BASIS], "cohorts": []}, ""),
]
"""States of their own records that dishonest institutions make up: type, members of the body, status."""
LEFT_OUT = [[], [], ["seals of hanbit"], ["seals of nuri"], ["seals of saerom"], ["seals"]]


class Lying(Honest):
    """The same, and what institutions do that run chaincode of their own and have the keys of their own peers."""

    sides: ClassVar = [
        ("hanbit",),
        ("nuri",),
        ("saerom",),
        ("hanbit", "nuri"),
        ("hanbit", "saerom"),
        ("nuri", "saerom"),
    ]

    altered: tuple[list[str], int] | None = None

    @rule(leave=st.sampled_from(LEFT_OUT), back=st.sampled_from([0, 0, 3600, 9 * DAY, 30 * DAY]))
    def the_next_is_by_altered_chaincode(self, leave: list[str], back: int) -> None:
        """Whoever comes next is somebody whom the dishonest institutions pretend to have heard, perhaps long ago."""
        self.altered = (leave, back)

    def passed_on(self, call: Call) -> Call:
        if self.altered is None:
            return call
        (leave, back), self.altered = self.altered, None
        then = self.world.now - back
        return replace(call, at=then, clock=then, endorsers=self.liars, altered=True, leave=leave)

    @rule(number=NUMBER, seals=st.booleans())
    def something_is_taken_back(self, number: int, seals: bool) -> None:
        """What a transaction did is undone, as far as it concerns the dishonest."""
        done = [
            tx
            for tx in self.world.written
            if any(self.world.owner(key) in self.liars for key in self.world.written[tx])
        ]
        if done:
            self.world.take_back(done[-1 - number % len(done)], seals=seals)

    @rule(number=NUMBER, what=st.sampled_from(RESTATED), dated=st.booleans(), anew=st.booleans())
    def something_is_restated(
        self, number: int, what: tuple[str, dict[str, Any], str], dated: bool, anew: bool
    ) -> None:
        """Another state of an own record is sealed, or the one that stands anew, as the contract would not."""
        kind, changes, status = what
        keys = [key for key in self.world.under(f"{kind}/") if self.world.owner(key) in self.liars]
        if keys:
            self.world.restate(keys[-1 - number % len(keys)], changes, status, dated=dated, anew=anew)

    @rule(what=st.sampled_from(["revoke", "suspend", "relinquish", "basis", "consent", "policy"]), seals=st.booleans())
    def what_was_taken_away_comes_back(self, what: str, seals: bool) -> None:
        """Something is taken away, and that is undone by whoever can."""
        before = len(self.world.written)
        if what in {"basis", "consent"}:
            self.what_it_rests_on_ends((what, BASIS if what == "basis" else COHORT), How())
        elif what == "policy":
            self.the_policy_changes(0, 2, {"modes": ["download"], "max_duration_seconds": 10 * DAY}, True, How())
        elif self.world.observer.grants and what == "relinquish":
            self.somebody_gives_up("nuri/kim", 0, How())
        elif self.world.observer.grants:
            self.the_owner_takes_away(what, 0, How())
        if len(self.world.written) > before:
            self.world.take_back(list(self.world.written)[-1], seals=seals)

    @precondition(lambda self: "nuri" in self.liars and self.world.observer.requests)
    @rule(number=NUMBER, dated=st.booleans())
    def a_request_begins_anew(self, number: int, dated: bool) -> None:
        """Whatever was said to it, the requester's institution gives it another text, and everybody approves that."""
        requests = list(self.world.observer.requests)
        key = f"request/{requests[-1 - number % len(requests)]}"
        self.world.restate(key, {"project": "another"}, "", dated=dated)
        self.everybody_votes(number, "approve")
