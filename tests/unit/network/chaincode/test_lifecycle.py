"""Fabric's words for what is done already, and for what is not."""

import pytest

from medconsent_network.chaincode.lifecycle import _APPROVED as DONE

PREFIX = "ABORTED: failed to endorse transaction | gaon: error in simulation: "


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ("attempted to redefine uncommitted sequence (2) for namespace medconsent with unchanged content", True),
        ("attempted to redefine the current committed sequence (1) for namespace medconsent", True),
        (
            "attempted to redefine the current committed sequence (1) for namespace medconsent with different "
            "parameters: Version '0.2.0' != '0.2.1'",
            False,
        ),
        ("requested sequence is 3, but new definition must be sequence 2", False),
    ],
)
def test_what_is_approved_already_is_known_in_the_words_of_every_version(said: str, done: bool) -> None:
    assert (DONE.search(PREFIX + said) is not None) is done
