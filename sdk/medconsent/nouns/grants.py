"""Grants: what an approval gives, until it expires or is ended.

It is ended by its owner (`revoke`), stopped for a while by the owner's privacy officer (`suspend`, `lift`), or given
back by who holds it (`relinquish`).
"""

import builtins
from collections.abc import Sequence
from typing import Any, TypeVar

from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.grants import Acceptance, Grant, GrantView, OtherGrant, Revocation
from medconsent.values.records import Page, Written

M = TypeVar("M")

OTHERS_AT_ONCE = 50
"""How many other grants one revocation can end besides its own (docs/contract.md)."""


class Grants(Noun[M]):
    """The grants that approvals made."""

    @operation
    def get(self, grant: str) -> Flow[GrantView]:
        """One grant, by its id or a unique prefix of it.

        Raises:
            NotFound: There is none.
            Ambiguous: The prefix fits several.
        """
        return GrantView.from_json((yield from self._ask("grant.get", grant=grant)))

    @operation
    def revoke(self, grant: str, reason: str, *, others: Sequence[str] = ()) -> Flow[Written[Grant]]:
        """End a grant on one's own dataset, and others with it; needs the role `steward` or `privacy`.

        All of them or none. Needs no other institution's consent.

        Args:
            grant: Its id, or a unique prefix of it.
            reason: Why, in up to 500 characters; public.
            others: The whole ids of up to 50 further grants.
        """
        argument: dict[str, Any] = {"grant": grant, "reason": reason, "others": [*others] or None}
        return (yield from self._change("grant.revoke", argument, Grant.from_json))

    @operation
    def revoke_all(self, grant: str, reason: str) -> Flow[tuple[Revocation, ...]]:
        """End a grant, and every other that still gives one of the same people the same dataset.

        In as many transactions as that takes; a grant that has ended already is where it begins.

        Args:
            grant: Its id, or a unique prefix of it.
            reason: Why, in up to 500 characters; public.

        Raises:
            Decided: There is nothing to end.
            Expired: There is nothing to end: it has expired.
        """
        done: builtins.list[Revocation] = []
        view = yield from Grants.get.flow(self, grant)
        first = not view.ended
        while True:
            others = yield from self._others(view.id, OTHERS_AT_ONCE if first else OTHERS_AT_ONCE + 1)
            if not first and not others and done:
                return tuple(done)
            # With nothing left at all the contract is asked all the same: it says why.
            ending = [view.id, *others] if first or not others else others
            written = yield from Grants.revoke.flow(self, ending[0], reason, others=ending[1:])
            done.append(Revocation(tuple(ending), written.transaction_id, written.block))
            first = False

    @operation
    def others(
        self, grant: str, *, page_size: int | None = None, bookmark: str | None = None
    ) -> Flow[Page[OtherGrant]]:
        """One page of the other grants that have not ended and give one of the same people the same dataset.

        Args:
            grant: Its id, or a unique prefix of it.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "grant.others", OtherGrant.from_json, grant=grant, page_size=page_size, bookmark=bookmark
            )
        )

    @stream
    def iterate_others(self, grant: str, *, on_forged: OnForged | None = None) -> StreamFlow[OtherGrant]:
        """Every other grant, as `others`.

        Args:
            grant: Its id, or a unique prefix of it.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items("grant.others", OtherGrant.from_json, on_forged, grant=grant)

    @operation
    def relinquish(self, grant: str, *, reason: str | None = None) -> Flow[Written[Grant]]:
        """Give back a grant that one holds: for all when one asked for it, otherwise for oneself alone.

        Args:
            grant: Its id, or a unique prefix of it.
            reason: Why, in up to 500 characters; public.
        """
        view = yield from Grants.get.flow(self, grant)
        argument: dict[str, Any] = {"grant": view.id, "reason": reason}
        return (
            yield from self._change("grant.relinquish", argument, Grant.from_json, parties={"owner": view.grant.owner})
        )

    @operation
    def suspend(self, grant: str, reason: str) -> Flow[Written[Grant]]:
        """Stop a grant on one's own dataset until it is lifted; needs the role `privacy`, and nobody's consent.

        Args:
            grant: Its id, or a unique prefix of it.
            reason: Why, in up to 500 characters; public.
        """
        argument: dict[str, Any] = {"grant": grant, "reason": reason}
        return (yield from self._change("grant.suspend", argument, Grant.from_json))

    @operation
    def lift(self, grant: str, reason: str) -> Flow[Written[Grant]]:
        """Let a suspended grant on one's own dataset go on; needs the role `privacy`, and nobody's consent.

        Args:
            grant: Its id, or a unique prefix of it.
            reason: Why, in up to 500 characters; public.
        """
        argument: dict[str, Any] = {"grant": grant, "reason": reason}
        return (yield from self._change("grant.lift", argument, Grant.from_json))

    @operation
    def accept(self, grant: str, terms: str) -> Flow[Written[Acceptance]]:
        """Accept, as one of those who hold it, the terms of a grant's policy by the SHA-256 of what one has read.

        Args:
            grant: Its id, or a unique prefix of it.
            terms: The SHA-256 of the terms' document, 64 lower-case hex digits.
        """
        argument: dict[str, Any] = {"grant": grant, "terms": terms}
        return (yield from self._change("grant.accept", argument, Acceptance.from_json))

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
        """One page of the grants that fit all that is given, newest first; those of a person by dataset, the latest end
        first.

        Args:
            owner: Of whose datasets (MSP id); None: of all.
            holder: Who holds it: an institution (`nuri`) or a person (`nuri/kim`).
            dataset: On this dataset.
            state: One state (`contract.states("grant")`), as `active` or `revoked`.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "grant.list",
                GrantView.from_json,
                owner=owner,
                holder=holder,
                dataset=dataset,
                state=state,
                page_size=page_size,
                bookmark=bookmark,
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
        """Every grant that fits all that is given, newest first; those of a person by dataset, the latest end first.

        Args:
            owner: Of whose datasets (MSP id); None: of all.
            holder: Who holds it, as in `list`.
            dataset: On this dataset.
            state: One state, as in `list`.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items(
            "grant.list", GrantView.from_json, on_forged, owner=owner, holder=holder, dataset=dataset, state=state
        )

    def _others(self, grant: str, most: int) -> Flow[builtins.list[str]]:
        """The ids of at most so many other grants."""
        found: builtins.list[str] = []
        bookmark: str | None = None
        while len(found) < most:
            page: Page[OtherGrant] = yield from Grants.others.flow(self, grant, bookmark=bookmark)
            found += [other.id for other in page.items]
            if not page.bookmark:
                break
            bookmark = page.bookmark
        return found[:most]
