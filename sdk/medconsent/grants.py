"""Grants: what an approval gives, until it expires or is revoked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from medconsent._codec import Value
from medconsent._noun import Noun, OnForged
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.purposes import Purpose
from medconsent.records import Page, Record, Written

M = TypeVar("M")


@dataclass(frozen=True)
class VoteReference(Value):
    """A vote that the grant rests on: its key on the ledger and its digest."""

    key: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Grant(Record):
    """A permission with its evidence; valid from `from_` until `until` (UTC)."""

    dataset: str
    version: int
    version_digest: str
    policy_version: int
    policy_digest: str
    request: str
    request_digest: str
    votes: tuple[VoteReference, ...]
    institution: str
    grantees: tuple[str, ...]
    purpose: Purpose
    mode: str
    from_: datetime
    until: datetime
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True)
class GrantView(Value):
    """A grant and its state at the moment of the question: `active`, `pending`, `expired`, `revoked` or `narrowed`.

    `why` says by which policy a grant was narrowed.
    """

    grant: Grant
    state: str
    why: str | None = None

    @property
    def id(self) -> str:
        """The id of the transaction that made the grant."""
        return self.grant.id


class Grants(Noun[M]):
    """The grants that approvals made."""

    @operation
    def get(self, grant: str) -> Flow[GrantView]:
        """One grant, by its id or a unique prefix of it. Raises `NotFound`, `Ambiguous`."""
        return GrantView.from_json((yield from self._ask("grant.get", grant=grant)))

    @operation
    def revoke(self, grant: str, reason: str) -> Flow[Written[Grant]]:
        """End a grant on one's own dataset; needs the role `steward` or `privacy`.

        Needs no other institution's consent.
        """
        argument: dict[str, Any] = {"grant": grant, "reason": reason}
        return (yield from self._change("grant.revoke", argument, Grant.from_json, alone=True))

    @operation
    def list(
        self,
        *,
        owner: str | None = None,
        holder: str | None = None,
        dataset: str | None = None,
        state: str | None = None,
        page_size: int | None = None,
        bookmark: str | None = None,
    ) -> Flow[Page[GrantView]]:
        """One page of the grants, newest first; `holder` is an institution (`nuri`) or a person (`nuri/kim`)."""
        return (
            yield from self._page(
                "grant.list",
                GrantView.from_json,
                owner=owner,
                holder=holder,
                dataset=dataset,
                state=state,
                page_size=page_size,
                bookmark=bookmark or None,
            )
        )

    @stream
    def iterate(
        self,
        *,
        owner: str | None = None,
        holder: str | None = None,
        dataset: str | None = None,
        state: str | None = None,
        on_forged: OnForged | None = None,
    ) -> StreamFlow[GrantView]:
        """Every grant, newest first."""
        return self._items(
            "grant.list", GrantView.from_json, on_forged, owner=owner, holder=holder, dataset=dataset, state=state
        )
