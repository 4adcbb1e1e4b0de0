"""Two institutions write worthless keys into everything that an act of the third reads, at 37 transactions a second and
as fast as it goes, from a plain client of the Gateway with altered chaincode on their two peers.

What must hold: every act that takes away (or says no) reads only keys that it names, needs its owner's own peer alone,
and goes through the first time. Where the flood has to write is read from the act itself, endorsed once beforehand and
never sent; so it meets whatever the contract reads.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from actors import Refused
from flood import flooding, targets
from people import Person
from scene import COLLUDERS, Scene
from taking_away import NAMES, Act, acts

PLAIN_RATE = 37.0
AS_FAST_AS_IT_GOES = 0.0


@pytest.fixture(scope="session")
def scene(crowded_scene: Scene) -> Scene:
    return crowded_scene


@pytest.fixture(scope="module")
def alone(scene: Scene) -> dict[str, Act]:
    """The acts in quiet times."""
    return acts(scene, f"alone-{time.time_ns() % 10**6}")


@pytest.mark.parametrize("name", NAMES)
def test_it_needs_its_owners_peer_alone(alone: dict[str, Act], name: str) -> None:
    """No other institution is asked: none of them can refuse, or be down."""
    act = alone[name]
    assert act.who.send(act.who.endorse(act.function, act.argument, "hanbit")).code == "VALID"


def test_the_program_revokes_by_a_prefix(scene: Scene, tmp_path: Path) -> None:
    """hanbit's steward types the beginning of a grant's id, as the documentation shows; the two flood the range of all
    grants. The program finds out which grant it is, and revokes it at once.
    """
    dataset = f"hanbit/prefix-{time.time_ns() % 10**6}"
    scene.publish(dataset, ("hanbit", "dac"))
    grant = scene.grant("nuri/kim", dataset)["id"]
    _ = scene.steward
    person = Person("hanbit/steward", tmp_path / "steward")
    wallet = scene.network.folder / "wallets" / "hanbit" / "steward"
    profile = str(scene.network.home("hanbit").connection_profile)
    person.run("context", "add", "hanbit/steward", "--profile", profile, "--msp", str(wallet))
    scene.actor("nuri/mallory", "researcher")
    keys = [f"grant/{grant[:10]}zz", f"grant/{grant[:8]}zz", "grant/zz"]
    with flooding(scene.network, "nuri/mallory", COLLUDERS, keys, PLAIN_RATE):
        ran = person.run("--json", "grant", "revoke", grant[:8], "--reason", "misuse", "--yes", exit_code=None)
        decision = scene.check("nuri/kim", dataset)
    assert ran.exit_code == 0, f"{ran.stderr}\nand meanwhile: {decision['decision']}"
    assert decision["decision"] == "deny"


# Last in this file: the flood stands until the module's end.


@pytest.fixture(scope="module", params=[PLAIN_RATE, AS_FAST_AS_IT_GOES], ids=["37 a second", "as fast as it goes"])
def under_flood(scene: Scene, request: pytest.FixtureRequest) -> Iterator[dict[str, Act]]:
    """The acts, while the two flood all that any of them reads."""
    rate: float = request.param
    ready = acts(scene, f"flood-{int(rate)}-{time.time_ns() % 10**6}")
    where: set[str] = {"vote/flood"}
    for act in ready.values():
        where |= targets(act.who.endorse(act.function, act.argument, *act.endorsers))
    scene.actor("nuri/mallory", "researcher")
    with flooding(scene.network, "nuri/mallory", COLLUDERS, sorted(where), rate):
        yield ready


@pytest.mark.parametrize("name", NAMES)
def test_it_goes_through_the_first_time(under_flood: dict[str, Act], name: str) -> None:
    act = under_flood[name]
    try:
        outcome = act.who.send(act.who.endorse(act.function, act.argument, *act.endorsers)).code
    except Refused as refused:
        outcome = str(refused)
    assert outcome == "VALID"
