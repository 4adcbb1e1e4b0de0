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

The form is that of docs/policy-schema.json, and is described in docs/use-conditions.md; what does not fit it is a
`DocumentError` with its line. Whether a policy makes sense, the contract decides. In YAML 1.2 a bare `NO` is text;
duplicate keys, anchors, tags and documents over 64 KiB are refused, so that the file says what it seems to say.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from medconsent import _policy_schema, times
from medconsent._yaml import MAX_BYTES, Quoted, Reader, dump, read_source
from medconsent.policy_values import Alternative, Attachment, Modifier, Policy, Stage, Terms, Veto

__all__ = ["MAX_BYTES", "dump_yaml", "load_yaml"]


def load_yaml(source: str | bytes | Path) -> Policy:
    """The policy in a YAML document, given as text, bytes, or the `Path` of a file.

    Raises `DocumentError` with the line.
    """
    document, name = read_source(source, "policy")
    return _Reader("policy", name).policy(document)


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
    return dump(document, compact=True)


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
    return {term: Quoted(value) if parameter == "text" else value}


class _Reader(Reader):
    def policy(self, document: str | bytes) -> Policy:
        whole = self.compose(document)
        members = self.mapping(whole, "the policy", _POLICY_KEYS, optional=_OPTIONAL_KEYS)
        optional = {
            name: read(self, node, name) for name, read in _OPTIONAL.items() if (node := members.get(name)) is not None
        }
        policy = Policy(
            use=self.list(members["use"], "use", self._alternative),
            stages=self.list(members["stages"], "stages", self._stage),
            modes=self.texts(members["modes"], "modes"),
            max_duration_seconds=self.duration(members["max_duration"], "max_duration"),
            review_period_seconds=self.duration(members["review_period"], "review_period"),
            **optional,
        )
        _policy_schema.check(whole, self.refuse)
        return policy

    def _alternative(self, node: Node) -> Alternative:
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
        member = _policy_schema.parameters(kind).get(term)
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
_OPTIONAL: dict[str, Callable[[_Reader, Node, str], Any]] = {
    "recipients": lambda reader, node, _name: reader.recipients(node),
    "own_institution_votes": Reader.truth,
    "vetoes": lambda reader, node, name: reader.list(node, name, reader.veto),
    "automatic": Reader.truth,
    "conflicts": Reader.text,
    "training_counts_as_methods": Reader.truth,
    "terms": lambda reader, node, _name: reader.terms(node),
    "attachments": lambda reader, node, name: reader.list(node, name, reader.attachment),
}
_POLICY_KEYS = ("use", "stages", "modes", "max_duration", "review_period", *_OPTIONAL)
_OPTIONAL_KEYS = set(_OPTIONAL)
