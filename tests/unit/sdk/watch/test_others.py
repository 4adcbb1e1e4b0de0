"""One's own ledger against the others' peers: what proves something, and what one of them alone could make up."""

from dataclasses import replace

import pytest
from fabric_protos.common import common_pb2
from watch_world import World, transaction

from medconsent.fabric.channel_config import ChannelConfig
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.watch.findings import Finding
from medconsent.watch.others import Answer, Seen, compare
from medconsent.watch.scope import Scope


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    world.add(transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], writes={"k": b"v"}))
    return world


def found(world: World, *answers: Answer) -> list[tuple[str, str]]:
    return [(one.code, one.about) for one in findings(world, *answers)]


def findings(world: World, *answers: Answer) -> list[Finding]:
    own = {block.number: Seen.of(block) for block in world.blocks}
    return list(compare(own, ChannelConfig(world.config), answers, "hanbit"))


def split(world: World, unit: str = "orderer", institution: str = "nuri") -> LedgerBlock:
    """Another block at the same height, signed by somebody of an institution."""
    other = transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], number=2, writes={"k": b"w"})
    block = world.blocks[1]
    bare = replace(block, envelopes=(other,))
    bare = replace(bare, data_hash=bare.computed_data_hash())
    return replace(bare, metadata=(world.signed(bare, world[institution].key(unit)), *block.metadata[1:]))


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


def test_a_block_that_one_institutions_peer_and_orderer_made_up(world: World) -> None:
    """It can do that alone, so it closes what rests on it; with another's signature also what rests on that one."""
    block = split(world)
    same = Answer("saerom", world.blocks[1])
    (one,) = findings(world, Answer("nuri", block), same)
    assert (one.code, one.about) == ("LEDGERS_DIFFER", f"nuri {block.hash.hex()}")
    assert one.scope == Scope.of(["nuri"])
    (one,) = findings(world, Answer("saerom", block), Answer("nuri", world.blocks[1]))
    assert one.scope == Scope.of(["nuri", "saerom"])
    (one,) = findings(world, Answer("nuri", block), Answer("saerom", refusal="unreached"))
    assert one.scope == Scope.of(["nuri"]), "that nobody else answers makes its word no truer"


def test_a_ledger_that_the_orderers_split(world: World) -> None:
    """One's own orderer signed it, or all the others have it."""
    (one,) = findings(world, Answer("nuri", split(world, institution="hanbit")), Answer("saerom", world.blocks[1]))
    assert one.scope.ledger
    block = split(world)
    both = findings(world, Answer("nuri", block), Answer("saerom", block))
    assert [one.code for one in both] == ["LEDGERS_DIFFER"] * 2
    assert all(one.scope.ledger for one in both)


def test_a_peer_that_makes_a_block_up_whenever_it_is_asked_fills_no_journal(world: World) -> None:
    told = {one.id for _ in range(3) for one in findings(world, Answer("nuri", split(world, "client")))}
    assert len(told) == 1


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
    alone = Answer("nuri", block), Answer("saerom", refusal="unreached")
    assert found(world, *alone) == [("PEER_DISAGREES", "nuri")], "one institution closes nothing, whoever is silent"


def test_another_state_after_the_same_block() -> None:
    world = World()
    world.blocks.append(committed_otherwise(world.add(b""), b"ours"))
    del world.blocks[1]
    answer = committed_otherwise(world.blocks[1], b"theirs")
    assert [code for code, _ in found(world, Answer("nuri", answer), Answer("saerom", answer))] == ["STATES_DIFFER"]
    without = committed_otherwise(world.blocks[1], b"")
    assert found(world, Answer("nuri", without)) == [], "a peer that keeps no commit hash says nothing"


def test_turned_away(world: World) -> None:
    nuri, saerom = Answer("nuri", refusal="shut out"), Answer("saerom", refusal="shut out")
    assert found(world, nuri, Answer("saerom", world.blocks[1])) == [("PEER_DISAGREES", "nuri")]
    assert found(world, nuri, Answer("saerom", refusal="unreached")) == [("PEER_DISAGREES", "nuri")]
    assert found(world, nuri, saerom) == [("SHUT_OUT", "nuri, saerom")]
