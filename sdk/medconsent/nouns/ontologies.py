"""Hierarchies of disease terms on the ledger: MONDO and DOID, in versions that institutions adopt.

A version is loaded from a file, page by page, and stands by its digest. It is in force once more than half of the
institutions, and at least two, have adopted it; a policy may then pin it. See docs/ontologies.md.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from medconsent._internal.codec import Json, Value
from medconsent.errors import DocumentError, UnexpectedAnswer
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.ontology.files import read
from medconsent.ontology.pages import Hierarchy, Page, StatedTerm, Term
from medconsent.values import records
from medconsent.values.records import Record, Written

__all__ = ["Hierarchy", "Ontologies", "Ontology", "OntologyState", "OntologyTerm", "StatedTerm", "Term", "read"]

M = TypeVar("M")

OnProgress = Callable[[int, int], None]
"""Called with how many terms are on the ledger so far, and how many there are."""

_ASKED_AT_ONCE = 500  # pages; one question may name a thousand
_MAX_BYTES = 64 * 1024 * 1024  # of all pages, as the contract has it
_SENT_AT_ONCE = 400 * 1024  # bytes of pages in one transaction, whose argument may have 512 KiB


@dataclass(frozen=True, kw_only=True)
class Ontology(Record):
    """One institution's word that it goes by a version, and where it has it from; `index` is the version's digest."""

    system: str
    index: str
    source: str | None = None
    licence: str | None = None


@dataclass(frozen=True)
class OntologyState(Value):
    """A version of a system's hierarchy, and how it stands.

    Attributes:
        system: `MONDO` or `DOID`.
        digest: What a policy pins, lower-case hex.
        version: The name of the release.
        terms: How many terms it has.
        pages: How many pages it has.
        institutions: How many institutions are registered.
        in_force: Whether enough have adopted it.
        adopted_by: The registered institutions that go by it.
        records: Their words, and those of others, which do not count.
    """

    system: str
    digest: str
    version: str
    terms: int
    pages: int
    institutions: int
    in_force: bool
    adopted_by: tuple[str, ...] = ()
    records: tuple[Ontology, ...] = ()


@dataclass(frozen=True)
class OntologyTerm(Value):
    """A term in one version, and what replaces it when it is obsolete."""

    system: str
    digest: str
    version: str
    in_force: bool
    term: Term
    replacement: Term | None = None


class Ontologies(Noun[M]):
    """The hierarchies that disease terms are judged by."""

    @operation
    def load(
        self,
        ontology: Hierarchy | str | Path,
        *,
        system: str | None = None,
        version: str | None = None,
        source: str | None = None,
        licence: str | None = None,
        on_progress: OnProgress | None = None,
    ) -> Flow[Written[Ontology]]:
        """Bring a hierarchy to the ledger and publish it; needs the role `steward`.

        It counts as one's own institution's adoption. Only pages that are not on the ledger are sent: a load that was
        interrupted is taken up by calling it again, and one that is complete changes nothing. Reading a file takes a
        second of processor time: in asyncio read it in a thread, and hand over the `Hierarchy`.

        Args:
            ontology: A file (see `medconsent.ontology.files`), or what was read from one.
            system: The system, where the file does not say; None: the file's own.
            version: The name of the release; None: the file's own.
            source: Where it is from; None: the file's own.
            licence: Its licence; None: the file's own.
            on_progress: Is told how many pages of how many are there.

        Raises:
            DocumentError: The file cannot be read or used; nothing was sent.
            Refused: The contract refuses.
        """
        given: dict[str, Any] = {"system": system, "version": version, "source": source, "licence": licence}
        if isinstance(ontology, Hierarchy):
            hierarchy = replace(ontology, **{name: value for name, value in given.items() if value is not None})
        else:
            hierarchy = read(ontology, **given)
        yield from self._send_pages(hierarchy, on_progress)
        argument = {
            "system": hierarchy.system,
            "version": hierarchy.version,
            "pages": [page.sha256 for page in hierarchy.pages],
            "source": hierarchy.source,
            "licence": hierarchy.licence,
        }
        written = yield from self._change("ontology.publish", argument, Ontology.from_json)
        if written.answer.index != hierarchy.digest:
            raise UnexpectedAnswer("the contract computed another digest for these terms: an older or altered one")
        return written

    def _send_pages(self, hierarchy: Hierarchy, on_progress: OnProgress | None) -> Flow[None]:
        size = sum(len(page.data) for page in hierarchy.pages)
        if size > _MAX_BYTES:  # said before hundreds of transactions are sent for nothing
            raise DocumentError(f"the terms with all their ancestors have {size} bytes; the ledger takes {_MAX_BYTES}")
        missing = yield from self._missing(hierarchy.pages)
        total = len(hierarchy.terms)
        done = total - sum(page.count for page in missing)
        tell = on_progress or (lambda done, total: None)
        tell(done, total)
        for batch in _batches(missing):
            # Pages are kept as they are: what is said of them here is what the contract has to find.
            argument = {"pages": [page.content() for page in batch]}
            written = yield from self._change("ontology.page", argument, _hashes)
            if written.answer != [page.sha256 for page in batch]:
                raise UnexpectedAnswer("the contract computed other hashes for these pages: an older or altered one")
            done += sum(page.count for page in batch)
            tell(done, total)

    def _missing(self, pages: Sequence[Page]) -> Flow[list[Page]]:
        """Those that are not on the ledger yet."""
        found: list[Page] = []
        for start in range(0, len(pages), _ASKED_AT_ONCE):
            asked = pages[start : start + _ASKED_AT_ONCE]
            answer = yield from self._ask("ontology.missing", sha256=[page.sha256 for page in asked])
            missing = set(answer.get("missing") or ())
            found += [page for page in asked if page.sha256 in missing]
        return found

    @operation
    def adopt(self, system: str, digest: str) -> Flow[Written[Ontology]]:
        """Say that one's own institution goes by a version that another published; needs the role `steward`.

        The contract verifies that it is a hierarchy, not that it is a good one: compare the digest with that of a
        copy of one's own (`read(path).digest`), or `load` that copy, which is an adoption too.

        Args:
            system: `MONDO` or `DOID`.
            digest: The version, by its digest: 64 lower-case hex digits.
        """
        return (yield from self._change("ontology.adopt", {"system": system, "digest": digest}, Ontology.from_json))

    @operation
    def get(self, system: str, digest: str | None = None) -> Flow[OntologyState]:
        """How a version of a hierarchy stands.

        Args:
            system: `MONDO` or `DOID`.
            digest: The version, by its digest; None: the one in force that was published last.

        Raises:
            NotFound: There is none.
        """
        return OntologyState.from_json((yield from self._ask("ontology.get", system=system, digest=digest)))

    @operation
    def term(self, system: str, code: str, digest: str | None = None) -> Flow[OntologyTerm]:
        """A term with its ancestors.

        Args:
            system: `MONDO` or `DOID`.
            code: The term's code without the system, as `1612`.
            digest: The version, by its digest; None: the one in force that was published last.

        Raises:
            NotFound: There is none.
        """
        return OntologyTerm.from_json((yield from self._ask("ontology.term", system=system, code=code, digest=digest)))

    @operation
    def list(
        self, *, system: str | None = None, page_size: int | None = None, bookmark: str | None = None
    ) -> Flow[records.Page[OntologyState]]:
        """One page of the versions, of one system or of all.

        Args:
            system: `MONDO` or `DOID`; None: both.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "ontology.list",
                OntologyState.from_json,
                system=system,
                page_size=page_size,
                bookmark=bookmark,
            )
        )

    @stream
    def iterate(self, *, system: str | None = None, on_forged: OnForged | None = None) -> StreamFlow[OntologyState]:
        """Every version, of one system or of all.

        Args:
            system: `MONDO` or `DOID`; None: both.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items("ontology.list", OntologyState.from_json, on_forged, system=system)


def _batches(pages: Sequence[Page]) -> Iterator[Sequence[Page]]:
    """Pages that fit into one transaction each; a page alone always does."""
    start, size = 0, 0
    for position, page in enumerate(pages):
        if position > start and size + len(page.data) > _SENT_AT_ONCE:
            yield pages[start:position]
            start, size = position, 0
        size += len(page.data)
    if start < len(pages):
        yield pages[start:]


def _hashes(answer: Json) -> Any:
    return [page.get("sha256") for page in answer.get("pages") or ()]
