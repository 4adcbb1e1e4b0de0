"""Policies as people write them: YAML 1.2 <-> `Policy`.

    use:                              # alternatives, of which one must permit the purpose
      - permission: DS
        diseases: [ICD10:C50]
        limits: [NMDS, {GS: [KR]}, {TS: 24}]
        duties: [PUB, {MOR: 12}]
    stages:                           # approvals, all of them needed
      - {institution: hanbit, role: dac, threshold: 2}
    modes: [download, enclave]
    max_duration: 365d
    review_period: 30d
    recipients: any                   # or a list of institutions
    own_institution_votes: false      # may be left out, like all that follows
    training_counts_as_methods: true
    terms: {url: "https://hanbit.example/terms", sha256: ...}

The form is that of docs/policy-schema.json, and is described in docs/use-conditions.md; what does not fit it is a
`DocumentError` with its line. Whether a policy makes sense, the contract decides. In YAML 1.2 a bare `NO` is text;
duplicate keys, anchors, tags and documents over 64 KiB are refused, so that the file says what it seems to say.
"""

import re
from collections.abc import Callable, Iterable
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionStartEvent, DocumentStartEvent, Event, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from medconsent import _policy_schema, times
from medconsent.errors import DocumentError
from medconsent.policy_values import Alternative, Attachment, Modifier, Policy, Stage, Terms

MAX_BYTES = 64 * 1024
_MAX_DEPTH = 8
_WHOLE = re.compile(r"-?\d{1,16}", re.ASCII)
_TAG = "tag:yaml.org,2002:"

T = TypeVar("T")


def load_yaml(source: str | bytes | Path) -> Policy:
    """The policy in a YAML document, given as text, bytes, or the `Path` of a file.

    Raises `DocumentError` with the line.
    """
    name = ""
    if isinstance(source, Path):
        name = str(source)
        try:
            source = source.read_bytes()
        except OSError as error:
            raise DocumentError(f"the policy cannot be read: {error.strerror}", source=name) from error
    return _Reader(name).policy(source)


def dump_yaml(policy: Policy) -> str:
    """The policy as a document that `load_yaml` reads back."""
    document: dict[str, Any] = {
        "use": [_alternative_form(alternative) for alternative in policy.use],
        "stages": [stage.to_json() for stage in policy.stages],
        "modes": [*policy.modes],
        "max_duration": times.format_duration(policy.max_duration_seconds),
        "review_period": times.format_duration(policy.review_period_seconds),
        "recipients": [*policy.recipients] or "any",
        "own_institution_votes": policy.own_institution_votes,
    }
    if not policy.training_counts_as_methods:
        document["training_counts_as_methods"] = False
    if policy.terms:
        document["terms"] = policy.terms.to_json()
    if policy.attachments:
        document["attachments"] = [
            {**attachment.to_json(), "title": _Quoted(attachment.title)} for attachment in policy.attachments
        ]
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = None  # collections without collections in them on one line
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 120
    writer.representer.add_representer(
        _Quoted, lambda representer, text: representer.represent_scalar(f"{_TAG}str", str(text), style='"')
    )
    stream = StringIO()
    writer.dump(document, stream)
    return stream.getvalue()


def words_of(alternative: Alternative) -> str:
    """One alternative in one line, as it stands in a policy: `DS [ICD10:C50], limits NMDS GS [KR]`."""
    form = _alternative_form(alternative)
    words = [str(form["permission"])]
    if alternative.diseases:
        words[0] += f" [{', '.join(alternative.diseases)}]"
    for member in ("limits", "duties"):
        if member in form:
            words.append(f"{member} {' '.join(_word(modifier) for modifier in form[member])}")
    if alternative.clinical_care:
        words.append("and clinical care")
    return ", ".join(words)


def _word(modifier: Any) -> str:
    if isinstance(modifier, dict):
        ((term, value),) = modifier.items()
        return f"{term} {value}"
    return str(modifier)


class _Quoted(str):
    """Free text: written in quotes, because the writer leaves some unquoted that no reader takes (`?0`)."""

    __slots__ = ()


def _alternative_form(alternative: Alternative) -> dict[str, Any]:
    form = alternative.to_json()
    for member, kind in (("limits", "limit"), ("duties", "duty")):
        if member in form:
            form[member] = [_short_form(modifier, kind) for modifier in form[member]]
    return form


def _short_form(modifier: dict[str, Any], kind: str) -> Any:
    """`NMDS`, or `{GS: [KR]}`."""
    term = modifier["term"]
    parameter = _policy_schema.parameters(kind).get(term, "")
    if parameter not in modifier:
        return term
    value = modifier[parameter]
    return {term: _Quoted(value) if parameter == "text" else value}


class _Reader:
    """Walks the node graph of one document: nodes know their line, which converted values do not."""

    def __init__(self, source: str) -> None:
        self._source = source

    def policy(self, document: str | bytes) -> Policy:
        whole = self._compose(document)
        members = self._mapping(whole, "the policy", _POLICY_KEYS, optional=_OPTIONAL_KEYS)
        votes, training = members.get("own_institution_votes"), members.get("training_counts_as_methods")
        terms, attachments = members.get("terms"), members.get("attachments")
        policy = Policy(
            use=self._list(members["use"], "use", self._alternative),
            stages=self._list(members["stages"], "stages", self._stage),
            modes=self._texts(members["modes"], "modes"),
            max_duration_seconds=self._duration(members["max_duration"], "max_duration"),
            review_period_seconds=self._duration(members["review_period"], "review_period"),
            recipients=self._recipients(members.get("recipients")),
            own_institution_votes=self._truth(votes, "own_institution_votes") if votes else False,
            training_counts_as_methods=self._truth(training, "training_counts_as_methods") if training else True,
            terms=self._terms(terms) if terms else None,
            attachments=self._list(attachments, "attachments", self._attachment) if attachments else (),
        )
        _policy_schema.check(whole, self._refuse)
        return policy

    def _compose(self, document: str | bytes) -> Node:
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
            raise DocumentError("the policy is empty", source=self._source)
        return cast(Node, node)

    def _decode(self, document: str | bytes) -> str:
        try:
            data = document if isinstance(document, bytes) else document.encode()
            if len(data) > MAX_BYTES:
                raise DocumentError(
                    f"a policy has at most {MAX_BYTES // 1024} KiB; this has {len(data)} bytes", source=self._source
                )
            return data.decode("utf-8-sig")
        except UnicodeError as error:
            raise DocumentError(f"the policy is not UTF-8: {error}", source=self._source) from error

    def _bound(self, events: Iterable[Event]) -> None:
        """Refuse what makes a document mean something else, or much more, than it shows."""
        depth = 0
        for event in events:
            if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
                self._refuse(event, "a policy has no YAML directives: it is read as YAML 1.2")
            if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
                self._refuse(event, "a policy has no anchors (&) and aliases (*): write it out")
            tag = getattr(event, "tag", None)
            if isinstance(event, NodeEvent) and tag:
                self._refuse(event, f"a policy has no tags ({tag})")
            if isinstance(event, CollectionStartEvent):
                depth += 1
                if depth > _MAX_DEPTH:
                    self._refuse(event, f"a policy is at most {_MAX_DEPTH} levels deep")
            elif type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
                depth -= 1

    def _alternative(self, node: Node) -> Alternative:
        members = self._mapping(node, "an alternative of use", _ALTERNATIVE_KEYS, optional=set(_ALTERNATIVE_KEYS[1:]))
        diseases, care = members.get("diseases"), members.get("clinical_care")
        limits, duties = members.get("limits"), members.get("duties")
        return Alternative(
            permission=self._text(members["permission"], "permission"),
            diseases=self._texts(diseases, "diseases") if diseases else (),
            limits=self._list(limits, "limits", lambda entry: self._modifier(entry, "limit")) if limits else (),
            duties=self._list(duties, "duties", lambda entry: self._modifier(entry, "duty")) if duties else (),
            clinical_care=self._truth(care, "clinical_care") if care else False,
        )

    def _modifier(self, node: Node, kind: str) -> Modifier:
        """`NMDS`, or a mapping of one term to its parameter: `{GS: [KR]}`, `{TS: 24}`, `{RS: text}`."""
        if not isinstance(node, MappingNode):
            return Modifier(self._text(node, f"a {kind}"))
        if len(node.value) != 1:
            self._refuse(node, f"a {kind} is one term and its parameter; write each as an entry of its own")
        ((key, value),) = node.value
        term = self._text(key, f"a {kind}")
        member = _policy_schema.parameters(kind).get(term)
        if member is None:
            self._refuse(key, f"{term!r} is no {kind} that takes a parameter")
        if member == "months":
            return Modifier(term, months=self._whole(value, term))
        if member == "text":
            return Modifier(term, text=self._text(value, term))
        return Modifier.from_json({"term": term, member: [*self._texts(value, term)]})

    def _terms(self, node: Node) -> Terms:
        members = self._mapping(node, "terms", ("url", "sha256"), optional=set())
        return Terms(**{name: self._text(member, name) for name, member in members.items()})

    def _attachment(self, node: Node) -> Attachment:
        members = self._mapping(node, "an attachment", ("title", "url", "sha256"), optional=set())
        return Attachment(**{name: self._text(member, name) for name, member in members.items()})

    def _stage(self, node: Node) -> Stage:
        members = self._mapping(node, "a stage", ("institution", "role", "threshold"), optional={"threshold"})
        threshold = members.get("threshold")
        return Stage(
            institution=self._text(members["institution"], "institution"),
            role=self._text(members["role"], "role"),
            threshold=self._whole(threshold, "threshold") if threshold else 1,
        )

    def _recipients(self, node: Node | None) -> tuple[str, ...]:
        if node is None or (isinstance(node, ScalarNode) and node.value == "any"):
            return ()
        if not isinstance(node, SequenceNode):
            self._refuse(node, "recipients should be `any` or a list of institutions")
        recipients = self._texts(node, "recipients")
        if not recipients:
            self._refuse(node, "recipients is an empty list: write `any`, or name the institutions that may ask")
        return recipients

    def _mapping(self, node: Node, what: str, known: tuple[str, ...], optional: set[str]) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            self._refuse(node, f"{what} should be a mapping of {', '.join(known)}")
        members: dict[str, Node] = {}
        for key, value in node.value:
            name = self._text(key, "a key")
            if name not in known:
                self._refuse(key, f"{what} has no member {name!r}; it has {', '.join(known)}")
            if name in members:
                self._refuse(key, f"{name} is there twice")
            members[name] = value
        missing = [name for name in known if name not in members and name not in optional]
        if missing:
            self._refuse(node, f"{what} lacks {', '.join(missing)}")
        return members

    def _list(self, node: Node, what: str, item: Callable[[Node], T]) -> tuple[T, ...]:
        if not isinstance(node, SequenceNode):
            self._refuse(node, f"{what} should be a list")
        return tuple(item(element) for element in node.value)

    def _texts(self, node: Node, what: str) -> tuple[str, ...]:
        return self._list(node, what, lambda element: self._text(element, f"an entry of {what}"))

    def _text(self, node: Node, what: str) -> str:
        self._scalar(node, what, "str", "text")
        return str(node.value)

    def _whole(self, node: Node, what: str) -> int:
        self._scalar(node, what, "int", "a whole number")
        if not _WHOLE.fullmatch(node.value):
            self._refuse(node, f"{what} should be a plain whole number, and is {node.value!r}")
        return int(node.value)

    def _truth(self, node: Node, what: str) -> bool:
        self._scalar(node, what, "bool", "true or false")
        return str(node.value).lower() == "true"

    def _duration(self, node: Node, what: str) -> int:
        text = self._text(node, what) if node.tag != f"{_TAG}int" else f"{node.value} (without a unit)"
        try:
            return times.parse_duration(text)
        except ValueError as error:
            self._refuse(node, f"{what}: {error}")

    def _scalar(self, node: Node, what: str, tag: str, name: str) -> None:
        if not isinstance(node, ScalarNode) or node.tag != f"{_TAG}{tag}":
            found = repr(node.value) if isinstance(node, ScalarNode) else "a collection"
            self._refuse(node, f"{what} should be {name}, and is {found}")

    def _refuse(self, place: Node | Event, message: str) -> NoReturn:
        mark = place.start_mark
        raise DocumentError(message, source=self._source, line=mark.line + 1, column=mark.column + 1)


_ALTERNATIVE_KEYS = ("permission", "diseases", "limits", "duties", "clinical_care")
_OPTIONAL_KEYS = {"recipients", "own_institution_votes", "training_counts_as_methods", "terms", "attachments"}
_POLICY_KEYS = (
    "use",
    "stages",
    "modes",
    "max_duration",
    "review_period",
    "recipients",
    "own_institution_votes",
    "training_counts_as_methods",
    "terms",
    "attachments",
)
