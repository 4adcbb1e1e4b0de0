"""Proposals: what one officer did that widens something, and that waits for a second one of the same institution."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

from medconsent._internal.codec import Json, Value
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.records import Page, Proposal, Written

M = TypeVar("M")


@dataclass(frozen=True)
class ProposalView(Value):
    """A proposal and where it stands: `proposed`, `confirmed`, `rejected`, `withdrawn` or `lapsed`.

    Attributes:
        proposal: The proposal.
        state: Where it stands.
        confirm_until: From when on (UTC) it can no longer be confirmed.
        why: What stands in the way of confirming it now.
    """

    proposal: Proposal
    state: str
    confirm_until: datetime | None = None
    why: str | None = None

    @property
    def id(self) -> str:
        """The id of the proposal."""
        return self.proposal.id


@dataclass(frozen=True)
class Confirmed:
    """A confirmed proposal, and what its transaction answered."""

    proposal: Proposal
    done: dict[str, Any]

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(Proposal.from_json(data["proposal"]), dict(data["done"]))

    def to_json(self) -> dict[str, Any]:
        """The contract's spelling."""
        return {"proposal": self.proposal.to_json(), "done": self.done}


class Proposals(Noun[M]):
    """What waits for a second officer."""

    @operation
    def get(self, proposal: str) -> Flow[ProposalView]:
        """One proposal, by its id or a unique prefix of it; one that waits is tried.

        Raises:
            NotFound: There is none.
            Ambiguous: The prefix fits several.
        """
        return ProposalView.from_json((yield from self._ask("proposal.get", proposal=proposal)))

    @operation
    def confirm(self, proposal: str, *, shown: ProposalView | None = None) -> Flow[Written[Confirmed]]:
        """Confirm what another officer proposed: it is done now, by the rules of now.

        Args:
            proposal: Its id, or a unique prefix of it.
            shown: What one has read of it; None: what stands now.

        Raises:
            OwnRequest: One proposed it oneself.
            Conflict: It would now widen something else than what it says.
            Expired: It is older than thirty days.
        """
        view = shown or (yield from Proposals.get.flow(self, proposal))
        argument = {"proposal": view.id, "digest": view.proposal.digest}
        return (yield from self._change("proposal.confirm", argument, Confirmed.from_json))

    @operation
    def reject(self, proposal: str, *, reason: str | None = None) -> Flow[Written[Proposal]]:
        """End a proposal; one's own is withdrawn by it.

        Args:
            proposal: Its id, or a unique prefix of it.
            reason: Why; public.
        """
        # By its name alone it is read at one key, which nobody else can write; a prefix is looked for beforehand.
        whole = (yield from Proposals.get.flow(self, proposal)).id
        argument = {"proposal": whole, "reason": reason}
        return (yield from self._change("proposal.reject", argument, Proposal.from_json))

    @operation
    def list(
        self,
        *,
        institution: str | None = None,
        state: str | None = None,
        waiting: bool | None = None,
        page_size: int | None = None,
        bookmark: str | None = None,
    ) -> Flow[Page[ProposalView]]:
        """One page of the proposals of an institution, newest first.

        Args:
            institution: Of which institution; None: of one's own.
            state: One state: `proposed`, `lapsed`, `confirmed`, `rejected` or `withdrawn`; None: all.
            waiting: True: only those that one could confirm.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "proposal.list",
                ProposalView.from_json,
                institution=institution,
                state=state,
                waiting=waiting,
                page_size=page_size,
                bookmark=bookmark,
            )
        )

    @stream
    def iterate(
        self,
        *,
        institution: str | None = None,
        state: str | None = None,
        waiting: bool | None = None,
        on_forged: OnForged | None = None,
    ) -> StreamFlow[ProposalView]:
        """Every proposal of an institution, newest first.

        Args:
            institution: Of which institution; None: of one's own.
            state: One state, as in `list`; None: all.
            waiting: True: only those that one could confirm.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items(
            "proposal.list", ProposalView.from_json, on_forged, institution=institution, state=state, waiting=waiting
        )
