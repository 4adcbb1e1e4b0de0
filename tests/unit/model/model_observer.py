"""What somebody says who saw everything: who sits where, what the policies are, what was asked, said, given and taken
away. A few plain rules, written from docs/contract.md and not from the program, for what the histories are about.

What dishonest institutions write past the contract is nothing that was said, with two exceptions. Whatever an
institution says in its own name it may say; so a new state of its own record that it seals for all to see is its word
(`restated`), as far as the rules let it say such a thing at all. And nobody can prevent it from letting its own
people, or those it invents, vote (`wild`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from model_emergencies import Emergencies
from model_grounds import Grounds
from model_values import (
    DENY,
    EXCLUSION_PERIOD,
    PERMIT,
    Delegation,
    Grant,
    Policy,
    Purpose,
    Request,
    Text,
    Use,
    Word,
    within,
    worst,
)

DATASET = "hanbit/scans"
OWNER = "hanbit"
CLOCKS_APART = 600


@dataclass
class Observer:
    dishonest: frozenset[str] = frozenset()
    seats: dict[str, dict[str, int | None]] = field(default_factory=dict)
    """Committee -> who sits there, until when."""
    unsettled: dict[str, dict[str, int | None]] = field(default_factory=dict)
    """Committee -> whose seat one person alone took away, and until when they would have had it."""
    delegations: dict[str, Delegation] = field(default_factory=dict)
    policies: list[Policy] = field(default_factory=list)
    requests: dict[str, Request] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    grounds: Grounds = field(default_factory=Grounds)
    emergencies: Emergencies = field(default_factory=Emergencies)
    wild: set[str] = field(default_factory=set)
    """Committees of dishonest institutions that have voted, or seated people, past the contract."""

    # What is said.

    def seated(self, committee: str, person: str, at: int) -> bool:
        institution, _, id = person.partition("/")
        seats = self.seats.get(committee, {})
        until = seats.get(id)
        return committee.startswith(f"{institution}/") and id in seats and (until is None or at < until)

    def reseated(self, committee: str, seats: dict[str, int | None], *, two: bool) -> None:
        """A committee is another. Whose seat one person alone took away, or cut short, counts in a majority still."""
        unsettled = self.unsettled.setdefault(committee, {})
        if two:
            unsettled.clear()
        else:
            unsettled |= {id: until for id, until in self.seats[committee].items() if seats.get(id, 0) != until}
        self.seats[committee] = seats

    def stands(self) -> Policy:
        return self.policies[-1]

    def submitted(self, request: Request, at: int) -> None:
        self.requests[request.id] = request
        request.text.fits = self.fits(request, at)
        policy, text = request.policy, request.text
        permitted = policy.says(request.institution, text.purpose, text.mode, text.seconds)
        carried = self.grounds.says(request.version, text.purpose, [policy], at)
        if policy.automatic and policy is self.stands() and worst([permitted, carried]) == PERMIT:
            self.give(request, request.id, at, asked=False)

    def may_be_used(self, request: Request, at: int) -> bool:
        """Whether policy and grounds leave what a request asks for to the people who judge it."""
        text = request.text
        permitted = request.policy.says(request.institution, text.purpose, text.mode, text.seconds)
        carried = self.grounds.says(request.version, text.purpose, [request.policy], at)
        return DENY not in (permitted, carried)

    def fits(self, request: Request, at: int) -> bool:
        """Whether a request, as it is stated at a moment, can renew or join the grant that it names."""
        text, old = request.text, request.renews or request.joins
        if old is None:
            return True
        if old.request is None or old.institution != request.institution or not self.stands_at(old, at):
            return False
        if request.renews:
            return text.people <= old.text.people
        same = (old.version, old.text.mode, old.text.purpose) == (request.version, text.mode, text.purpose)
        return same and not old.joins and not text.people & old.text.people and at + text.seconds <= old.until

    def amended(self, id: str, text: Text, at: int) -> None:
        request = self.requests[id]
        request.text = text
        text.fits = self.fits(request, at)

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
        elif (
            word.vote != "reject" and met and (given or not self.wild & set(tallies)) and self.may_be_used(request, at)
        ):
            self.give(request, tx, at)

    def spoke_already(self, request: Request, word: Word) -> bool:
        """Whether who gives a word, by whatever name, asked for it or has spoken on the text: one key is one person."""
        on_it = (said for said in request.words if said.vote == "recuse" or said.digest == request.text.digest)
        return bool(word.keys & request.keys or any(word.keys & said.keys for said in on_it))

    def may_speak(self, request: Request, word: Word, at: int) -> bool:
        stages, person = request.policy.stages(request.institution), word.person
        asked, veto = stages.get(word.committee), word.committee in request.policy.vetoes()
        own = asked is not None and asked.get("of") == "requester"
        people = {person, word.deputy or person}
        partial = people & request.asking or (person.startswith(f"{request.institution}/") and not own)
        seated = self.seated(word.committee, person, at) or word.committee in self.wild
        said = [said for said in request.words if any(said.by(one) for one in people)]
        used = any(word.vote == "recuse" or word.digest == request.text.digest for word in said)
        if partial or not seated or used or (asked is None and not veto):
            return False
        if word.vote == "approve" and self.spoke_already(request, word):
            return False
        if word.vote == "recuse":
            return not word.deputy
        is_open = asked is not None and self.is_open(request, asked, at)
        return word.digest == request.text.digest and (is_open or (word.vote == "reject" and veto))

    def deputizes(self, id: str, committee: str, member: str, deputy: str, at: int) -> bool:
        """Whether a delegation lets somebody vote for a member."""
        delegation = self.delegations.get(id)
        if committee in self.wild:
            return True
        return (
            delegation is not None
            and (delegation.committee, delegation.member, delegation.deputy) == (committee, member, deputy)
            and not delegation.ended
            and delegation.since <= at < delegation.until
        )

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
            needed = self.needed(request, committee, stage, seated, at)
            met = count["approve"] >= needed
            found[committee] = (met or committee in self.wild, count["reject"] > 0 and left < needed)
        return found

    def needed(self, request: Request, committee: str, stage: Mapping[str, Any], seated: set[str], at: int) -> int:
        """How many approvals a stage asks for."""
        if stage.get("rule") != "majority":
            return int(stage["threshold"])
        institution = committee.partition("/")[0]
        lost = self.unsettled.get(committee, {}).items()
        many = seated | {f"{institution}/{id}" for id, until in lost if until is None or at < until} - request.asking
        return len(many) // 2 + 1

    def give(self, request: Request, id: str, at: int, asked: bool = True) -> None:
        """A request is approved: its grant begins, where it renews or joins another one that still can be."""
        text, since, until = request.text, at, at + request.text.seconds
        if not text.fits or not self.relates(request, at):
            return
        if request.renews:
            since = max(at, request.renews.until)
            until = since + text.seconds
        if request.joins:
            until = min(until, request.joins.until)
        request.state = "approved"
        judged = self.grounds.shown(request.version) if asked else None
        self.grants[id] = Grant(id, request.institution, request.version, text, since, until, request, judged)

    def relates(self, request: Request, at: int) -> bool:
        """Whether the grant that a request renews or joins lets it be given now. An owner with chaincode of its own can
        decide on what it suspends or narrows; not on what has ended before.
        """
        old = request.renews or request.joins
        if old is None:
            return True
        if OWNER in self.dishonest:
            return old.ended is None or old.ended + CLOCKS_APART >= at
        return self.stands_at(old, at if request.joins else min(at, old.until - 1))

    def broke_glass(self, id: str, confirmer: str, grant: str, since: int) -> None:
        """Somebody confirms an emergency. What its owner opens by chaincode of its own, it opens."""
        emergency = self.emergencies.known[id]
        if OWNER not in self.dishonest and self.emergencies.against(emergency, confirmer, since):
            return
        if not self.grounds.open(emergency.version, EXCLUSION_PERIOD, since) and OWNER not in self.dishonest:
            return
        until = since + emergency.text.seconds
        emergency.confirmer = confirmer
        emergency.grant = Grant(grant, emergency.institution, emergency.version, emergency.text, since, until)
        self.grants[grant] = emergency.grant

    def justified(self, id: str, person: str, at: int) -> None:
        emergency = self.emergencies.known[id]
        if OWNER in self.dishonest or self.emergencies.may_justify(emergency, person, at):
            emergency.justified = True

    # What a dishonest institution says of its own, past the contract, in a state that it seals for all to see.

    def restated(self, kind: str, id: str, body: Mapping[str, Any], status: str, digest: str) -> None:
        if kind in {"committee", "delegation"}:
            self.wild.add(f"{body['institution']}/{body['role']}")
        elif kind == "request" and id in self.requests:
            request = self.requests[id]
            people = frozenset(body["researchers"])
            request.text = Text(digest, body["purpose"], body["mode"], body["duration_seconds"], people)
            if request.state == "approved":  # another text, about which nobody has said anything
                request.state = "open"
        elif kind == "grant" and id in self.grants and status == "active":
            self.grants[id].suspended = False
        elif kind == "basis" and id not in self.grounds.ended:
            self.grounds.purposes[id] = body.get("purposes", [{"permission": "GRU"}])
        elif kind == "ground":
            self.grounds.rests_on[body["version"]] = (*body.get("cohorts", ()), *body.get("bases", ()))
        elif kind == "deid":
            self.grounds.k[body["version"]] = min(table["k"] for table in body["statement"]["tables"])
        elif kind == "exclusion":
            self.grounds.attested[body["version"], body["cohort"]] = body["epoch"]
        elif kind == "breakglass" and not self.emergencies.known[id].grant:
            emergency = self.emergencies.known[id]
            emergency.text.people = frozenset(body["people"])
            emergency.text.seconds = body["duration_seconds"]

    # What is permitted.

    def narrowed(self, grant: Grant) -> str:
        """What a later policy that applies to existing grants says of a grant."""
        if grant.request is None:
            return PERMIT
        asked = (grant.institution, grant.text.purpose, grant.text.mode, grant.until - grant.since)
        answer = worst(policy.says(*asked) for policy in self.later(grant.request.policy))
        return PERMIT if answer != DENY and grant.judged is not None else answer

    def later(self, policy: Policy) -> list[Policy]:
        return [later for later in self.policies[policy.number :] if later.existing]

    def stands_at(self, grant: Grant, at: int) -> bool:
        """Whether a grant can be used at a moment, as far as it is the same for whoever holds it."""
        lasts = grant.ended is None and not grant.suspended and grant.since <= at < grant.until
        return lasts and self.narrowed(grant) != DENY and (grant.joins is None or self.stands_at(grant.joins, at))

    def carried(self, grant: Grant, purpose: Purpose, at: int) -> bool:
        """Whether everything that the data rests on lets it be used so, as it stands."""
        if grant.request is None:
            return self.grounds.open(grant.version, EXCLUSION_PERIOD, at)
        policies = [grant.request.policy, *self.later(grant.request.policy)]
        return self.grounds.says(grant.version, purpose, policies, at, grant.judged) == PERMIT

    def against(self, grant: Grant, use: Use) -> str:
        """Why a grant does not permit a use; empty when it does."""
        request, text, person, at = grant.request, grant.text, use.person, use.at
        terms = request is not None and "terms" in request.policy.body and person != request.requester
        for against, why in (
            (grant.ended is not None, "it was revoked or given up"),
            (grant.suspended, "it is suspended"),
            (not grant.since <= at < grant.until, "it is not its time"),
            (use.version != grant.version, "it is for another version"),
            (person not in grant.holders, "it is somebody else's"),
            (person in grant.left, "the person left it"),
            (use.mode != text.mode, "it is for another delivery"),
            (within(use.purpose, text.purpose) != PERMIT, "it is for another purpose"),
            (not self.carried(grant, use.purpose, at), "what the data rests on does not carry the use"),
            (self.narrowed(grant) != PERMIT, "a later policy narrowed it"),
            (grant.joins is not None and not self.stands_at(grant.joins, at), "the one that it joins does not stand"),
            (terms and person not in grant.accepted, "terms not accepted"),
        ):
            if against:
                return why
        return ""

    def undisturbed(self, grant: Grant) -> bool:
        """Whether a grant rests on no word of a dishonest institution, so that none of them can take it away."""
        rests, request = {OWNER}, grant.request
        if request:
            committees = {*request.policy.stages(request.institution), *request.policy.vetoes()}
            rests |= {request.institution, *(committee.partition("/")[0] for committee in committees)}
            related = request.renews or request.joins
            if related and not self.undisturbed(related):
                return False
        return not rests & self.dishonest

    def must_permit(self, use: Use) -> bool:
        """Whether `check` has to permit a use."""
        return any(self.undisturbed(grant) and not self.against(grant, use) for grant in self.grants.values())

    def permits(self, use: Use, by: str) -> bool:
        """Whether somebody may use the dataset so, by a grant with an id."""
        return by in self.grants and not self.against(self.grants[by], use)
