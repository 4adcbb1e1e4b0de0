"""Policies as people write them: YAML 1.2 <-> `Policy`.

    use:                              # alternatives, of which one must permit the purpose
      - permission: DS
        diseases: [ICD10:C50]
        limits: [NMDS, {GS: [KR]}, {TS: 24}]
        duties: [PUB, {MOR: 12}]
    stages:                           # approvals, all of them needed
      - {of: requester, role: ethics, rule: majority}            # the committee of whoever asks
      - {institution: hanbit, role: dac, threshold: 2, step: 2}  # opens when the steps before are met
    modes: [download, enclave]
    max_duration: 365d
    review_period: 30d
    recipients: any                   # or a list of institutions
    own_institution_votes: false      # may be left out, like all that follows
    vetoes: [{institution: hanbit, role: privacy}]
    automatic: false                  # approve without votes what is permitted without review
    conflicts: declare                # every vote declares that there is no conflict of interest
    training_counts_as_methods: true
    terms: {url: "https://hanbit.example/terms", sha256: ...}
    exclusion_period: 14d             # until when those who withdrew must be left out
    deidentification: {terms: [pseudonymous], tables: {k: 5, l: 2}, images: {faces_removed: true}}

The form is that of docs/policy-schema.json, and is described in docs/use-conditions.md; what does not fit it is a
`DocumentError` with its line. Whether a policy makes sense, the contract decides. In YAML 1.2 a bare `NO` is text;
duplicate keys, anchors, tags and documents over 64 KiB are refused, so that the file says what it seems to say.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from medconsent import times
from medconsent.documents import policy_schema
from medconsent.documents.yaml import MAX_BYTES, Quoted, Reader, dump, read_source
from medconsent.errors import DocumentError
from medconsent.values.policies import (
    Alternative,
    Attachment,
    DeidentificationDemands,
    ImageDemands,
    Modifier,
    Policy,
    Stage,
    TableDemands,
    Terms,
    Veto,
)

__all__ = ["MAX_BYTES", "dump_yaml", "load_yaml"]

_DAY = 86_400  # seconds
MOST_DAYS = {"max_duration": 3660, "review_period": 732, "exclusion_period": 90}
"""The longest spans that the contract takes: said here in the file's own words, and with the line."""


def load_yaml(source: str | bytes | Path) -> Policy:
    """The policy in a YAML document, given as text, bytes, or the `Path` of a file.

    Raises:
        DocumentError: It cannot be read; with the line.
    """
    document, name = read_source(source, "policy")
    return PolicyReader("policy", name).policy(document)


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
    if policy.vetoes:
        document["vetoes"] = [veto.to_json() for veto in policy.vetoes]
    if policy.automatic:
        document["automatic"] = True
    if policy.conflicts != "none":
        document["conflicts"] = policy.conflicts
    if not policy.training_counts_as_methods:
        document["training_counts_as_methods"] = False
    if policy.terms:
        document["terms"] = policy.terms.to_json()
    if policy.attachments:
        document["attachments"] = [
            {**attachment.to_json(), "title": Quoted(attachment.title)} for attachment in policy.attachments
        ]
    if policy.exclusion_period_seconds:
        document["exclusion_period"] = times.format_duration(policy.exclusion_period_seconds)
    if policy.deidentification:
        document["deidentification"] = policy.deidentification.to_json()
    return dump(document, compact=True)


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
        return f"{term} [{', '.join(value)}]" if isinstance(value, list) else f"{term} {value}"
    return str(modifier)


def _alternative_form(alternative: Alternative) -> dict[str, Any]:
    form = alternative.to_json()
    for member, kind in (("limits", "limit"), ("duties", "duty")):
        if member in form:
            form[member] = [_short_form(modifier, kind) for modifier in form[member]]
    return form


def _short_form(modifier: dict[str, Any], kind: str) -> Any:
    """`NMDS`, or `{GS: [KR]}`."""
    term = modifier["term"]
    parameter = policy_schema.parameters(kind).get(term, "")
    if parameter not in modifier:
        return term
    value = modifier[parameter]
    return {term: Quoted(value) if parameter == "text" else value}


def _at_most(node: Node, name: str) -> str:
    return f"{name} is {node.value}, and should be at most {MOST_DAYS[name]}d"


def _too_long(whole: Node) -> Iterator[tuple[Node, str]]:
    """Every span in a document that is longer than the contract takes."""
    for key, value in whole.value if isinstance(whole, MappingNode) else ():
        if key.value in MOST_DAYS and isinstance(value, ScalarNode):
            with suppress(ValueError):  # that it is no duration at all is told by the schema
                if times.parse_duration(value.value) > MOST_DAYS[key.value] * _DAY:
                    yield value, _at_most(value, key.value)


class PolicyReader(Reader):
    """Reads what policies are made of."""

    def policy(self, document: str | bytes) -> Policy:
        """The policy in a document.

        Raises:
            DocumentError: It is none; it tells every other mistake of the form, too.
        """
        whole = self.compose(document)
        try:
            return self._policy(whole)
        except DocumentError as error:
            first = (error.line or 0, error.column or 0, error.message)
            found = sorted(
                {first}
                | {
                    (place.start_mark.line + 1, place.start_mark.column + 1, sentence)
                    for place, sentence in (*policy_schema.mistakes(whole), *_too_long(whole))
                    if place.start_mark.line + 1 != error.line
                }
            )
            error.line, error.column, error.message = found[0]
            error.others = tuple(f"{line}:{column}: {sentence}" for line, column, sentence in found[1:])
            raise

    def _policy(self, whole: Node) -> Policy:
        members = self.mapping(whole, "the policy", _POLICY_KEYS, optional=_OPTIONAL_KEYS)
        optional = {
            _MEMBERS.get(name, name): read(self, node, name)
            for name, read in _OPTIONAL.items()
            if (node := members.get(name)) is not None
        }
        policy = Policy(
            use=self.list(members["use"], "use", self.alternative),
            stages=self.list(members["stages"], "stages", self._stage),
            modes=self.texts(members["modes"], "modes"),
            max_duration_seconds=self.span(members["max_duration"], "max_duration"),
            review_period_seconds=self.span(members["review_period"], "review_period"),
            **optional,
        )
        policy_schema.check(whole, self.refuse)
        return policy

    def span(self, node: Node, name: str) -> int:
        """A duration of which the contract says how long it may be, in seconds.

        Args:
            node: The node.
            name: The member's name, by which the contract says how long at most.
        """
        seconds = self.duration(node, name)
        if seconds > MOST_DAYS[name] * _DAY:
            self.refuse(node, _at_most(node, name))
        return seconds

    def alternative(self, node: Node) -> Alternative:
        """One alternative of the use conditions."""
        members = self.mapping(node, "an alternative of use", _ALTERNATIVE_KEYS, optional=set(_ALTERNATIVE_KEYS[1:]))
        diseases, care = members.get("diseases"), members.get("clinical_care")
        limits, duties = members.get("limits"), members.get("duties")
        return Alternative(
            permission=self.text(members["permission"], "permission"),
            diseases=self.texts(diseases, "diseases") if diseases else (),
            limits=self.list(limits, "limits", lambda entry: self._modifier(entry, "limit")) if limits else (),
            duties=self.list(duties, "duties", lambda entry: self._modifier(entry, "duty")) if duties else (),
            clinical_care=self.truth(care, "clinical_care") if care else False,
        )

    def _modifier(self, node: Node, kind: str) -> Modifier:
        """`NMDS`, or a mapping of one term to its parameter: `{GS: [KR]}`, `{TS: 24}`, `{RS: text}`."""
        if not isinstance(node, MappingNode):
            return Modifier(self.text(node, f"a {kind}"))
        if len(node.value) != 1:
            self.refuse(node, f"a {kind} is one term and its parameter; write each as an entry of its own")
        ((key, value),) = node.value
        term = self.text(key, f"a {kind}")
        member = policy_schema.parameters(kind).get(term)
        if member is None:
            self.refuse(key, f"{term!r} is no {kind} that takes a parameter")
        if member == "months":
            return Modifier(term, months=self.whole(value, term))
        if member == "text":
            return Modifier(term, text=self.text(value, term))
        return Modifier.from_json({"term": term, member: [*self.texts(value, term)]})

    def terms(self, node: Node) -> Terms:
        """What every requester has to accept."""
        members = self.mapping(node, "terms", ("url", "sha256"), optional=set())
        return Terms(**{name: self.text(member, name) for name, member in members.items()})

    def attachment(self, node: Node) -> Attachment:
        """A document that goes with the policy."""
        members = self.mapping(node, "an attachment", ("title", "url", "sha256"), optional=set())
        return Attachment(**{name: self.text(member, name) for name, member in members.items()})

    def _stage(self, node: Node) -> Stage:
        members = self.mapping(node, "a stage", tuple(_STAGE), optional=set(_STAGE) - {"role"})
        return Stage(**{name: read(self, members[name], name) for name, read in _STAGE.items() if name in members})

    def veto(self, node: Node) -> Veto:
        """A committee whose rejection ends a request."""
        members = self.mapping(node, "a veto", ("institution", "role"), optional=set())
        return Veto(**{name: self.text(member, name) for name, member in members.items()})

    def demands(self, node: Node) -> DeidentificationDemands:
        """What is asked of the statement of de-identification."""
        members = self.mapping(node, "deidentification", ("terms", "tables", "images"), optional=_DEMANDS)
        terms, tables, images = (members.get(name) for name in ("terms", "tables", "images"))
        return DeidentificationDemands(
            self.texts(terms, "terms") if terms else (),
            TableDemands(**self._members(tables, "tables", _TABLE)) if tables else None,
            ImageDemands(**self._members(images, "images", _IMAGE)) if images else None,
        )

    def _members(self, node: Node, what: str, known: dict[str, Callable[[Reader, Node, str], Any]]) -> dict[str, Any]:
        members = self.mapping(node, what, tuple(known), optional=set(known) - {"k"})
        return {name: known[name](self, member, name) for name, member in members.items()}

    def recipients(self, node: Node) -> tuple[str, ...]:
        """Who may ask; none means any."""
        if isinstance(node, ScalarNode) and node.value == "any":
            return ()
        if not isinstance(node, SequenceNode):
            self.refuse(node, "recipients should be `any` or a list of institutions")
        recipients = self.texts(node, "recipients")
        if not recipients:
            self.refuse(node, "recipients is an empty list: write `any`, or name the institutions that may ask")
        return recipients


_ALTERNATIVE_KEYS = ("permission", "diseases", "limits", "duties", "clinical_care")
_STAGE: dict[str, Callable[[Reader, Node, str], Any]] = {
    "institution": Reader.text,
    "of": Reader.text,
    "role": Reader.text,
    "threshold": Reader.whole,
    "rule": Reader.text,
    "step": Reader.whole,
    "attests": Reader.truth,
}
_OPTIONAL: dict[str, Callable[[PolicyReader, Node, str], Any]] = {
    "recipients": lambda reader, node, _name: reader.recipients(node),
    "own_institution_votes": Reader.truth,
    "vetoes": lambda reader, node, name: reader.list(node, name, reader.veto),
    "automatic": Reader.truth,
    "conflicts": Reader.text,
    "training_counts_as_methods": Reader.truth,
    "terms": lambda reader, node, _name: reader.terms(node),
    "attachments": lambda reader, node, name: reader.list(node, name, reader.attachment),
    "exclusion_period": lambda reader, node, name: reader.span(node, name),
    "deidentification": lambda reader, node, _name: reader.demands(node),
}
_MEMBERS = {"exclusion_period": "exclusion_period_seconds"}
"""What is called otherwise in a policy's value."""
_DEMANDS = {"terms", "tables", "images"}
_TABLE: dict[str, Callable[[Reader, Node, str], Any]] = {"k": Reader.whole, "l": Reader.whole}
_IMAGE: dict[str, Callable[[Reader, Node, str], Any]] = {
    "faces_removed": Reader.truth,
    "checked_at_least": Reader.whole,
}
_POLICY_KEYS = ("use", "stages", "modes", "max_duration", "review_period", *_OPTIONAL)
_OPTIONAL_KEYS = set(_OPTIONAL)
