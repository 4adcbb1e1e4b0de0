"""What was released as FHIR R4: the models of `fhir.resources` take it, and it has what IHE's pattern asks for.

R4B changed nothing of AuditEvent, Consent and Bundle.
"""

import json
from datetime import UTC, datetime
from typing import Any

import answers
import pytest
from fhir.resources.R4B.bundle import Bundle

from medconsent.exports import fhir
from medconsent.nouns.consents import ConsentView
from medconsent.nouns.disclosures import Disclosures
from medconsent.values.releases import ReceiptView

NOW = datetime(2026, 12, 1, tzinfo=UTC)
USE = [
    {
        "permission": "DS",
        "diseases": ["ICD10:C50"],
        "limits": [{"term": "NCU"}, {"term": "GS", "countries": ["KR"]}],
        "duties": [{"term": "MOR", "months": 6}],
        "clinical_care": True,
    },
    {"permission": "HMB"},
]


def consent(epoch: int = 2, latest: int = 2, status: str = "active") -> ConsentView:
    said = {
        "cohort": "hanbit/oncology", "epoch": epoch, "root": "aa" * 32, "people": "100-999", "withdrawn": "under-20",
        "use": USE, "law": {"code": "GDPR", "article": "9(2)(a)"},
        "wording": {"url": "https://hanbit.example/consent", "sha256": "bb" * 32},
    }  # fmt: skip
    cohort = {"title": "Oncology", "latest_epoch": latest, "batch_seconds": 3600}
    return ConsentView.from_json(
        {
            "cohort": answers.view("cohort", "hanbit/oncology", cohort, status=status),
            "epoch": answers.view("epoch", f"hanbit/oncology~{epoch}", said),
        }
    )


def exported(*receipts: ReceiptView, consents: tuple[ConsentView, ...] = (), **grant: Any) -> list[dict[str, Any]]:
    """The resources of the bundle, which the models of `fhir.resources` have taken."""
    body = answers.grant().to_json()
    body["grant"]["record"]["body"] |= grant
    found = Disclosures(receipts, (type(answers.grant()).from_json(body),), consents)
    made = json.loads(json.dumps(fhir.bundle(found, NOW)))
    assert json.loads(Bundle.model_validate(made).model_dump_json())["type"] == "collection"
    assert [entry["fullUrl"] for entry in made["entry"]] == [f"urn:uuid:{it['resource']['id']}" for it in made["entry"]]
    return [entry["resource"] for entry in made["entry"]]


def excluding(cohort: str, epoch: int) -> ReceiptView:
    return ReceiptView(answers.receipt(exclusions=[{"cohort": cohort, "epoch": epoch}], sent=1), "completed")


def test_a_receipt_is_a_disclosure_as_ihe_has_it() -> None:
    (view,) = answers.receipts("completed")
    (event,) = exported(view)
    assert (event["type"]["code"], event["action"], event["recorded"]) == ("110106", "R", answers.AT)
    assert [it["code"] for it in event["subtype"]] == ["disclose"]
    source, recipient, custodian = event["agent"]
    assert [it["type"]["coding"][0]["code"] for it in event["agent"]] == ["110153", "110152", "159541003"]
    assert source["who"] == event["source"]["observer"]  # the pattern's invariant val-audit-source
    assert recipient["who"]["display"] == "nuri/kim"
    assert custodian["who"]["display"] == "hanbit"
    assert all(it["network"]["address"].startswith("tag:medconsent.org,2026:") for it in (source, recipient))
    assert recipient["policy"] == [f"tag:medconsent.org,2026:grant/{answers.GRANT}"]
    assert event["purposeOfEvent"] == [
        {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
                    "code": "DSRCH",
                    "display": "disease specific healthcare research",
                }
            ],
            "text": "disease (ICD10:C50)",
        }
    ]
    details = {one["type"]: one["valueString"] for one in event["entity"][1]["detail"]}
    assert (details["files"], details["bytes"], details["bytes-sent"]) == ("2", "124103", "124888")


def test_no_patient_is_in_it() -> None:
    """The pattern asks for a patient: what it gets names none. How many withdrew is not told either."""
    resources = exported(excluding("hanbit/oncology", 2), consents=(consent(),))
    event = resources[1]
    (patient,) = [it for it in event["entity"] if it["role"]["code"] == "1"]
    assert patient["what"]["type"] == "Patient"
    assert patient["what"]["extension"][0]["valueCode"] == "masked"
    assert not {"identifier", "reference"} & patient["what"].keys()
    assert "name" not in patient
    assert "patient" not in resources[0]
    assert "performer" not in resources[0]
    assert not any(band in json.dumps(resources) for band in ("100-999", "under-20", "aa" * 32))


@pytest.mark.parametrize(
    ("state", "outcome"), [("completed", "0"), ("open", "0"), ("unsettled", "0"), ("aborted", "4")]
)
def test_an_outcome_counts_as_a_disclosure_until_more_is_said(state: str, outcome: str) -> None:
    (event,) = exported(*answers.receipts(state))
    assert (event["outcome"], {it["type"]: it["valueString"] for it in event["entity"][1]["detail"]}["state"]) == (
        outcome,
        state,
    )


def test_a_receipt_that_nobody_obeys_says_so() -> None:
    (event,) = exported(ReceiptView(answers.receipt(), "open", "it names a grant that is not there"))
    assert (event["outcome"], event["outcomeDesc"]) == ("8", "nobody obeys it: it names a grant that is not there")


def test_what_people_permit_denies_the_rest_and_its_limits_cannot_be_passed_by() -> None:
    (made,) = exported(consents=(consent(),))
    assert (made["status"], made["policyRule"]["text"]) == ("active", "GDPR 9(2)(a)")
    assert made["provision"]["type"] == "deny"
    disease, care, health = made["provision"]["provision"]
    assert [it["purpose"][0]["code"] for it in (disease, care, health)] == ["DUO:0000007", "DUO:0000043", "DUO:0000006"]
    modifiers = [
        (it["url"].rpartition("/")[2], it.get("valueString") or it["valueCodeableConcept"].get("text"))
        for it in disease["modifierExtension"]
    ]
    assert modifiers == [("disease", "ICD10:C50"), ("limit", None), ("limit", "KR"), ("duty", "6 months")]
    assert len(care["modifierExtension"]) == 3  # of any disease
    assert "modifierExtension" not in health


@pytest.mark.parametrize(("epoch", "latest", "status"), [(1, 2, "active"), (2, 2, "ended")])
def test_only_the_newest_epoch_of_what_has_not_ended_is_active(epoch: int, latest: int, status: str) -> None:
    (made,) = exported(consents=(consent(epoch, latest, status),))
    assert made["status"] == "inactive"


def test_an_event_refers_to_consents_of_the_same_bundle_alone() -> None:
    consents = (consent(),)
    made, event = exported(excluding("hanbit/oncology", 2), consents=consents)
    assert event["entity"][-1]["what"]["reference"] == f"urn:uuid:{made['id']}"
    (alone,) = exported(excluding("hanbit/oncology", 2))
    assert not any("reference" in it["what"] for it in alone["entity"])


@pytest.mark.parametrize(
    ("purpose", "breakglass", "code"),
    [
        ({"kind": "clinical-care"}, None, "TREAT"),
        ({"kind": "clinical-care"}, "e5" * 32, "ETREAT"),
        ({"kind": "general-research"}, None, None),
    ],
)
def test_a_purpose_that_hl7_has_no_word_for_is_a_text(
    purpose: dict[str, Any], breakglass: str | None, code: str | None
) -> None:
    (event,) = exported(*answers.receipts("completed"), purpose=purpose, breakglass=breakglass)
    (reason,) = event["purposeOfEvent"]
    assert [it["code"] for it in reason.get("coding", [])] == ([code] if code else [])
    assert reason["text"] == purpose["kind"]
