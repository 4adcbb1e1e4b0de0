"""Wrong permits that were found, each as its shortest history: none of them is given any more."""

from collections.abc import Iterator

import pytest
from model_channel import VALID, Channel, build
from model_lies import grant_again
from model_sample import PRIVACY
from model_world import World


@pytest.fixture
def world() -> Iterator[World]:
    """Two lie: the owner of the data, and somebody whose peer gives it the majority."""
    channel = Channel(build())
    yield World.prepare(channel).begin(["hanbit", "saerom"])
    channel.close()


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
