"""What every machine of the histories has: how somebody does something, and what is compared after each step."""

from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from model_channel import INSTITUTIONS, Call
from model_sample import COMMITTEES, LATEST, MODES, STAGES, TERMS, Act
from model_values import DAY
from model_world import World


@dataclass(frozen=True)
class How:
    """How a transaction reaches the channel: with a clock that is off, or held back for a while."""

    skew: int = 0
    hold: bool = False


HOW = st.builds(How, st.sampled_from([0, 0, 0, -LATEST, LATEST]), st.sampled_from([False, False, False, True]))
NUMBER = st.integers(0, 7)
STAGE = st.integers(0, len(STAGES) - 1)
USE = st.sampled_from([0, 1, 2, 3, 3])
VERSION = st.sampled_from([1, 1, 1, 2])
PEOPLE = st.sampled_from([["kim"], ["kim"], ["kim", "lee"], ["lee"]])
WHAT = st.tuples(st.sampled_from([0, 0, 1, 2, 3]), st.sampled_from(MODES), st.sampled_from([20, 60, 100]))
"""A use: the number of its purpose, the delivery, and for how many days."""
MORE = st.lists(
    st.sampled_from(
        [
            ("modes", ["download"]),
            ("max_duration_seconds", 30 * DAY),
            ("vetoes", [{"institution": "saerom", "role": "ethics"}]),
            ("automatic", True),
            ("terms", TERMS),
            ("deidentification", {"tables": {"k": 5}}),
            ("deidentification", {"tables": {"k": 5}}),
            ("exclusion_period_seconds", 5 * DAY),
        ]
    ),
    max_size=3,
).map(dict)
"""What a policy may say besides its stages and uses."""
VOTERS = ("hanbit/dac", "saerom/ethics", "nuri/ethics")
MEMBERS = [f"{name.partition('/')[0]}/{id}:{name.partition('/')[2]}" for name in VOTERS for id in COMMITTEES[name]]


class Acting(RuleBasedStateMachine):
    prepared: ClassVar[World]

    world: World

    def do(self, who: str, act: Act, how: How, alone: str = "") -> None:
        """Somebody does something, or tries. `alone` is the one institution whose peer is enough for it."""
        self.world.do(self.call(who, act, how, alone), hold=how.hold)

    def call(self, who: str, act: Act, how: How, alone: str = "") -> Call:
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

    @rule(seconds=st.sampled_from([60, 3600, DAY, 3 * DAY, 9 * DAY, 30 * DAY]))
    def time_passes(self, seconds: int) -> None:
        self.world.time_passes(seconds)

    @precondition(lambda self: self.world.held)
    @rule(number=NUMBER)
    def what_was_held_back_is_handed_in(self, number: int) -> None:
        self.world.release(number)

    @invariant()
    def check_says_what_the_observer_says(self) -> None:
        differences = self.world.differences()
        assert not differences, "\n".join(differences)


def somebody(committee: str, number: int) -> str:
    """One of those who sit on a committee, with the role."""
    institution, _, role = committee.partition("/")
    people: Any = COMMITTEES[committee]
    return f"{institution}/{people[number % len(people)]}:{role}"
