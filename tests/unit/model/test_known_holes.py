"""Wrong permits that were found, or that one mend alone keeps away, each as its shortest history: none is given."""

from collections.abc import Iterator

import pytest
from model_channel import VALID, Call, Channel, build
from model_lies import grant_again, put_up
from model_observer import DATASET
from model_sample import DAC, ETHICS, PRIVACY, STEWARD, policy, stage
from model_world import World


@pytest.fixture(scope="module")
def prepared() -> Iterator[World]:
    channel = Channel(build())
    yield World.prepare(channel)
    channel.close()


@pytest.fixture
def world(prepared: World) -> World:
    """Two lie: the owner of the data, and somebody whose peer gives it the majority."""
    return prepared.begin(["hanbit", "saerom"])


def test_a_revoked_grant_is_not_given_again_by_another_vote(world: World) -> None:
    """The owner posts a second vote with the number of the one that completed the approval, and an earlier id: now that
    one completes it, and would make a grant that nobody has revoked. It is not the one that the request has.
    """
    asked = world.must("nuri/kim:researcher", *world.ask_for(0, "download", 20, ["kim"])).tx
    completing = world.must("hanbit/a:dac", *world.vote(asked, "dac", "approve"))
    world.must(PRIVACY, "grant.revoke", {"grant": completing.tx, "reason": "misuse"})
    lie = grant_again(world, completing.answer["vote"], "b", "0" * 64)
    assert lie.code == VALID, f"nothing is shown: {lie}"
    assert world.differences() == []


def test_a_vote_that_another_institution_puts_up(prepared: World) -> None:
    """It takes two of the owner's committee. saerom, which votes too, says in its own collection that a second one has
    approved, and gives its own vote.
    """
    world = prepared.begin(["saerom"])
    world.must(
        STEWARD,
        "policy.set",
        {"dataset": DATASET, "policy": policy(stages=0) | {"stages": [stage(DAC, 2), stage(ETHICS)]}},
    )
    asked = world.must("nuri/kim:researcher", *world.ask_for(0, "download", 20, ["kim"])).tx
    world.must("hanbit/a:dac", *world.vote(asked, "dac", "approve"))
    lie = put_up(world, world.votes[-1], "b", "saerom", "0" * 64)
    assert lie.code == VALID, f"nothing is shown: {lie}"
    (word,) = world.do(Call("saerom/e-1:ethics", *world.vote(asked, "ethics", "approve"), world.now, world.now))
    assert (word.code, word.answer["state"]) == (VALID, "in-review"), word
    assert world.differences() == []
