"""Hosts of institutions on one machine: each a network namespace with an address and a name of its own, and a user.

This is to be used in namespaces of one's own (`test_hosts.py` sees to that), so that nothing of it is left behind.
"""

import os
import shutil
import site
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from founders import Founder

from medconsent_network.tools.toolchain import CA_VERSION

ROOT = Path(__file__).parents[2]

PYTHON = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
"""The system's: that of the environment may be in a folder that only its owner enters."""
MODULES = [site.getsitepackages()[0], *(str(ROOT / part) for part in ("sdk", "cli", "network"))]

BRIDGE = "hosts"
OUR_ADDRESS = "10.77.0.1/24"
BASE = 7050


@dataclass(frozen=True)
class Ran:
    """What one run of the program did."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


@dataclass(frozen=True)
class Host(Founder):
    """An institution on a host of its own.

    Attributes:
        number: of its address and its user.
        build: where the programs are.
    """

    number: int = 0
    build: Path = Path()

    @property
    def address(self) -> str:
        return f"10.77.0.{10 + self.number}"

    @property
    def host_name(self) -> str:
        return f"fabric.{self.name}.test"

    @property
    def user(self) -> int:
        return 61_000 + self.number

    def begin(self) -> None:
        """The host is on the network, and its user has a folder that nobody else enters."""
        ip("netns", "add", self.name)
        ip("link", "add", f"v-{self.number}", "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("link", "set", f"v-{self.number}", "master", BRIDGE, "up")
        for words in (("link", "set", "lo", "up"), ("link", "set", "eth0", "up")):
            ip("-n", self.name, *words)
        ip("-n", self.name, "address", "add", f"{self.address}/24", "dev", "eth0")
        self.desk.mkdir(parents=True)
        for path in (self.folder, self.desk):
            path.chmod(0o700)
            os.chown(path, self.user, self.user)

    def run(self, *arguments: str | Path, exit_code: int = 0) -> Ran:  # type: ignore[override]
        """Run `medconsent-network` on this host, as its user."""
        ran = self.execute([PYTHON, "-m", "medconsent_network", *map(str, arguments), "--homes", str(self.homes)])
        assert ran.exit_code == exit_code, f"{self.name}: {arguments}\n{ran.output}"
        return ran

    def execute(self, command: list[str]) -> Ran:
        """Run a command on this host, as its user."""
        user = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--inh-caps=-all"]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "MEDCONSENT_BUILD": str(self.build),
            "PYTHONPATH": os.pathsep.join(MODULES),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            ["ip", "netns", "exec", self.name, *user, *command],
            env=environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def init(self, base: int = BASE, **terms: str) -> None:
        file = self.write_file(base, host=self.host_name, **terms)
        os.chown(file, self.user, self.user)
        self.run("home", "init", file)

    def send(self, paper: Path, *others: Founder) -> None:
        super().send(paper, *others)
        for other in others:
            assert isinstance(other, Host)
            os.chown(other.desk / paper.name, other.user, other.user)

    def end(self) -> None:
        if (self.homes / self.name).is_dir():
            self.run("down", "--institution", self.name)


def network_of(hosts: list[Host]) -> None:
    """A network that all hosts are on, with their names; and this process too."""
    Path("/run/netns").mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run/netns"], check=True)
    names = Path("/run/netns/hosts.txt")
    names.write_text("127.0.0.1 localhost\n" + "".join(f"{one.address} {one.host_name}\n" for one in hosts))
    names.chmod(0o644)
    subprocess.run(["mount", "--bind", names, "/etc/hosts"], check=True)
    ip("link", "set", "lo", "up")
    ip("link", "add", BRIDGE, "type", "bridge")
    ip("address", "add", OUR_ADDRESS, "dev", BRIDGE)
    ip("link", "set", BRIDGE, "up")
    for one in hosts:
        one.begin()


def programs_for_all(build: Path, to: Path, version: str) -> Path:
    """A copy of the programs that every user may run."""
    for part in ("chaincode", f"fabric-{version}", f"fabric-ca-{CA_VERSION}"):
        shutil.copytree(build / part, to / part)
    for path in (to, *to.rglob("*")):
        path.chmod(0o755)
    return to


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
