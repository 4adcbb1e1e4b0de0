"""Small YAML 1.2 documents that people write (a policy, a draft, an attestation), read so that they say what they show.

In YAML 1.2 a bare `NO` is text. Directives, duplicate keys, anchors, tags, deep nesting and documents over 64 KiB are
refused; every refusal is a `DocumentError` with its line.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionStartEvent, DocumentStartEvent, Event, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from medconsent import times
from medconsent._internal.files import read_at_most
from medconsent._internal.text import decode
from medconsent.errors import DocumentError

MAX_BYTES = 64 * 1024
_MAX_DEPTH = 8
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,15}", re.ASCII)
_TAG = "tag:yaml.org,2002:"

T = TypeVar("T")


def read_source(source: str | bytes | Path, noun: str) -> tuple[str | bytes, str]:
    """The document, and the name of its file (empty for text).

    Of a file that is too long, one byte too many: `Reader` refuses it.

    Args:
        source: The text, its bytes, or the file that has it.
        noun: What the document is, for the messages of errors.

    Raises:
        DocumentError: It cannot be read or written.
    """
    if not isinstance(source, Path):
        return source, ""
    try:
        return read_at_most(source, MAX_BYTES), str(source)
    except OSError as error:
        raise DocumentError(f"the {noun} cannot be read: {error.strerror}", source=str(source)) from error


class Quoted(str):
    """Free text: written in quotes, because the writer leaves some unquoted that no reader takes (`?0`)."""

    __slots__ = ()


def dump(document: Any, *, compact: bool = False) -> str:
    """A document that `Reader` reads back.

    Args:
        document: Mappings, lists, texts, numbers and truth values.
        compact: Whether collections without collections in them stand on one line.
    """
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None if compact else False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 120
    writer.representer.add_representer(
        Quoted, lambda representer, text: representer.represent_scalar(f"{_TAG}str", str(text), style='"')
    )
    stream = StringIO()
    writer.dump(_readable(document), stream)
    return stream.getvalue()


def _readable(value: Any) -> Any:
    """The value with each text in quotes that begins with a sign: the writer takes some of them for letters."""
    if isinstance(value, Mapping):
        return {_readable(key): _readable(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(member) for member in value]
    return Quoted(value) if isinstance(value, str) and not value[:1].isalnum() else value


class Reader:
    """Walks the node graph of one document: nodes know their line, which converted values do not."""

    def __init__(self, noun: str, source: str = "") -> None:
        """`noun` is what the document is (`policy`), for messages; `source` its file."""
        self._noun = noun
        self._source = source

    def compose(self, document: str | bytes) -> Node:
        """The root node of a document."""
        text = self._decode(document)
        try:
            self._bound(YAML(typ="safe", pure=True).parse(StringIO(text)))
            node = YAML(typ="safe", pure=True).compose(StringIO(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            raise DocumentError(
                f"not YAML: {error.problem or error}", source=self._source, line=line, column=column
            ) from error
        except YAMLError as error:
            raise DocumentError(f"not YAML: {error}".strip(), source=self._source) from error
        if node is None:
            raise DocumentError(f"the {self._noun} is empty", source=self._source)
        return cast(Node, node)

    def _decode(self, document: str | bytes) -> str:
        try:
            data = document if isinstance(document, bytes) else document.encode()
        except UnicodeEncodeError as error:
            raise DocumentError(f"the {self._noun} is not UTF-8: {error.reason}", source=self._source) from error
        if len(data) > MAX_BYTES:
            raise DocumentError(
                f"a {self._noun} has at most {MAX_BYTES // 1024} KiB, and this is longer", source=self._source
            )
        return decode(data, f"the {self._noun}", self._source)

    def _bound(self, events: Iterable[Event]) -> None:
        """Refuse what makes a document mean something else, or much more, than it shows."""
        depth = 0
        for event in events:
            if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
                self.refuse(event, f"a {self._noun} has no YAML directives: it is read as YAML 1.2")
            if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
                self.refuse(event, f"a {self._noun} has no anchors (&) and aliases (*): write it out")
            tag = getattr(event, "tag", None)
            if isinstance(event, NodeEvent) and tag:
                self.refuse(event, f"a {self._noun} has no tags ({tag})")
            if isinstance(event, CollectionStartEvent):
                depth += 1
                if depth > _MAX_DEPTH:
                    self.refuse(event, f"a {self._noun} is at most {_MAX_DEPTH} levels deep")
            elif type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
                depth -= 1

    def mapping(self, node: Node, what: str, known: tuple[str, ...], optional: Collection[str]) -> dict[str, Node]:
        """The members of a mapping.

        Args:
            node: The node.
            what: What it is, for the message of the error.
            known: The names of the members that it may have.
            optional: Those of `known` that may be left out.

        Raises:
            DocumentError: It is no mapping, has another member or one twice, or lacks one; with the line.
        """
        if not isinstance(node, MappingNode):
            self.refuse(node, f"{what} should be a mapping of {', '.join(known)}")
        members: dict[str, Node] = {}
        for key, value in node.value:
            name = self.text(key, "a key")
            if name not in known:
                self.refuse(key, f"{what} has no member {name!r}; it has {', '.join(known)}")
            if name in members:
                self.refuse(key, f"{name} is there twice")
            members[name] = value
        missing = [name for name in known if name not in members and name not in optional]
        if missing:
            self.refuse(node, f"{what} lacks {', '.join(missing)}")
        return members

    def pairs(self, node: Node, what: str) -> dict[str, Node]:
        """The members of a mapping with any keys, each once.

        Args:
            node: The node.
            what: What it is, for the message of the error.

        Raises:
            DocumentError: It is no mapping, or a key is there twice; with the line.
        """
        names = [self.text(key, "a key") for key, _value in node.value] if isinstance(node, MappingNode) else []
        return self.mapping(node, what, tuple(names), ())

    def list(self, node: Node, what: str, item: Callable[[Node], T]) -> tuple[T, ...]:
        """The entries of a list.

        Args:
            node: The node.
            what: What it is, for the message of the error.
            item: Reads one entry.

        Raises:
            DocumentError: It is no list; with the line.
        """
        if not isinstance(node, SequenceNode):
            self.refuse(node, f"{what} should be a list")
        return tuple(item(element) for element in node.value)

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """A list of texts.

        Args:
            node: The node.
            what: What it is, for the message of the error.

        Raises:
            DocumentError: It is no list of texts; with the line.
        """
        return self.list(node, what, lambda element: self.text(element, f"an entry of {what}"))

    def text(self, node: Node, what: str) -> str:
        """A text.

        Args:
            node: The node.
            what: What it is, for the message of the error.

        Raises:
            DocumentError: It is no text; with the line.
        """
        self._scalar(node, what, "str", "text")
        return str(node.value)

    def whole(self, node: Node, what: str) -> int:
        """A whole number.

        Args:
            node: The node.
            what: What it is, for the message of the error.

        Raises:
            DocumentError: It is no whole number; with the line.
        """
        self._scalar(node, what, "int", "a whole number")
        if not _WHOLE.fullmatch(node.value):
            self.refuse(node, f"{what} should be a plain whole number, and is {node.value!r}")
        return int(node.value)

    def truth(self, node: Node, what: str) -> bool:
        """True or false.

        Args:
            node: The node.
            what: What it is, for the message of the error.

        Raises:
            DocumentError: It is neither `true` nor `false`; with the line.
        """
        self._scalar(node, what, "bool", "true or false")
        return str(node.value).lower() == "true"

    def duration(self, node: Node, what: str) -> int:
        """A duration such as `90d`, in seconds.

        Args:
            node: The node.
            what: What it is, for the message of the error.

        Raises:
            DocumentError: It is no duration; with the line.
        """
        text = self.text(node, what) if node.tag != f"{_TAG}int" else f"{node.value} (without a unit)"
        return self._spelled(node, what, times.parse_duration, text)

    def moment(self, node: Node, what: str) -> datetime:
        """A time such as `2026-11-24T10:50:10Z`; YAML takes an unquoted one for a timestamp, which is well here.

        Args:
            node: The node.
            what: What it is, for the message of the error.

        Raises:
            DocumentError: It is no time; with the line.
        """
        if not isinstance(node, ScalarNode) or node.tag not in (f"{_TAG}str", f"{_TAG}timestamp"):
            self._scalar(node, what, "str", "a time")
        return self._spelled(node, what, times.read_time, str(node.value))

    def _spelled(self, node: Node, what: str, parse: Callable[[str], T], text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            self.refuse(node, f"{what}: {error}")

    def _scalar(self, node: Node, what: str, tag: str, name: str) -> None:
        if not isinstance(node, ScalarNode) or node.tag != f"{_TAG}{tag}":
            found = repr(node.value) if isinstance(node, ScalarNode) else "a collection"
            self.refuse(node, f"{what} should be {name}, and is {found}")

    def refuse(self, place: Node | Event, message: str) -> NoReturn:
        """Refuse the document for what stands at a node or event.

        Args:
            place: Where.
            message: What is wrong there.

        Raises:
            DocumentError: Always; with the line of that place.
        """
        mark = place.start_mark
        raise DocumentError(message, source=self._source, line=mark.line + 1, column=mark.column + 1)
