"""Requests and how they are decided: votes, deputies, committees, policies, renewals and people who join."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from model_acting import HOW, MEMBERS, MORE, NUMBER, PEOPLE, STAGE, USE, VERSION, VOTERS, WHAT, Acting, How, somebody
from model_observer import DATASET
from model_sample import (
    COMMITTEES,
    DEPUTIES,
    PRIVACY,
    PURPOSES,
    RESEARCHERS,
    STEWARD,
    policy,
    seat,
    state_basis,
    written,
)
from model_values import DAY

VOTES = ["approve", "approve", "reject", "recuse"]
MEANWHILE = [
    ("nothing", "suspend"),
    ("nothing", "suspend"),
    ("nothing", "revoke"),
    ("nothing", "time"),
    ("suspend", "time"),
    ("revoke", "time"),
    ("revoke", "time"),
    ("people", "nothing"),
    ("basis", "time"),
    ("time", "nothing"),
]
"""What happens before a renewal is decided, and what afterwards."""
NEEDED = ["hanbit/a:dac", "saerom/e-1:ethics", "nuri/n-1:ethics", "hanbit/b:dac", "saerom/e-1:ethics", "hanbit/a:dac"]
"""Who approves whatever the stages and steps are; some of them in vain."""


class Reviewing(Acting):
    @rule(who=st.sampled_from(RESEARCHERS), what=WHAT, people=PEOPLE, version=VERSION, how=HOW)
    def somebody_asks(self, who: str, what: tuple[int, str, int], people: list[str], version: int, how: How) -> None:
        self.do(f"{who}:researcher", self.world.ask_for(*what, people, version), how)

    @precondition(lambda self: self.world.observer.requests)
    @rule(who=st.sampled_from(RESEARCHERS), number=NUMBER, days=st.sampled_from([10, 20, 100]), how=HOW)
    def somebody_amends(self, who: str, number: int, days: int, how: How) -> None:
        argument = {"request": self.request(number), "duration_seconds": days * DAY}
        self.do(f"{who}:researcher", ("request.amend", argument), how, "nuri")

    @precondition(lambda self: self.world.observer.requests)
    @rule(who=st.sampled_from(RESEARCHERS), number=NUMBER, how=HOW)
    def somebody_withdraws(self, who: str, number: int, how: How) -> None:
        self.do(f"{who}:researcher", ("request.withdraw", {"request": self.request(number)}), how, "nuri")

    @precondition(lambda self: self.world.observer.grants)
    @rule(
        number=NUMBER,
        related=st.sampled_from(["renews", "joins", "joins"]),
        days=st.sampled_from([5, 20]),
        people=PEOPLE,
        between=st.tuples(st.sampled_from(MEANWHILE), USE),
    )
    def a_grant_goes_on(
        self, number: int, related: str, days: int, people: list[str], between: tuple[tuple[str, str], int]
    ) -> None:
        """Somebody asks to have a grant for longer, or for more people. Something may happen before that is decided,
        and something afterwards.
        """
        observer = self.world.observer
        standing = [id for id, grant in observer.grants.items() if observer.stands_at(grant, self.world.now)]
        id = standing[number % len(standing)] if standing else self.grant(number)
        grant = observer.grants[id]
        if between[0][0] == "revoke":  # whoever joins it has no use of what comes of that anyway
            related = "renews"
        left = [person for person in ("kim", "lee") if person not in grant.text.people]
        related, people = (related, left) if related == "joins" and left else ("renews", people)
        purpose = next(p for p, known in enumerate(PURPOSES) if known == grant.text.purpose)
        act = self.world.ask_for(purpose, grant.text.mode, days, people, grant.version, **{related: id})
        self.do("nuri/kim:researcher", act, How())
        (what, afterwards), uses = between
        if what in {"suspend", "revoke"}:
            self.do(PRIVACY, (f"grant.{what}", {"grant": id, "reason": "because"}), How(), "hanbit")
        elif what == "people":
            self.do(PRIVACY, self.world.next_epoch(uses), How())
        elif what == "basis":
            self.do(PRIVACY, state_basis(uses), How())
        elif what == "time":
            self.world.time_passes(9 * DAY)
        if self.world.observer.requests:
            self.everybody_votes(0, "approve")
        if afterwards == "time":
            self.world.time_passes(28 * DAY)
        elif afterwards != "nothing":
            self.do(PRIVACY, (f"grant.{afterwards}", {"grant": id, "reason": "because"}), How(), "hanbit")

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

    @rule(committee=st.sampled_from(VOTERS), number=NUMBER, days=st.sampled_from([1, 30]), how=HOW)
    def a_member_names_a_deputy(self, committee: str, number: int, days: int, how: How) -> None:
        until = written(self.world.now + days * DAY)
        said = {"role": committee.partition("/")[2], "deputy": DEPUTIES[committee], "until": until}
        self.do(somebody(committee, number), ("committee.delegate", said), how)

    @precondition(lambda self: self.world.observer.delegations)
    @rule(number=NUMBER, how=HOW, by_steward=st.booleans())
    def a_delegation_ends(self, number: int, how: How, by_steward: bool) -> None:
        ids = list(self.world.observer.delegations)
        id = ids[-1 - number % len(ids)]
        delegation = self.world.observer.delegations[id]
        institution, _, role = delegation.committee.partition("/")
        who = f"{institution}/s:steward" if by_steward else f"{delegation.member}:{role}"
        self.do(who, ("committee.undelegate", {"delegation": id}), how, institution)

    @precondition(lambda self: self.world.observer.delegations and self.world.observer.requests)
    @rule(number=NUMBER, of=NUMBER, vote=st.sampled_from(VOTES), how=HOW)
    def a_deputy_votes(self, number: int, of: int, vote: str, how: How) -> None:
        ids = list(self.world.observer.delegations)
        id = ids[-1 - of % len(ids)]
        delegation = self.world.observer.delegations[id]
        role, member = delegation.committee.partition("/")[2], delegation.member.partition("/")[2]
        ballot = self.world.vote(self.request(number), role, vote, delegation=id, **{"for": member})
        self.do(f"{delegation.deputy}:{role}", ballot, how)

    @rule(
        number=NUMBER,
        stages=st.sampled_from([0, 0, 1, 6]),
        vote=st.sampled_from(["approve", "approve", "reject"]),
        until=st.sampled_from(["ended", "ended", "over", ""]),
        then=st.sampled_from(["the member", "for another", "for another"]),
    )
    def a_deputy_decides(self, number: int, stages: int, vote: str, until: str, then: str) -> None:
        """A member goes away, and somebody asks; the deputy votes, perhaps too late. Then the member is back, or the
        deputy votes for another one too.
        """
        self.the_policy_changes(stages, 0, {}, False, How())
        self.a_member_names_a_deputy("hanbit/dac", number, 1, How())
        self.somebody_asks("nuri/kim", (0, "download", 28), ["kim"], 1, How())
        if not self.world.observer.delegations or not self.world.observer.requests:
            return
        if until == "ended":
            self.a_delegation_ends(0, How(), by_steward=False)
        elif until == "over":
            self.world.time_passes(DAY)
        self.a_deputy_votes(0, 0, vote, How())
        if then == "the member":
            self.do(somebody("hanbit/dac", number), self.world.vote(self.request(0), "dac", "approve"), How())
        else:
            self.a_member_names_a_deputy("hanbit/dac", number + 1, 1, How())
            self.a_deputy_votes(0, 0, "approve", How())

    @rule(number=NUMBER, asks=st.booleans())
    def one_person_has_two_names(self, number: int, asks: bool) -> None:
        """Somebody of a committee has their key certified in another name too, and two officers seat that on another
        one that the policy asks; or who asks does so. They approve by every name.
        """
        committee, stages = ("nuri/ethics", 5) if asks else ("hanbit/privacy", 7)
        institution, _, role = committee.partition("/")
        member = somebody("hanbit/dac", number)
        holder = "nuri/kim" if asks else member.partition(":")[0]
        twin = [{"id": "twin", "key": self.world.keys[holder]}]
        self.do(f"{institution}/s:steward", ("committee.seat", {"role": role, "members": twin}), How())
        self.the_policy_changes(stages, 0, {}, False, How())
        self.somebody_asks("nuri/kim", (0, "download", 28), ["kim"], 1, How())
        if not self.world.observer.requests:
            return
        for who, as_member_of in ((member, "dac"), (f"{institution}/twin:{role}#{holder}", role)):
            self.do(who, self.world.vote(self.request(0), as_member_of, "approve"), How())

    @rule(
        committee=st.sampled_from(sorted(COMMITTEES)),
        some=st.sets(NUMBER, max_size=3),
        days=st.sampled_from([0, 0, 5]),
        how=HOW,
    )
    def a_committee_changes(self, committee: str, some: set[int], days: int, how: How) -> None:
        until = written(self.world.now + days * DAY) if days else ""
        people = [id for number, id in enumerate(COMMITTEES[committee]) if number in some]
        self.do(f"{committee.partition('/')[0]}/s:steward", seat(committee, people, until), how)

    @rule(stages=STAGE, uses=USE, more=MORE, existing=st.booleans(), how=HOW)
    def the_policy_changes(self, stages: int, uses: int, more: dict[str, Any], existing: bool, how: How) -> None:
        argument = {"dataset": DATASET, "policy": policy(stages, uses, **more)}
        self.do(STEWARD, ("policy.set", argument | ({"applies": "existing"} if existing else {})), how)
