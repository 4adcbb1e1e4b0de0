"""An institution's home: where each thing is, and the settings of its processes.

Everything an institution has is in one folder. Nothing in it depends on where the folder is, so it can be moved.
"""

import json
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template
from typing import Literal

from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.spec import Institution, Spec, read

Process = Literal["ca", "tlsca", "orderer", "chaincode", "peer", "watch"]
PROCESSES: tuple[Process, ...] = ("ca", "tlsca", "orderer", "chaincode", "peer")
CAS: tuple[Process, ...] = ("ca", "tlsca")
NODES: tuple[Process, ...] = ("orderer", "chaincode", "peer")

# Quieter where Fabric writes lines for every transaction.
LOGGING = "info:grpc=error:gossip=warn:gossip.privdata=error:comm.grpc.server=warn:endorser=warn:gateway=warn"

# Fabric's default, without colours.
LOG_FORMAT = "%{time:2006-01-02 15:04:05.000 MST} [%{module}] %{shortfunc} -> %{level:.4s} %{message}"

BUILDER = ("detect", "build", "release")


@dataclass(frozen=True)
class Home:
    """The home of one institution of the consortium `spec` in the folder `path`."""

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
        file = path / "consortium.yaml"
        if not file.is_file():
            raise NetworkError(
                "HOME_MISSING",
                f"{path} is not the home of an institution: it has no consortium.yaml",
                "--network names the folder of another network, and --homes the folder that a home was moved to.",
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
    def msp(self) -> Path:
        """What others need to recognise the institution's identities: its MSP without any key."""
        return self.path / "msp"

    def user(self, name: str) -> Path:
        """The MSP folder of an identity of the home itself: `admin`, `registrar`, or whoever was enrolled here."""
        return self.path / "users" / name

    def node(self, process: Process) -> Path:
        """The folder of a process."""
        return self.path / process

    def ca_certificate(self, ca: Process) -> Path:
        """The root certificate of `ca` or `tlsca`; its own HTTPS certificate is issued by the same root."""
        return self.path / ca / "ca-cert.pem"

    def ca_url(self, ca: Process) -> str:
        """The HTTPS address of `ca` or `tlsca`."""
        return f"https://{self.institution.address(ca)}"

    @property
    def tls_root(self) -> Path:
        """The root that all TLS certificates of the institution's services are issued by."""
        return self.ca_certificate("tlsca")

    @property
    def genesis(self) -> Path:
        """The channel's first block."""
        return self.path / "channel" / "genesis.block"

    def tls_root_of(self, institution: str) -> Path:
        """The TLS root of another institution of the consortium, as this one has been given it."""
        return self.path / "channel" / "tls-roots" / f"{institution}.pem"

    def secrets(self, ca: Process) -> Path:
        """The one-time enrolment secrets that a CA begins with; the file is gone when all have been used."""
        return self.path / ca / "bootstrap.json"

    def binary(self, name: str) -> Path:
        """The link to the program `name`: `peer`, `orderer`, `fabric-ca-server` or `chaincode`."""
        return self.path / "bin" / name

    @property
    def watched(self) -> bool:
        """Whether the home runs a watcher beside its peer."""
        return self.spec.watch.run

    @property
    def processes(self) -> tuple[Process, ...]:
        """What runs in this home: `PROCESSES`, and the watcher where there is one."""
        return (*PROCESSES, "watch") if self.watched else PROCESSES

    @property
    def log_folder(self) -> Path:
        """Where the processes' logs are, each `<process>.log`."""
        return self.path / "logs"

    @property
    def connection_profile(self) -> Path:
        """The connection profile for people of this institution; it is there once the network has been ready."""
        return self.path / "connection.json"

    def make_folders(self) -> None:
        """Make the folders that the processes expect."""
        for folder in (
            "ca",
            "tlsca",
            "orderer",
            "peer",
            "chaincode",
            "users",
            "supervisor",
            "logs",
            "bin",
            "channel",
            "watch",
        ):
            files.private_folder(self.path / folder)

    def write_settings(self, socket: Path, package_id: str) -> None:
        """Write the settings of all processes, from the consortium file and from where the home stands now."""
        files.write_private(self.path / "consortium.yaml", self.spec.to_yaml())
        one = self.institution
        common = {"name": one.name, "listen": one.listen}
        for ca in CAS:
            self._write(
                self.path / ca / "fabric-ca-server-config.yaml",
                **common,
                ca_name=f"{ca}-{one.name}",
                port=one.port(ca),
                operations_port=one.port(f"{ca}-operations"),
                country=one.country,
                title=json.dumps(one.title),
                hosts=json.dumps(self.hosts),
                identities=json.dumps(self._registry(ca)),
            )
        self._write(
            self.path / "peer" / "core.yaml",
            **common,
            channel=self.spec.channel,
            peer_address=one.address("peer"),
            peer_port=one.port("peer"),
            peer_operations_port=one.port("peer-operations"),
            snapshots=json.dumps(str(self.path / "peer" / "data" / "snapshots")),
            address_overrides=json.dumps(self._address_overrides()),
            # 3.x refuses a proposal whose time is far off; 2.5 has no such filter and would not start with its name.
            time_window_check="" if self.spec.fabric_version.startswith("2.") else ", {name: TimeWindowCheck}",
        )
        self._write(
            self.path / "orderer" / "orderer.yaml",
            **common,
            orderer_port=one.port("orderer"),
            orderer_admin_port=one.port("orderer-admin"),
            orderer_operations_port=one.port("orderer-operations"),
        )
        self._write(
            self.path / "supervisor" / "supervisord.conf",
            name=one.name,
            socket=str(socket).replace("%", "%%"),
            package_id=package_id,
            chaincode_port=one.port("chaincode"),
            logging=LOGGING,
            log_format=LOG_FORMAT.replace("%", "%%"),
            programs=",".join(self.processes),
            python=sys.executable.replace("%", "%%"),
            within=f',MEDCONSENT_WATCH_WITHIN="{self.spec.watch.within}"' if self.spec.watch.within else "",
        )
        for program in BUILDER:
            text = _data(f"ccaas-{program}")
            files.write_private(self.path / "peer" / "builder" / "bin" / program, text, mode=0o700)

    @property
    def hosts(self) -> list[str]:
        """The names and addresses that the certificates of the institution's services carry."""
        return list(dict.fromkeys([self.institution.host, "127.0.0.1", "localhost"]))

    def _registry(self, ca: Process) -> list[dict[str, object]]:
        """The identities that a CA registers when it first starts, as its configuration wants them."""
        file = self.secrets(ca)
        return list(json.loads(file.read_text())) if file.exists() else []

    def _address_overrides(self) -> list[dict[str, str]]:
        """Fabric's peers choose an orderer at random; here every address leads to one's own orderer, if so wished."""
        if self.spec.ordering.peers_use == "any":
            return []
        own = self.institution.address("orderer")
        others = (i.address("orderer") for i in self.spec.institutions if i.name != self.name)
        return [{"from": address, "to": own, "caCertsFile": "tls/ca.pem"} for address in others]

    def _write(self, path: Path, **values: object) -> None:
        text = _data(path.name)
        if path.name == "supervisord.conf":
            text = text.replace("$common\n", _SUPERVISED)
            if not self.watched:
                text = text[: text.index("\n[program:watch]")]
        files.write_private(path, Template(text).substitute(values))


_SUPERVISED = """\
autostart = false
autorestart = true
startsecs = 1
startretries = 10
stopwaitsecs = 15
redirect_stderr = true
stdout_logfile = %(here)s/../logs/%(program_name)s.log
stdout_logfile_maxbytes = 20MB
stdout_logfile_backups = 5
"""


def _data(name: str) -> str:
    return resources.files("medconsent_network").joinpath("data", name).read_text(encoding="utf-8")
