"""Wrong permits that are known, each as its shortest history. A test here fails as soon as its hole is closed."""

from collections.abc import Iterator

import pytest
from model_channel import VALID, Channel, build
from model_world import PRIVACY, World


@pytest.fixture
def world() -> Iterator[World]:
    """Two lie: the owner of the data, and somebody whose peer gives it the majority."""
    channel = Channel(build())
    yield World.prepare(channel).begin(["hanbit", "saerom"])
    channel.close()


@pytest.mark.xfail(
    strict=True, raises=AssertionError, reason="votes are ordered by the number that their institution says"
)
def test_a_revoked_grant_is_given_again_by_another_vote(world: World) -> None:
    """The owner posts a second vote with the number of the one that completed the approval, and an earlier id: now that
    one completes it, and makes a grant that nobody has revoked.
    """
    asked = world.must("nuri/kim:researcher", *world.ask_for(0, "download", 20, ["kim"])).tx
    completing = world.must("hanbit/a:dac", *world.vote(asked, "dac", "approve"))
    world.must(PRIVACY, "grant.revoke", {"grant": completing.tx, "reason": "misuse"})
    if (lie := world.grant_again(completing.answer["vote"], "b", "0" * 64)).code != VALID:
        pytest.fail(f"nothing is shown: {lie}")
    assert world.differences() == []
