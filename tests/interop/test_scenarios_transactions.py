"""The official clients' scenarios of transactions, endorsers, discovery, errors and off-line signing, in both of ours.

Each test is one of their scenarios (hyperledger/fabric-gateway, folder `scenario/features`); docs/scenarios.md lists
them.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from asking import Asker, Elsewhere, NoSigner
from bench.world import World
from scenario_network import EVERYBODY, ORG1, ORG2, ORG3
from styles import identity_of

from medconsent.fabric.errors import EndorseError, EvaluateError, GatewayError
from medconsent_network.waiting import wait_for

Acting = Callable[..., Asker]


def told(error: GatewayError) -> set[tuple[str, str]]:
    """Which organizations' peers said something."""
    return {(detail.msp_id, detail.address) for detail in error.details}


def peers(world: World, organizations: Sequence[str]) -> set[tuple[str, str]]:
    """The peers of organizations, as errors name them."""
    return {(name, world.consortium.home(name).institution.address("peer")) for name in organizations}


# Transactions


def test_evaluate_with_result(acting: Acting) -> None:
    assert acting(ORG1, "basic").evaluate("echo", "conga") == "conga"


def test_submit_with_result(acting: Acting) -> None:
    assert acting(ORG1, "basic").submit("echo", "conga").result == b"conga"


def test_update_ledger(acting: Acting) -> None:
    asker = acting(ORG1, "basic")
    asker.submit("put", "update", "ledger")
    assert asker.evaluate("get", "update") == "ledger"


def test_transient_data(acting: Acting) -> None:
    transient = {"key1": "value1", "key2": "value2"}
    assert json.loads(acting(ORG1, "basic").evaluate("echoTransient", transient=transient)) == transient


def test_evaluate_with_error_response(acting: Acting) -> None:
    with pytest.raises(EvaluateError) as caught:
        acting(ORG1, "basic").evaluate("errorMessage", "nothing works")
    assert caught.value.status.name == "UNKNOWN"
    assert "nothing works" in caught.value.message
    assert caught.value.chaincode_message() == "nothing works"


def test_submit_with_error_response(acting: Acting, scenarios: World) -> None:
    with pytest.raises(EndorseError) as caught:
        acting(ORG1, "basic").submit("errorMessage", "nothing works")
    assert caught.value.status.name == "ABORTED"
    assert "failed to endorse transaction, see attached details for more info" in caught.value.message
    assert told(caught.value) == peers(scenarios, [ORG1])
    assert all("nothing works" in detail.message for detail in caught.value.details)


# Specify endorsing organizations


@pytest.mark.parametrize("organization", EVERYBODY, ids=["org1", "org2", "org3"])
def test_submit_to(acting: Acting, organization: str) -> None:
    submitted = acting(ORG1, "private").submit("getPeerOrg", orgs=[organization])
    assert submitted.result.decode() == organization


def test_submit_to_org1_and_org3(acting: Acting) -> None:
    submitted = acting(ORG1, "private").submit(
        "checkEndorsingOrg", orgs=[ORG1, ORG3], transient={ORG1: "value1", ORG3: "value2"}
    )
    assert submitted.result == b"success"


@pytest.mark.parametrize("organization", [ORG1, ORG2], ids=["org1", "org2"])
def test_evaluate_on(acting: Acting, organization: str) -> None:
    assert acting(ORG1, "private").evaluate("getPeerOrg", orgs=[organization]) == organization


# Discovery


def test_submit_fails_with_insufficient_endorsers(acting: Acting, scenarios: World) -> None:
    asker = acting(ORG1, "errors")
    scenarios.consortium.stop(ORG3, "peer")
    try:
        with pytest.raises(EndorseError):
            asker.submit("echo", "conga")
    finally:
        scenarios.consortium.start(ORG3, "peer")
    settled(asker)


def settled(asker: Asker) -> None:
    """Wait until everybody endorses, and goes on to: a peer that is back says what it has only after a while."""
    good = 0
    while good < 4:
        wait_for(lambda: submits(asker), "a submit that all endorse", 60)
        good += 1
        time.sleep(1.5)
        if not submits(asker):
            good = 0


def submits(asker: Asker) -> bool:
    """Whether everybody endorses: a peer that was away is found again after a while."""
    try:
        return bool(asker.submit("echo", "conga").result == b"conga")
    except EndorseError:
        return False


def test_submit_succeeds_with_sufficient_endorsers(acting: Acting) -> None:
    assert acting(ORG1, "errors").submit("echo", "conga").result == b"conga"


# Errors


def test_evaluate_fails_with_incorrect_arguments(acting: Acting) -> None:
    with pytest.raises(EvaluateError) as caught:
        acting(ORG1, "errors").evaluate("exists")
    assert caught.value.status.name == "UNKNOWN"
    assert "evaluate call to endorser returned error: chaincode response 500, " in caught.value.message
    assert caught.value.chaincode_message() == "exists takes 1 arguments, and got 0"


def test_submit_fails_with_incorrect_chaincode_name(acting: Acting) -> None:
    with pytest.raises(EndorseError) as caught:
        acting(ORG1, "nonexistent").submit("exists", "a")
    assert caught.value.status.name == "FAILED_PRECONDITION"
    assert "no combination of peers can be derived which satisfy the endorsement policy" in caught.value.message
    assert "No metadata was found for chaincode nonexistent in channel medconsent" in caught.value.message


def test_submit_fails_with_incorrect_transaction_name(acting: Acting, scenarios: World) -> None:
    with pytest.raises(EndorseError) as caught:
        acting(ORG1, "errors").submit("nonexistent")
    assert caught.value.status.name == "ABORTED"
    assert "failed to endorse transaction, see attached details for more info" in caught.value.message
    assert told(caught.value) == peers(scenarios, [ORG1])
    assert caught.value.chaincode_message() == 'there is no function "nonexistent"'


def test_evaluate_crash_chaincode(acting: Acting, scenarios: World) -> None:
    asker, other = acting(ORG1, "errors"), acting(ORG1, "private")
    # The Gateway asks one after the other those that it knows of: all of them, when a test before took none away.
    wait_for(lambda: all(answers(other, name) for name in EVERYBODY), "all chaincodes", 60)
    with pytest.raises(EvaluateError) as caught:
        asker.evaluate("crash")
    assert caught.value.status.name == "ABORTED"
    assert "failed to evaluate transaction, see attached details for more info" in caught.value.message
    assert told(caught.value) == peers(scenarios, EVERYBODY)
    assert all("chaincode stream terminated" in detail.message for detail in caught.value.details)
    wait_for(lambda: all(answers(other, name) for name in EVERYBODY), "the crashed chaincodes", 60)


def answers(asker: Asker, organization: str) -> bool:
    """Whether an organization's chaincode serves again."""
    try:
        return asker.evaluate("getPeerOrg", orgs=[organization]) == organization
    except EvaluateError:
        return False


def test_evaluate_with_signer_from_unauthorized_msp(acting: Acting, scenarios: World) -> None:
    _, theirs = identity_of(scenarios.caller(f"{ORG3}/scenario-user"))
    with pytest.raises(EvaluateError) as caught:
        Elsewhere(theirs).evaluate(acting(ORG1, "errors", NoSigner()), "exists", "123")
    assert caught.value.status.name == "FAILED_PRECONDITION"
    denied = f"error validating proposal: access denied: channel [medconsent] creator org [{ORG1}]"
    assert f"evaluate call to endorser returned error: {denied}" in caught.value.message
    assert told(caught.value) == peers(scenarios, [ORG1])
    assert denied in caught.value.details[0].message


def test_org3_fails_to_evaluate(acting: Acting) -> None:
    with pytest.raises(EvaluateError) as caught:
        acting(ORG1, "errors").evaluate("orgsFail", json.dumps([ORG1]))
    assert caught.value.status.name == "UNKNOWN"
    assert f"chaincode response 500, {ORG1} refuses to endorse this" in caught.value.message


@pytest.mark.parametrize("refusing", [[ORG3], [ORG2, ORG3]], ids=["org3", "org2-and-org3"])
def test_fail_to_endorse(acting: Acting, scenarios: World, refusing: list[str]) -> None:
    with pytest.raises(EndorseError) as caught:
        acting(ORG1, "errors").submit("orgsFail", json.dumps(refusing))
    assert caught.value.status.name == "ABORTED"
    assert "failed to collect enough transaction endorsements" in caught.value.message
    assert told(caught.value) == peers(scenarios, refusing)
    for detail in caught.value.details:
        assert f"{detail.msp_id} refuses to endorse this" in detail.message


def test_submit_non_deterministic_transaction(acting: Acting, scenarios: World) -> None:
    with pytest.raises(EndorseError) as caught:
        acting(ORG1, "errors").submit("nondet")
    assert caught.value.status.name == "ABORTED"
    assert "failed to collect enough transaction endorsements" in caught.value.message
    assert told(caught.value) == peers(scenarios, [ORG2, ORG3])
    assert all("ProposalResponsePayloads do not match" in detail.message for detail in caught.value.details)


# Off-line signing


@pytest.fixture
def elsewhere(scenarios: World) -> Elsewhere:
    """The key of the first organization's user, away from the client."""
    return Elsewhere(identity_of(scenarios.caller(f"{ORG1}/scenario-user"))[1])


@pytest.mark.parametrize("what", ["evaluate", "submit"])
def test_it_fails_without_signing(acting: Acting, what: str) -> None:
    asker: Any = acting(ORG1, "basic", NoSigner())
    with pytest.raises(PermissionError):
        getattr(asker, what)("echo", "conga")


@pytest.mark.parametrize("what", ["evaluate", "submit"])
def test_it_succeeds_with_off_line_signing(acting: Acting, elsewhere: Elsewhere, what: str) -> None:
    assert getattr(elsewhere, what)(acting(ORG1, "basic", NoSigner()), "echo", "conga") == "conga"
