"""Hierarchies of disease terms as they are published: files -> `Hierarchy`.

    .obo    OBO flat file 1.2 and 1.4: the tags id, name, is_a, is_obsolete, replaced_by and alt_id of each [Term]
    .json   OBO Graphs 0.3: CLASS nodes and is_a edges, `meta.deprecated`, IAO_0100001 (term replaced by),
            hasAlternativeId
    .tsv    one row an edge, with a header: id, parent_id (empty: a root), and label if there is one

each also compressed, as .gz. A file has at most 64 MiB (uncompressed) and 200,000 terms. Only stated is-a links
count; nothing is inferred. Terms and parents of other systems are left out, and counted in the hierarchy's `notes`.
An obsolete term keeps its replacement where the file leads to exactly one living term. A term that was merged into
another (alt_id) is an obsolete one that the other replaces, as OBO 1.4 says: so both files of one release give one
digest.
"""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from medconsent._internal import strict_json
from medconsent._internal.files import open_regular
from medconsent._internal.text import decode
from medconsent._internal.words import counted
from medconsent.errors import DocumentError
from medconsent.ontology.pages import MAX_TERMS, Hierarchy, StatedTerm

MAX_BYTES = 64 * 1024 * 1024
_MAX_LINE = 1024 * 1024

T = TypeVar("T")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*", re.ASCII)
_IRI = re.compile(r"https?://purl\.obolibrary\.org/obo/([A-Za-z][A-Za-z0-9]*)_([A-Za-z0-9.]+)", re.ASCII)
_LICENCE = re.compile(r'(?:dc|dcterms|terms|http://purl\.org/dc/(?:terms|elements/1\.1)/):?license\s+"?([^"\s]+)')
_STANZA = re.compile(r"\[\s*([A-Za-z]+)\s*\]\s*(?:!.*)?")
_ESCAPES = {"n": "\n", "W": " ", "t": "\t"}


@dataclass
class _Stated:
    """What a file states."""

    terms: list[StatedTerm]
    ontology: str = ""
    release: str = ""
    licence: str = ""
    merged: dict[str, list[str]] = field(default_factory=dict)
    """Ids of terms that were merged, each with the terms that name it."""

    def whole(self) -> list[StatedTerm]:
        """The terms with those that were merged, where they are not stated as terms of their own."""
        merged = dict(self.merged)
        known = [
            replace(term, replaced_by=tuple(merged.pop(term.id)))
            if term.id in merged and term.obsolete and not term.replaced_by
            else term
            for term in self.terms
        ]
        stated = {term.id for term in known}
        return known + [
            StatedTerm(id, obsolete=True, replaced_by=tuple(into)) for id, into in merged.items() if id not in stated
        ]


def read(
    path: str | Path,
    *,
    system: str | None = None,
    version: str | None = None,
    source: str | None = None,
    licence: str | None = None,
) -> Hierarchy:
    """The hierarchy in a file that ends in `.obo`, `.json` (OBO Graphs) or `.tsv`, or in one of them and `.gz`.

    Args:
        path: The file.
        system: `MONDO` or `DOID`; None: as the file says.
        version: The version's label, as `2026-07-31`; None: as the file says.
        source: Where it is from; None: as the file says.
        licence: Its licence; None: as the file says.

    Raises:
        DocumentError: It cannot be read; with the line where it is known: the file cannot be read or is too large, it
            is not what its name says, or its terms are no hierarchy; nothing was sent.
    """
    path = Path(path)
    name = path.name.lower()
    kind = name.removesuffix(".gz").rpartition(".")[2]
    if kind not in _READERS:
        raise DocumentError("its format is not known", source=str(path), hint="it ends in .obo, .json or .tsv, or .gz")
    try:
        with open_regular(path) as file:
            opened = gzip.GzipFile(fileobj=file) if name.endswith(".gz") else file
            stated = _READERS[kind](_Bounded(opened))
        return Hierarchy.of(
            stated.whole(),
            system=system or _system(stated),
            version=version or _version(stated.release),
            source=source or stated.release or path.name,
            licence=licence or stated.licence or None,
        )
    except DocumentError as error:
        error.source = str(path)
        error.hint = error.hint or "take the file from its publisher again; if it stays so, it is theirs to mend"
        raise
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DocumentError(f"it is not a whole gzip file: {error}", source=str(path)) from error
    except OSError as error:
        raise DocumentError(f"it cannot be read: {error.strerror or error}", source=str(path)) from error


def _system(stated: _Stated) -> str:
    prefixes = Counter(one.id.partition(":")[0] for one in stated.terms)
    if stated.ontology.upper() in prefixes:
        return stated.ontology.upper()
    if len(prefixes) == 1:
        return next(iter(prefixes))
    found = ", ".join(sorted(prefixes)[:10]) or "none"
    raise DocumentError("the file does not say which system its terms are of", hint=f"give the system; found: {found}")


def _version(release: str) -> str:
    date = _DATE.search(release)
    label = date[0] if date else release.rpartition("/")[2]
    if not _LABEL.fullmatch(label):
        raise DocumentError("the file does not say its version", hint="give the version, as in 2026-07-31")
    return label


class _Bounded:
    """The bytes of a file, up to the bound."""

    def __init__(self, stream: BinaryIO | gzip.GzipFile) -> None:
        self._stream = stream

    def read(self) -> bytes:
        data = self._stream.read(MAX_BYTES + 1)
        self._check(len(data))
        return data

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each line without its end, numbered from 1."""
        for number, line in enumerate(re.split(r"\r\n|\r|\n", decode(self.read(), "it")), start=1):
            if len(line) > _MAX_LINE:
                raise DocumentError("the line is longer than 1 MiB", line=number)
            yield number, line

    def _check(self, size: int) -> None:
        if size > MAX_BYTES:
            raise DocumentError(f"it has more than {MAX_BYTES // 1024**2} MiB")


def _add(terms: list[StatedTerm], term: StatedTerm) -> None:
    if len(terms) == MAX_TERMS:
        raise DocumentError(f"there are more than {MAX_TERMS} terms", line=term.line)
    terms.append(term)


# --- OBO flat file: https://owlcollab.github.io/oboformat/doc/obo-syntax.html


def _read_obo(file: _Bounded) -> _Stated:
    stated = _Stated([])
    stanza = ""  # the header has none
    tags: dict[str, list[str]] = {}
    begun = 0
    for number, line in _continued(file.lines()):
        text = line.strip()
        if not text or text.startswith("!"):
            continue
        if text.startswith("["):
            found = _STANZA.fullmatch(text)
            if not found:
                raise DocumentError("this is no stanza, such as [Term]", line=number)
            _end_stanza(stated, stanza, tags, begun)
            stanza, tags, begun = found[1].capitalize(), {}, number
            continue
        tag, colon, value = text.partition(":")
        if not colon:
            raise DocumentError("it is neither a stanza nor `tag: value`", line=number)
        if stanza == "Term" or not stanza:
            tags.setdefault(tag, []).append(value.strip())
    if not begun:
        raise DocumentError("it has no stanza: it is not an OBO file")
    _end_stanza(stated, stanza, tags, begun)
    return stated


def _continued(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines, each with those behind it that it is continued on: it ends in a backslash that
    is not escaped itself.
    """
    begun, text = 0, ""
    for number, line in lines:
        if not begun and line.lstrip().startswith("!"):  # a comment ends with its line
            yield number, line
            continue
        begun, text = begun or number, text + line
        if len(text) > _MAX_LINE:
            raise DocumentError("the line is longer than 1 MiB", line=begun)
        if (len(text) - len(text.rstrip("\\"))) % 2:
            text = text[:-1]
            continue
        yield begun, text
        begun, text = 0, ""
    if begun:
        yield begun, text


def _end_stanza(stated: _Stated, stanza: str, tags: Mapping[str, list[str]], line: int) -> None:
    if not stanza:
        stated.ontology = next(iter(tags.get("ontology", ())), "")
        stated.release = next(iter(tags.get("data-version", ())), "")
        licences = (_LICENCE.search(value) for value in tags.get("property_value", ()))
        stated.licence = next((found[1] for found in licences if found), "")
    if stanza != "Term":
        return
    for tag in ("id", "name", "is_obsolete"):
        if len(tags.get(tag, ())) > 1:
            raise DocumentError(f"the term has the tag {tag} twice", line=line)
    identifiers = tags.get("id")
    if not identifiers or not _word(identifiers[0]):
        raise DocumentError("the term has no id", line=line)
    term = StatedTerm(
        id=_word(identifiers[0]),
        name=_text(next(iter(tags.get("name", ())), "")),
        parents=tuple(_word(value) for value in tags.get("is_a", ())),
        obsolete=_word(next(iter(tags.get("is_obsolete", ())), "")) == "true",
        replaced_by=tuple(_word(value) for value in tags.get("replaced_by", ())),
        line=line,
    )
    _add(stated.terms, term)
    for value in tags.get("alt_id", ()):
        stated.merged.setdefault(_word(value), []).append(term.id)


def _word(value: str) -> str:
    """The id at the beginning of a value: what follows is a qualifier block or a comment."""
    return re.split(r"[\s{!]", value, maxsplit=1)[0]


def _text(value: str) -> str:
    """A value without its comment (` ! ...`) and qualifiers, its escapes resolved."""
    value = re.split(r"(?<=\s)!", value, maxsplit=1)[0]
    value = re.sub(r"(?<=\s)\{[^{}]*=[^{}]*\}\s*$", "", value)
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), value)


# --- OBO Graphs: https://github.com/geneontology/obographs


def _read_graphs(file: _Bounded) -> _Stated:
    document = strict_json.load(file.read(), "the file")
    graphs = document.get("graphs") if isinstance(document, dict) else None
    if not isinstance(graphs, list) or len(graphs) != 1 or not isinstance(graphs[0], dict):
        raise DocumentError("it is not an OBO Graphs document with one graph")
    graph: dict[str, Any] = graphs[0]
    try:
        return _graph(graph)
    except KeyError as error:
        raise DocumentError(f"it is not an OBO Graphs document: a node or an edge has no {error}") from error
    except (TypeError, AttributeError) as error:
        raise DocumentError(f"it is not an OBO Graphs document: {_said(error)}") from error


def _said(error: Exception) -> str:
    """What is wrong in our words: Python's own are of its types."""
    return str(error) if isinstance(error, _NoListError) else "a number, a list or an object stands for a text"


class _NoListError(TypeError):
    """A member that should be a list."""


def _several(whole: Mapping[str, Any], member: str) -> list[Any]:
    """The list that a member is, which may be absent.

    Raises:
        _NoListError: It is something else: what it says would be left out in silence.
    """
    found = whole.get(member)
    if found is not None and not isinstance(found, list):
        raise _NoListError(f"its {member} should be a list")
    return found or []


def _graph(graph: Mapping[str, Any]) -> _Stated:
    meta = graph.get("meta") or {}
    name = re.search(r"([A-Za-z][A-Za-z0-9]*)\.(?:json|owl|obo)$", str(graph.get("id", "")))
    licences = (value for pred, value in _properties(meta) if pred.rpartition("/")[2] == "license")
    stated = _Stated([], name[1] if name else "", str(meta.get("version", "")), next(licences, ""))
    parents: dict[str, list[str]] = {}
    for edge in _several(graph, "edges"):
        if re.split("[#/:]", edge["pred"])[-1] in {"is_a", "subClassOf"}:
            parents.setdefault(_curie(edge["sub"]), []).append(_curie(edge["obj"]))
    for node in _several(graph, "nodes"):
        if node.get("type", "CLASS") != "CLASS":
            continue
        about = node.get("meta") or {}
        identifier = _curie(node["id"])
        replacements = [value for pred, value in _properties(about) if pred.endswith("IAO_0100001")]
        term = StatedTerm(
            id=identifier,
            name=_stated(node, "lbl", str, ""),
            parents=tuple(parents.pop(identifier, ())),
            obsolete=_stated(about, "deprecated", bool, False),
            replaced_by=tuple(_curie(value) for value in replacements),
        )
        _add(stated.terms, term)
        for pred, value in _properties(about):
            if pred.endswith("hasAlternativeId"):
                stated.merged.setdefault(_curie(value), []).append(identifier)
    if parents:
        raise DocumentError(f"{next(iter(parents))} has a parent and is no node of the graph")
    return stated


def _stated(node: Mapping[str, Any], member: str, kind: type[T], otherwise: T) -> T:
    """A member of a node; another kind of value would be taken for something that the file does not say.

    Raises:
        DocumentError: It is of another kind.
    """
    found = node.get(member)
    if found is not None and not isinstance(found, kind):
        raise DocumentError(f"it is not an OBO Graphs document: {member} of a node is no {_KINDS[kind]}")
    return otherwise if found is None else found


_KINDS: Mapping[type, str] = {str: "text", bool: "true or false"}


def _properties(meta: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ((str(value["pred"]), str(value["val"])) for value in _several(meta, "basicPropertyValues"))


def _curie(identifier: str) -> str:
    found = _IRI.fullmatch(identifier)
    return f"{found[1]}:{found[2]}" if found else identifier


# --- TSV, one row an edge


def _read_table(file: _Bounded) -> _Stated:
    rows = file.lines()
    _, header = next(rows, (1, ""))
    columns = {name.strip().lower(): at for at, name in enumerate(header.split("\t"))}
    if len(columns) != header.count("\t") + 1 or not {"id", "parent_id"} <= columns.keys():
        raise DocumentError("the first line should name the columns, id and parent_id among them, each once", line=1)
    label = columns.get("label", columns.get("name"))
    terms: dict[str, StatedTerm] = {}
    for number, line in rows:
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise DocumentError(
                f"the row has {counted(len(cells), 'column')} and should have {len(columns)}", line=number
            )
        identifier, parent = _curie(cells[columns["id"]].strip()), _curie(cells[columns["parent_id"]].strip())
        name = "" if label is None else cells[label].strip()
        known = terms.get(identifier)
        if known is None:
            if not identifier:
                raise DocumentError("the row has no id", line=number)
            known = StatedTerm(identifier, name, line=number)
        elif known.name != name:
            raise DocumentError(f"{identifier} is called {name!r} here, and {known.name!r} before", line=number)
        terms[identifier] = replace(known, parents=(*known.parents, parent)) if parent else known
    stated = _Stated([])
    for term in terms.values():
        _add(stated.terms, term)
    return stated


_READERS: Mapping[str, Callable[[_Bounded], _Stated]] = {
    "obo": _read_obo,
    "json": _read_graphs,
    "tsv": _read_table,
}
