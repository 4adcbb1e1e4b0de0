"""The words of the contract, and who has to endorse, come from its own description."""

import pytest

from medconsent import contract, errors
from medconsent.client import ContractVersion
from medconsent.values import purposes

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
