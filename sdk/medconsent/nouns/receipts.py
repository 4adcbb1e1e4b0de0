"""Receipts: who got which data, when and under which grant. Without one nothing leaves its owner."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from medconsent._internal.codec import Value
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.nouns.decisions import Reason
from medconsent.values.records import Page, Written
from medconsent.values.releases import Ask, Receipt, ReceiptView

M = TypeVar("M")

Outcome = Literal["completed", "aborted"]
"""What can come of a release."""


@dataclass(frozen=True)
class ReleaseCheck(Value):
    """Whether a release that was opened may go on.

    Attributes:
        answer: `permit`, `deny` or `review`.
        state: The receipt's state (`ReceiptView`).
        at: The moment that it was answered for (UTC).
        reasons: All reasons.
    """

    answer: str
    state: str
    at: datetime
    reasons: tuple[Reason, ...] = ()

    @property
    def permitted(self) -> bool:
        """Whether it may go on now."""
        return self.answer == "permit"


class Receipts(Noun[M]):
    """The receipts of what was released."""

    @operation
    def open(self, ask: Ask) -> Flow[Written[Receipt]]:
        """Write the receipt of a release of one's own data; needs the role `gateway`.

        Args:
            ask: What the person asks for, signed by them (`Ask.signed`).

        Raises:
            ReleaseDenied: It is not permitted now; `details` has every reason.
            Conflict: There is a receipt for this ask.
            ValueError: It is not signed.
        """
        if ask.asked is None:
            raise ValueError("the ask is not signed")
        return (yield from self._change("release.open", ask.to_json(), Receipt.from_json))

    @operation
    def close(self, receipt: str, outcome: Outcome, *, sent: int, reason: str | None = None) -> Flow[Written[Receipt]]:
        """Say what came of a release of one's own data, once; needs the role `gateway`, `steward` or `privacy`.

        Args:
            receipt: The receipt's id, or a unique beginning of it.
            outcome: `completed`, or `aborted` when not everything has left.
            sent: How many bytes have left.
            reason: Why it was aborted; public.

        Raises:
            Decided: It was said already.
        """
        argument: dict[str, Any] = {"receipt": receipt, "outcome": outcome, "bytes": sent, "reason": reason}
        return (yield from self._change("release.close", argument, Receipt.from_json))

    @operation
    def check(self, receipt: str) -> Flow[ReleaseCheck]:
        """Whether a release that was opened may go on now: what was taken away since then ends it."""
        return ReleaseCheck.from_json((yield from self._ask("release.check", receipt=receipt)))

    @operation
    def get(self, receipt: str) -> Flow[ReceiptView]:
        """One receipt, by its id or a unique prefix of it.

        Raises:
            NotFound: There is none.
            Ambiguous: The prefix fits several.
        """
        return ReceiptView.from_json((yield from self._ask("receipt.get", receipt=receipt)))

    @operation
    def list(
        self,
        *,
        owner: str | None = None,
        dataset: str | None = None,
        grant: str | None = None,
        holder: str | None = None,
        state: str | None = None,
        page_size: int | None = None,
        bookmark: str | None = None,
    ) -> Flow[Page[ReceiptView]]:
        """One page of the receipts that fit all that is given, newest first.

        Args:
            owner: Of whose datasets (MSP id); None: of all.
            dataset: Of this dataset.
            grant: Under this grant, by its whole id.
            holder: Who holds the grant: an institution (`nuri`) or a person (`nuri/kim`).
            state: One state: `open`, `unsettled`, `completed` or `aborted`.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "receipt.list",
                ReceiptView.from_json,
                owner=owner,
                dataset=dataset,
                grant=grant,
                holder=holder,
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
        dataset: str | None = None,
        grant: str | None = None,
        holder: str | None = None,
        state: str | None = None,
        on_forged: OnForged | None = None,
    ) -> StreamFlow[ReceiptView]:
        """Every receipt that fits all that is given, newest first.

        Args:
            owner: Of whose datasets (MSP id); None: of all.
            dataset: Of this dataset.
            grant: Under this grant, by its whole id.
            holder: Who holds the grant, as in `list`.
            state: One state, as in `list`.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items(
            "receipt.list",
            ReceiptView.from_json,
            on_forged,
            owner=owner,
            dataset=dataset,
            grant=grant,
            holder=holder,
            state=state,
        )
