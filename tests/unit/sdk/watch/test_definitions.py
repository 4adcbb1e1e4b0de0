"""Definitions of the chaincode against what the institution approved, which only its hashes show."""

from collections.abc import Mapping

import pytest
from fabric_protos.peer import policy_pb2
from fabric_protos.peer.lifecycle import chaincode_definition_pb2, db_pb2
from watch_world import CHAINCODE, World, signature_policy, transaction

NOT_APPROVED = {"CHAINCODE_WAITS", "CHAINCODE_NOT_APPROVED"}
FIELDS = ("EndorsementInfo", "ValidationInfo", "Collections")


def state(content: bytes = b"", number: int | None = None) -> bytes:
    data = db_pb2.StateData(Bytes=content) if number is None else db_pb2.StateData(Int64=number)
    return bytes(data.SerializeToString())


def definition(sequence: int, version: str = "0.1.0", policy: bytes = b"") -> dict[str, bytes]:
    """The fields as Fabric writes them; `policy` is a signature policy, else the channel's."""
    application = policy_pb2.ApplicationPolicy(channel_config_policy_reference="/Channel/Application/Endorsement")
    if policy:
        application = policy_pb2.ApplicationPolicy()
        application.signature_policy.ParseFromString(policy)
    endorsement = chaincode_definition_pb2.ChaincodeEndorsementInfo(version=version, endorsement_plugin="escc")
    validation = chaincode_definition_pb2.ChaincodeValidationInfo(
        validation_plugin="vscc", validation_parameter=application.SerializeToString()
    )
    return {
        "Sequence": state(number=sequence),
        "EndorsementInfo": state(endorsement.SerializeToString()),
        "ValidationInfo": state(validation.SerializeToString()),
        "Collections": state(),
    }


def approved(world: World, sequence: int, fields: Mapping[str, bytes], by: str = "hanbit", endorser: str = "") -> bytes:
    seals = {(by, f"namespaces/fields/{CHAINCODE}#{sequence}/{name}"): fields[name] for name in FIELDS}
    peer = world[endorser or by].key("peer")
    return transaction(world[by].key("admin"), [peer], number=sequence, seals=seals, namespace="_lifecycle")


def committed(world: World, fields: Mapping[str, bytes], name: str = CHAINCODE) -> bytes:
    writes = {f"namespaces/fields/{name}/{field}": value for field, value in fields.items()}
    peers = [world[one].key("peer") for one in ("nuri", "saerom")]
    return transaction(world["nuri"].key("admin"), peers, number=99, writes=writes, namespace="_lifecycle")


def test_what_was_approved_may_be_committed() -> None:
    world = World()
    fields = definition(1)
    assert world.judged(approved(world, 1, fields)) == []
    assert world.judged(committed(world, fields)) == []


def test_without_an_approval() -> None:
    world = World()
    found = {one.code: one for one in world.judged(committed(world, definition(1)))}
    assert set(found) == NOT_APPROVED
    told = found["CHAINCODE_NOT_APPROVED"]
    assert told.closes
    assert "version 0.1.0, endorsed by /Channel/Application/Endorsement, plugins escc/vscc" in told.sentence


@pytest.mark.parametrize("field", FIELDS)
def test_something_else_than_was_approved(field: str) -> None:
    world = World()
    fields = definition(1)
    world.judged(approved(world, 1, fields))
    found = world.judged(committed(world, {**fields, field: state(b"\x0a\x01x")}))
    assert {one.code for one in found} == NOT_APPROVED


def test_an_approval_of_another_sequence_or_institution_is_none() -> None:
    world = World()
    world.judged(approved(world, 1, definition(1)))
    world.judged(approved(world, 2, definition(2), by="nuri"))
    changed = {"Sequence": state(number=2)}  # Fabric writes only the fields that changed
    world.judged(committed(world, definition(1)))
    (found,) = world.judged(committed(world, changed))
    assert (found.code, found.about, found.closes) == ("CHAINCODE_WAITS", "medconsent#2", False)


def test_an_approval_in_hanbits_name_by_others_is_forged_and_counts_for_nothing() -> None:
    world = World()
    fields = definition(1)
    assert {one.code for one in world.judged(approved(world, 1, fields, endorser="nuri"))} == {"SEAL_FORGED"}
    assert {one.code for one in world.judged(committed(world, fields))} == NOT_APPROVED


def test_another_rule_that_was_approved_is_told() -> None:
    world = World()
    for sequence, fields in ((1, definition(1)), (2, definition(2, "0.2.0"))):
        world.judged(approved(world, sequence, fields))
        assert world.judged(committed(world, fields)) == [], "another version is another program, not another rule"
    weaker = definition(3, "0.2.0", signature_policy("nuri", "saerom", least=1))
    world.judged(approved(world, 3, weaker))
    (found,) = world.judged(committed(world, weaker))
    assert (found.code, found.closes) == ("CHAINCODE_CHANGED", False)
    assert "endorsed by any 1 of (nuri.peer, saerom.peer)" in found.sentence


def test_before_the_institution_joined_definitions_were_not_its_to_approve() -> None:
    world = World()
    judge = world.judge("hanbit")
    found = judge.judge(world.add(world.change(lambda channel: channel.groups["Application"].groups.pop("hanbit"))))
    assert {one.code for one in found} == {"MEMBER_LEFT"}
    assert judge.judge(world.add(committed(world, definition(1)))) == []


def test_another_chaincode_is_not_ours() -> None:
    world = World()
    assert world.judged(committed(world, definition(1), name="another")) == []


def test_a_raised_number_closes_nothing_and_names_the_command() -> None:
    """Two may raise it at any time: hanbit's peer waits for hanbit's administrator, and nothing is closed."""
    world = World()
    world.judged(approved(world, 1, definition(1)))
    world.judged(committed(world, definition(1)))
    raised = {name: definition(2, "0.2.0")[name] for name in ("Sequence", "EndorsementInfo")}
    (found,) = world.judged(committed(world, raised))
    assert (found.code, found.closes) == ("CHAINCODE_WAITS", False)
    assert "medconsent-network approve --sequence 2 --version 0.2.0" in found.sentence


def test_what_was_approved_beforehand_waits_for_nobody() -> None:
    world = World()
    world.judged(approved(world, 1, definition(1)))
    world.judged(committed(world, definition(1)))
    world.judged(approved(world, 2, definition(2)))
    assert world.judged(committed(world, {"Sequence": state(number=2)})) == []


def test_other_rules_under_a_raised_number_close() -> None:
    world = World()
    world.judged(approved(world, 1, definition(1)))
    world.judged(committed(world, definition(1)))
    weaker = definition(2, policy=signature_policy("nuri", "saerom", least=1))
    changed = {name: weaker[name] for name in ("Sequence", "ValidationInfo")}
    found = {one.code: one for one in world.judged(committed(world, changed))}
    assert set(found) == NOT_APPROVED
    assert found["CHAINCODE_NOT_APPROVED"].scope.ledger
