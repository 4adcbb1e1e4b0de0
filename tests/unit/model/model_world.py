"""The world of the histories: a channel, everybody's acts on it, and the observer who sees them."""

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from model_channel import HELD, INSTITUTIONS, REFUSED, VALID, Call, Channel, Outcome, asking, calling, committing
from model_observer import DATASET
from model_past import Past
from model_sample import (
    ASKED,
    BASIS,
    BEGIN,
    CHAIR,
    COHORT,
    COMMITTEES,
    DEPUTIES,
    LATEST,
    OF_OTHERS,
    OFFICERS,
    PRIVACY,
    SECOND,
    STEWARD,
    begin_consent,
    digest,
    policy,
    publish,
    seat,
    state_basis,
)
from model_seen import seen
from model_values import DAY, Use


@dataclass
class World(Past):
    channel: Channel = field(kw_only=True)
    now: int = BEGIN
    held: list[tuple[Call, Outcome]] = field(default_factory=list)
    waiting: dict[str, Call] = field(default_factory=dict)
    """What waits for a second officer, by the transaction that proposed it."""
    keys: dict[str, str] = field(default_factory=dict)
    """The keys that people have announced."""
    votes: list[dict[str, Any]] = field(default_factory=list)
    """The votes that were given, as they stand: they are at no key of the ledger's state."""
    decisions: list[Outcome] = field(default_factory=list)
    """What `check` said last."""
    tally: Counter[str] = field(default_factory=Counter)
    """How often what came of what: a model that never permits anything shows nothing."""

    @classmethod
    def prepare(cls, channel: Channel) -> "World":
        """What there is when each history begins: people sit, two versions of a dataset are published, the first rests
        on a legal basis and the other on consent.
        """
        world = cls(channel=channel)
        channel.begin()
        for institution in INSTITUTIONS:
            world.found(institution)
        for committee, people in COMMITTEES.items():
            world.must(f"{committee.partition('/')[0]}/s:steward", *seat(committee, people))
        world.must(STEWARD, *publish(1, policy=policy()))
        world.must(STEWARD, *publish(2))
        world.must(PRIVACY, *state_basis())
        world.must(PRIVACY, *begin_consent())
        for version, name in ((1, BASIS), (2, COHORT)):
            world.must(PRIVACY, *world.rest_on(name, version=version))
            world.must(PRIVACY, *world.de_identified(version, 5))
        world.now += DAY
        channel.keep("prepared")
        return world

    def found(self, institution: str) -> None:
        """Its first record names those who act for it; the second of them admits the keys of those who vote."""
        officers = []
        for officer in OFFICERS.get(institution, OF_OTHERS):
            id, _, roles = officer.partition(":")
            key = self.announced(f"{institution}/{officer}")
            officers.append({"id": id, "roles": roles.split(","), "key": key})
        described = {"title": institution, "country": "KR", "contact": f"data@{institution}.example", "roles": []}
        self.must(f"{institution}/{CHAIR}", "institution.set", {**described, "officers": officers})
        for committee, people in COMMITTEES.items():
            owner, _, role = committee.partition("/")
            deputies = [DEPUTIES[committee]] if committee in DEPUTIES else []
            for id in (*people, *deputies) if owner == institution else ():
                key = self.keys.get(f"{owner}/{id}") or self.announced(f"{owner}/{id}:{role}")
                self.must(f"{institution}/{SECOND}", "person.admit", {"person": id, "key": key})

    def announced(self, who: str) -> str:
        """The key that somebody has announced."""
        key = str(self.must(who, "person.announce", {}).answer["body"]["fingerprint"])
        self.keys[who.partition(":")[0]] = key
        return key

    def begin(self, dishonest: Sequence[str]) -> "World":
        """A world of its own for a history."""
        self.channel.begin("prepared", dishonest)
        observer = copy.deepcopy(self.observer)
        observer.dishonest = frozenset(dishonest)
        past = {key: list(values) for key, values in self.past.items()}
        world = World(
            observer, past, dict(self.written), channel=self.channel, now=self.now, keys=self.keys, tally=self.tally
        )
        world.time_passes(0)
        return world

    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        (decisions,) = self.channel.all([self.question() | {"changed": False}])
        self.decisions = [Outcome(**decision) for decision in decisions]

    # How things are done.

    def must(self, who: str, function: str, argument: dict[str, Any]) -> Outcome:
        (outcome,) = self.do(Call(who, function, argument, self.now, self.now))
        assert outcome.code == VALID, f"{function}: {outcome}"
        return outcome

    def do(self, *calls: Call, hold: bool = False, second: bool = True) -> list[Outcome]:
        """Have calls simulated and committed, one after the other, or held back. What waits then for a second officer
        is confirmed at once, unless there is none; what was held back waits until somebody does.
        """
        outcomes = self.sent([calling(call, hold=hold) for call in calls])
        for call, outcome in zip(calls, outcomes, strict=True):
            if outcome.code == HELD:
                self.held.append((call, outcome))
            else:
                self.came_of(call, outcome)
        for outcome in outcomes:
            if outcome.tx in self.waiting and second:
                self.confirm(outcome.tx)
        return outcomes

    def confirmation(self, proposal: str) -> tuple[str, dict[str, Any]]:
        """What confirms something that waits, as it stands."""
        return "proposal.confirm", {"proposal": proposal, "digest": digest(self.stands(f"proposal/{proposal}"))}

    def confirm(self, proposal: str, second: str = "", clock: int = 0) -> Outcome:
        """The second officer confirms what waits, as it stands: now it is said, if the contract does it."""
        call, clock = self.waiting[proposal], clock or self.now
        second = second or f"{call.institution}/{SECOND}"
        act = self.confirmation(proposal)
        (outcome,) = self.sent([calling(Call(second, *act, clock, self.now))])
        self.tally[f"confirm {call.function} {outcome.refusal.get('code', outcome.code)}"] += 1
        if outcome.code == VALID:
            del self.waiting[proposal]
            self.wrote(outcome)
            seen(self.observer, call, replace(outcome, answer=outcome.answer["done"]))
        return outcome

    def release(self, number: int) -> None:
        """Hand in one of the transactions that were held back."""
        call, endorsed = self.held.pop(number % len(self.held))
        (done,) = self.sent([committing(endorsed.tx)])
        self.came_of(call, Outcome(done.code, endorsed.tx, endorsed.answer, {}, done.writes))

    def sent(self, commands: Sequence[dict[str, Any]]) -> list[Outcome]:
        """What comes of commands; `check` is asked with them what it says now."""
        *done, decisions = self.channel.all([*commands, self.question()])
        if decisions:
            self.decisions = [Outcome(**decision) for decision in decisions]
        return [Outcome(**one) for one in done]

    def came_of(self, call: Call, outcome: Outcome) -> None:
        more = "".join(f" {member}" for member in ("renews", "joins", "for") if member in call.argument)
        self.tally[f"{call.function}{more} {outcome.refusal.get('code', outcome.code)}"] += 1
        if outcome.code == REFUSED:
            assert outcome.refusal["code"] != "INTERNAL", outcome
        if outcome.code == VALID:
            self.wrote(outcome)
            if call.function == "request.vote":
                self.votes.append(outcome.answer["vote"])
            if "proposal" in outcome.answer:
                self.waiting[outcome.tx] = call
            elif is_said(call, self.observer.dishonest):
                seen(self.observer, call, outcome)

    # What is compared.

    def question(self) -> dict[str, Any]:
        """What `check` is asked, at a moment when nothing on the ledger is still to come."""
        uses = [
            {"dataset": DATASET, "version": version, "for": person, "purpose": use, "mode": mode}
            for person, version, use, mode in ASKED
        ]
        return asking(self.now + LATEST, "nuri/kim:researcher", "check", uses)

    def differences(self) -> list[str]:
        """Where `check` and the observer disagree."""
        found = []
        for asked, outcome in zip(ASKED, self.decisions, strict=True):
            answer = outcome.answer or {"decision": "refused", "reasons": [outcome.refusal]}
            says, use = answer["decision"], Use(*asked, self.now + LATEST)
            self.tally[f"check {says}"] += 1
            if (
                not self.observer.permits(use, answer.get("grant", ""))
                if says == "permit"
                else self.observer.must_permit(use)
            ):
                reasons = [reason["message"] for reason in answer["reasons"]]
                why = [self.observer.against(grant, use) for grant in self.observer.grants.values()]
                found.append(f"{use}: check says {says}, as {reasons}; observer: {why}")
        return found


def is_said(call: Call, dishonest: frozenset[str]) -> bool:
    """Whether a transaction is what somebody said, or their institution lets them say. What altered chaincode makes of
    a call in the name of somebody of an honest institution is not, nor what it leaves without the own seal.
    """
    if not call.altered:
        return True
    return call.institution in dishonest and not {"seals", f"seals of {call.institution}"} & set(call.leave)
