"""Errors: one for each code of the contract, each with its sentence and what to do."""

import re
from pathlib import Path

import pytest

from medconsent import errors

CONTRACT = Path(__file__).parents[3] / "docs" / "contract.md"


def test_there_is_an_exception_for_each_code_of_the_contract_and_no_other():
    section = CONTRACT.read_text().split("## Codes of refusal")[1]
    assert set(errors.BY_CODE) == set(re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE))


def test_a_code_from_a_later_contract_is_a_plain_refusal():
    error = errors.refusal('{"code":"LATER","message":"later"}')
    assert type(error) is errors.Refused
    assert error.diagnostics() == "LATER: later"


@pytest.mark.parametrize("text", ["", "boom", "[]", '"x"', '{"message":"x"}', '{"code":1}'])
def test_what_is_no_refusal(text):
    assert errors.refusal(text) is None


def test_diagnostics_say_where_why_and_what_to_do():
    error = errors.refusal(
        '{"code":"POLICY_DENIES","message":"no","field":"purpose","hint":"ask","details":[{"code":"A","message":"b"},"c",{"d":1}]}',
        transaction_id="f00",
        words=[errors.EndorserWord("hanbit", "h:1", "no", "POLICY_DENIES"), errors.EndorserWord("nuri", "", "yes?")],
    )
    assert error.diagnostics().splitlines() == [
        "POLICY_DENIES: no",
        "  where: purpose",
        "  - A: b",
        "  - c",
        '  - {"d": 1}',
        "  hint: ask",
        "  the institutions' peers do not say the same:",
        "    hanbit (h:1): POLICY_DENIES: no",
        "    nuri (?): yes?",
        "  transaction: f00",
    ]
    assert error.diagnosis.to_json() == {
        "code": "POLICY_DENIES",
        "message": "no",
        "field": "purpose",
        "hint": "ask",
        "details": [{"code": "A", "message": "b"}, "c", {"d": 1}],
        "endorsers": [
            {"institution": "hanbit", "address": "h:1", "code": "POLICY_DENIES", "message": "no"},
            {"institution": "nuri", "address": "", "code": "", "message": "yes?"},
        ],
        "transaction_id": "f00",
    }


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errors.Unreachable("no answer"), "UNREACHABLE: no answer"),
        (errors.Invalidated("lost", validation_code="MVCC_READ_CONFLICT"), "MVCC_READ_CONFLICT: lost"),
        (errors.UnexpectedAnswer("odd"), "UNEXPECTED_ANSWER: odd"),
        (errors.DocumentError("no\nmapping", source="p.yaml", line=3), "DOCUMENT: p.yaml:3: no mapping"),
        (errors.ContextError("none", hint="enrol"), "CONTEXT: none\n  hint: enrol"),
        (errors.MedconsentError("hm"), "FAULT: hm"),
    ],
)
def test_each_error_has_its_code(error, told):
    assert error.diagnostics() == told


def test_an_unknown_outcome_says_how_to_find_out():
    told = errors.OutcomeUnknown("hm", transaction_id="f00").diagnostics()
    assert "medconsent transaction status f00" in told
    assert told.startswith("OUTCOME_UNKNOWN: hm\n")


def test_endorsers_that_agree_are_not_repeated():
    words = [errors.EndorserWord(name, "x", "no", "CONFLICT") for name in ("hanbit", "nuri")]
    assert "hanbit" not in errors.Conflict("no", words=words).diagnostics()
