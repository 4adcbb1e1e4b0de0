"""The sample consortium, and homes of it that are made on disk and never started."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from medconsent_network import identities, ports, processes, settings
from medconsent_network.home import Home
from medconsent_network.spec import Spec, parse

SAMPLE = (resources.files("medconsent_network") / "data" / "consortium.yaml").read_text()

MakeHome = Callable[..., Home]
ReadYaml = Callable[[Path], Any]


@pytest.fixture(scope="session")
def sample_text() -> str:
    """The sample consortium's file."""
    return SAMPLE


@pytest.fixture(scope="session")
def sample() -> Spec:
    """The sample consortium, hanbit, nuri and saerom, with the ports that `up` chooses where the file names none."""
    spec = parse(SAMPLE)
    for name in spec.names:
        spec = ports.completed(spec, name, processes.services(Home(Path(), spec.institution(name), spec)))
    return spec


@pytest.fixture
def make_home(tmp_path: Path, sample: Spec) -> MakeHome:
    """Make the home of an institution (nuri) of a consortium (the sample), with its settings, below a folder."""

    def make(folder: Path = tmp_path, spec: Spec = sample, name: str = "nuri") -> Home:
        home = Home(folder / name, spec.institution(name), spec)
        settings.make_folders(home)
        identities.prepare(home)
        settings.write(home, folder / "s.sock")
        return home

    return make


@pytest.fixture(scope="session")
def yaml() -> ReadYaml:
    """Read a YAML file."""
    return lambda path: YAML(typ="safe", pure=True).load(path)
