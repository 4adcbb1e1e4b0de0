"""With a quorum left no outcome is unknown, and nobody waits for whom their write does not need.

Under load at three institutions, one process of one of them is killed or frozen. `-s` shows the rows of docs/faults.md.
"""

from collections.abc import Callable, Iterator

import faults
import load
import pytest
from chains import three
from faults import Seen, down, follower, frozen, killed, leader

from medconsent_network.consortium import Consortium
from medconsent_network.home import Home


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, fabric_version: str) -> Iterator[Consortium]:
    """Three institutions."""
    with three(tmp_path_factory.mktemp("faults") / "net", fabric_version) as made:
        yield made


def first(network: Consortium) -> Home:
    """Any."""
    return next(iter(network.homes.values()))


ORDERERS = [
    ("the leading orderer is killed", leader, killed),
    ("the leading orderer is frozen", leader, frozen),
    ("the own orderer, not leading, is frozen", follower, frozen),
    ("the own orderer is down", follower, down),
]
ENDORSERS = [
    ("a peer is frozen", "peer", frozen),
    ("a peer is killed", "peer", killed),
    ("a chaincode process is frozen", "chaincode", frozen),
    ("a chaincode process is killed", "chaincode", killed),
]


@pytest.mark.parametrize(("words", "whose", "fault"), ORDERERS, ids=[row[0] for row in ORDERERS])
def test_an_orderer_is_lost_and_each_outcome_is_known(
    network: Consortium, words: str, whose: Callable[[Consortium], Home], fault: Callable[..., object]
) -> None:
    own, others = faults.try_out(network, whose(network), "orderer", fault)
    told(words, own, others)
    for seen in (own, others):
        assert seen.acknowledged > 60, seen.words
        assert (seen.unknown, seen.lost, seen.doubled) == (0, 0, 0), seen.words
        assert seen.refused == 0, seen.words
    assert max(own.longest, others.longest) < 10, "aimed at 3 s; an election on a busy machine may need a second round"


@pytest.mark.parametrize(("words", "process", "fault"), ENDORSERS, ids=[row[0] for row in ENDORSERS])
def test_nobody_waits_for_an_endorser_that_is_not_needed(
    network: Consortium, words: str, process: str, fault: Callable[..., object]
) -> None:
    own, others = faults.try_out(network, first(network), process, fault)
    told(words, own, others)
    assert others.acknowledged > 120, others.words
    assert (others.refused, others.lost, others.doubled) == (0, 0, 0), others.words
    assert others.p99 < 3, sorted(others.took)[-20:]
    assert (own.lost, own.doubled) == (0, 0), own.words


@pytest.mark.parametrize(("words", "whose", "fault"), ORDERERS[:3], ids=[row[0] for row in ORDERERS[:3]])
def test_with_the_asyncio_client_each_outcome_is_known_as_well(
    network: Consortium, words: str, whose: Callable[[Consortium], Home], fault: Callable[..., object]
) -> None:
    own, others = faults.try_out(network, whose(network), "orderer", fault, load.awaited)
    told(f"{words}, asyncio", own, others)
    for seen in (own, others):
        assert seen.acknowledged > 60, seen.words
        assert (seen.unknown, seen.lost, seen.doubled, seen.refused) == (0, 0, 0, 0), seen.words


def test_with_the_asyncio_client_nobody_waits_either(network: Consortium) -> None:
    own, others = faults.try_out(network, first(network), "chaincode", frozen, load.awaited)
    told("a chaincode process is frozen, asyncio", own, others)
    assert (others.refused, others.lost, others.doubled, own.lost, own.doubled) == (0, 0, 0, 0, 0), others.words
    assert others.p99 < 3, sorted(others.took)[-20:]


def told(words: str, own: Seen, others: Seen) -> None:
    """Print the rows."""
    print(f"\n| {words} | its own | {own.cells()} |\n| | the others | {others.cells()} |")
    for said in [*own.words, *others.words]:
        print("   ", said.replace("\n", " ")[:400])
