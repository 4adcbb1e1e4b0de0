"""Histories as hypothesis makes them up: what the honest do (`Honest`), and what dishonest institutions do besides
(`Lying`). After each step `check` is compared with the observer.
"""

from dataclasses import replace
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from model_acting import MORE, NUMBER, PEOPLE, STAGE, USE, How
from model_channel import Call
from model_lies import put_up, restate, take_back
from model_reviewing import MEANWHILE, Reviewing
from model_sample import BASIS, COHORT, COMMITTEES, PURPOSES, STAGES, USES, digest, statement
from model_using import Using
from model_values import DAY

SO_FAR = ["nothing", "asked", "reject", "reject", "emergency", "withdraws", "withdraws"]
SO_FAR += ["approve"] * 3 + ["goes-on"] * 5


class Honest(Reviewing, Using):
    """What people do, as the contract lets them or does not."""

    sides: ClassVar[list[tuple[str, ...]]] = [()]
    """The institutions that may be dishonest, each time some of them."""

    liars: list[str]
    side: int

    @initialize(
        side=st.integers(0, 59),
        policy=st.tuples(STAGE, MORE),
        so_far=st.sampled_from(SO_FAR),
        people=PEOPLE,
        then=st.tuples(st.sampled_from([1, 1, 2]), st.sampled_from(MEANWHILE), USE, NUMBER),
    )
    def begin(
        self,
        side: int,
        policy: tuple[int, dict[str, Any]],
        so_far: str,
        people: list[str],
        then: tuple[int, tuple[str, str], int, int],
    ) -> None:
        """Most histories begin where somebody has asked, and many where that was decided, and something came of it."""
        self.side = side
        self.liars = sorted(self.sides[side % len(self.sides)])
        self.world = self.prepared.begin(self.liars)
        version, between, uses, number = then
        if so_far == "emergency":
            self.an_emergency(people, 24, 0, 0, 0)
        elif so_far != "nothing":
            self.the_policy_changes(policy[0], 0, policy[1], False, How())
            self.somebody_asks("nuri/kim", (1, "download", 28), people, version, How())
        if so_far in {"approve", "goes-on", "withdraws", "reject"}:
            self.everybody_votes(0, "reject" if so_far == "reject" else "approve")
        if so_far == "goes-on" and self.world.observer.grants:
            self.a_grant_goes_on(0, "joins" if uses < 3 else "renews", 20, people, (between, uses))
        elif so_far == "withdraws":
            self.somebody_withdraws_their_consent(version, 9, uses > 0, "never")
        elif so_far == "approve":
            self.it_was_approved(number)
        elif so_far == "reject":
            self.it_was_rejected()

    def it_was_rejected(self) -> None:
        """What comes of a rejection: nothing."""

    def it_was_approved(self, number: int) -> None:
        """What comes of the first grant of a history."""
        if number % 2 == 0:
            for version in (1, 2):
                self.it_is_de_identified_otherwise(version, 3, How())
        elif number % 4 == 1:
            self.it_is_for_people_to_judge("both")


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
    ("deid", {"statement": statement(10)}, ""),
    ("exclusion", {"epoch": 1}, ""),
    ("delegation", {"until": "2027-12-31T00:00:00Z"}, "active"),
    ("delegation", {"member": "b", "deputy": "c"}, "active"),
    ("emergencies", {"openings": []}, ""),
    ("breakglass", {"people": ["kim", "lee"], "duration_seconds": 3 * DAY}, ""),
    ("breakglass", {}, "open"),
    ("proposal", {}, "proposed"),
]
"""States of their own records that dishonest institutions make up: type, members of the body, status."""
LEFT_OUT = [[], [], ["seals of hanbit"], ["seals of nuri"], ["seals of saerom"], ["seals"]]
TAKEN_AWAY = ["revoke", "suspend", "relinquish", "basis", "consent", "policy", "delegation", "epoch", "epoch"]


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
            take_back(self.world, done[-1 - number % len(done)], seals=seals)

    @rule(number=NUMBER, what=st.sampled_from(RESTATED), dated=st.booleans(), anew=st.booleans())
    def something_is_restated(
        self, number: int, what: tuple[str, dict[str, Any], str], dated: bool, anew: bool
    ) -> None:
        """Another state of an own record is sealed, or the one that stands anew, as the contract would not."""
        kind, changes, status = what
        keys = [key for key in self.world.under(f"{kind}/") if self.world.owner(key) in self.liars]
        if keys:
            restate(self.world, keys[-1 - number % len(keys)], changes, status, dated=dated, anew=anew)

    @precondition(lambda self: self.liars and self.world.votes)
    @rule(number=NUMBER)
    def a_vote_is_put_up_elsewhere(self, number: int) -> None:
        """As the dishonest have it, a second one of a committee has voted too; and the rest vote."""
        vote = self.world.votes[-1 - number % len(self.world.votes)]
        voter, owner = vote["body"]["voter"]["id"], vote["owner"]
        committee = f"{owner}/{vote['body']['role']}"
        others = [one for one in COMMITTEES.get(committee, ()) if one != voter]
        where = self.liars[number % len(self.liars)]
        if others and where != owner:
            put_up(self.world, vote, others[0], where, digest(f"put up {len(self.world.written)}"))
            self.everybody_votes(0, "approve")

    @precondition(lambda self: "nuri" in self.liars and self.world.observer.requests)
    @rule(
        number=NUMBER, dated=st.booleans(), lies=st.sampled_from(["", "", "made so", "not told"]), first=st.booleans()
    )
    def a_request_is_aimed_at_the_latest_policy(self, number: int, dated: bool, lies: str, first: bool) -> None:
        """Whatever was said to it, it names a policy that was set since, perhaps within the same second, and everybody
        approves that. What it says that it was made with is true, or aimed so too, or left out.
        """
        if first:
            others = [n for n in (0, 2) if STAGES[n] != self.world.observer.stands().body["stages"]]
            self.the_policy_changes(others[0], 0, {}, False, How())
        waiting = [id for id, request in self.world.observer.requests.items() if request.state != "approved"]
        key = f"request/{waiting[-1 - number % len(waiting)]}" if waiting else ""
        if not key or not self.world.stands(key):
            return
        latest = len(self.world.observer.policies)
        aimed: dict[str, Any] = {"policy_version": latest, "policy_digest": self.world.observer.policies[-1].digest}
        body = self.world.record(key)["body"]
        made = {"made so": body.get("as_made", body) | aimed, "not told": None}
        restate(self.world, key, aimed | ({"as_made": made[lies]} if lies else {}), "", dated=dated)
        self.everybody_votes(number, "approve")

    @precondition(lambda self: "hanbit" in self.liars and len(self.world.observer.grants) > 1)
    @rule(number=NUMBER)
    def what_was_judged_is_written_anew(self, number: int) -> None:
        """An earlier grant says that those who gave it had judged what lay before those who gave a later one."""
        keys = [f"grant/{id}" for id in self.world.observer.grants]
        earlier, judged = keys[number % len(keys)], self.world.record(keys[-1])["body"].get("judged", [])
        restate(self.world, earlier, {"judged": judged}, "", dated=True)

    @rule(what=st.sampled_from(TAKEN_AWAY), seals=st.booleans())
    def what_was_taken_away_comes_back(self, what: str, seals: bool) -> None:
        """Something is taken away, and that is undone by whoever can."""
        before = len(self.world.written)
        if what in {"basis", "consent"}:
            self.what_it_rests_on_ends((what, BASIS if what == "basis" else COHORT), How())
        elif what == "policy":
            self.the_policy_changes(0, 2, {"modes": ["download"], "max_duration_seconds": 10 * DAY}, True, How())
        elif what == "epoch":
            for grant in self.world.observer.grants.values():
                self.it_rests_on_something_else((COHORT,), grant.version, How())
            self.the_people_say_something_else(3, False, How())
            self.something_is_restated(0, ("cohort", {"latest_epoch": self.world.epochs() - 1}, ""), False, False)
            return
        elif what == "delegation":
            if self.world.observer.delegations:
                self.a_delegation_ends(0, How(), True)
        elif self.world.observer.grants and what == "relinquish":
            self.somebody_gives_up("nuri/kim", 0, How())
        elif self.world.observer.grants:
            self.the_owner_takes_away(what, 0, How())
        if len(self.world.written) > before:
            take_back(self.world, list(self.world.written)[-1], seals=seals)

    def it_was_rejected(self) -> None:
        if "nuri" in self.liars and self.world.observer.requests:
            self.a_request_begins_anew(0, dated=False)

    def it_was_approved(self, number: int) -> None:
        """Something is taken away, and that is undone."""
        if number % 2:
            self.what_was_taken_away_comes_back(TAKEN_AWAY[number // 2], True)
        else:
            self.what_was_taken_away_comes_back("epoch", False)

    @precondition(lambda self: "nuri" in self.liars and self.world.observer.requests)
    @rule(number=NUMBER, dated=st.booleans())
    def a_request_begins_anew(self, number: int, dated: bool) -> None:
        """Whatever was said to it, the requester's institution gives it another text, and everybody approves that."""
        requests = list(self.world.observer.requests)
        key = f"request/{requests[-1 - number % len(requests)]}"
        restate(self.world, key, {"project": "another"}, "", dated=dated)
        self.everybody_votes(number, "approve")
