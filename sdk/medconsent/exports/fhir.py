"""What was released as HL7 FHIR R4: an `AuditEvent` a receipt, and the `Consent` that the data rests on.

The events follow "Audit Event for Privacy Disclosure at Source" of IHE's Basic Audit Log Patterns 1.1.4. Nothing about
patients is in them, because nothing is on the ledger: where the pattern asks for one, it is said to be masked.
docs/exports.md has the table.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from medconsent import times
from medconsent.exports.names import LEDGER, duo, name_of, uuid_of
from medconsent.nouns.consents import ConsentView
from medconsent.nouns.disclosures import Disclosures
from medconsent.values.grants import Grant
from medconsent.values.policies import Alternative, Modifier
from medconsent.values.releases import ReceiptView

_HL7 = "http://terminology.hl7.org/CodeSystem/"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_SNOMED = "http://snomed.info/sct"
_DUO = "http://purl.obolibrary.org/obo/duo.owl"
_URI = "5"
"""The kind of network address (FHIR, `network-type`) that a name of the ledger is."""

_REASONS = {
    "health-research": ("HRESCH", "healthcare research"),
    "disease": ("DSRCH", "disease specific healthcare research"),
    "origins": ("POARCH", "population origins or ancestry healthcare research"),
    "clinical-care": ("TREAT", "treatment"),
}
"""Purposes for which HL7's ActReason has a word; for every other the text alone speaks."""

_OUTCOMES = {
    "completed": ("0", "everything has left"),
    "open": ("0", "it was opened; what came of it is not said yet"),
    "unsettled": ("0", "it was opened; what came of it was never said"),
    "aborted": ("4", "it was aborted; what was sent by then has left"),
}
"""FHIR's outcome of a receipt in each state. One that was opened counts as a disclosure until more is said."""


def bundle(found: Disclosures, at: datetime) -> dict[str, Any]:
    """What was released, as a FHIR R4 bundle of the type `collection`.

    Args:
        found: What was released, with what it rests on.
        at: When the export is made (UTC).
    """
    grants = {view.id: view.grant for view in found.grants}
    known = {f"{view.id}~{view.epoch.epoch}" for view in found.consents}
    resources = [_consent(view) for view in found.consents]
    resources += [_event(view, grants.get(view.receipt.grant), known) for view in found.receipts]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": times.format_time(at),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


def _event(view: ReceiptView, grant: Grant | None, known: AbstractSet[str]) -> dict[str, Any]:
    """A receipt as an event; `known` are the epochs of consent that are in the bundle."""
    receipt = view.receipt
    gateway = receipt.changes[0].by if receipt.changes else receipt.person
    source, person = _who("person", str(gateway)), _who("person", str(receipt.person))
    owner = _who("institution", receipt.owner)
    version = f"{receipt.dataset}@{receipt.version}"
    outcome, words = ("8", f"nobody obeys it: {view.unproven}") if view.unproven else _OUTCOMES[view.state]
    opened = times.format_time(receipt.created_at)
    ended = receipt.changes[-1].at if len(receipt.changes) > 1 else None
    epochs = [f"{one.cohort}~{one.epoch}" for one in receipt.exclusions]
    consents = [_entity("system", "security", _consent_in_bundle(one), one) for one in epochs if one in known]
    return {
        "resourceType": "AuditEvent",
        "id": uuid_of(name_of("receipt", receipt.id)),
        "type": _coding(_DICOM, "110106", "Export"),
        "subtype": [_coding(f"{_HL7}iso-21089-lifecycle", "disclose", "Disclose Record Lifecycle Event")],
        "action": "R",
        "period": {"start": times.format_time(receipt.created_at)}
        | ({"end": times.format_time(ended)} if ended else {}),
        "recorded": opened,
        "outcome": outcome,
        "outcomeDesc": words,
        **({"purposeOfEvent": [_reason(grant)]} if grant else {}),
        "agent": [
            _agent((_DICOM, "110153", "Source Role ID"), source, address=name_of("institution", receipt.owner)),
            _agent(
                (_DICOM, "110152", "Destination Role ID"),
                person,
                address=name_of("delivery-key", receipt.delivery),
                asked=True,
                policy=name_of("grant", receipt.grant),
            ),
            _agent((_SNOMED, "159541003", "Record keeping/library clerk"), owner),
        ],
        "source": {"site": receipt.owner, "observer": source, "type": [_coding(f"{_HL7}security-source-type", "4")]},
        "entity": [
            _entity("person", "patient", _masked(), None),
            _entity("system", "domain", _what("version", version), version, details=_details(view)),
            _entity("system", "security", _what("grant", receipt.grant), receipt.grant),
            _entity("system", "security", _what("receipt", receipt.id), receipt.id),
            *consents,
        ],
    }


def _details(view: ReceiptView) -> Mapping[str, str]:
    receipt = view.receipt
    files = receipt.files
    said = {
        "archive": receipt.archive,
        "files": str(files.count),
        "files-root": files.root,
        "bytes": str(files.bytes),
        "mode": receipt.mode,
        "state": "unproven" if view.unproven else view.state,
    }
    return said | ({} if receipt.sent is None else {"bytes-sent": str(receipt.sent)})


def _reason(grant: Grant) -> dict[str, Any]:
    if grant.breakglass:
        return {"coding": [_coding(f"{_HL7}v3-ActReason", "ETREAT", "Emergency Treatment")], "text": str(grant.purpose)}
    found = _REASONS.get(grant.purpose.kind)
    return ({"coding": [_coding(f"{_HL7}v3-ActReason", *found)]} if found else {}) | {"text": str(grant.purpose)}


def _agent(
    kind: tuple[str, str, str],
    who: Mapping[str, Any],
    *,
    address: str | None = None,
    asked: bool = False,
    policy: str | None = None,
) -> dict[str, Any]:
    made: dict[str, Any] = {"type": {"coding": [_coding(*kind)]}, "who": who, "requestor": asked}
    if address:
        made["network"] = {"address": address, "type": _URI}
    if policy:
        made["policy"] = [policy]
    return made


_TYPES = {"person": ("1", "Person"), "system": ("2", "System Object")}
_ROLES = {"patient": ("1", "Patient"), "domain": ("4", "Domain Resource"), "security": ("13", "Security Resource")}


def _entity(
    kind: str, role: str, what: Mapping[str, Any], name: str | None, *, details: Mapping[str, str] | None = None
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "what": what,
        "type": _coding(f"{_HL7}audit-entity-type", *_TYPES[kind]),
        "role": _coding(f"{_HL7}object-role", *_ROLES[role]),
    }
    if name:
        made["name"] = name
    if details:
        made["detail"] = [{"type": kind, "valueString": text} for kind, text in details.items()]
    return made


def _masked() -> dict[str, Any]:
    """The patient whom the pattern asks for: the ledger names none."""
    return {
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"},
        ],
        "type": "Patient",
        "display": "the people in the data, of whom the ledger names none",
    }


def _consent(view: ConsentView) -> dict[str, Any]:
    """What the people in the data permit, as of one epoch. Who they are, and how many, is not in it."""
    epoch = view.epoch
    holds = view.cohort.status == "active" and view.cohort.latest_epoch == epoch.epoch
    name = f"{view.id}~{epoch.epoch}"
    law = " ".join(filter(None, (epoch.law.code, epoch.law.article)))
    permitted = [one for alternative in epoch.use for one in _provisions(alternative)]
    return {
        "resourceType": "Consent",
        "id": uuid_of(name_of("consent", name)),
        "identifier": [_identifier("consent", name)],
        "status": "active" if holds else "inactive",
        "scope": {"coding": [_coding(f"{_HL7}consentscope", "research", "Research")]},
        "category": [{"coding": [_coding(f"{_HL7}consentcategorycodes", "research", "Research Information Access")]}],
        "dateTime": times.format_time(epoch.created_at),
        "organization": [_who("institution", view.cohort.owner)],
        "policy": [{"uri": epoch.wording.url}],
        "policyRule": {"coding": [_coding(f"{LEDGER}law", epoch.law.code)], "text": law},
        "provision": {"type": "deny", "provision": permitted},
    }


def _provisions(alternative: Alternative) -> list[dict[str, Any]]:
    """An alternative as an exception to a denial. Its limits are modifiers: who does not know them cannot pass by."""
    limits = [_modifier("limit", one) for one in alternative.limits]
    limits += [_modifier("duty", one) for one in alternative.duties]
    diseases = [{"url": f"{LEDGER}fhir/disease", "valueString": code} for code in alternative.diseases]
    found = [_permit(alternative.permission, [*diseases, *limits])]
    return found + ([_permit("CC", limits)] if alternative.clinical_care else [])


def _permit(term: str, modifiers: list[dict[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "permit", "purpose": [_coding(_DUO, *duo(term))]}
    return made | ({"modifierExtension": modifiers} if modifiers else {})


def _modifier(kind: str, one: Modifier) -> dict[str, Any]:
    """A limit or duty of DUO, with its parameter as text."""
    given = (*one.countries, *one.institutions, *one.projects, *one.persons)
    words = " ".join(filter(None, (*given, f"{one.months} months" if one.months else "", one.text)))
    concept: dict[str, Any] = {"coding": [_coding(_DUO, *duo(one.term))]} | ({"text": words} if words else {})
    return {"url": f"{LEDGER}fhir/{kind}", "valueCodeableConcept": concept}


def _who(kind: str, name: str) -> dict[str, Any]:
    return {"identifier": _identifier(kind, name), "display": name}


def _what(kind: str, name: str) -> dict[str, Any]:
    return {"identifier": _identifier(kind, name)}


def _consent_in_bundle(name: str) -> dict[str, Any]:
    return {"reference": f"urn:uuid:{uuid_of(name_of('consent', name))}", "type": "Consent"}


def _identifier(kind: str, name: str) -> dict[str, str]:
    return {"system": "urn:ietf:rfc:3986", "value": name_of(kind, name)}


def _coding(system: str, code: str, display: str | None = None) -> dict[str, str]:
    return {"system": system, "code": code} | ({"display": display} if display else {})
