"""Legal bases: what an institution rests on where the people in the data gave no consent, with notice to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from medconsent._internal.codec import Value
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.policies import Alternative
from medconsent.values.records import Page, Record, Written

M = TypeVar("M")


@dataclass(frozen=True)
class Document(Value):
    """A document by the SHA-256 (lower-case hex) of its bytes; `url` where it can be read, if it can."""

    title: str
    sha256: str
    url: str | None = None


@dataclass(frozen=True)
class Notice(Value):
    """The public notice to the people in the data, and since when (UTC) it has stood there."""

    url: str
    sha256: str
    published_at: datetime


@dataclass(frozen=True)
class Objection(Value):
    """Where people in the data can object."""

    url: str


@dataclass(frozen=True, kw_only=True)
class Basis(Record):
    """A legal basis as a privacy officer attests it: which law (a code of docs/contract.md, "Legal grounds"), by which
    document, with which notice.
    """

    code: str
    document: Document
    article: str | None = None
    notice: Notice | None = None
    objection: Objection | None = None
    purposes: tuple[Alternative, ...] = ()
    statement: str | None = None


@dataclass(frozen=True)
class NewBasis(Value):
    """What a privacy officer says of a legal basis."""

    code: str
    document: Document
    article: str | None = None
    notice: Notice | None = None
    objection: Objection | None = None
    purposes: tuple[Alternative, ...] | None = None
    statement: str | None = None


class Bases(Noun[M]):
    """The legal bases that institutions rest on where there is no consent."""

    @operation
    def get(self, basis: str) -> Flow[Basis]:
        """A basis by its name.

        Raises:
            NotFound: There is none.
        """
        return Basis.from_json((yield from self._ask("basis.get", basis=basis)))

    @operation
    def set(self, slug: str, basis: NewBasis) -> Flow[Written[Basis]]:
        """Record a basis of one's own institution, or say it anew; needs the role `privacy`.

        Args:
            slug: The basis's name at one's institution.
            basis: What is said of it. It takes the place of all that was said before.

        Raises:
            Refused: As docs/contract.md says at `basis.set`.
        """
        return (yield from self._change("basis.set", {"slug": slug, **basis.to_json()}, Basis.from_json))

    @operation
    def end(self, basis: str, reason: str) -> Flow[Written[Basis]]:
        """End it: nothing that rests on it is given any more. Needs the role `privacy`.

        Args:
            basis: The basis, as `hanbit/registry-law`.
            reason: Why, in up to 500 characters; public.
        """
        return (yield from self._change("basis.end", {"basis": basis, "reason": reason}, Basis.from_json))

    @operation
    def list(
        self, *, institution: str | None = None, page_size: int | None = None, bookmark: str | None = None
    ) -> Flow[Page[Basis]]:
        """One page of the bases, of one institution or of all.

        Args:
            institution: Of which institution; None: of all.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "basis.list", Basis.from_json, institution=institution, page_size=page_size, bookmark=bookmark
            )
        )

    @stream
    def iterate(self, *, institution: str | None = None, on_forged: OnForged | None = None) -> StreamFlow[Basis]:
        """Every basis, of one institution or of all.

        Args:
            institution: Of which institution; None: of all.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items("basis.list", Basis.from_json, on_forged, institution=institution)
