"""YAML documents whose shape the contract judges: read as strictly as a policy, into plain values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from medconsent.documents.yaml import Reader, dump, read_source
from medconsent.errors import DocumentError

_TAG = "tag:yaml.org,2002:"


def load_mapping(file: Path, noun: str = "document", *, unfinished: str = "") -> dict[str, Any]:
    """The mapping in a YAML file.

    Args:
        file: The file.
        noun: What the document is, for messages.
        unfinished: What stands in a draft where a person has to say something; empty where there is no such thing.

    Raises:
        DocumentError: It cannot be read, or is an unfinished draft; with the line, and every place to be filled in.
    """
    document, name = read_source(file, noun)
    reader = Reader(noun, name)
    whole = reader.compose(document)
    if unfinished and (open_ := [*_unfinished(whole, "", unfinished)]):
        raise _draft(open_, noun, name)
    return {key: _plain(reader, node, key) for key, node in reader.pairs(whole, f"the {noun}").items()}


def dump_mapping(value: dict[str, Any]) -> str:
    """A document that `load_mapping` reads back."""
    return dump(value)


def _unfinished(node: Node, path: str, mark: str) -> Iterator[tuple[str, Node]]:
    """Every value with the mark in it, and its path: `methods[0].tool`."""
    if isinstance(node, MappingNode):
        for key, member in node.value:
            yield from _unfinished(member, f"{path}.{key.value}" if path else str(key.value), mark)
    elif isinstance(node, SequenceNode):
        for number, member in enumerate(node.value):
            yield from _unfinished(member, f"{path}[{number}]", mark)
    elif isinstance(node, ScalarNode) and mark.casefold() in str(node.value).casefold():
        yield path, node


def _draft(places: list[tuple[str, Node]], noun: str, source: str) -> DocumentError:
    told = [
        (node.start_mark.line + 1, node.start_mark.column + 1, f"{path} is to be filled in") for path, node in places
    ]
    (line, column, first), *others = told
    error = DocumentError(
        f"the {noun} is a draft: {first}",
        source=source,
        line=line,
        column=column,
        hint="only a person can say it; nothing was sent",
    )
    error.others = tuple(f"{line}:{column}: {sentence}" for line, column, sentence in others)
    return error


def _plain(reader: Reader, node: Node, name: str) -> Any:
    if isinstance(node, MappingNode):
        return {key: _plain(reader, member, key) for key, member in reader.pairs(node, name).items()}
    if isinstance(node, SequenceNode):
        return [*reader.list(node, name, lambda entry: _plain(reader, entry, name))]
    if node.tag == f"{_TAG}int":
        return reader.whole(node, name)
    if node.tag == f"{_TAG}bool":
        return reader.truth(node, name)
    if node.tag in (f"{_TAG}str", f"{_TAG}timestamp", f"{_TAG}float"):
        return str(node.value)  # a version such as 2.0 is text
    reader.refuse(node, f"{name} has no value that could be sent")
