"""The published JSON Schema of a policy's YAML form, applied to YAML nodes, which know their line.

Of JSON Schema (draft 2020-12) what docs/policy-schema.json uses: type, enum, pattern, lengths and bounds, items,
uniqueItems, properties, required, additionalProperties, anyOf and references within the document; and of a mapping's
members that exclude or ask for each other: oneOf, not, if and then.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from medconsent._internal.words import counted, odd_letter

Schema = Mapping[str, Any]
Refuse = Callable[[Node, str], Any]
"""Called with each node at fault and a sentence."""

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,15}", re.ASCII)
_TAG = "tag:yaml.org,2002:"
_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
}

FORMS = {
    "country": "a country in two capital letters (ISO 3166-1), as in KR",
    "digest": "a SHA-256 in 64 digits 0-9 a-f, as sha256sum prints it",
    "disease": "SYSTEM:CODE in capital letters, as in ICD10:C50, ICD10CM:C50.9 or MONDO:0007254, or a range as in "
    "ICD10:C50-C58; the systems are ICD10, ICD10CM, KCD7, KCD8, MONDO and DOID, and a code of the ICD or KCD begins "
    "with a letter and a digit and has at least three characters",
    "duration": "a duration, as in 90d, 12h or 1d 12h",
    "institution": "the name of an institution, small letters and digits with single dashes between, as in hanbit",
    "person": "a person as INSTITUTION/ID in small letters, as in nuri/kim",
    "project": "the id of a project, letters and digits with single `.`, `_` or `-` between, as in P-2026.1",
    "url": "an address that begins with https:// or http://",
}
"""What the patterns of the schema's definitions ask for, in words."""


@cache
def schema() -> Schema:
    """The schema: the same document as docs/policy-schema.json."""
    text = resources.files("medconsent.documents").joinpath("policy-schema.json").read_text(encoding="utf-8")
    document: Schema = json.loads(text)
    return document


@cache
def parameters(kind: str) -> Mapping[str, str]:
    """For each term of `kind` (`limit` or `duty`) that takes a parameter, the contract's member that carries it."""
    mapping = schema()["$defs"][kind]["anyOf"][1]
    return {term: form["$comment"] for term, form in mapping["properties"].items()}


def check(node: Node, refuse: Refuse) -> None:
    """Refuse the first thing in a document that its schema does not allow.

    Args:
        node: The document's root.
        refuse: Raises for what stands at a node; called with the first mistake alone.
    """
    for place, sentence in mistakes(node):
        refuse(place, sentence)


def mistakes(node: Node) -> list[tuple[Node, str]]:
    """Everything in a document that its schema does not allow, and where it stands, from its beginning on."""
    found: list[tuple[Node, str]] = []
    _check(node, schema(), "the policy", lambda place, sentence: found.append((place, sentence)))
    return sorted(found, key=lambda one: (one[0].start_mark.line, one[0].start_mark.column))


def _check(node: Node, rule: Schema, what: str, refuse: Refuse) -> None:
    if "$ref" in rule:
        rule = schema()["$defs"][rule["$ref"].rpartition("/")[2]]
    if "anyOf" in rule:
        if isinstance(node, ScalarNode) and _check_bare(node, rule["anyOf"], what, refuse):
            return
        _check(node, _fitting(node, rule["anyOf"]), what, refuse)
        return
    if "enum" in rule and not (isinstance(node, ScalarNode) and node.value in rule["enum"]):
        found = repr(node.value) if isinstance(node, ScalarNode) else "a collection"
        refuse(node, f"{what} should be one of {', '.join(rule['enum'])}, and is {found}{_odd(node)}")
        return
    if "type" in rule and _kind(node) != rule["type"]:
        form = _form(rule) if "pattern" in rule else _KINDS[rule["type"]]
        found = f", and is {node.value}" if "pattern" in rule and isinstance(node, ScalarNode) else ""
        refuse(node, f"{what} should be {form}{found}")
        return
    if isinstance(node, MappingNode):
        _check_mapping(node, rule, what, refuse)
    elif isinstance(node, SequenceNode):
        _check_list(node, rule, what, refuse)
    elif isinstance(node, ScalarNode):
        _check_scalar(node, rule, what, refuse)


def _fitting(node: Node, rules: list[Schema]) -> Schema:
    """The rule that is meant: the first for a single word, the second for a collection."""
    return rules[0] if isinstance(node, ScalarNode) else rules[1]


def _check_bare(node: ScalarNode, rules: list[Schema], what: str, refuse: Refuse) -> bool:
    """Of a term that stands alone, also how those are written that do not: `{TS: months}`; whether it is refused."""
    bare, named = rules[0]["enum"], rules[1].get("properties", {})
    if not named or node.value in bare:
        return False
    lacks = f" without its {named[node.value]['$comment']}" if node.value in named else ""
    forms = [_written(term, named) for term in named if term not in bare]
    refuse(node, f"{what} should be one of {', '.join([*bare, *forms])}, and is {node.value!r}{lacks}{_odd(node)}")
    return True


def _written(term: str, named: Mapping[str, Schema]) -> str:
    """A term with its parameter: `{TS: months}`, `{GS: [countries]}`."""
    parameter = named[term]["$comment"]
    return f"{{{term}: [{parameter}]}}" if named[term]["type"] == "array" else f"{{{term}: {parameter}}}"


def _odd(node: Node) -> str:
    odd = odd_letter(str(node.value)) if isinstance(node, ScalarNode) else ""
    return f": {odd}" if odd else ""


def _form(rule: Schema) -> str:
    """The form that a rule's pattern asks for, in words."""
    return next(
        FORMS[name] for name, definition in schema()["$defs"].items() if definition.get("pattern") == rule["pattern"]
    )


def _kind(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "object"
    if isinstance(node, SequenceNode):
        return "array"
    return {"str": "string", "int": "integer", "bool": "boolean"}.get(str(node.tag).removeprefix(_TAG), "another")


def _check_mapping(node: MappingNode, rule: Schema, what: str, refuse: Refuse) -> None:
    members = {str(key.value): (key, value) for key, value in node.value}
    known: Mapping[str, Schema] = rule["properties"]
    for name, (key, value) in members.items():
        if name not in known:
            refuse(key, f"{what} has no member {name!r}; it has {', '.join(known)}")
            continue
        _check(value, known[name], name, refuse)
    _check_together(node, members, rule, what, refuse)
    missing = [name for name in rule["required"] if name not in members]
    if missing:
        refuse(node, f"{what} lacks {', '.join(missing)}")
    if not rule.get("minProperties", 0) <= len(members) <= rule.get("maxProperties", len(members)):
        refuse(node, f"{what} should be one term and its parameter, and has {len(members)}")


def _check_together(
    node: MappingNode, members: Mapping[str, tuple[Node, Node]], rule: Schema, what: str, refuse: Refuse
) -> None:
    """What of a mapping's members has to be there together, or must not be."""
    choices = [choice["required"] for choice in rule.get("oneOf", ())]
    if choices and sum(all(name in members for name in choice) for choice in choices) != 1:
        refuse(node, f"{what} should have one of {', '.join(' and '.join(choice) for choice in choices)}")
    excluding = rule.get("not", {}).get("required", ())
    if excluding and all(name in members for name in excluding):
        refuse(members[excluding[-1]][0], f"{what} should not have both {' and '.join(excluding)}")
    if all(name in members for name in rule.get("if", {}).get("required", ())):
        for name, wanted in rule.get("then", {}).get("properties", {}).items():
            if name in members and members[name][1].value != wanted["const"]:
                causes = ", ".join(rule["if"]["required"])
                refuse(members[name][1], f"with {causes}, the {name} of {what} should be {wanted['const']}")


def _check_list(node: SequenceNode, rule: Schema, what: str, refuse: Refuse) -> None:
    least, most = rule.get("minItems", 0), rule.get("maxItems", len(node.value))
    if not least <= len(node.value) <= most:
        refuse(node, f"{what} has {counted(len(node.value), 'entry', 'entries')}; {least} to {most} are taken")
    seen = set()
    for entry in node.value:
        _check(entry, rule["items"], f"an entry of {what}", refuse)
        if rule.get("uniqueItems") and isinstance(entry, ScalarNode):
            if entry.value in seen:
                refuse(entry, f"{entry.value!r} is in {what} twice")
            seen.add(entry.value)


def _check_scalar(node: ScalarNode, rule: Schema, what: str, refuse: Refuse) -> None:
    text = str(node.value)
    if "pattern" in rule and not re.search(rule["pattern"], text, re.ASCII):
        refuse(node, f"{what} should be {_form(rule)}, and is {text!r}{_odd(node)}")
    if rule.get("type") == "string" and not rule.get("minLength", 0) <= len(text) <= rule.get("maxLength", len(text)):
        refuse(node, f"{what} has {len(text)} characters; at most {rule['maxLength']} are taken")
    if rule.get("type") == "integer" and not _WHOLE.fullmatch(text):
        refuse(node, f"{what} should be a plain whole number, and is {text!r}")
    elif rule.get("type") == "integer" and not rule["minimum"] <= int(text) <= rule["maximum"]:
        refuse(node, f"{what} is {text}, and should be from {rule['minimum']} to {rule['maximum']}")
