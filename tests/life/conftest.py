"""Networks whose life takes minutes. However the tests end, what they started ends with them."""

import os
from collections.abc import Iterator

import pytest

from medconsent_network.guardian import guarded


@pytest.fixture(scope="session", autouse=True)
def no_network_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Also when the tests are killed."""
    with guarded(tmp_path_factory.getbasetemp()):
        yield


@pytest.fixture(scope="session")
def fabric_version() -> str:
    """The version that FABRIC_VERSION names."""
    return os.environ.get("FABRIC_VERSION", "3.1.1")
