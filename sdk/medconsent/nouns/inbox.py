"""What waits for one person: emergencies, votes, changes of their own requests, terms to accept, questions to answer.

Who is waited for is the contract's to say, in each of the lists that are put together here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from medconsent._internal.codec import Value
from medconsent.contract import words
from medconsent.fabric.flow import Emit, Flow, StreamFlow, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.nouns.breakglass import BreakglassView
from medconsent.nouns.committees import DelegationView
from medconsent.nouns.decisions import Decisions
from medconsent.nouns.proposals import ProposalView
from medconsent.nouns.requests import Requests
from medconsent.values.grants import GrantView
from medconsent.values.requests import VOTING_ROLES, InvitationView, RequestView

M = TypeVar("M")

OFFICER_ROLES = {*words("officer_roles")}
"""The roles in which somebody acts for an institution."""


@dataclass(frozen=True)
class Waiting(Value):
    """One thing that waits for somebody; exactly one of the last five members says what it is about.

    Attributes:
        what: `confirm` (a break-glass or another act that somebody else proposed), `justify` (a break-glass that has
            ended), `vote`, `amend` (a request of one's own was returned), `accept` (the terms of a grant that one
            holds) or `answer` (an invitation).
        since: Since when (UTC).
        committee: The committee to vote in, as `hanbit/dac`.
        members: Enrolment ids of those whose deputy one is, and whose word is waited for.
        request: The request.
        grant: The grant.
        invitation: The invitation.
        breakglass: The break-glass.
        proposal: What another officer did that widens something.
    """

    what: str
    since: datetime
    committee: str | None = None
    members: tuple[str, ...] = ()
    request: RequestView | None = None
    grant: GrantView | None = None
    invitation: InvitationView | None = None
    breakglass: BreakglassView | None = None
    proposal: ProposalView | None = None


class Inbox(Noun[M]):
    """What waits for the caller."""

    @stream
    def iterate(self, *, on_forged: OnForged | None = None) -> StreamFlow[Waiting]:
        """What waits for oneself: emergencies first, then votes by committee and deadline, then the rest."""
        yield from self._emergencies(on_forged)
        if OFFICER_ROLES & {*self._session.roles}:
            yield from self._proposals(on_forged)
        yield from self._votes(on_forged)
        if "researcher" in self._session.roles:
            yield from self._returned(on_forged)
            yield from self._terms(on_forged)
        for view in (
            yield from self._every(
                "invitation.list", InvitationView.from_json, on_forged, reviewer=self._me(), open=True
            )
        ):
            yield Emit(Waiting("answer", view.invitation.created_at, invitation=view))

    def _emergencies(self, on_forged: OnForged | None) -> StreamFlow[Waiting]:
        """What is to be confirmed, the one that lapses first before the others, and what is to be justified."""
        found = yield from self._every("breakglass.list", BreakglassView.from_json, on_forged, waiting=True)
        for view in reversed(found):
            if view.state == "proposed":
                yield Emit(Waiting("confirm", view.breakglass.created_at, breakglass=view))
        for view in found:
            if view.state != "proposed":
                yield Emit(Waiting("justify", view.breakglass.changes[-1].at, breakglass=view))

    def _proposals(self, on_forged: OnForged | None) -> StreamFlow[Waiting]:
        """What another officer did that waits for a second one, the one that lapses first before the others."""
        found = yield from self._every("proposal.list", ProposalView.from_json, on_forged, waiting=True)
        for view in reversed(found):
            yield Emit(Waiting("confirm", view.proposal.created_at, proposal=view))

    def _votes(self, on_forged: OnForged | None) -> StreamFlow[Waiting]:
        own, person = self._session.institution, self._session.identity.common_name
        for role in (role for role in VOTING_ROLES if role in self._session.roles):
            represents = yield from self._represents(role, person)
            found = yield from self._every(
                "request.list", RequestView.from_json, on_forged, waiting_for=f"{own}/{role}", waiting_person=person
            )
            for view in found:
                stage = next((stage for stage in view.waits_for if stage.committee == f"{own}/{role}"), None)
                waited = stage.waits_for if stage else ()
                since = (stage.since if stage else None) or view.request.updated_at
                members = () if person in waited else tuple(name for name in represents if name in waited)
                yield Emit(Waiting("vote", since, committee=f"{own}/{role}", members=members, request=view))

    def _represents(self, role: str, person: str) -> Flow[tuple[str, ...]]:
        """The members who have named the caller as deputy now."""
        own = self._session.institution
        found = yield from self._every(
            "delegation.list", DelegationView.from_json, None, institution=own, role=role, deputy=person, state="active"
        )
        return tuple(dict.fromkeys(view.delegation.member for view in found))  # one of this hour, one of the next

    def _returned(self, on_forged: OnForged | None) -> StreamFlow[Waiting]:
        own, person = self._session.institution, self._session.identity.common_name
        for view in (
            yield from self._every("request.list", RequestView.from_json, on_forged, requester=own, state="returned")
        ):
            if person not in (view.request.requester.id, *view.request.researchers):
                continue
            whole = yield from Requests.get.flow(self, view.id)  # with the vote that returned it
            yield Emit(Waiting("amend", whole.returned_at or view.request.updated_at, request=view))

    def _terms(self, on_forged: OnForged | None) -> StreamFlow[Waiting]:
        """The grants that a check refuses to the caller because the terms were not accepted."""
        for view in (
            yield from self._every("grant.list", GrantView.from_json, on_forged, holder=self._me(), state="active")
        ):
            grant = view.grant
            decision = yield from Decisions.check.flow(
                self,
                grant.dataset,
                version=grant.version,
                for_=self._me(),
                purpose=grant.purpose,
                mode=grant.mode,
            )
            if any(reason.code == "TERMS_NOT_ACCEPTED" and reason.clause == grant.key for reason in decision.reasons):
                yield Emit(Waiting("accept", grant.from_, grant=view))

    def _me(self) -> str:
        return f"{self._session.institution}/{self._session.identity.common_name}"
