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
        "field: purpose",
        "  - A: b",
        "  - c",
        '  - {"d": 1}',
        "hint: ask",
        "  hanbit at h:1: POLICY_DENIES: no",
        "  nuri at (unknown address): yes?",
        "transaction: f00",
    ]


def test_endorsers_that_agree_are_not_repeated():
    words = [errors.EndorserWord(name, "x", "no", "CONFLICT") for name in ("hanbit", "nuri")]
    assert "hanbit" not in errors.Conflict("no", words=words).diagnostics()
