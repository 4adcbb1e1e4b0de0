"""The official clients' scenarios of private data and state-based endorsement, in both of ours (docs/scenarios.md)."""

import uuid
from collections.abc import Callable, Sequence

import pytest
from asking import Asker
from scenario_network import ORG1, ORG2, ORG3

from medconsent.fabric.errors import CommitError, EndorseError, EvaluateError
from medconsent_network.waiting import wait_for

Acting = Callable[..., Asker]


@pytest.fixture
def first(acting: Acting) -> Asker:
    """The first organization's user."""
    return acting(ORG1, "private")


@pytest.fixture
def second(acting: Acting) -> Asker:
    """The second organization's user."""
    return acting(ORG2, "private")


def test_what_is_defined_on_the_channel(first: Asker) -> None:
    """Not among the official scenarios."""
    defined = {one.name: one for one in first.style.do(first.channel.chaincode_definitions)}
    assert set(defined) == {"medconsent", "basic", "errors", "private"}
    assert (defined["private"].sequence, defined["private"].version) == (1, "1")
    assert defined["private"].rule == f"any 1 of ({ORG1}.member, {ORG2}.member, {ORG3}.member)"
    assert defined["private"].collections == ("SharedCollection", "Org1Collection", "Org3Collection")
    assert defined["basic"].rule == f"any 2 of ({ORG1}.member, {ORG2}.member)"
    assert defined["medconsent"].rule == "/Channel/Application/Endorsement"


@pytest.fixture
def key() -> str:
    """A key that nobody has used."""
    return f"key-{uuid.uuid4().hex}"


def write(asker: Asker, collections: str, key: str, value: str, orgs: Sequence[str] = ()) -> None:
    """Write private data."""
    transient = {"collection": collections, "key": key, "value": value}
    asker.submit("WritePrivateData", orgs=orgs, transient=transient)


def read(asker: Asker, collection: str, key: str, organization: str) -> str:
    """Read private data at an organization's peer."""
    return asker.evaluate("ReadPrivateData", collection, key, orgs=[organization])


# Private data collections


def test_org1_writes_and_can_read_it_back(first: Asker, key: str) -> None:
    write(first, "Org1Collection", key, "value-101", [ORG1])
    assert read(first, "Org1Collection", key, ORG1) == "value-101"


def test_org1_writes_but_fails_to_read_it_via_an_org2_peer(first: Asker, key: str) -> None:
    write(first, "Org1Collection", key, "value-102", [ORG1])
    with pytest.raises(EvaluateError):
        read(first, "Org1Collection", key, ORG2)


def test_org2_can_write_to_org1collection_but_cannot_read_it_back(second: Asker, key: str) -> None:
    write(second, "Org1Collection", key, "value-103", [ORG1])
    with pytest.raises(EvaluateError):
        read(second, "Org1Collection", key, ORG1)


def test_org2_writes_to_org1collection_and_org1_can_read_it(first: Asker, second: Asker, key: str) -> None:
    write(second, "Org1Collection", key, "value-104", [ORG1])
    wait_for(lambda: read(first, "Org1Collection", key, ORG1) == "value-104", "the private data", 30)


def test_org1_writes_to_sharedcollection_and_org2_fails_to_read_it(first: Asker, second: Asker, key: str) -> None:
    write(first, "SharedCollection", key, "value-106", [ORG1])
    with pytest.raises(EvaluateError):
        read(second, "SharedCollection", key, ORG1)


def test_org2_cannot_write_to_sharedcollection(second: Asker, key: str) -> None:
    with pytest.raises(EndorseError):
        write(second, "SharedCollection", key, "value-107", [ORG1])


def test_org1_writes_to_sharedcollection_without_specifying_endorsers(first: Asker, key: str) -> None:
    write(first, "SharedCollection", key, "value-108")
    assert read(first, "SharedCollection", key, ORG1) == "value-108"


def test_org1_writes_to_two_collections_without_specifying_endorsers(first: Asker, key: str) -> None:
    write(first, "SharedCollection,Org3Collection", key, "value-109")
    assert read(first, "SharedCollection", key, ORG1) == "value-109"
    wait_for(lambda: read(first, "Org3Collection", key, ORG3) == "value-109", "the private data at org3", 30)
    with pytest.raises(EvaluateError):
        read(first, "Org3Collection", key, ORG1)


# State-based endorsement


@pytest.fixture
def state(first: Asker, key: str) -> str:
    """A key whose changes the first organization's peer endorses."""
    first.submit("SetStateWithEndorser", key, "value-001", ORG1)
    return key


def test_state_change_must_be_endorsed_by_org1_peer(first: Asker, state: str) -> None:
    first.submit("ChangeState", state, "value-org1", orgs=[ORG1])
    assert first.evaluate("GetState", state) == "value-org1"


def test_state_change_fails_if_endorsed_only_by_org2_peer(first: Asker, state: str) -> None:
    with pytest.raises(CommitError) as caught:
        first.submit("ChangeState", state, "value-org2", orgs=[ORG2])
    assert caught.value.code == "ENDORSEMENT_POLICY_FAILURE"
    assert first.evaluate("GetState", state) == "value-001"


@pytest.mark.parametrize("endorsers", [(ORG1, ORG3), (ORG2, ORG3)], ids=["org1-and-org3", "org2-and-org3"])
def test_state_changes_when_not_specifying_endorsing_orgs(first: Asker, state: str, endorsers: tuple[str, str]) -> None:
    first.submit("SetStateEndorsers", state, *endorsers)
    first.submit("ChangeState", state, "value-of-two")
    assert first.evaluate("GetState", state, orgs=[ORG1]) == "value-of-two"


def test_state_change_fails_when_specifying_incorrect_endorsing_orgs(first: Asker, state: str) -> None:
    first.submit("SetStateEndorsers", state, ORG1, ORG3)
    with pytest.raises(CommitError) as caught:
        first.submit("ChangeState", state, "value-org1-org2", orgs=[ORG1, ORG2])
    assert caught.value.code == "ENDORSEMENT_POLICY_FAILURE"
    assert first.evaluate("GetState", state) == "value-001"
