"""What every kind of process of a home answers for itself: folder, settings, ports, certificates, health, version."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from pathlib import Path
from string import Template
from typing import ClassVar

from medconsent_network.home import Home


class Stage(Enum):
    """When a process is started while a home comes up."""

    FIRST = 0
    """First: it certifies the listeners of the others."""
    AUTHORITY = 1
    """Next: it issues the other certificates."""
    NODE = 2
    """Once the home has its certificates."""
    LAST = 3
    """Once the network serves."""


class Process(ABC):
    """One kind of process; it is asked about a home, and keeps nothing itself.

    A further one is a class in a module here, an entry in `medconsent_network.processes`, and its ports in
    `medconsent_network.spec.services`.
    """

    name: ClassVar[str]
    """Its name: of its folder, its log, its row in `status`."""
    stage: ClassVar[Stage] = Stage.NODE
    services: ClassVar[tuple[str, ...]] = ()
    """The services (`medconsent_network.spec.services`) that it listens for."""
    seconds_to_start: ClassVar[float] = 60.0
    """How long it may take until it serves."""

    def wanted(self, home: Home) -> bool:
        """Whether the home runs one."""
        return True

    def folder(self, home: Home) -> Path:
        """Its folder, in which it is started."""
        return home.node(self.name)

    @abstractmethod
    def command(self, home: Home) -> str:
        """The command line, as supervisord reads it: `%(here)s` is the folder `supervisor` of the home."""

    def environment(self, home: Home) -> dict[str, str]:
        """What it finds in its environment beside PATH and the like."""
        return {}

    def settings(self, home: Home) -> list["SettingsFile"]:
        """Its settings, from the consortium file and from where the home stands now."""
        return []

    def discard_copies(self, home: Home) -> None:  # noqa: B027 - most keep none
        """Remove what it made of its certificates and keeps; it makes that anew. It does not run."""

    def prepare(self, home: Home) -> None:  # noqa: B027 - most need nothing
        """What it needs just before it is started, for a process of the stage LAST.

        Raises:
            NetworkError: What it needs is not to be had.
        """

    @abstractmethod
    def serves(self, home: Home) -> bool:
        """Whether it serves now; it runs."""

    @abstractmethod
    def version(self, home: Home) -> str:
        """The version of the running program; empty when it does not say."""

    def trouble(self, home: Home) -> tuple[str, str]:
        """What keeps it from being of use although it serves, and what to do; two empty texts when nothing does."""
        return "", ""

    def behind(self, home: Home, blocks: int, whose: str) -> tuple[str, str]:
        """That it has so many blocks fewer than the peer of `whose`, and what to do; two empty texts: no matter.

        Args:
            home: The home.
            blocks: How many blocks it lacks.
            whose: The institution with the highest ledger.
        """
        return "", ""

    def height(self, home: Home) -> int | None:
        """How many blocks it has; None for a process that has none."""
        return None

    def certificates(self, home: Home) -> list[Path]:
        """The files (PEM) of the certificates that it shows to others, whether they are there yet or not."""
        return []

    def alarm(self, home: Home) -> str:
        """What it says for which decisions are closed; empty when it does not."""
        return ""


@dataclass(frozen=True)
class SettingsFile:
    """A file of settings.

    Attributes:
        path: Where it is to be.
        text: Its content.
        mode: Its permissions; for its owner only.
    """

    path: Path
    text: str
    mode: int = 0o600

    @classmethod
    def of_template(cls, path: Path, /, **values: object) -> "SettingsFile":
        """The template that has the name of `path`, filled in."""
        return cls(path, template(path.name, **values))


def template(name: str, /, **values: object) -> str:
    """The text of the template `name` in `data/`, with its `$placeholders` filled in."""
    return Template(data(name)).substitute(values)


def data(name: str) -> str:
    """The text of the file `name` in `data/`, as it is."""
    return resources.files("medconsent_network").joinpath("data", name).read_text(encoding="utf-8")
