"""Two SDKs on one real network: the official Go Gateway SDK, in a small program of the benchmark's, and ours."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from scenario import settled_heights

from medconsent.client import Client, connect
from medconsent.contexts import Contexts
from medconsent.fabric import Signer
from medconsent_network.progress import SILENT

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from asking import Asker  # noqa: E402
from bench import programs  # noqa: E402 - after the folder is known
from bench.clients import GoGateway  # noqa: E402
from bench.world import World, temporary_consortium  # noqa: E402
from scenario_network import ALL_OF, COLLECTIONS, EVERYBODY, define, serve, signed_by  # noqa: E402
from styles import AwaitedStyle, BlockingStyle, Style  # noqa: E402


@dataclass(frozen=True)
class PatientGo(GoGateway):
    """The official SDK, asked once all peers have the same blocks: it waits for none of those that it has endorse."""

    world: World

    def _call(self, *words: Any) -> dict[str, Any]:
        settled_heights(self.world.consortium)
        return super()._call(*words)


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """A running consortium, and who is who in it; gone at the end."""
    with temporary_consortium() as consortium:
        consortium.up()
        yield World(consortium)


@pytest.fixture(scope="session")
def go(world: World) -> GoGateway:
    """The official SDK."""
    return PatientGo(programs.build("gateway-go", SILENT), world)


@pytest.fixture(scope="session")
def ours(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Client]]:
    """Our SDK's client of a person (``hanbit/steward``) with roles, the same person that the Go SDK acts as."""
    contexts = Contexts(tmp_path_factory.mktemp("contexts"))
    with ExitStack() as stack:
        clients: dict[str, Client] = {}

        def client(person: str, *roles: str) -> Client:
            if person not in clients:
                folder = world.caller(person, *roles).certificate.parent
                profile = world.consortium.home(person.partition("/")[0]).connection_profile
                clients[person] = stack.enter_context(connect(contexts.add(profile, folder)))
            return clients[person]

        yield client


@pytest.fixture(scope="session")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A consortium of its own that runs the scenarios' chaincode, by the definitions `basic`, `errors` and `private`.

    Not `world`: that one's people ask the contract, and pytest does not run file by file what has parameters.
    """
    with temporary_consortium() as consortium:
        consortium.up()
        own = World(consortium)
        serve(own, tmp_path_factory.mktemp("scenarios"))
        for name, organizations in ALL_OF.items():
            define(own, name, signed_by(len(organizations), organizations))
        define(own, "private", signed_by(1, EVERYBODY), COLLECTIONS)
        yield own


@pytest.fixture(scope="session", params=[BlockingStyle, AwaitedStyle], ids=["blocking", "awaited"])
def style(request: pytest.FixtureRequest) -> Iterator[Style]:
    """Each of the two clients."""
    made: Style = request.param()
    yield made
    made.end()


@pytest.fixture
def acting(scenarios: World, style: Style) -> Iterator[Callable[..., Asker]]:
    """Makes askers: an organization's user, who asks a chaincode through their own organization's gateway."""
    made: list[Asker] = []

    def asker(organization: str, chaincode: str, signer: Signer | None = None) -> Asker:
        caller = scenarios.caller(f"{organization}/scenario-user")
        made.append(Asker(style, caller, chaincode, signer))
        return made[-1]

    yield asker
    for one in made:
        one.close()
