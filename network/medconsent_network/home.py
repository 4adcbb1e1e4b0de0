"""An institution's home: where each thing is.

Everything an institution has is in one folder. Nothing in it depends on where the folder is, so it can be moved.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.progress import SILENT, Progress
from medconsent_network.spec import Institution, Spec, read
from medconsent_network.spec.services import SERVICES

WAITS = "another command works here: waiting for it to end"

Authority = Literal["ca", "tlsca"]
"""The two certificate authorities of a home: for identities, and for TLS."""
AUTHORITIES: tuple[Authority, ...] = ("ca", "tlsca")

WATCHER = "watcher"
"""Whom the home's watcher acts as, under `users/`."""

OPERATIONS_CLIENTS = ("operations", "scraper")
"""Who may read the operations listeners; see `Home.operations_client`."""

_FOLDERS = ("users", "supervisor", "logs", "bin", "channel")


@dataclass(frozen=True)
class Home:
    """The home of one institution.

    Attributes:
        path: Its folder.
        institution: Whose it is.
        spec: The consortium that it is part of.
    """

    path: Path
    institution: Institution
    spec: Spec

    @classmethod
    def open(cls, path: Path) -> "Home":
        """The home in the folder `path` (or that a link there leads to); the name of `path` is the institution's.

        Raises:
            NetworkError: HOME_MISSING when there is none.
        """
        path = path.absolute()
        files.require_readable(path)
        file = path / "consortium.yaml"
        if not file.is_file():
            raise NetworkError(
                "HOME_MISSING",
                f"{path} is not the home of an institution: it has no consortium.yaml",
                f"{_beside(path)}--network names the folder of another network, and --homes the folder that a home was "
                "moved to.",
            )
        spec = read(file)
        # A link left where a moved home was leads to it: the same home by either name, so the same supervisor's socket.
        return cls(path.resolve(), spec.institution(path.name), spec)

    def __truediv__(self, inside: str) -> Path:
        """`home / "logs"`: the path of something in the home."""
        return self.path / inside

    @property
    def name(self) -> str:
        """The institution's name, which is its MSP ID."""
        return self.institution.name

    @property
    def consortium_file(self) -> Path:
        """The consortium as this home knows it, since its processes were last given their settings."""
        return self.path / "consortium.yaml"

    @property
    def msp(self) -> Path:
        """What others need to recognise the institution's identities: its MSP without any key."""
        return self.path / "msp"

    def user(self, name: str) -> Path:
        """The MSP folder of an identity of the home itself: `admin`, `registrar`, or whoever was enrolled here."""
        return self.path / "users" / name

    def node(self, process: str) -> Path:
        """The folder of a process."""
        return self.path / process

    def ca_certificate(self, ca: Authority) -> Path:
        """The root certificate of an authority. Nobody is to trust a server for that of the enrolment CA."""
        return self.path / ca / "ca-cert.pem"

    def ca_url(self, ca: Authority) -> str:
        """The HTTPS address of an authority; the TLS CA is for the home itself alone."""
        host = "127.0.0.1" if SERVICES[ca].loopback else self.institution.host
        return f"https://{host}:{self.institution.port(ca)}"

    @property
    def tls_root(self) -> Path:
        """The root that certifies all servers of the institution, its CAs among them, and nothing else does."""
        return self.ca_certificate("tlsca")

    def operations_client(self, name: str) -> Path:
        """The folder of one of the two certificates that the operations listeners answer to: `operations` is the
        home's own, `scraper` is for whoever collects metrics.
        """
        return self.user(name) / "tls"

    @property
    def genesis(self) -> Path:
        """The channel's first block."""
        return self.path / "channel" / "genesis.block"

    def tls_root_of(self, institution: str) -> Path:
        """The TLS root of another institution of the consortium, as this one has been given it."""
        return self.path / "channel" / "tls-roots" / f"{institution}.pem"

    def secrets(self, ca: Authority) -> Path:
        """The one-time enrolment secrets that a CA begins with; the file is gone when all have been used."""
        return self.path / ca / "bootstrap.json"

    def binary(self, name: str) -> Path:
        """The link to the program `name`: `peer`, `orderer`, `fabric-ca-server` or `chaincode`."""
        return self.path / "bin" / name

    def kept_program(self, version: str) -> Path:
        """The program of a version of the chaincode that the home has changed to; it is the home's own from then on."""
        return self.path / "chaincode" / "programs" / version

    @property
    def log_folder(self) -> Path:
        """Where the processes' logs are, each `<process>.log`."""
        return self.path / "logs"

    @property
    def connection_profile(self) -> Path:
        """The connection profile for people of this institution; it is there once the network has been ready."""
        return self.path / "connection.json"

    @property
    def hosts(self) -> list[str]:
        """The names and addresses that the certificates of the institution's services carry."""
        return list(dict.fromkeys([self.institution.host, "127.0.0.1", "localhost"]))

    @contextmanager
    def locked(self, progress: Progress = SILENT) -> Iterator[None]:
        """Keep a second command from working on the home at the same time; it waits, and says so."""
        with files.locked(self.path, lambda: progress.say(WAITS)):
            yield

    def make_folders(self) -> None:
        """Make the folders that belong to no process."""
        for folder in _FOLDERS:
            files.private_folder(self.path / folder)


def _beside(path: Path) -> str:
    """The homes that there are in the same folder, as a sentence; empty when there are none."""
    there = sorted(home.parent.name for home in path.parent.glob("*/consortium.yaml"))
    return f"The homes there are {', '.join(there)}. " if there else ""
