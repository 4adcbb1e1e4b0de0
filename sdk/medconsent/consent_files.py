"""What people in the data permit, as an institution writes it: the YAML of an epoch.

    use:                              # as in a policy: what the people permit, as alternatives (GA4GH DUO)
      - permission: HMB
        limits: [NCU]
    law: {code: KR-BIOETHICS-CONSENT, article: "16"}
    wording: {url: "https://hanbit.example/consent-form-3", sha256: ...}
    statement: Consent form 3, in use since May 2024     # may be left out

Who is in and who is out comes from the members' file (`medconsent.people`). Whether it makes sense is decided by the
contract.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medconsent import _policy_schema
from medconsent.consents import Law, NewEpoch, Wording
from medconsent.errors import DocumentError
from medconsent.people.commitment import Commitment
from medconsent.people.keys import CohortKey
from medconsent.people.members import counts
from medconsent.policy_values import Alternative
from medconsent.yaml_documents import load_mapping

_MEMBERS = ("use", "law", "wording", "statement")


def read_epoch(file: Path, key: CohortKey, cohort: str, number: int, members: Mapping[str, str]) -> NewEpoch:
    """The epoch that a file and the members (state by identifier) make; raises `DocumentError`.

    Root and bands are computed here, and nothing else of the members is in it.
    """
    document = load_mapping(file)
    if unknown := [name for name in document if name not in _MEMBERS]:
        raise DocumentError(f"{unknown[0]!r} is not one of {', '.join(_MEMBERS)}", source=str(file))
    people, withdrawn = counts(members)
    return NewEpoch(
        root=Commitment(key, cohort, number, members).root,
        people=people,
        withdrawn=withdrawn,
        use=read_use(document.get("use"), file),
        law=Law.from_json(_mapping(document.get("law"), "law", file), "law"),
        wording=Wording.from_json(_mapping(document.get("wording"), "wording", file), "wording"),
        statement=document.get("statement"),
    )


def read_use(value: Any, file: Path) -> tuple[Alternative, ...]:
    """Alternatives in a policy's short form (`limits: [NMDS, {GS: [KR]}]`); raises `DocumentError`."""
    if not isinstance(value, list) or not value:
        raise DocumentError("use should be a list of what the people permit", source=str(file))
    return tuple(_alternative(entry, f"use[{place}]", file) for place, entry in enumerate(value))


def _alternative(entry: Any, where: str, file: Path) -> Alternative:
    form = dict(_mapping(entry, where, file))
    for member, kind in (("limits", "limit"), ("duties", "duty")):
        if member in form:
            if not isinstance(form[member], list):
                raise DocumentError(f"{where}.{member} should be a list", source=str(file))
            form[member] = [_modifier(term, kind, f"{where}.{member}", file) for term in form[member]]
    return Alternative.from_json(form, where)


def _modifier(entry: Any, kind: str, where: str, file: Path) -> dict[str, Any]:
    if isinstance(entry, str):
        return {"term": entry}
    if isinstance(entry, Mapping) and len(entry) == 1:
        ((term, value),) = entry.items()
        if member := _policy_schema.parameters(kind).get(term):
            return {"term": term, member: value}
    raise DocumentError(f"in {where} stands no {kind}: write NMDS, or {{GS: [KR]}}", source=str(file))


def _mapping(value: Any, what: str, file: Path) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DocumentError(f"{what} should be a mapping", source=str(file))
    return value
