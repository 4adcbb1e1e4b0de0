"""A home by itself, with what an attacker on its machine or among its people knows: every secret that was ever made."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from networks import running

from medconsent_network.consortium import Consortium
from medconsent_network.home import Home
from medconsent_network.spec import Spec, parse

NAME = "hanbit"
_FILE = "institutions: [{name: hanbit, host: 127.0.0.1, port_base: 7100}]"


@dataclass(frozen=True)
class Lone:
    """A consortium of one institution, and the secrets that its home was founded with."""

    network: Consortium
    secrets: tuple[str, ...]

    @property
    def home(self) -> Home:
        return self.network.home(NAME)


def alone(like: Spec) -> Spec:
    """A consortium of one institution on the same Fabric."""
    return parse(_FILE).with_fabric(like.fabric_version)


@contextmanager
def lone_home(folder: Path, like: Spec) -> Iterator[Lone]:
    """Brought up from nothing, while somebody takes down every secret."""
    made: list[str] = []
    make = secrets.token_urlsafe

    def spied(size: int | None = None) -> str:
        made.append(make(size))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_urlsafe", spied)
        with running(folder, alone(like)) as network:
            patch.undo()
            yield Lone(network, tuple(made))
