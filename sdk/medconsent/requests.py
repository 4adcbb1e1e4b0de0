"""Requests for data, and the votes on them.

A vote names the digests of the request, the dataset's version and the policy that the voter was shown: when one of
them is not what stands, the contract refuses with `Conflict`. Pass `shown=` to vote on exactly what a person saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from medconsent import times
from medconsent._codec import Value
from medconsent._noun import Noun, OnForged
from medconsent.datasets import DatasetView, owner_of
from medconsent.errors import DocumentError
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.grants import Grant
from medconsent.purposes import Purpose, json_of
from medconsent.records import ForgedRecord, Page, Person, Record, Written

M = TypeVar("M")

VOTING_ROLES = ("dac", "ethics", "privacy")
"""The roles that a stage may name."""


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """A request, pinned to one version of the dataset and one of its policy."""

    dataset: str
    version: int
    version_digest: str
    policy_version: int
    policy_digest: str
    purpose: Purpose
    mode: str
    duration_seconds: int
    project: str
    requester: Person
    researchers: tuple[str, ...]
    review_until: datetime
    accepted_terms: str | None = None


@dataclass(frozen=True)
class Roster(Value):
    """The state of a committee's record that a vote was judged by: how many changes it had then."""

    committee: str
    changes: int


@dataclass(frozen=True, kw_only=True)
class Vote(Record):
    """One person's vote, `approve` or `reject`, as a member of `<voter.institution>/<role>`."""

    request: str
    dataset: str
    seq: int
    voter: Person
    role: str
    vote: str
    request_digest: str
    version_digest: str
    policy_digest: str
    rosters: tuple[Roster, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class StageProgress(Value):
    """What a stage still waits for: `missing` approvals of the committee `<institution>/<role>`, which has `seated`
    members now.
    """

    institution: str
    role: str
    threshold: int
    approvals: int
    rejections: int
    seated: int
    missing: int


@dataclass(frozen=True)
class RequestView(Value):
    """A request as it is shown.

    `state` is `submitted`, `in-review`, `approved`, `rejected`, `withdrawn` or `lapsed` (`why`: `deadline` or
    `policy-changed`). `not_counted` are votes and rosters that were found forged.
    """

    request: Request
    state: str
    why: str | None = None
    decided_at: datetime | None = None
    waits_for: tuple[StageProgress, ...] = ()
    votes: tuple[Vote, ...] = ()
    grant: Grant | None = None
    not_counted: tuple[ForgedRecord, ...] = ()

    @property
    def id(self) -> str:
        """The id of the transaction that submitted the request."""
        return self.request.id


@dataclass(frozen=True)
class VoteOutcome(Value):
    """What a vote led to: the request's state, and the grant when it completed the approval."""

    vote: Vote
    state: str
    grant: Grant | None = None


class Requests(Noun[M]):
    """Ask for data, and decide on what others ask."""

    @operation
    def get(self, request: str) -> Flow[RequestView]:
        """One request, by its id or a unique prefix of it. Raises `NotFound`, `Ambiguous`."""
        return RequestView.from_json((yield from self._ask("request.get", request=request)))

    @operation
    def submit(
        self,
        dataset: str,
        *,
        purpose: Purpose,
        mode: str,
        duration: timedelta | int | str,
        project: str,
        researchers: Sequence[str] | None = None,
        accepted_terms: str | None = None,
        version: int | None = None,
        shown: DatasetView | None = None,
    ) -> Flow[Written[Request]]:
        """Ask for a dataset; needs the role `researcher`.

        `duration` in seconds or as `90d`; `researchers` are enrolment ids of one's own institution, by default
        oneself. The request is pinned to the version and policy of `shown`, or to those that stand when none is
        given. `accepted_terms` is the SHA-256 of the policy's terms as the requester read them, where it has some.
        """
        view = shown or DatasetView.from_json((yield from self._ask("dataset.get", dataset=dataset, version=version)))
        argument: dict[str, Any] = {
            "dataset": dataset,
            "version": view.version.version,
            "version_digest": view.version.digest,
            "policy_version": view.policy.version,
            "policy_digest": view.policy.digest,
            "purpose": json_of(purpose),
            "mode": mode,
            "duration_seconds": times.seconds_of(duration),
            "project": project,
            "accepted_terms": accepted_terms,
            "researchers": None if researchers is None else [*researchers],
        }
        # The owner may not want to be asked: a request is made without its help where that can be.
        return (yield from self._change("request.submit", argument, Request.from_json, avoid=(owner_of(dataset),)))

    @operation
    def approve(
        self, request: str, *, reason: str | None = None, role: str | None = None, shown: RequestView | None = None
    ) -> Flow[Written[VoteOutcome]]:
        """Vote for a request; needs the role of one of its stages and a seat on that committee.

        `role` is chosen when only one fits. `shown` is what the voter saw; without it the request is read now.
        """
        return (yield from self._vote(request, "approve", reason, role, shown))

    @operation
    def reject(
        self, request: str, reason: str, *, role: str | None = None, shown: RequestView | None = None
    ) -> Flow[Written[VoteOutcome]]:
        """Vote against a request; as `approve`, with a reason that every institution can read."""
        return (yield from self._vote(request, "reject", reason, role, shown))

    @operation
    def withdraw(self, request: str, *, reason: str | None = None) -> Flow[Written[Request]]:
        """Take back one's own request, or one of which one is a researcher. Needs no other institution's consent."""
        argument: dict[str, Any] = {"request": request, "reason": reason}
        return (yield from self._change("request.withdraw", argument, Request.from_json, alone=True))

    @operation
    def list(
        self,
        *,
        owner: str | None = None,
        requester: str | None = None,
        state: str | None = None,
        waiting_for: str | None = None,
        page_size: int | None = None,
        bookmark: str | None = None,
    ) -> Flow[Page[RequestView]]:
        """One page of the requests, without their votes.

        `owner` is the dataset's institution, `requester` an institution or a person, `waiting_for` a committee
        (`hanbit/dac`). Newest first; by `waiting_for`, or by `owner` in an open state, the earliest deadline first.
        """
        return (
            yield from self._page(
                "request.list",
                RequestView.from_json,
                owner=owner,
                requester=requester,
                state=state,
                waiting_for=waiting_for,
                page_size=page_size,
                bookmark=bookmark or None,
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
        on_forged: OnForged | None = None,
    ) -> StreamFlow[RequestView]:
        """Every request, without votes; arguments and order as in `list`."""
        return self._items(
            "request.list",
            RequestView.from_json,
            on_forged,
            owner=owner,
            requester=requester,
            state=state,
            waiting_for=waiting_for,
        )

    def _vote(
        self, request: str, vote: str, reason: str | None, role: str | None, shown: RequestView | None
    ) -> Flow[Written[VoteOutcome]]:
        view = shown or (yield from Requests.get.flow(self, request))
        own = self._session.institution
        argument: dict[str, Any] = {
            "request": view.request.id,
            "vote": vote,
            "role": role or choose_role(view, own, self._session.roles),
            "reason": reason,
            "request_digest": view.request.digest,
            "version_digest": view.request.version_digest,
            "policy_digest": view.request.policy_digest,
        }
        # An approval may complete the grant, which is the owner's record. A rejection must get by without those who
        # gain by refusing it.
        sealers = [own, owner_of(view.request.dataset)] if vote == "approve" else [own]
        return (
            yield from self._change(
                "request.vote", argument, VoteOutcome.from_json, sealed_by=sealers, avoid=(view.request.owner,)
            )
        )


def choose_role(view: RequestView, institution: str, roles: Sequence[str]) -> str:
    """The role to vote in: the only one that the request waits for at this institution and that the certificate has.

    When none fits, the one with which the contract can say why not. Raises `DocumentError` when several fit.
    """
    asked = [stage.role for stage in view.waits_for if stage.institution == institution]
    held = [role for role in roles if role in VOTING_ROLES]
    fitting = [role for role in asked if role in held]
    if len(fitting) > 1:
        raise DocumentError(
            f"you can vote on this request as {' or as '.join(fitting)}",
            hint="say in which role: role=..., or on the command line: --role ...",
        )
    return next(iter([*fitting, *held, *asked, VOTING_ROLES[0]]))
