"""Blocks that do not follow, are not what their header says, or that no orderer signed."""

from dataclasses import replace

import pytest
from fabric_protos.common import common_pb2, configuration_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from watch_world import World, transaction

from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.errors import BlockError
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.watch import chain


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    for number in (1, 2, 3):
        creator = world["nuri"].key("client")
        world.add(transaction(creator, [world["nuri"].key("peer")], number=number, writes={f"k{number}": b"v"}))
    return world


def codes(world: World, block: LedgerBlock, after: int) -> list[tuple[str, str]]:
    judge = world.judge()
    for earlier in world.blocks[1 : after + 1]:
        assert judge.judge(earlier) == []
    return [(found.code, found.about) for found in judge.judge(block)]


def test_an_honest_chain(world: World) -> None:
    judge = world.judge()
    assert [judge.judge(block) for block in world.blocks[1:]] == [[], [], []]
    assert (judge.state.next, judge.state.last_hash) == (4, world.blocks[3].hash)


def test_a_block_is_left_out(world: World) -> None:
    assert codes(world, world.blocks[3], after=1) == [("CHAIN_BROKEN", "number")]


def test_a_block_of_another_chain(world: World) -> None:
    other = replace(world.blocks[2], previous_hash=b"x" * 32)
    signed = (world.signed(other, world["nuri"].key("orderer")), *other.metadata[1:])
    assert codes(world, replace(other, metadata=signed), after=1) == [("CHAIN_BROKEN", "previous hash")]


def test_a_transaction_is_exchanged(world: World) -> None:
    block = world.blocks[2]
    other = transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], number=9, writes={"k": b"v"})
    assert codes(world, replace(block, envelopes=(other,)), after=1) == [("CHAIN_BROKEN", "data hash")]


@pytest.mark.parametrize(("institution", "unit"), [("nuri", "client"), ("nuri", "peer")])
def test_a_block_signed_by_who_is_no_orderer(world: World, institution: str, unit: str) -> None:
    block = world.blocks[2]
    signed = (world.signed(block, world[institution].key(unit)), *block.metadata[1:])
    assert codes(world, replace(block, metadata=signed), after=1) == [("BLOCK_UNSIGNED", "")]


def test_a_block_signed_by_a_stranger(world: World) -> None:
    block = world.blocks[2]
    signed = (world.signed(block, World()["nuri"].key("orderer")), *block.metadata[1:])
    assert codes(world, replace(block, metadata=signed), after=1) == [("BLOCK_UNSIGNED", "")]


@pytest.mark.parametrize("signatures", [b"", b"\xff", b"\x0a\x01x"])
def test_a_block_without_a_signature(world: World, signatures: bytes) -> None:
    block = world.blocks[2]
    changed = replace(block, metadata=(signatures, *block.metadata[1:]))
    assert codes(world, changed, after=1) == [("BLOCK_UNSIGNED", "")]


def test_a_block_that_an_orderer_gave_says_nothing_of_validity(world: World) -> None:
    block = world.blocks[2]
    changed = replace(block, metadata=(*block.metadata[:2], b"", *block.metadata[3:]))
    assert codes(world, changed, after=1) == [("CHAIN_BROKEN", "content")]
    with pytest.raises(BlockError, match="fetched from an orderer"):
        list(changed.transactions())


@pytest.mark.parametrize("envelope", [b"", b"\xff\xff", b"\x0a\x02\xff\xff"])
def test_what_cannot_be_read_is_found_and_does_not_stop_the_watcher(world: World, envelope: bytes) -> None:
    judge = world.caught_up()
    fresh = World()
    fresh.institutions, fresh.config, fresh.blocks = world.institutions, world.config, list(world.blocks)
    found = judge.judge(fresh.add(envelope))
    assert [one.code for one in found] in ([], ["UNREADABLE"])  # an empty envelope is one of no known kind
    assert not any(one.closes for one in found), "nobody knows who made it"
    creator, peer = world["nuri"].key("client"), world["nuri"].key("peer")
    assert judge.judge(fresh.add(transaction(creator, [peer], number=7, writes={"k": b"v"}))) == []


def test_a_block_is_read_back_as_it_was_written(world: World) -> None:
    block = world.blocks[2]
    assert LedgerBlock.parse(block.to_bytes()) == block
    assert block.channel == "medconsent"
    for junk in (b"", b"junk", b"\x0a"):
        with pytest.raises(BlockError):
            LedgerBlock.parse(junk)


def test_the_hash_of_a_header_is_fabrics() -> None:
    """Against the DER encoding written out: lengths below 128, integers that would be negative, an empty hash."""
    block = LedgerBlock(128, b"", b"\x01" * 32, (), ())
    assert block.header_bytes == bytes.fromhex("3028" + "02020080" + "0400" + "0420") + b"\x01" * 32
    assert LedgerBlock(0, b"", b"", (), ()).header_bytes == bytes.fromhex("3007" + "020100" + "0400" + "0400")


@pytest.mark.parametrize(("consenters", "needed"), [(1, 1), (3, 2), (4, 3), (5, 4), (7, 5), (10, 7)])
def test_the_quorum_of_bft(consenters: int, needed: int) -> None:
    assert chain.quorum(consenters) == needed


def test_blocks_of_a_bft_ordering_service() -> None:
    world = World()
    names = ("hanbit", "nuri", "saerom")
    orderers = [world[name].key("orderer", f"o{number}") for number, name in enumerate((*names, "nuri"), 1)]
    group = world.config.channel_group.groups["Orderer"]
    group.values["ConsensusType"].value = orderer_pb2.ConsensusType(type="BFT").SerializeToString()
    group.values["Orderers"].value = configuration_pb2.Orderers(
        consenter_mapping=[
            configuration_pb2.Consenter(
                id=number, host="h", port=1, msp_id=one.identity.msp_id, identity=one.identity.certificate_pem
            )
            for number, one in enumerate(orderers, 1)
        ]
    ).SerializeToString()
    config = ChannelConfig(world.config)
    block = world.add(b"")

    def signed(*numbers: int) -> LedgerBlock:
        metadata = common_pb2.Metadata(value=b"value")
        for number in numbers:
            header = common_pb2.IdentifierHeader(identifier=number, nonce=b"n").SerializeToString()
            signature = orderers[number - 1].signer.sign(b"value" + header + block.header_bytes)
            metadata.signatures.add(identifier_header=header, signature=signature)
        return replace(block, metadata=(metadata.SerializeToString(), *block.metadata[1:]))

    assert list(chain.unsigned(config, signed(1, 2, 4))) == []
    (found,) = chain.unsigned(config, signed(1, 2))
    assert "has 2 valid signatures of the ordering service and needs 3 of 4 consenters" in found.sentence
    assert list(chain.unsigned(config, signed(1, 1, 1))), "one consenter thrice is one"
    assert list(chain.unsigned(config, block)), "an orderer's signature of Raft is none here"
