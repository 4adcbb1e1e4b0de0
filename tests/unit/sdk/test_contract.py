"""The words of the contract, and who has to endorse, come from its own description."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from medconsent import contract, errors
from medconsent.client import ContractVersion
from medconsent.nouns import receipts
from medconsent.values import purposes

ROOT = Path(__file__).parents[3]

PARTIES = {"caller": "nuri", "owner": "hanbit", "requester": "saerom"}


def test_words_and_states_are_in_the_contracts_order() -> None:
    assert contract.words("committee_roles") == ("dac", "ethics", "privacy")
    assert set(contract.words("committee_roles")) < set(contract.words("roles"))
    assert contract.states("request", final=False) == ("submitted", "in-review", "returned")
    assert contract.states("grant")[0] == "active"
    assert purposes.MODES == ("download", "enclave", "federated")


def test_a_list_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        contract.words("colours")
    with pytest.raises(ValueError, match="unpack"):
        contract.states("weather")


def test_choices_of_an_argument() -> None:
    assert contract.choices("proposal.list", "state") == ("proposed", "lapsed", "confirmed", "rejected", "withdrawn")
    with pytest.raises(KeyError):
        contract.choices("proposal.list", "institution")


def _lists() -> Iterator[frozenset[str]]:
    """Each list of words that the description has."""
    described = contract.document()
    yield from map(frozenset, described["words"].values())
    yield from (frozenset(contract.states(machine["name"])) for machine in described["machines"])
    yield from (frozenset(record["statuses"]) for record in described["records"])


def _typed(source: str) -> Iterator[frozenset[str]]:
    """Each list, tuple, set and mapping of two words or more that a module writes out, but for `Literal[...]`."""
    tree = ast.parse(source)
    for_types = {id(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List | ast.Set) and id(node) not in for_types:
            said = [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(said) == len(node.elts) > 1:
                yield frozenset(said)


@pytest.mark.parametrize("package", ["sdk", "cli"])
def test_no_list_of_the_contract_is_typed_again(package: str) -> None:
    lists = {one for one in _lists() if len(one) > 1}
    again = [
        f"{file.relative_to(ROOT)}: {sorted(words)}"
        for file in sorted((ROOT / package).rglob("*.py"))
        for words in _typed(file.read_text("utf-8"))
        if words in lists
    ]
    assert not again


def test_a_list_that_is_typed_again_is_found() -> None:
    assert [*_typed('ROLES = ("privacy", "dac", "ethics")\nMode = Literal["a", "b"]\nx = f("a", {"b"})')] == [
        frozenset({"dac", "ethics", "privacy"})
    ]


def test_what_type_checkers_read_is_the_contracts() -> None:
    assert get_args(purposes.PurposeKind) == purposes.KINDS
    assert get_args(purposes.Mode) == purposes.MODES
    assert get_args(purposes.Organisation) == ("", *contract.words("organisations"))
    assert get_args(receipts.Outcome) == contract.choices("release.close", "outcome")


@pytest.mark.parametrize(
    ("function", "argument", "automatic", "expected"),
    [
        ("institution.set", {}, False, (("nuri",), (), False)),
        ("ontology.page", {}, False, ((), (), False)),
        ("grant.revoke", {"grant": "ab12"}, False, (("nuri",), (), True)),
        ("grant.relinquish", {"grant": "ab12"}, False, (("hanbit",), (), True)),
        ("request.submit", {"dataset": "onnuri/x"}, False, (("nuri",), ("onnuri",), False)),
        ("request.submit", {"dataset": "onnuri/x"}, True, (("nuri", "onnuri"), ("onnuri",), False)),
        ("request.vote", {"request": "ab12", "vote": "reject"}, False, (("nuri",), ("saerom",), False)),
        ("request.vote", {"request": "ab12", "vote": "approve"}, False, (("nuri", "hanbit"), ("saerom",), False)),
        ("text.keep", {"request": "ab12"}, False, (("hanbit", "saerom"), (), True)),
    ],
)
def test_who_endorses(function, argument, automatic, expected):
    terms = contract.terms(function)
    sealers = terms.sealers(argument, PARTIES, automatic=automatic)
    assert (sealers, terms.avoided(argument, PARTIES), terms.alone) == expected


def test_one_institution_in_two_parts_seals_once():
    same = {"caller": "hanbit", "owner": "hanbit", "requester": "hanbit"}
    assert contract.terms("text.keep").sealers({"request": "ab12"}, same, automatic=False) == ("hanbit",)


def test_a_party_that_nobody_names_is_no_guess():
    with pytest.raises(KeyError):
        contract.terms("grant.relinquish").sealers({"grant": "ab12"}, {"caller": "nuri"}, automatic=False)


def test_each_refusal_is_an_exception_of_its_own():
    assert {refusal["code"] for refusal in contract.document()["refusals"]} == set(errors.BY_CODE)


def test_a_chaincode_of_another_contract_is_told():
    ours = ContractVersion("medconsent", "1", (), (), contract.digest())
    assert ours.known
    assert not ContractVersion("medconsent", "1", (), (), "0" * 64).known
    assert not ContractVersion("medconsent", "1", (), ()).known
