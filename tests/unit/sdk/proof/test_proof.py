"""Blocks verified by themselves: chain, signatures and configuration; the contract's program has tests in Go."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common import common_pb2, configtx_pb2, policies_pb2
from fabric_protos.msp import msp_principal_pb2
from watch_world import REFUSED, Key, World, set_meta, set_policy, signature_policy, transaction

from medconsent.errors import DocumentError
from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.proof.policies import Policies, Signer
from medconsent.proof.report import MEANINGS, Report
from medconsent.proof.signatures import Signatures
from medconsent.proof.verify import verify

ALL_THREE = ("hanbit", "nuri", "saerom")


@pytest.fixture(scope="module")
def institutions() -> dict[str, Any]:
    """Keys are dear: one world's serve all."""
    return dict(World().institutions)


@pytest.fixture
def world(institutions: dict[str, Any]) -> World:
    made = World(institutions)
    channel = made.config.channel_group
    channel.mod_policy = "Admins"
    for section in ("Application", "Orderer"):
        for name, group in channel.groups[section].groups.items():
            set_admins(group, name)
            group.values["AnchorPeers"].mod_policy = "Admins"
        set_meta(channel.groups[section], "Admins", policies_pb2.ImplicitMetaPolicy.MAJORITY, "Admins")
        set_meta(channel.groups[section], "Membership", policies_pb2.ImplicitMetaPolicy.ALL, "Admins")
        for value in channel.groups[section].values.values():
            value.mod_policy = "Membership"
    set_meta(channel.groups["Application"], "Endorsement", policies_pb2.ImplicitMetaPolicy.MAJORITY, "Endorsement")
    made.blocks.clear()
    made.add(made.config_envelope())
    return made


def set_admins(group: Any, name: str) -> None:
    role = msp_principal_pb2.MSPRole(msp_identifier=name, role=msp_principal_pb2.MSPRole.ADMIN)
    envelope = policies_pb2.SignaturePolicyEnvelope(
        rule=policies_pb2.SignaturePolicy(signed_by=0),
        identities=[msp_principal_pb2.MSPPrincipal(principal=role.SerializeToString())],
    )
    set_policy(group, "Admins", envelope.SerializeToString())


def signed(envelope: bytes, key: Key) -> bytes:
    """An envelope with its creator's signature."""
    outer = common_pb2.Envelope.FromString(envelope)
    outer.signature = key.signer.sign(outer.payload)
    return bytes(outer.SerializeToString())


def written(world: World, *endorsers: str, signer: Key | None = None, **how: Any) -> bytes:
    client = world["nuri"].key("client")
    peers = [world[name].key("peer") for name in endorsers]
    return signed(transaction(client, peers, writes={"k": b"v"}, **how), signer or client)


def configured(world: World, change: Any, *signers: Key) -> bytes:
    """A configuration transaction whose update is signed by these."""
    change(world.config.channel_group)
    world.config.sequence += 1
    update = b"what is asked for"
    wrapped = configtx_pb2.ConfigUpdateEnvelope(config_update=update)
    for key in signers:
        header = common_pb2.SignatureHeader(creator=key.creator, nonce=b"n").SerializeToString()
        wrapped.signatures.add(signature_header=header, signature=key.signer.sign(header + update))
    payload = common_pb2.Payload(data=wrapped.SerializeToString())
    body = configtx_pb2.ConfigEnvelope(
        config=world.config, last_update=common_pb2.Envelope(payload=payload.SerializeToString())
    )
    header = common_pb2.Header(
        channel_header=common_pb2.ChannelHeader(type=common_pb2.CONFIG, channel_id="medconsent").SerializeToString(),
        signature_header=common_pb2.SignatureHeader(creator=b"o", nonce=b"n").SerializeToString(),
    )
    outer = common_pb2.Payload(header=header, data=body.SerializeToString(deterministic=True))
    return bytes(common_pb2.Envelope(payload=outer.SerializeToString()).SerializeToString())


def proven(world: World, **how: Any) -> Report:
    return verify(world.blocks[0], world.blocks, **how)


def codes(report: Report) -> list[str]:
    assert {one.code for one in report.findings} <= MEANINGS.keys()
    return [one.code for one in report.findings]


def test_an_honest_ledger_is_clean_and_says_what_was_not_checked(world: World) -> None:
    world.add(written(world, *ALL_THREE))
    world.add(written(world, "hanbit", "nuri", number=2), written(world, "nuri", number=3), flags=bytes([0, REFUSED]))
    report = proven(world)
    assert codes(report) == []
    assert (report.blocks, report.counts["transactions"], report.counts["signatures"]) == (3, 3, 9)
    assert report.first == world.blocks[0].hash.hex()
    assert report.last == world.blocks[2].hash.hex()
    assert any(sentence.startswith("NOT checked: the contract's program") for sentence in report.checked())
    assert codes(verify(world.blocks[0], world.blocks[1:])) == []
    assert json.loads(json.dumps(report.to_json()))["clean"] is True


def test_another_first_block(world: World, institutions: dict[str, Any]) -> None:
    world.add(written(world, *ALL_THREE))
    other = World()
    report = verify(other.blocks[0], world.blocks)
    assert codes(report)[:2] == ["OTHER_CHANNEL", "CHAIN_BROKEN"]


@pytest.mark.parametrize("missing", [1, 2])
def test_a_block_that_is_missing(world: World, missing: int) -> None:
    for number in range(3):
        world.add(written(world, *ALL_THREE, number=number + 1))
    del world.blocks[missing]
    assert codes(proven(world)) == ["CHAIN_BROKEN"]


def test_a_transaction_that_was_changed_in_its_block(world: World) -> None:
    block = world.add(written(world, *ALL_THREE))
    other = (written(world, *ALL_THREE, number=2),)
    world.blocks[1] = LedgerBlock(block.number, block.previous_hash, block.data_hash, other, block.metadata)
    assert codes(proven(world)) == ["CHAIN_BROKEN"]


@pytest.mark.parametrize("unit", ["client", "peer", "admin"])
def test_a_block_that_no_orderer_signed(world: World, unit: str) -> None:
    world.add(written(world, *ALL_THREE), orderer=world["nuri"].key(unit))
    assert codes(proven(world)) == ["BLOCK_UNSIGNED"]


def test_a_transaction_that_its_creator_did_not_sign(world: World) -> None:
    world.add(written(world, *ALL_THREE, signer=world["hanbit"].key("client")))
    assert codes(proven(world)) == ["TAKEN_WRONGLY"]


def test_a_block_without_the_peers_word(world: World) -> None:
    world.add(written(world, *ALL_THREE), flags=b"")
    assert codes(proven(world)) == ["UNREADABLE"]


def test_who_endorsed_is_who_signed_as_a_peer(world: World) -> None:
    client = world["nuri"].key("client")
    keys = [world["hanbit"].key("peer"), world["nuri"].key("client"), world["saerom"].key("peer")]
    block = world.add(signed(transaction(client, keys, writes={"k": b"v"}), client))
    spoilt = world.add(signed(transaction(client, keys, spoil=lambda signature: signature[:-1] + b"x"), client))
    found = Signatures(ChannelConfig(world.config))
    assert [one.endorsers for one in found.verified(block)] == [("hanbit", "saerom")]
    assert [one.meets for one in found.verified(block)] == [("/Channel/Application/Endorsement",)]
    assert [(one.endorsers, one.meets) for one in found.verified(spoilt)] == [((), ())]


def test_policies(world: World) -> None:
    channel = world.config.channel_group
    application = channel.groups["Application"]
    for name, least in (("Two", 2), ("Three", 3)):
        set_policy(application, name, signature_policy(*ALL_THREE, least=least))
    set_meta(application, "Any", policies_pb2.ImplicitMetaPolicy.ANY, "Endorsement")
    application.policies["Odd"].policy.type = 99
    policies = Policies(ChannelConfig(world.config))

    def met(name: str, *institutions: str, unit: str = "peer") -> bool:
        return policies.met(f"/Channel/Application/{name}", [Signer(one, frozenset({unit})) for one in institutions])

    assert met("Endorsement", "hanbit", "nuri")
    assert not met("Endorsement", "hanbit")
    assert not met("Endorsement", "hanbit", "hanbit")
    assert not met("Endorsement", *ALL_THREE, unit="client")
    assert met("Two", "hanbit", "saerom")
    assert not met("Three", "hanbit", "saerom")
    assert not met("Two", "hanbit", "hanbit")
    assert met("Any", "saerom")
    assert not met("Any")
    assert met("Membership", *ALL_THREE, unit="admin")
    assert not met("Membership", *ALL_THREE[:2], unit="admin")
    assert not met("Odd", *ALL_THREE)
    assert not met("Missing", *ALL_THREE)


def taken_out(channel: Any) -> None:
    del channel.groups["Application"].groups["saerom"]


def weakened(channel: Any) -> None:
    set_meta(channel.groups["Application"], "Membership", policies_pb2.ImplicitMetaPolicy.ANY, "Admins")


def moved(channel: Any) -> None:
    channel.groups["Application"].groups["hanbit"].values["AnchorPeers"].value = b""


@pytest.mark.parametrize(
    ("change", "signers", "agreed"),
    [
        (taken_out, ALL_THREE, True),
        (taken_out, ("hanbit", "nuri"), False),
        (weakened, ALL_THREE, True),
        (weakened, ("hanbit", "nuri"), False),
        (moved, ("hanbit",), True),
        (moved, ("nuri", "saerom"), False),
        (moved, (), False),
    ],
)
def test_a_change_of_the_configuration_needs_its_signatures(
    world: World, change: Any, signers: tuple[str, ...], agreed: bool
) -> None:
    world.add(configured(world, change, *(world[name].key("admin") for name in signers)))
    report = proven(world)
    found = [code for code in codes(report) if code != "CONFIG_HIDDEN"]  # this world's orderers say block 0
    assert found == ([] if agreed else ["CONFIG_NOT_AGREED"])
    (told,) = report.configurations
    assert told.signed_by == tuple(f"{name}/admin0" for name in signers)
    assert told.changes
    assert told.block == 1


def test_a_client_signs_no_configuration(world: World) -> None:
    world.add(configured(world, moved, world["hanbit"].key("client")))
    assert "CONFIG_NOT_AGREED" in codes(proven(world))


def test_a_configuration_that_is_kept_back_is_told_by_the_orderers(world: World) -> None:
    hidden = World.signed

    def newer(block: LedgerBlock, orderer: Key) -> bytes:
        value = common_pb2.OrdererBlockMetadata(last_config=common_pb2.LastConfig(index=1)).SerializeToString()
        header = common_pb2.SignatureHeader(creator=orderer.creator, nonce=b"n").SerializeToString()
        one = common_pb2.MetadataSignature(
            signature_header=header, signature=orderer.signer.sign(value + header + block.header_bytes)
        )
        return bytes(common_pb2.Metadata(value=value, signatures=[one]).SerializeToString())

    try:
        World.signed = staticmethod(newer)  # type: ignore[method-assign]
        admins = [world[name].key("admin") for name in ALL_THREE]
        world.add(configured(world, taken_out, *admins))
        assert codes(proven(world)) == []
        refused = LedgerBlock(*[*vars(world.blocks[1]).values()][:4], _refused(world.blocks[1].metadata))
        world.blocks[1] = refused
        assert codes(proven(world)) == ["CONFIG_HIDDEN"]
    finally:
        World.signed = staticmethod(hidden)  # type: ignore[method-assign]


def _refused(metadata: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return (*metadata[:2], bytes([REFUSED]), *metadata[3:])


def test_a_configuration_that_cannot_be_read(world: World) -> None:
    header = common_pb2.Header(
        channel_header=common_pb2.ChannelHeader(type=common_pb2.CONFIG).SerializeToString(),
        signature_header=common_pb2.SignatureHeader().SerializeToString(),
    )
    payload = common_pb2.Payload(header=header, data=b"\xff")
    world.add(common_pb2.Envelope(payload=payload.SerializeToString()).SerializeToString())
    assert codes(proven(world)) == ["UNREADABLE"]


def test_several_processes_find_the_same(world: World) -> None:
    for number in range(1, 300):
        world.add(
            written(world, *ALL_THREE, number=number, signer=world["hanbit"].key("client") if number == 250 else None)
        )
    told: list[int] = []
    report = proven(world, processes=2, progress=told.append)
    assert codes(report) == ["TAKEN_WRONGLY"]
    assert report.findings[0].block == 250
    assert report.counts["transactions"] == 299
    assert told[-1] == 300


PROGRAM = """#!{python}
import json, sys
source = sys.stdin.buffer
while line := source.readline():
    told = json.loads(line)
    if told.get("end"):
        print(json.dumps({{"at": "2026-11-24T10:00:00Z", "grants": [], "contract": "ab", "version": "0.2.0"}}))
        break
    for one in told["transactions"]:
        source.read(one["size"])
    found = [{{"code": "NOT_BY_CONTRACT", "sentence": "odd", "transaction": "ab", "index": 0}}] * (told["number"] == 2)
    counts = dict.fromkeys(("valid", "invalid", "again", "private", "unjudged"), len(told["transactions"]))
    print(json.dumps({{"block": told["number"], "findings": found, "decisions": [], **counts}}), flush=True)
"""


def program(folder: Path, text: str) -> Path:
    path = folder / "program"
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_program_is_handed_every_block_and_its_word_counts(world: World, tmp_path: Path) -> None:
    for number in range(1, 4):
        world.add(written(world, *ALL_THREE, number=number))
    report = proven(world, program=program(tmp_path, PROGRAM.format(python=sys.executable)))
    assert [(one.code, one.block) for one in report.findings] == [("NOT_BY_CONTRACT", 2)]
    assert report.counts["again"] == 3
    assert report.contract == "ab"
    assert "3 written again by the contract 0.2.0, to the byte" in list(report.checked())


@pytest.mark.parametrize(
    "text", ["#!/bin/sh\necho nonsense\n", "#!/bin/sh\necho no >&2; exit 1\n", "no program", "#!/bin/sh\necho '[]'\n"]
)
def test_a_program_that_is_not_the_contracts_is_an_error(world: World, tmp_path: Path, text: str) -> None:
    world.add(written(world, *ALL_THREE))
    with pytest.raises(DocumentError):
        proven(world, program=program(tmp_path, text))
