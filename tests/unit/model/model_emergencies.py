"""What the observer knows of broken glass: who opened what for whom, and who justified it. Written from "Break-glass"
of docs/contract.md.
"""

from dataclasses import dataclass, field

from model_values import DAY, Grant, Text

MOST = 3 * DAY
WINDOW = 30 * DAY


@dataclass
class Emergency:
    proposer: str
    institution: str
    version: int
    text: Text
    proposed: int
    confirmer: str = ""
    grant: Grant | None = None
    justified: bool = False

    def end(self) -> int:
        """When it ended or will end."""
        assert self.grant is not None
        early = [self.grant.ended] if self.grant.ended is not None else []
        return min([self.grant.until, *early])


@dataclass
class Emergencies:
    """Those of the owner of the data."""

    known: dict[str, Emergency] = field(default_factory=dict)

    def opened(self) -> list[Emergency]:
        return [emergency for emergency in self.known.values() if emergency.grant]

    def against(self, emergency: Emergency, confirmer: str, at: int) -> str:
        """Why somebody cannot open it at a moment; empty when they can."""
        people = {f"{emergency.institution}/{id}" for id in emergency.text.people}
        before = self.opened()
        sharing = [
            e for e in before if e.institution == emergency.institution and e.text.people & emergency.text.people
        ]
        for against, why in (
            (emergency.grant is not None, "it is open, or was"),
            (confirmer == emergency.proposer, "it takes two people"),
            (bool({confirmer, emergency.proposer} & people), "for themself"),
            (at >= emergency.proposed + DAY, "nobody confirmed it in time"),
            (emergency.text.seconds > MOST, "for longer than three days"),
            (any(not e.justified and e.end() <= at for e in before), "another is not justified"),
            (any(not e.justified for e in sharing), "somebody has it by another one"),
            (
                any(self.too_long(emergency, id, at) for id in emergency.text.people),
                "for longer than three days of thirty",
            ),
        ):
            if against:
                return why
        return ""

    def too_long(self, emergency: Emergency, id: str, at: int) -> bool:
        """Whether somebody would have the data by broken glass for more than three days within some thirty."""
        spans = [(at, at + emergency.text.seconds)]
        for other in self.opened():
            if other.institution == emergency.institution and id in other.text.people and other.grant:
                spans.append((other.grant.since, other.end()))
        windows = [(begin, begin + WINDOW) for begin, _ in spans] + [(end - WINDOW, end) for _, end in spans]
        had = [sum(max(0, min(end, last) - max(begin, first)) for begin, end in spans) for first, last in windows]
        return max(had) > MOST

    def may_justify(self, emergency: Emergency, person: str, at: int) -> bool:
        """Whether it has ended, and the person took no part in it."""
        if emergency.grant is None or emergency.justified or at < emergency.end():
            return False
        return person not in {emergency.proposer, emergency.confirmer} | emergency.grant.holders
