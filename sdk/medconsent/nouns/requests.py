"""Requests for data, and the votes on them.

A vote names the digests of the request, the dataset's version and the policy that the voter was shown: when one of
them is not what stands, the contract refuses with `Conflict`. Pass `shown=` to vote on exactly what a person saw.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from medconsent import times
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.nouns.committees import delegation_to
from medconsent.nouns.datasets import DatasetView, owner_of
from medconsent.values.purposes import Ethics, Mode, Purpose, json_of
from medconsent.values.records import Page, Written
from medconsent.values.requests import (
    VOTING_ROLES,
    DeputyFor,
    Invitation,
    InvitationView,
    NewRequest,
    Remark,
    Request,
    RequestView,
    Roster,
    StageProgress,
    TextReference,
    Vote,
    VoteOutcome,
    choose_role,
)

__all__ = [
    "VOTING_ROLES",
    "DeputyFor",
    "Invitation",
    "InvitationView",
    "NewRequest",
    "Remark",
    "Request",
    "RequestView",
    "Requests",
    "Roster",
    "StageProgress",
    "TextReference",
    "Vote",
    "VoteOutcome",
    "choose_role",
]

M = TypeVar("M")


class Requests(Noun[M]):
    """Ask for data, and decide on what others ask."""

    @operation
    def get(self, request: str) -> Flow[RequestView]:
        """One request, by its id or a unique prefix of it.

        Raises:
            NotFound: There is none.
            Ambiguous: The prefix fits several.
        """
        return RequestView.from_json((yield from self._ask("request.get", request=request)))

    @operation
    def submit(
        self,
        wanted: NewRequest,
        *,
        texts: Sequence[TextReference] = (),
        shown: DatasetView | None = None,
    ) -> Flow[Written[Request]]:
        """Ask for a dataset; needs the role `researcher`.

        Where the policy approves automatically and permits this, the request is approved at once.

        Args:
            wanted: What is asked for.
            texts: Private texts by their commitments, which `texts.keep` sends afterwards.
            shown: The dataset as it was shown: the request is pinned to its version and policy. None: to those that
                stand.

        Raises:
            Refused: As docs/contract.md says at `request.submit`.
            ValueError: The duration cannot be read.
        """
        view = shown or DatasetView.from_json(
            (yield from self._ask("dataset.get", dataset=wanted.dataset, version=wanted.version))
        )
        argument: dict[str, Any] = {
            "dataset": wanted.dataset,
            "version": view.version.version,
            "version_digest": view.version.digest,
            "policy_version": view.policy.version,
            "policy_digest": view.policy.digest,
            "purpose": json_of(wanted.purpose),
            "mode": wanted.mode,
            "duration_seconds": wanted.duration_seconds,
            "project": wanted.project,
            "accepted_terms": wanted.accepted_terms,
            "researchers": None if wanted.researchers is None else [*wanted.researchers],
            "renews": wanted.renews,
            "joins": wanted.joins,
            "texts": [text.to_json() for text in texts] or None,
        }
        automatic = view.policy.policy.automatic
        return (yield from self._change("request.submit", argument, Request.from_json, automatic=automatic))

    @operation
    def amend(
        self,
        request: str,
        *,
        purpose: Purpose | None = None,
        mode: Mode | None = None,
        duration: timedelta | int | str | None = None,
        project: str | None = None,
        accepted_terms: str | None = None,
        researchers: Sequence[str] | None = None,
        texts: Sequence[TextReference] = (),
    ) -> Flow[Written[Request]]:
        """Change one's own request while it is undecided, or one of which one is a researcher.

        What is not given stays. The votes so far are on another request then and count no longer. Needs no other
        institution's consent.

        Args:
            request: Its id, or a unique prefix of it.
            purpose: What for.
            mode: How the data is to be used.
            duration: For how long: seconds, a `timedelta` or as `90d`; at most 3,660 days.
            project: The project, in up to 500 characters; public.
            accepted_terms: The SHA-256 of the terms that one accepts, 64 lower-case hex digits.
            researchers: Enrolment ids at one's own institution, 1 to 50: who is to have the data.
            texts: Private texts by their commitments, which `texts.keep` sends afterwards. They take the place of those
                of the same kinds, which stay named as replaced and can still be read and purged.

        Raises:
            Decided: It is decided already.
            ValueError: The duration cannot be read.
        """
        argument: dict[str, Any] = {
            "request": request,
            "purpose": None if purpose is None else json_of(purpose),
            "mode": mode,
            "duration_seconds": None if duration is None else times.seconds_of(duration),
            "project": project,
            "accepted_terms": accepted_terms,
            "researchers": None if researchers is None else [*researchers],
            "texts": [text.to_json() for text in texts] or None,
        }
        return (yield from self._change("request.amend", argument, Request.from_json))

    @operation
    def approve(
        self,
        request: str,
        *,
        reason: str | None = None,
        role: str | None = None,
        shown: RequestView | None = None,
        no_conflict: bool = False,
        attestation: Ethics | None = None,
        for_: str | None = None,
        delegation: str | None = None,
    ) -> Flow[Written[VoteOutcome]]:
        """Vote for a request; needs the role of one of its stages and a seat on that committee.

        Args:
            request: Its id, or a unique prefix of it.
            reason: Why; public.
            role: The role to vote in; chosen when only one fits.
            shown: What the voter saw; None: the request is read now.
            no_conflict: Declares that the voter has no conflict of interest, where the policy asks for that.
            attestation: The ethics board's approval, where the stage asks for it.
            for_: The enrolment id of the member whose deputy one is.
            delegation: The id of the delegation; looked up when it is not given.
        """
        return (
            yield from self._vote(
                request,
                shown,
                vote="approve",
                role=role,
                reason=reason,
                no_conflict=no_conflict or None,
                attestation=attestation and attestation.to_json(),
                for_=for_,
                delegation=delegation,
            )
        )

    @operation
    def reject(
        self,
        request: str,
        reason: str,
        *,
        role: str | None = None,
        shown: RequestView | None = None,
        no_conflict: bool = False,
        for_: str | None = None,
        delegation: str | None = None,
    ) -> Flow[Written[VoteOutcome]]:
        """Vote against a request; needs the role of one of its stages and a seat on that committee.

        Args:
            request: Its id, or a unique prefix of it.
            reason: Why, in up to 500 characters; public.
            role: The role to vote in; None: the only one that fits.
            shown: What the voter saw; None: the request is read now.
            no_conflict: Declares that the voter has no conflict of interest, where the policy asks for that.
            for_: The enrolment id of the member whose deputy one is.
            delegation: The id of the delegation; None: it is looked up.
        """
        return (
            yield from self._vote(
                request,
                shown,
                vote="reject",
                role=role,
                reason=reason,
                no_conflict=no_conflict or None,
                for_=for_,
                delegation=delegation,
            )
        )

    @operation
    def recuse(
        self, request: str, reason: str, *, role: str | None = None, shown: RequestView | None = None
    ) -> Flow[Written[VoteOutcome]]:
        """Declare a conflict of interest: one's vote on this request is used up, on its amendments too.

        Args:
            request: Its id, or a unique prefix of it.
            reason: Which conflict, in up to 500 characters; public.
            role: The role whose vote it is; None: the only one that fits.
            shown: What the voter saw; None: the request is read now.
        """
        return (yield from self._vote(request, shown, vote="recuse", role=role, reason=reason))

    @operation
    def return_(
        self,
        request: str,
        reason: str,
        *,
        role: str | None = None,
        shown: RequestView | None = None,
        for_: str | None = None,
        delegation: str | None = None,
    ) -> Flow[Written[VoteOutcome]]:
        """Give a request back for changes, as a member of a stage that is open; nobody votes until it is amended.

        Args:
            request: Its id, or a unique prefix of it.
            reason: What has to change, in up to 500 characters; public.
            role: The role to speak in; None: the only one that fits.
            shown: What the voter saw; None: the request is read now.
            for_: The enrolment id of the member whose deputy one is.
            delegation: The id of the delegation; None: it is looked up.
        """
        return (
            yield from self._vote(
                request, shown, vote="return", role=role, reason=reason, for_=for_, delegation=delegation
            )
        )

    @operation
    def close(self, request: str, reason: str, *, shown: RequestView | None = None) -> Flow[Written[VoteOutcome]]:
        """End an undecided request for one's own dataset; needs the role `steward`.

        Args:
            request: Its id, or a unique prefix of it.
            reason: Why, in up to 500 characters; public.
            shown: What the steward saw; None: the request is read now.
        """
        return (yield from self._vote(request, shown, vote="close", role="steward", reason=reason))

    @operation
    def withdraw(self, request: str, *, reason: str | None = None) -> Flow[Written[Request]]:
        """Take back one's own request, or one of which one is a researcher. Needs no other institution's consent.

        Args:
            request: Its id, or a unique prefix of it.
            reason: Why, in up to 500 characters; public.
        """
        argument: dict[str, Any] = {"request": request, "reason": reason}
        return (yield from self._change("request.withdraw", argument, Request.from_json))

    @operation
    def remark(
        self,
        request: str,
        text: str | None = None,
        *,
        kind: str | None = None,
        invitation: str | None = None,
        commitment: str | None = None,
    ) -> Flow[Written[Remark]]:
        """Say something about a request that is no vote.

        Args:
            request: Its id, or a unique prefix of it.
            text: What is said; public. None with a `commitment`.
            kind: `remark`, `answer` or, with the invitation that it answers, `opinion`.
            invitation: The id of that invitation.
            commitment: What stands for a text that is not on the ledger: 64 lower-case hex digits.
        """
        argument: dict[str, Any] = {
            "request": request,
            "text": text,
            "commitment": commitment,
            "kind": kind or ("opinion" if invitation else None),
            "invitation": invitation,
        }
        return (yield from self._change("request.remark", argument, Remark.from_json))

    @operation
    def invite(
        self, request: str, reviewer: str, question: str, *, until: datetime | None = None
    ) -> Flow[Written[Invitation]]:
        """Ask somebody of the consortium about a request; needs a seat on one of its stages.

        Args:
            request: Its id, or a unique prefix of it.
            reviewer: Who is asked, as `nuri/kim`.
            question: What is asked, in up to 500 characters; public.
            until: Until when an opinion is wanted (UTC); None: without an end.
        """
        argument: dict[str, Any] = {
            "request": request,
            "reviewer": reviewer,
            "question": question,
            "until": times.format_time(until) if until else None,
        }
        return (yield from self._change("request.invite", argument, Invitation.from_json))

    @stream
    def invitations(
        self, reviewer: str, *, open_only: bool = False, on_forged: OnForged | None = None
    ) -> StreamFlow[InvitationView]:
        """The invitations to a person, newest first.

        Args:
            reviewer: The person, as `nuri/kim`.
            open_only: Only those that wait for an opinion.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items(
            "invitation.list", InvitationView.from_json, on_forged, reviewer=reviewer, open=open_only or None
        )

    @operation
    def list(
        self,
        *,
        owner: str | None = None,
        requester: str | None = None,
        state: str | None = None,
        waiting_for: str | None = None,
        waiting_person: str | None = None,
        page_size: int | None = None,
        bookmark: str | None = None,
    ) -> Flow[Page[RequestView]]:
        """One page of the requests, newest first; by `waiting_for` the earliest deadline first.

        Args:
            owner: The institution whose datasets are asked for.
            requester: The institution that asks.
            state: One state.
            waiting_for: A committee that they wait for, as `hanbit/dac`.
            waiting_person: An enrolment id of that committee's institution: only what waits for that person, or for a
                member whose deputy that person is.
            page_size: How many at most.
            bookmark: Where the page before ended.
        """
        return (
            yield from self._page(
                "request.list",
                RequestView.from_json,
                owner=owner,
                requester=requester,
                state=state,
                waiting_for=waiting_for,
                waiting_person=waiting_person,
                page_size=page_size,
                bookmark=bookmark,
            )
        )

    @stream
    def iterate(
        self,
        *,
        owner: str | None = None,
        requester: str | None = None,
        state: str | None = None,
        waiting_for: str | None = None,
        waiting_person: str | None = None,
        on_forged: OnForged | None = None,
    ) -> StreamFlow[RequestView]:
        """Every request that fits all that is given, without votes, in the order of `list`.

        Args:
            owner: The institution whose datasets are asked for.
            requester: The institution that asks.
            state: One state.
            waiting_for: A committee that they wait for, as `hanbit/dac`.
            waiting_person: An enrolment id of that committee's institution, as in `list`.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items(
            "request.list",
            RequestView.from_json,
            on_forged,
            owner=owner,
            requester=requester,
            state=state,
            waiting_for=waiting_for,
            waiting_person=waiting_person,
        )

    def _vote(
        self, request: str, shown: RequestView | None, *, vote: str, role: str | None, **members: Any
    ) -> Flow[Written[VoteOutcome]]:
        view = shown or (yield from Requests.get.flow(self, request))
        own = self._session.institution
        role = role or choose_role(view, own, self._session.roles)
        if members.get("for_") and not members.get("delegation"):
            members["delegation"] = yield from delegation_to(self, role, members["for_"])
        argument: dict[str, Any] = {
            "request": view.request.id,
            "vote": vote,
            "role": role,
            "request_digest": view.request.digest,
            "version_digest": view.request.version_digest,
            "policy_digest": view.request.policy_digest,
            **members,
        }
        parties = {"owner": owner_of(view.request.dataset), "requester": view.request.owner}
        # A declared conflict of interest needs nobody else, unless it completes an approval: our own peer says so.
        alone = vote == "recuse" and "grant" not in (yield from self._ask("request.vote", **argument))
        return (yield from self._change("request.vote", argument, VoteOutcome.from_json, parties=parties, own=alone))
