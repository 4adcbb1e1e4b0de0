"""Grants as they are used: taken away and given up; what the data rests on; and emergencies."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from model_acting import HOW, NUMBER, PEOPLE, USE, VERSION, Acting, How
from model_sample import BASIS, COHORT, MODES, OTHER_PRIVACY, PRIVACY, RESEARCHERS, STEWARD, TERMS, state_basis
from model_values import DAY

OPENERS = [PRIVACY, OTHER_PRIVACY]
JUSTIFIERS = [PRIVACY, OTHER_PRIVACY, "hanbit/chair:operator,privacy,steward"]
CONFIRMERS = [STEWARD, "hanbit/a:dac", PRIVACY, OTHER_PRIVACY]


class Using(Acting):
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

    # What the data rests on.

    @rule(on=st.sampled_from([(BASIS,), (COHORT,), (BASIS, COHORT)]), version=VERSION, how=HOW)
    def it_rests_on_something_else(self, on: tuple[str, ...], version: int, how: How) -> None:
        self.do(PRIVACY, self.world.rest_on(*on, version=version), how)

    @rule(uses=USE, withdrawn=st.booleans(), how=HOW)
    def the_people_say_something_else(self, uses: int, withdrawn: bool, how: How) -> None:
        self.do(PRIVACY, self.world.next_epoch(uses, withdrawn), how)

    @rule(
        version=VERSION,
        days=st.sampled_from([3, 9, 9]),
        again=st.booleans(),
        left_out=st.sampled_from(["never", "never", "before", "after"]),
    )
    def somebody_withdraws_their_consent(self, version: int, days: int, again: bool, left_out: str) -> None:
        """The newest epoch says so, and time passes, in which others withdraw too, and may be left out."""
        for grant in self.world.observer.grants.values():
            version = grant.version
        self.do(PRIVACY, self.world.rest_on(COHORT, version=version), How())
        self.do(PRIVACY, self.world.next_epoch(0, withdrawn=True), How())
        self.world.time_passes(days * DAY)
        if left_out == "before":
            self.do(PRIVACY, self.world.leave_out(version), How())
        if again:
            self.do(PRIVACY, self.world.next_epoch(0, withdrawn=True), How())
        if left_out == "after":
            self.do(PRIVACY, self.world.leave_out(version), How())
        self.world.time_passes(days * DAY)

    @rule(version=VERSION, back=st.sampled_from([0, 0, 1]), how=HOW)
    def who_withdrew_is_left_out(self, version: int, back: int, how: How) -> None:
        self.do(PRIVACY, self.world.leave_out(version, back), how)

    @rule(version=VERSION, k=st.sampled_from([3, 3, 5, 10]), how=HOW)
    def it_is_de_identified_otherwise(self, version: int, k: int, how: How) -> None:
        self.do(PRIVACY, self.world.de_identified(version, k), how)

    @rule(uses=USE, how=HOW)
    def the_basis_is_another(self, uses: int, how: How) -> None:
        self.do(PRIVACY, state_basis(uses), how)

    @rule(whose=st.sampled_from(["law", "people", "both"]))
    def it_is_for_people_to_judge(self, whose: str) -> None:
        """What was permitted, or not, is a question now."""
        if whose != "law":
            self.do(PRIVACY, self.world.next_epoch(3), How())
        if whose != "people":
            self.do(PRIVACY, state_basis(3), How())

    @rule(what=st.sampled_from([("basis", BASIS), ("consent", COHORT)]), how=HOW)
    def what_it_rests_on_ends(self, what: tuple[str, str], how: How) -> None:
        function, name = what
        argument = {{"basis": "basis", "consent": "cohort"}[function]: name, "reason": "over"}
        self.do(PRIVACY, (f"{function}.end", argument), how, "hanbit")

    # Emergencies.

    @rule(
        who=st.sampled_from(OPENERS),
        people=PEOPLE,
        what=st.tuples(st.sampled_from([0, 2]), st.sampled_from(MODES), st.sampled_from([24, 48, 72])),
        version=VERSION,
        how=HOW,
    )
    def somebody_proposes_to_break_the_glass(
        self, who: str, people: list[str], what: tuple[int, str, int], version: int, how: How
    ) -> None:
        self.do(who, self.world.break_glass(people, *what, version), how)

    @precondition(lambda self: self.world.observer.emergencies.known)
    @rule(who=st.sampled_from(CONFIRMERS), number=NUMBER, how=HOW)
    def somebody_confirms_it(self, who: str, number: int, how: How) -> None:
        self.do(who, self.world.confirm_glass(self.emergency(number)), how)

    @precondition(lambda self: self.world.observer.emergencies.known)
    @rule(who=st.sampled_from(JUSTIFIERS), number=NUMBER, how=HOW)
    def somebody_justifies_it(self, who: str, number: int, how: How) -> None:
        said = {"breakglass": self.emergency(number), "justification": "it was right"}
        self.do(who, ("breakglass.justify", said), how, "hanbit")

    @rule(
        people=PEOPLE,
        hours=st.sampled_from([24, 24, 48, 72]),
        first=st.sampled_from([0, 1]),
        by=st.sampled_from([0, 1, 2, 3]),
        later=st.sampled_from([0, 3600, DAY, 3 * DAY, 30 * DAY]),
    )
    def an_emergency(self, people: list[str], hours: int, first: int, by: int, later: int) -> None:
        """Two people break the glass, or try it twice. What was opened before is justified, as far as it can be."""
        self.world.time_passes(later)
        for id, known in list(self.world.observer.emergencies.known.items()):
            if known.grant and not known.justified and later:
                said = {"breakglass": id, "justification": "it was right"}
                self.do(OPENERS[by % 2], ("breakglass.justify", said), How(), "hanbit")
        for who, long in ((OPENERS[first], hours), (OPENERS[1 - first], max(24, 72 - hours)))[: 1 + by // 2]:
            self.do(who, self.world.break_glass(people, 0, "download", long), How())
            if self.world.observer.emergencies.known:
                self.do("hanbit/a:dac", self.world.confirm_glass(self.emergency(0)), How())

    def emergency(self, number: int) -> str:
        known = list(self.world.observer.emergencies.known)
        return known[-1 - number % len(known)]
