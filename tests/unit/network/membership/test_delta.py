"""What an update makes of a configuration, and what of that is soft, without asking an orderer."""

import pytest
from fabric_protos.common import configtx_pb2

from medconsent_network.membership import delta, hardened


def config() -> configtx_pb2.Config:
    found = configtx_pb2.Config(sequence=4)
    top = found.channel_group
    top.version, top.mod_policy = 2, "Admins"
    top.values["Batch"].CopyFrom(configtx_pb2.ConfigValue(version=1, value=b"old", mod_policy="Admins"))
    for name in ("a", "b"):
        top.groups["Application"].groups[name].values["MSP"].value = name.encode()
    return found


def update(write: configtx_pb2.ConfigGroup) -> bytes:
    return bytes(configtx_pb2.ConfigUpdate(channel_id="c", write_set=write).SerializeToString())


def test_a_value_changes_with_its_version_alone() -> None:
    write = configtx_pb2.ConfigGroup(version=2)
    write.values["Batch"].CopyFrom(configtx_pb2.ConfigValue(version=1, value=b"new"))
    assert delta.applied(config(), update(write)).channel_group.values["Batch"].value == b"old"
    write.values["Batch"].version = 2
    after = delta.applied(config(), update(write))
    assert after.channel_group.values["Batch"].value == b"new"
    assert after.sequence == 5


@pytest.mark.parametrize(("version", "left"), [(0, {"a", "b"}), (1, {"a", "c"})])
def test_members_come_and_go_with_the_groups_version(version: int, left: set[str]) -> None:
    """As Fabric has it: what a changed group does not name any more is gone, what it names besides is new."""
    write = configtx_pb2.ConfigGroup(version=2)
    application = write.groups["Application"]
    application.version = version
    application.groups["a"].version = 0
    if version:
        application.groups["c"].values["MSP"].value = b"c"
    after = delta.applied(config(), update(write)).channel_group.groups["Application"]
    assert set(after.groups) == left
    assert after.groups["a"].values["MSP"].value == b"a"


def test_the_configuration_that_was_given_stays() -> None:
    before = config()
    delta.applied(before, update(configtx_pb2.ConfigGroup(version=9)))
    assert before == config()


def test_an_empty_configuration_is_soft_in_every_part() -> None:
    said = "; ".join(hardened.softened(configtx_pb2.Config(), "all"))
    for part in ("there is no group /Channel/Application", "policies/Membership is not there", "type '', which"):
        assert part in said
    assert hardened.needed(configtx_pb2.Config()) == (0, [])
