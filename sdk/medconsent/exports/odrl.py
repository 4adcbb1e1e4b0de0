"""A grant as an agreement of ODRL 2.2 (W3C, "ODRL Information Model 2.2"), in JSON-LD 1.1 (docs/exports.md).

It says at most what the grant says: what ODRL or its reader does not know narrows it. A grant that is not in force is
an agreement that prohibits.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from medconsent import times
from medconsent.exports.names import LEDGER, name_of
from medconsent.nouns.policies import HIERARCHIES
from medconsent.values.grants import GrantView
from medconsent.values.purposes import SENSITIVE, Purpose

PROFILE = "ledger:grant/1"
"""Names what the words mean here (ODRL 2.2, "Profiles"). Another meaning gets another number."""

CONTEXT: Mapping[str, Any] = {
    "DOID": {"@id": "http://purl.obolibrary.org/obo/DOID_", "@prefix": True},
    "MONDO": {"@id": "http://purl.obolibrary.org/obo/MONDO_", "@prefix": True},
    "country": "https://www.iso.org/obp/ui/#iso:code:3166:",
    "ledger": LEDGER,
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "sc": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_PERMITS = ("active", "pending", "expired")
"""In which states a grant permits what it says between two moments; in every other it permits nothing."""

_ACTIVITIES = ("methods_development", "training", "linking", "commercial", "genetic")


def agreement(view: GrantView) -> dict[str, Any]:
    """A grant as an agreement: one rule for each of its people.

    Args:
        view: The grant in its state at the moment of the question.

    Returns:
        A JSON-LD document that stands alone.
    """
    grant = view.grant
    parties = [
        {
            "odrl:target": _named("version", f"{grant.dataset}@{grant.version}"),
            "odrl:assigner": _named("institution", grant.owner),
            "odrl:assignee": _named("person", f"{grant.institution}/{person}"),
        }
        for person in grant.grantees
    ]
    permits = view.state in _PERMITS
    rule: dict[str, Any] = {
        "@type": "odrl:Permission" if permits else "odrl:Prohibition",
        "odrl:action": _id("odrl:use"),
    }
    if permits:
        rule["odrl:constraint"] = [
            *_purpose(grant.purpose),
            _constraint("deliveryChannel", "eq", _named("mode", grant.mode)),
            _constraint("dateTime", "gteq", _moment(grant.from_)),
            _constraint("dateTime", "lt", _moment(grant.until)),
        ]
    made: dict[str, Any] = {
        "@context": dict(CONTEXT),
        "@id": f"ledger:grant/{grant.id}",
        "@type": "odrl:Agreement",
        "odrl:profile": _id(PROFILE),
        "sc:name": f"Grant {grant.id} on {grant.dataset}@{grant.version}: {view.state}",
        "sc:description": str(grant.purpose),
        "odrl:permission" if permits else "odrl:prohibition": [rule | who for who in parties],
    }
    if duties := [_duty(obligation) | who for obligation in grant.obligations for who in parties]:
        made["odrl:obligation"] = duties
    return made


def agreements(views: Iterable[GrantView]) -> dict[str, Any]:
    """Several grants as one JSON-LD document, each an agreement in its `@graph`."""
    graph = [agreement(view) for view in views]
    return {"@context": dict(CONTEXT), "@graph": [{k: v for k, v in one.items() if k != "@context"} for one in graph]}


def _purpose(purpose: Purpose) -> list[dict[str, Any]]:
    """What the data may be used for. What is not stated is not done, and so it stands among what the use is not."""
    found = [_constraint("purpose", "isA", _named("purpose", purpose.kind))]
    if purpose.diseases:
        found.append(_any_of("purpose", [_disease(one) for one in purpose.diseases]))
    not_done = [name for name in _ACTIVITIES if not getattr(purpose, name)]
    about = [name for name in SENSITIVE if name not in purpose.sensitive]
    none = [_named("activity", name) for name in not_done] + [_named("sensitive", name) for name in about]
    if none:
        found.append(_constraint("purpose", "isNoneOf", {"@list": none}))
    if purpose.countries:
        found.append(_any_of("spatial", [_id(f"country:{code}") for code in purpose.countries]))
    if purpose.project_id:
        found.append(_constraint("purpose", "isA", _named("project", purpose.project_id)))
    return found


def _disease(code: str) -> Any:
    """A disease as the grant has it: an IRI where its system has some, else a text."""
    return _id(code) if code.partition(":")[0] in HIERARCHIES else code


def _duty(obligation: str) -> dict[str, Any]:
    """An obligation of the contract: its name, and what follows it (a text or a moment) as a description."""
    name = obligation.split(" ", 1)[0].rstrip(":")
    said = obligation[len(name) :].removeprefix(":").strip()
    return {
        "@type": "odrl:Duty",
        "odrl:action": _named("obligation", name),
        "sc:name": name,
        **({"sc:description": said} if said else {}),
    }


def _any_of(left: str, values: list[Any]) -> dict[str, Any]:
    """ODRL takes exactly one right operand: a list is one."""
    return _constraint(left, "isAnyOf", {"@list": values})


def _constraint(left: str, operator: str, right: Any) -> dict[str, Any]:
    return {
        "@type": "odrl:Constraint",
        "odrl:leftOperand": _id(f"odrl:{left}"),
        "odrl:operator": _id(f"odrl:{operator}"),
        "odrl:rightOperand": right,
    }


def _moment(at: datetime) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": times.format_time(at)}


def _named(kind: str, identifier: str) -> dict[str, str]:
    return _id(name_of(kind, identifier))


def _id(iri: str) -> dict[str, str]:
    return {"@id": iri}
