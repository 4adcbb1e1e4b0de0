"""The words of the contract as types: for a type checker, and no narrower than the ledger."""

from typing import get_args

from medconsent.values import purposes


def test_the_types_have_the_words_of_the_contract():
    assert get_args(purposes.PurposeKind) == purposes.KINDS
    assert get_args(purposes.Mode) == purposes.MODES
    assert get_args(purposes.Organisation) == ("", *purposes.ORGANISATIONS)


def test_a_word_of_a_newer_contract_is_read():
    assert purposes.Purpose.from_json({"kind": "of-tomorrow"}).kind == "of-tomorrow"
