"""What the observer knows of what the data rests on: cohorts with their epochs, legal bases, statements of
de-identification, and who is said to be left out. Written from "The people in the data" of docs/contract.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from model_values import DENY, EXCLUSION_PERIOD, PERMIT, REVIEW, Policy, Purpose, Uses, covers, worst


@dataclass
class Epoch:
    at: int
    uses: Uses
    withdrawn: bool


@dataclass
class Grounds:
    rests_on: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """The cohorts and bases that each version rests on."""
    epochs: dict[str, list[Epoch]] = field(default_factory=dict)
    """What the people of each cohort permit, the newest last."""
    purposes: dict[str, Uses] = field(default_factory=dict)
    """What each basis carries."""
    ended: set[str] = field(default_factory=set)
    attested: dict[tuple[int, str], int] = field(default_factory=dict)
    """As of which epoch of a cohort it is attested for a version that who withdrew is left out."""
    k: dict[int, int] = field(default_factory=dict)
    """What the statement of each version measures."""

    def permitted(self, name: str) -> Uses:
        return self.epochs[name][-1].uses if name in self.epochs else self.purposes[name]

    def shown(self, version: int) -> Mapping[str, Uses]:
        """What lies before the people who approve."""
        return {name: self.permitted(name) for name in self.rests_on.get(version, ())}

    def overdue(self, version: int, name: str, period: int, at: int) -> bool:
        """Whether people have withdrawn, and that they are left out should have been attested before a moment."""
        epochs = self.epochs.get(name, [])
        owed: int | None = None
        for number in range(len(epochs), self.attested.get((version, name), 0), -1):
            if not epochs[number - 1].withdrawn:
                break
            owed = epochs[number - 1].at
        return owed is not None and at >= owed + period

    def open(self, version: int, period: int, at: int) -> bool:
        """Whether the version rests on something that has not ended, and nothing is overdue: what no emergency sets
        aside.
        """
        names = self.rests_on.get(version, ())
        return bool(names) and not any(name in self.ended or self.overdue(version, name, period, at) for name in names)

    def says(self, version: int, purpose: Purpose, policies: Iterable[Policy], at: int, judged: object = None) -> str:
        """What all that the version rests on says of a use, by what some policies ask. `judged` are uses that people
        have approved of where it is for people to judge.
        """
        asked = list(policies)
        period = min((policy.exclusion_period for policy in asked), default=EXCLUSION_PERIOD)
        if not self.open(version, period, at) or any(self.k.get(version, 0) < policy.k for policy in asked):
            return DENY
        known = judged if isinstance(judged, Mapping) else {}
        answers = []
        for name, uses in self.shown(version).items():
            answer = covers(uses, purpose)
            answers.append(PERMIT if answer == REVIEW and known.get(name) == uses else answer)
        return worst(answers)
