"""The channel's first block: derived for any number of institutions, and under the policy `Membership`."""

import hashlib
from pathlib import Path

import pytest
from fabric_protos.common import common_pb2, configtx_pb2

from medconsent_network.home import Home
from medconsent_network.membership.genesis import MEMBERSHIP, harden, membership, profile
from medconsent_network.spec import Spec, parse


def consortium_of(count: int) -> Spec:
    institutions = "".join(f"- {{name: i{n}, host: h{n}.example, port_base: 7100}}\n" for n in range(count))
    return parse(f"institutions:\n{institutions}")


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_institution_has_its_part(tmp_path: Path, count: int) -> None:
    spec = consortium_of(count)
    made = profile(spec, [Home(tmp_path / one.name, one, spec) for one in spec.institutions])
    names = list(spec.names)
    assert [one["ID"] for one in made["Application"]["Organizations"]] == names
    assert [one["ID"] for one in made["Orderer"]["Organizations"]] == names
    assert [one["Host"] for one in made["Orderer"]["EtcdRaft"]["Consenters"]] == [
        f"{n.replace('i', 'h')}.example" for n in names
    ]
    first = made["Application"]["Organizations"][0]
    assert first["Policies"]["Endorsement"]["Rule"] == "OR('i0.peer')"
    assert made["Orderer"]["Organizations"][0]["OrdererEndpoints"] == ["h0.example:7104"]


def test_only_orderers_sign_blocks(tmp_path: Path, sample: Spec) -> None:
    made = profile(sample, [Home(tmp_path / one.name, one, sample) for one in sample.institutions])
    assert made["Orderer"]["Policies"]["BlockValidation"]["Rule"] == "ANY BlockSigners"
    assert {one["Policies"]["BlockSigners"]["Rule"] for one in made["Orderer"]["Organizations"]} == {
        f"OR('{name}.orderer')" for name in sample.names
    }


def test_membership_is_everybodys_or_a_quorums() -> None:
    assert membership("all", ["a", "b"]) == {"Type": "ImplicitMeta", "Rule": "ALL Admins"}
    assert membership(2, ["a", "b", "c"]) == {"Type": "Signature", "Rule": "OutOf(2, 'a.admin', 'b.admin', 'c.admin')"}


def test_hardening() -> None:
    """Exactly what has to be is under Membership; the rest stays as configtxgen made it."""
    block = plain_block()
    hardened = harden(block)
    found = mod_policies(hardened)
    under = {path for path, policy in found.items() if policy == MEMBERSHIP}
    assert under == {
        "/Channel",
        "/Channel:Capabilities",
        "/Channel#Admins",
        "/Channel#Readers",
        "/Channel/Application",
        "/Channel/Application:Capabilities",
        "/Channel/Application#Admins",
        "/Channel/Application#Endorsement",
        "/Channel/Application#Membership",
        "/Channel/Orderer",
        "/Channel/Orderer:Capabilities",
        "/Channel/Orderer:ConsensusType",
        "/Channel/Orderer#Admins",
        "/Channel/Orderer#BlockValidation",
    }
    assert {path: policy for path, policy in found.items() if path not in under} == {
        path: policy for path, policy in mod_policies(block).items() if path not in under
    }
    parsed = common_pb2.Block.FromString(hardened)
    assert parsed.header.data_hash == hashlib.sha256(parsed.data.data[0]).digest()
    assert harden(block) == hardened


def plain_block() -> bytes:
    """A block with the shape of a genesis block, everything under `Admins`."""
    channel = configtx_pb2.ConfigGroup()
    application, orderer = channel.groups["Application"], channel.groups["Orderer"]
    shape = {
        "": (channel, ["Capabilities", "HashingAlgorithm"], ["Admins", "Readers"]),
        "application": (application, ["Capabilities"], ["Admins", "Endorsement", "Membership"]),
        "orderer": (orderer, ["Capabilities", "ConsensusType", "BatchSize"], ["Admins", "BlockValidation"]),
        "institution": (application.groups["hanbit"], ["MSP"], ["Admins", "Endorsement"]),
    }
    for group, values, policies in shape.values():
        group.mod_policy = "Admins"
        for value in values:
            group.values[value].mod_policy = "Admins"
        for policy in policies:
            group.policies[policy].mod_policy = "Admins"
    config = configtx_pb2.ConfigEnvelope(config=configtx_pb2.Config(channel_group=channel))
    payload = common_pb2.Payload(data=config.SerializeToString())
    envelope = common_pb2.Envelope(payload=payload.SerializeToString())
    block = common_pb2.Block(data=common_pb2.BlockData(data=[envelope.SerializeToString()]))
    return bytes(block.SerializeToString())


def mod_policies(block: bytes) -> dict[str, str]:
    """Every mod_policy of a genesis block, by its path (":" before a value, "#" before a policy)."""
    envelope = common_pb2.Envelope.FromString(common_pb2.Block.FromString(block).data.data[0])
    payload = common_pb2.Payload.FromString(envelope.payload)
    found: dict[str, str] = {}

    def walk(path: str, group: configtx_pb2.ConfigGroup) -> None:
        found[path] = group.mod_policy
        found.update({f"{path}:{name}": value.mod_policy for name, value in group.values.items()})
        found.update({f"{path}#{name}": policy.mod_policy for name, policy in group.policies.items()})
        for name, child in group.groups.items():
            walk(f"{path}/{name}", child)

    walk("/Channel", configtx_pb2.ConfigEnvelope.FromString(payload.data).config.channel_group)
    return found
