"""The words of the contract come from its own description."""

import pytest

from medconsent import contract
from medconsent.values import purposes


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
