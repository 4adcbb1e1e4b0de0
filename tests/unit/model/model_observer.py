"""What somebody says who saw everything: who sits where, what the policies are, what was asked, said, given and taken
away. A few plain rules, written from docs/contract.md and not from the program, for what the histories are about.

What dishonest institutions write past the contract is nothing that was said, with two exceptions. Whatever an
institution says in its own name it may say; so a new state of its own record that it seals for all to see is its word
(`restated`), as far as the rules let it say such a thing at all. And nobody can prevent it from letting its own
people, or those it invents, vote (`wild`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

DATASET = "hanbit/scans"
OWNER = "hanbit"

Purpose = Mapping[str, Any]


def within(code: str, allowed: str) -> bool:
    """Whether a disease of ICD-10 lies under another."""
    return code.replace(".", "").startswith(allowed.replace(".", ""))


def narrower(asked: Purpose, granted: Purpose) -> bool:
    """Whether a use is the granted one or part of it."""
    kinds = ["general-research", "health-research", "disease"]
    if kinds.index(asked["kind"]) < kinds.index(granted["kind"]):
        return False
    if granted["kind"] != "disease":
        return True
    return all(any(within(code, allowed) for allowed in granted["diseases"]) for code in asked["diseases"])


def covers(uses: Iterable[Mapping[str, Any]], purpose: Purpose) -> bool:
    """Whether one of the alternatives that a policy or people permit is a permission for a purpose."""
    means = {"GRU": {"kind": "general-research"}, "HMB": {"kind": "health-research"}}
    for use in uses:
        permitted = means.get(use["permission"]) or {"kind": "disease", "diseases": use.get("diseases", [])}
        if narrower(purpose, permitted):
            return True
    return False


@dataclass
class Policy:
    number: int
    digest: str
    body: Mapping[str, Any]
    existing: bool

    def permits(self, institution: str, purpose: Purpose, mode: str, seconds: int) -> bool:
        body = self.body
        return (
            covers(body["use"], purpose)
            and mode in body["modes"]
            and (not body["recipients"] or institution in body["recipients"])
            and seconds <= body["max_duration_seconds"]
        )

    def stages(self, requester: str) -> dict[str, Mapping[str, Any]]:
        """The stages by the committees that they ask."""
        return {f"{stage.get('institution', requester)}/{stage['role']}": stage for stage in self.body["stages"]}

    def vetoes(self) -> set[str]:
        return {f"{veto['institution']}/{veto['role']}" for veto in self.body.get("vetoes", [])}


@dataclass
class Text:
    """What a request asks for; an amendment makes another one."""

    digest: str
    purpose: Purpose
    mode: str
    seconds: int
    people: frozenset[str]


@dataclass
class Word:
    """A vote on a text."""

    person: str
    committee: str
    vote: str
    digest: str


@dataclass
class Request:
    id: str
    requester: str
    policy: Policy
    text: Text
    until: int
    words: list[Word] = field(default_factory=list)
    state: str = "open"
    amended: bool = False

    @property
    def institution(self) -> str:
        return self.requester.partition("/")[0]

    @property
    def asking(self) -> set[str]:
        return {self.requester} | {f"{self.institution}/{id}" for id in self.text.people}


@dataclass
class Grant:
    id: str
    request: Request
    text: Text
    since: int
    until: int
    ended: bool = False
    suspended: bool = False
    left: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)


@dataclass
class Observer:
    dishonest: frozenset[str] = frozenset()
    seats: dict[str, dict[str, int | None]] = field(default_factory=dict)
    """Committee -> who sits there, until when."""
    policies: list[Policy] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    rests_on: tuple[str, ...] = ()
    """The cohorts and bases that the dataset rests on."""
    permitted: dict[str, list[Mapping[str, Any]] | None] = field(default_factory=dict)
    """What the people of a cohort permit by their newest epoch, or a basis carries; None once it has ended."""
    wild: set[str] = field(default_factory=set)
    """Committees of dishonest institutions that have voted, or seated people, past the contract."""

    # What is said.

    def seated(self, committee: str, person: str, at: int) -> bool:
        institution, _, id = person.partition("/")
        seats = self.seats.get(committee, {})
        until = seats.get(id)
        return committee.startswith(f"{institution}/") and id in seats and (until is None or at < until)

    def stands(self) -> Policy:
        return self.policies[-1]

    def submitted(self, id: str, requester: str, text: Text, policy: int, at: int) -> None:
        pinned = self.policies[policy - 1]
        until = at + pinned.body["review_period_seconds"]
        request = self.requests[id] = Request(id, requester, pinned, text, until)
        if pinned.body.get("automatic") and pinned is self.stands() and self.may_be_used(request):
            self.give(request, id, at)

    def may_be_used(self, request: Request) -> bool:
        """Whether the policy and what the data rests on permit what a request asks for."""
        text = request.text
        asked = (request.institution, text.purpose, text.mode, text.seconds)
        return request.policy.permits(*asked) and self.carried(text.purpose)

    def amended(self, id: str, text: Text) -> None:
        request = self.requests[id]
        request.text, request.amended = text, True

    def withdrawn(self, id: str) -> None:
        request = self.requests[id]
        if request.state == "open":
            request.state = "withdrawn"

    def undecided(self, request: Request, at: int) -> bool:
        return request.state == "open" and at < request.until and request.policy is self.stands()

    def voted(self, id: str, tx: str, word: Word, at: int, given: bool) -> None:
        """A member of a committee says something about a request. `given` is whether a grant came of it, for what
        nobody but a dishonest institution knows: whether its own committee had approved.
        """
        request = self.requests[id]
        if not self.undecided(request, at):
            return
        if word.vote == "close":
            if word.person.startswith(f"{OWNER}/") and word.person not in request.asking:
                request.state = "closed"
            return
        if not self.may_speak(request, word, at):
            return
        request.words.append(word)
        tallies = self.tallies(request, at)
        veto = word.vote == "reject" and word.committee in request.policy.vetoes()
        met = all(met for met, _ in tallies.values())
        if veto or (word.vote != "approve" and word.committee in tallies and tallies[word.committee][1]):
            request.state = "rejected"
        elif word.vote != "reject" and met and (given or not self.wild & set(tallies)) and self.may_be_used(request):
            self.give(request, tx, at)

    def may_speak(self, request: Request, word: Word, at: int) -> bool:
        stages, person = request.policy.stages(request.institution), word.person
        asked, veto = stages.get(word.committee), word.committee in request.policy.vetoes()
        own = asked is not None and asked.get("of") == "requester"
        partial = person in request.asking or (person.startswith(f"{request.institution}/") and not own)
        seated = self.seated(word.committee, person, at) or word.committee in self.wild
        before = {said.vote for said in request.words if said.person == person and said.digest == request.text.digest}
        recused = any(said.person == person and said.vote == "recuse" for said in request.words)
        if partial or not seated or before or recused or (asked is None and not veto):
            return False
        if word.vote == "recuse":
            return True
        is_open = asked is not None and self.is_open(request, asked, at)
        return word.digest == request.text.digest and (is_open or (word.vote == "reject" and veto))

    def is_open(self, request: Request, stage: Mapping[str, Any], at: int) -> bool:
        """Whether every stage of the steps before is met."""
        stages = request.policy.stages(request.institution)
        earlier = {name for name, other in stages.items() if other.get("step", 1) < stage.get("step", 1)}
        return all(met for name, (met, _) in self.tallies(request, at).items() if name in earlier)

    def tallies(self, request: Request, at: int) -> dict[str, tuple[bool, bool]]:
        """For each stage whether it is met, and whether it never can be, since somebody in it is against."""
        found = {}
        said = {word.person: word for word in request.words if word.vote == "recuse"}
        said |= {
            word.person: word
            for word in request.words
            if word.digest == request.text.digest and word.person not in said
        }
        for committee, stage in request.policy.stages(request.institution).items():
            institution = committee.partition("/")[0]
            people = {f"{institution}/{id}" for id in self.seats.get(committee, {})}
            seated = {p for p in people if self.seated(committee, p, at) and p not in request.asking}
            votes = {p: said[p].vote for p in seated if p in said}
            voted = [p for p in votes if votes[p] == "recuse" or said[p].committee == committee]
            count = {kind: sum(votes[p] == kind for p in voted) for kind in ("approve", "reject", "recuse")}
            left = len(seated) - count["recuse"] - count["reject"]
            met = count["approve"] >= stage["threshold"]
            found[committee] = (met or committee in self.wild, count["reject"] > 0 and left < stage["threshold"])
        return found

    def give(self, request: Request, id: str, at: int) -> None:
        request.state = "approved"
        self.grants[id] = Grant(id, request, request.text, at, at + request.text.seconds)

    # What a dishonest institution says of its own, past the contract, in a state that it seals for all to see.

    def restated(self, kind: str, id: str, body: Mapping[str, Any], status: str, digest: str) -> None:
        if kind == "committee":
            self.wild.add(id)
        elif kind == "request" and id in self.requests:
            request = self.requests[id]
            people = frozenset(body["researchers"])
            request.text = Text(digest, body["purpose"], body["mode"], body["duration_seconds"], people)
            request.policy = self.policies[body["policy_version"] - 1]
            if request.state == "approved":  # another text, about which nobody has said anything
                request.state = "open"
        elif kind == "grant" and id in self.grants and status == "active":
            self.grants[id].suspended = False
        elif kind == "basis" and self.permitted[id] is not None:
            self.permitted[id] = body.get("purposes", [{"permission": "GRU"}])
        elif kind == "ground":
            self.rests_on = (*body.get("cohorts", ()), *body.get("bases", ()))

    # What is permitted.

    def carried(self, purpose: Purpose) -> bool:
        """Whether everything that the data rests on lets it be used so."""
        if not self.rests_on:
            return False
        uses = [self.permitted[name] for name in self.rests_on]
        return all(use is not None and covers(use, purpose) for use in uses)

    def against(self, grant: Grant, person: str, purpose: Purpose, mode: str, at: int) -> str:
        """Why a grant does not permit a use; empty when it does."""
        request, text = grant.request, grant.text
        institution, _, id = person.partition("/")
        terms = request.policy.body.get("terms")
        asked = (request.institution, text.purpose, text.mode, grant.until - grant.since)
        later = [p for p in self.policies[request.policy.number :] if p.existing]
        for against, why in (
            (grant.ended, "it was revoked or given up"),
            (grant.suspended, "it is suspended"),
            (not grant.since <= at < grant.until, "it is not its time"),
            (institution != request.institution or id not in text.people, "it is somebody else's"),
            (person in grant.left, "the person left it"),
            (mode != text.mode, "it is for another delivery"),
            (not narrower(purpose, text.purpose), "it is for another purpose"),
            (not self.carried(purpose), "what the data rests on does not carry the use"),
            (any(not policy.permits(*asked) for policy in later), "a later policy narrowed it"),
            (bool(terms) and person != request.requester and person not in grant.accepted, "terms not accepted"),
        ):
            if against:
                return why
        return ""

    def undisturbed(self, grant: Grant) -> bool:
        """Whether a grant rests on no word of a dishonest institution, so that none of them can take it away."""
        request = grant.request
        committees = {*request.policy.stages(request.institution), *request.policy.vetoes()}
        rests = {OWNER, request.institution, *(committee.partition("/")[0] for committee in committees)}
        return not rests & self.dishonest

    def must_permit(self, person: str, purpose: Purpose, mode: str, at: int) -> bool:
        """Whether `check` has to permit a use."""
        return any(
            self.undisturbed(grant) and not self.against(grant, person, purpose, mode, at)
            for grant in self.grants.values()
        )

    def permits(self, person: str, purpose: Purpose, mode: str, at: int) -> bool:
        """Whether somebody may use the dataset so."""
        return any(not self.against(grant, person, purpose, mode, at) for grant in self.grants.values())
