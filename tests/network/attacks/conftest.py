"""Networks of their own for the attacks: what is tried here leaves damage behind."""

from collections.abc import Iterator

import pytest
from colluders import Colluders, build_altered_chaincode
from lone import Lone, lone_home
from networks import running
from scene import COLLUDERS, Scene

from medconsent_network.consortium import Consortium
from medconsent_network.membership import genesis
from medconsent_network.spec import Spec


def hostile(factory: pytest.TempPathFactory, spec: Spec) -> Iterator[Consortium]:
    """A consortium in which nuri and saerom run altered chaincode in the place of the real one."""
    folder = factory.mktemp("hostile")
    altered = build_altered_chaincode(folder)
    with running(folder / "network", spec) as network:
        for institution in COLLUDERS:
            network.use_chaincode(institution, altered)
        yield network


def staged(network: Consortium) -> Scene:
    """Committees of hanbit's and one of nuri's, and one dataset of nuri's, on which hanbit's ethics board votes."""
    scene = Scene(network)
    for institution in network.institutions:
        scene.actor(f"{institution}/auditor", "auditor")
    scene.seat("hanbit", "dac", "d-1")
    scene.seat("hanbit", "ethics", "e-1")
    scene.seat("nuri", "dac", "mallory-2")
    scene.publish("nuri/cohort", ("hanbit", "ethics"))
    return scene


def working_together(scene: Scene) -> Colluders:
    """nuri and saerom."""
    return Colluders(scene.network, COLLUDERS, scene.actor("nuri/mallory", "researcher"), scene.auditor, scene.actors)


@pytest.fixture
def unhardened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels that are made from now on are just as Fabric's configtxgen makes them."""
    monkeypatch.setattr(genesis, "harden", lambda block: block)


@pytest.fixture(scope="session")
def hostile_network(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Consortium]:
    """The network of most attacks."""
    yield from hostile(tmp_path_factory, sample_consortium)


@pytest.fixture(scope="session")
def scene(hostile_network: Consortium) -> Scene:
    """Who is attacked there, and by whom."""
    return staged(hostile_network)


@pytest.fixture(scope="session")
def colluders(scene: Scene) -> Colluders:
    """nuri and saerom, working together."""
    return working_together(scene)


@pytest.fixture(scope="session")
def crowded_network(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Consortium]:
    """Another, for those that fill the ledger with what stands in everybody's way."""
    yield from hostile(tmp_path_factory, sample_consortium)


@pytest.fixture(scope="session")
def crowded_scene(crowded_network: Consortium) -> Scene:
    """Who is attacked there, and by whom."""
    return staged(crowded_network)


@pytest.fixture(scope="session")
def crowded_colluders(crowded_scene: Scene) -> Colluders:
    """nuri and saerom there."""
    return working_together(crowded_scene)


@pytest.fixture(scope="session")
def lone(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Lone]:
    """A home by itself, for attacks from its own machine and by its own people."""
    with lone_home(tmp_path_factory.mktemp("lone") / "network", sample_consortium) as home:
        yield home
