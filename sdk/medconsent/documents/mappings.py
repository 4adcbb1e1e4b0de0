"""YAML documents whose shape the contract judges: read as strictly as a policy, into plain values."""

from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from medconsent.documents.yaml import Reader, dump, read_source

_TAG = "tag:yaml.org,2002:"


def load_mapping(file: Path, noun: str = "document") -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        DocumentError: It cannot be read; with the line.
    """
    document, name = read_source(file, noun)
    reader = Reader(noun, name)
    whole = reader.compose(document)
    return {key: _plain(reader, node, key) for key, node in reader.pairs(whole, f"the {noun}").items()}


def dump_mapping(value: dict[str, Any]) -> str:
    """A document that `load_mapping` reads back."""
    return dump(value)


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
