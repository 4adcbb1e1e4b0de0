"""A hierarchy of disease terms as the ledger keeps it: each term with all its ancestors, on pages that stand by their
hash (docs/contract.md, "Ontologies"). Pure; `medconsent.ontology.files` reads the files.

The same terms give the same pages and so the same digest on every computer: whoever has the file can compute what
another institution published.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from medconsent._internal.codec import Value
from medconsent.errors import DocumentError

PAGE_TERMS = 64
PAGE_BYTES = 128 * 1024
MAX_TERMS = 200_000
MAX_NAME = 500
_CODE = re.compile(r"[A-Z0-9]+(?:\.[A-Z0-9]+)?", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*", re.ASCII)
_SYSTEM = re.compile(r"[A-Z][A-Z0-9]*", re.ASCII)
# They show nothing and are no format characters by category; the contract refuses them in any text.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


@dataclass(frozen=True)
class Term(Value):
    """One term. Codes are written without the system; `ancestors` are all terms above, sorted by code as `parents`."""

    code: str
    name: str = ""
    parents: tuple[str, ...] = ()
    ancestors: tuple[str, ...] = ()
    obsolete: bool = False
    replaced_by: str | None = None


@dataclass(frozen=True)
class StatedTerm:
    """One term as a file states it: whole ids (`DOID:4`), nothing looked up yet. `line` counts from 1; 0: not known."""

    id: str
    name: str = ""
    parents: tuple[str, ...] = ()
    obsolete: bool = False
    replaced_by: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class Page:
    """Up to 64 terms: the bytes that the ledger keeps, and their SHA-256."""

    first: str
    count: int
    data: bytes = field(repr=False)
    sha256: str

    def content(self) -> Any:
        """The JSON value that the bytes are of."""
        return json.loads(self.data)


@dataclass(frozen=True)
class Hierarchy:
    """One version of a system's hierarchy, ready to be loaded.

    `notes` say in words what of the file is not in it, such as terms of other systems.
    """

    system: str
    version: str
    terms: tuple[Term, ...] = field(repr=False)
    source: str | None = None
    licence: str | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        stated: Iterable[StatedTerm],
        *,
        system: str,
        version: str,
        source: str | None = None,
        licence: str | None = None,
    ) -> "Hierarchy":
        """The hierarchy that these terms make. Terms of other systems are left out, and named in `notes`.

        Args:
            stated: The terms.
            system: `MONDO` or `DOID`.
            version: The version's label, as `2026-07-31`.
            source: Where it is from; None: not known.
            licence: Its licence; None: not known.

        Raises:
            DocumentError: It cannot be read; with the line where it is known: a term is there twice, a parent is
                missing or obsolete, a term lies under itself, a name or code cannot stand on the ledger.
        """
        if not _SYSTEM.fullmatch(system):
            raise DocumentError(f"{system!r} is not the name of a system", hint="it is written as in DOID or MONDO")
        if not _VERSION.fullmatch(version):
            raise DocumentError(
                f"{version!r} is not the label of a version",
                hint="letters and digits with single dots, dashes or underscores between, as in 2026-07-31",
            )
        terms, notes = _Builder(system).build(stated)
        return cls(system, version, terms, source, licence, notes)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The pages, in the order of their codes."""
        return tuple(_pages(self.system, self.terms))

    @cached_property
    def digest(self) -> str:
        """What the version is pinned by: the SHA-256 of its index."""
        index = {
            "system": self.system,
            "version": self.version,
            "terms": len(self.terms),
            "pages": [{"first": page.first, "sha256": page.sha256} for page in self.pages],
        }
        return hashlib.sha256(_stored(index)).hexdigest()


class _Builder:
    def __init__(self, system: str) -> None:
        self._prefix = f"{system}:"
        self._system = system
        self._foreign: dict[str, int] = {}

    def build(self, stated: Iterable[StatedTerm]) -> tuple[tuple[Term, ...], tuple[str, ...]]:
        terms: dict[str, StatedTerm] = {}
        for one in stated:
            if not one.id.startswith(self._prefix):
                self._leave_out("terms of other systems")
                continue
            code = self._code(one.id, one)
            if code in terms:
                raise _fault(f"{one.id} is there twice", one)
            if len(terms) == MAX_TERMS:
                raise _fault(f"there are more than {MAX_TERMS} terms", one)
            terms[code] = one
        if not terms:
            raise DocumentError(f"there is no term of {self._system}", hint="is it the right file, and system?")
        parents = {code: self._parents(one, terms) for code, one in terms.items()}
        ancestors = _closure(self._system, parents)
        built = tuple(
            Term(
                code=code,
                name=tidy(terms[code].name, terms[code]),
                parents=parents[code],
                ancestors=tuple(sorted(ancestors[code])),
                obsolete=terms[code].obsolete,
                replaced_by=self._replacement(code, terms),
            )
            for code in sorted(terms)  # by bytes: codes are ASCII
        )
        return built, tuple(f"{what}: {count}" for what, count in self._foreign.items())

    def _leave_out(self, what: str) -> None:
        self._foreign[what] = self._foreign.get(what, 0) + 1

    def _code(self, identifier: str, where: StatedTerm) -> str:
        code = identifier.removeprefix(self._prefix)
        if not _CODE.fullmatch(code) or len(identifier) > 32:
            raise _fault(f"{identifier!r} is not a code of {self._system}", where)
        return code

    def _parents(self, one: StatedTerm, terms: Mapping[str, StatedTerm]) -> tuple[str, ...]:
        codes = set()
        for parent in one.parents:
            if not parent.startswith(self._prefix):
                self._leave_out("parents of other systems")
                continue
            code = parent.removeprefix(self._prefix)
            if code not in terms:
                raise _fault(f"{one.id} has the parent {parent}, which is not in the file", one)
            if terms[code].obsolete:
                raise _fault(f"{one.id} has the parent {parent}, which is obsolete", one)
            codes.add(code)
        if one.obsolete and codes:
            raise _fault(f"{one.id} is obsolete and has parents", one)
        return tuple(sorted(codes))

    def _replacement(self, code: str, terms: Mapping[str, StatedTerm]) -> str | None:
        """The one live term that an obsolete one ends up at; None where the file does not say exactly one."""
        seen = {code}
        while terms[code].obsolete:
            named = set(terms[code].replaced_by)
            successor = next(iter(named)) if len(named) == 1 else ""
            code = successor.removeprefix(self._prefix)
            if not successor.startswith(self._prefix) or code not in terms or code in seen:
                if named:
                    self._leave_out("replacements that are not exactly one living term of the system")
                return None
            seen.add(code)
        return code if len(seen) > 1 else None


def _closure(system: str, parents: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError as error:
        path = " is a ".join(f"{system}:{code}" for code in reversed(error.args[1]))
        raise DocumentError(f"a term lies under itself: {path}") from None
    above: dict[str, frozenset[str]] = {}
    for code in order:
        direct = parents[code]
        above[code] = frozenset(direct).union(*(above[parent] for parent in direct))
    return above


def tidy(name: str, where: StatedTerm) -> str:
    """A name as the contract takes it: NFC, one line, single spaces, without characters that do not show.

    Args:
        name: The name as a file has it.
        where: The term, for the message of the error.

    Raises:
        DocumentError: It is too long.
    """
    shown = "".join(
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", name)
        if char.isspace() or (unicodedata.category(char) not in {"Cc", "Cf", "Cs"} and char not in _FILLERS)
    )
    shown = unicodedata.normalize("NFC", " ".join(shown.split()))
    if len(shown) > MAX_NAME:
        raise _fault(f"the name of {where.id} has {len(shown)} characters; at most {MAX_NAME} are kept", where)
    return shown


def _fault(message: str, where: StatedTerm) -> DocumentError:
    return DocumentError(message, line=where.line)


def _stored(value: Any) -> bytes:
    """RFC 8785, for what pages and indexes are made of: objects with ASCII names, text without control characters,
    small integers.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _stored_term(term: Term) -> bytes:
    members: dict[str, Any] = {"code": term.code, "parents": term.parents, "ancestors": term.ancestors}
    members |= {"name": term.name} if term.name else {}
    members |= {"obsolete": True} if term.obsolete else {}
    members |= {"replaced_by": term.replaced_by} if term.replaced_by else {}
    return _stored(members)


def _pages(system: str, terms: Sequence[Term]) -> Iterable[Page]:
    """Terms in order, 64 to a page, or fewer where 128 KiB are full before."""
    head, tail = b'{"system":' + _stored(system) + b',"terms":[', b"]}"
    codes: list[str] = []
    parts: list[bytes] = []
    size = 0

    def page() -> Page:
        data = head + b",".join(parts) + tail
        return Page(codes[0], len(codes), data, hashlib.sha256(data).hexdigest())

    for term in terms:
        part = _stored_term(term)
        if parts and (len(parts) == PAGE_TERMS or len(head) + size + len(part) + len(tail) > PAGE_BYTES):
            yield page()
            codes, parts, size = [], [], 0
        codes.append(term.code)
        parts.append(part)
        size += len(part) + 1
    if parts:
        yield page()
