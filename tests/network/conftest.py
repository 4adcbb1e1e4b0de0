"""The real network of the tests: each Fabric version's is brought up once, on free ports, and is gone at the end."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scenario import Cast

import medconsent_network
from medconsent_network.consortium import Consortium
from medconsent_network.guardian import guarded
from medconsent_network.spec import FABRIC_VERSIONS, Spec, read

SAMPLE = Path(medconsent_network.__file__).parent / "data" / "consortium.yaml"


@pytest.fixture(scope="session", autouse=True)
def no_network_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """However the tests end, also when they are killed, what they started ends with them."""
    with guarded(tmp_path_factory.getbasetemp()):
        yield


@pytest.fixture(scope="session")
def sample_consortium() -> Spec:
    """The sample consortium, on the Fabric version that FABRIC_VERSION names."""
    return read(SAMPLE).with_fabric(os.environ.get("FABRIC_VERSION", FABRIC_VERSIONS[0]))


@pytest.fixture(scope="session")
def network_of(
    tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec
) -> Iterator[Callable[[str], Consortium]]:
    """The running sample consortium on a given Fabric version; brought up when first asked for."""
    running: dict[str, Consortium] = {}

    def network(version: str) -> Consortium:
        if version not in running:
            folder = tmp_path_factory.mktemp(f"network-{version}") / "network"
            running[version] = Consortium.with_free_ports(folder, sample_consortium.with_fabric(version))
            running[version].up()
        return running[version]

    yield network
    while running:
        running.popitem()[1].clean()


@pytest.fixture(scope="session")
def network(network_of: Callable[[str], Consortium], sample_consortium: Spec) -> Consortium:
    """The running sample consortium."""
    return network_of(sample_consortium.fabric_version)


@pytest.fixture(scope="session")
def cast_of(tmp_path_factory: pytest.TempPathFactory, network_of: Callable[[str], Consortium]) -> Callable[[str], Cast]:
    """The people of the sample consortium on a given Fabric version, enrolled once."""
    casts: dict[str, Cast] = {}

    def cast(version: str) -> Cast:
        if version not in casts:
            casts[version] = Cast(network_of(version), tmp_path_factory.mktemp(f"cast-{version}"))
            casts[version].assemble()
        return casts[version]

    return cast


@pytest.fixture(scope="session")
def cast(cast_of: Callable[[str], Cast], sample_consortium: Spec) -> Cast:
    """The people of the sample consortium."""
    return cast_of(sample_consortium.fabric_version)
