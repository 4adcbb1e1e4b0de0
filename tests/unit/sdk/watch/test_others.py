"""One's own ledger against the others' peers: what proves something, and what one of them alone could make up."""

from dataclasses import replace

import pytest
from fabric_protos.common import common_pb2
from watch_world import World, transaction

from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.watch.others import Answer, Seen, compare


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.add(transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], writes={"k": b"v"}))
    return world


def found(world: World, *answers: Answer) -> list[tuple[str, str]]:
    own = {block.number: Seen.of(block) for block in world.blocks}
    return [(one.code, one.about) for one in compare(own, ChannelConfig(world.config), answers)]


def split(world: World, unit: str = "orderer") -> LedgerBlock:
    """Another block at the same height, signed by somebody of nuri's."""
    other = transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], number=2, writes={"k": b"w"})
    block = world.blocks[1]
    bare = replace(block, envelopes=(other,))
    bare = replace(bare, data_hash=bare.computed_data_hash())
    return replace(bare, metadata=(world.signed(bare, world["nuri"].key(unit)), *block.metadata[1:]))


def judged_otherwise(block: LedgerBlock) -> LedgerBlock:
    return replace(block, metadata=(*block.metadata[:2], b"\x0a", *block.metadata[3:]))


def committed_otherwise(block: LedgerBlock, value: bytes) -> LedgerBlock:
    metadata = common_pb2.Metadata(value=value).SerializeToString()
    return replace(block, metadata=(*block.metadata[:4], metadata))


def test_they_agree(world: World) -> None:
    assert found(world, Answer("nuri", world.blocks[1]), Answer("saerom", world.blocks[0])) == []


def test_who_does_not_answer_says_nothing(world: World) -> None:
    assert found(world, Answer("nuri", refusal="unreached"), Answer("saerom", refusal="unreached")) == []
    assert found(world) == []


def test_a_ledger_that_the_orderers_split(world: World) -> None:
    """One peer is enough: the signature proves it."""
    block = split(world)
    answers = Answer("nuri", block), Answer("saerom", world.blocks[1])
    assert found(world, *answers) == [("LEDGERS_DIFFER", f"nuri {block.hash.hex()}")]


@pytest.mark.parametrize("unit", ["client", "peer"])
def test_a_block_that_a_peer_made_up(world: World, unit: str) -> None:
    assert [code for code, _ in found(world, Answer("nuri", split(world, unit)))] == ["PEER_DISAGREES"]


def test_a_signed_header_over_other_transactions_proves_nothing(world: World) -> None:
    block = replace(split(world), envelopes=(b"other",))
    assert [code for code, _ in found(world, Answer("nuri", block))] == ["PEER_DISAGREES"]


def test_transactions_judged_otherwise(world: World) -> None:
    block = judged_otherwise(world.blocks[1])
    one, both = (
        (Answer("nuri", block), Answer("saerom", world.blocks[1])),
        (Answer("nuri", block), Answer("saerom", block)),
    )
    assert found(world, *one) == [("PEER_DISAGREES", "nuri")]
    assert found(world, *both) == [("STATES_DIFFER", "nuri, saerom")]
    assert found(world, Answer("nuri", block), Answer("saerom", refusal="unreached")) == [("STATES_DIFFER", "nuri")]


def test_another_state_after_the_same_block() -> None:
    world = World()
    world.blocks.append(committed_otherwise(world.add(b""), b"ours"))
    del world.blocks[1]
    answer = committed_otherwise(world.blocks[1], b"theirs")
    assert [code for code, _ in found(world, Answer("nuri", answer))] == ["STATES_DIFFER"]
    without = committed_otherwise(world.blocks[1], b"")
    assert found(world, Answer("nuri", without)) == [], "a peer that keeps no commit hash says nothing"


def test_turned_away(world: World) -> None:
    nuri, saerom = Answer("nuri", refusal="shut out"), Answer("saerom", refusal="shut out")
    assert found(world, nuri, Answer("saerom", world.blocks[1])) == [("PEER_DISAGREES", "nuri")]
    assert found(world, nuri, saerom) == [("SHUT_OUT", "nuri, saerom")]
