"""Two SDKs on one real network: the official Go Gateway SDK, in a small program of the benchmark's, and ours."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from medconsent.client import Client, connect
from medconsent.contexts import Contexts
from medconsent_network.progress import SILENT

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from bench import programs  # noqa: E402 - after the folder is known
from bench.clients import GoGateway  # noqa: E402
from bench.world import World, temporary_consortium  # noqa: E402


@pytest.fixture(scope="session")
def go() -> GoGateway:
    """The official SDK."""
    return GoGateway(programs.build("gateway-go", SILENT))


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """A running consortium, and who is who in it; gone at the end."""
    with temporary_consortium() as consortium:
        consortium.up()
        yield World(consortium)


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
