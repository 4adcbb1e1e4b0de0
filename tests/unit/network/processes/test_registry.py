"""The list of processes: each service belongs to one, and one more breaks no network that there is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from medconsent_network import bringup, ports, processes, settings
from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.processes import Process
from medconsent_network.spec import Spec, parse, read
from medconsent_network.spec.services import RANGE, SERVICES, Service

TEN_APART = (21_100, 21_110, 21_120)


class Echo(Process):
    """An eleventh listener, in the tests' registry alone."""

    name = "echo"
    services = ("echo",)

    def command(self, home: Home) -> str:
        return f"/bin/echo {home.institution.port('echo')}"

    def serves(self, home: Home) -> bool:
        return True

    def version(self, home: Home) -> str:
        return "1"


@pytest.fixture
def with_echo(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The next version of the program, which has one process more."""

    def upgrade() -> None:
        monkeypatch.setattr(processes, "ALL", (*processes.ALL, Echo()))
        monkeypatch.setitem(SERVICES, "echo", Service("an echo"))

    return upgrade


@pytest.fixture
def packed(sample_text: str) -> Spec:
    """The sample consortium with bases ten apart, as close as they may be, and the ports that it was made with."""
    spec = parse(sample_text).with_bases(TEN_APART)
    for name in spec.names:
        spec = ports.completed(spec, name, processes.services(Home(Path(), spec.institution(name), spec)))
    return spec


def test_every_service_belongs_to_one_process() -> None:
    served = [service for process in processes.ALL for service in process.services]
    assert sorted(served) == sorted(SERVICES)


def test_the_first_ten_keep_their_places(sample: Spec) -> None:
    """Networks that exist have these ports in their files, certificates and channels."""
    given = sample.institution("nuri").all_ports
    assert [(name, given[name]) for name, service in SERVICES.items() if service.place is not None] == [
        ("ca", 7200),
        ("tlsca", 7201),
        ("peer", 7202),
        ("chaincode", 7203),
        ("orderer", 7204),
        ("orderer-admin", 7205),
        ("peer-operations", 7206),
        ("orderer-operations", 7207),
        ("ca-operations", 7208),
        ("tlsca-operations", 7209),
    ]


def test_a_new_process_comes_to_a_network_that_exists(
    tmp_path: Path, packed: Spec, with_echo: Callable[[], None]
) -> None:
    """Its port is chosen past everybody's range, written into the file, and kept; nothing else moves."""
    network = make_network(tmp_path, packed)
    before = {name: home.institution.all_ports for name, home in network.homes.items()}
    text = (tmp_path / "consortium.yaml").read_text()
    with_echo()

    network = Consortium.at(tmp_path)
    assert not network.home("nuri").institution.has_port("echo")
    with pytest.raises(NetworkError, match="gives nuri no port for echo") as missing:
        network.home("nuri").institution.port("echo")
    assert missing.value.code == "CONSORTIUM_INVALID"
    network.complete_ports()
    echoes = {name: home.institution.port("echo") for name, home in network.homes.items()}
    assert len(set(echoes.values())) == len(echoes)
    assert all(port >= TEN_APART[-1] + RANGE for port in echoes.values())
    for name, home in network.homes.items():
        assert {service: port for service, port in home.institution.all_ports.items() if service != "echo"} == before[
            name
        ]
        settings.write(home, tmp_path / "s.sock")
        assert f"command = /bin/echo {echoes[name]}\n" in (home / "supervisor" / "supervisord.conf").read_text()

    written = (tmp_path / "consortium.yaml").read_text()
    assert written.startswith("# what the operator wrote\n"), "comments stay"
    assert [line for line in text.splitlines() if line not in written.splitlines()] == []
    again = Consortium.at(tmp_path)
    again.complete_ports()
    assert {name: home.institution.port("echo") for name, home in again.homes.items()} == echoes
    assert (tmp_path / "consortium.yaml").read_text() == written


def test_a_file_that_leaves_the_new_port_open_is_still_the_networks(
    tmp_path: Path, packed: Spec, with_echo: Callable[[], None]
) -> None:
    make_network(tmp_path, packed)
    with_echo()
    Consortium.at(tmp_path).complete_ports()
    assert Consortium.at(tmp_path, packed).home("nuri").institution.has_port("echo")
    with pytest.raises(NetworkError, match="another consortium file"):
        Consortium.at(tmp_path, packed.with_ports("nuri", {"echo": 20_000}))


def test_a_home_by_itself_gives_its_own_new_ports(tmp_path: Path, packed: Spec, with_echo: Callable[[], None]) -> None:
    """And the network, when it comes up as a whole again, goes by what the home gave."""
    home = make_network(tmp_path, packed).home("hanbit")
    with_echo()
    alone = bringup.with_all_ports(home, home.spec)
    taken = {port for one in packed.institutions for port in one.all_ports.values()}
    assert alone.institution.port("echo") not in taken
    assert alone.institution.port("echo") >= TEN_APART[-1] + RANGE
    assert not alone.spec.institution("nuri").has_port("echo")
    moved = replace(alone, institution=alone.institution, spec=alone.spec.with_ports("hanbit", {"echo": 23_456}))
    settings.write(replace(moved, institution=moved.spec.institution("hanbit")), tmp_path / "s.sock")
    network = Consortium.at(tmp_path)
    network.complete_ports()
    assert network.home("hanbit").institution.port("echo") == 23_456
    assert read(tmp_path / "consortium.yaml").institution("hanbit").port("echo") == 23_456


def make_network(folder: Path, spec: Spec) -> Consortium:
    """A network as it is on disk after `up`, made before there was an echo."""
    network = Consortium.at(folder, spec)
    (folder / "consortium.yaml").write_text("# what the operator wrote\n" + spec.to_yaml())
    for home in network.homes.values():
        settings.make_folders(home)
        settings.write(home, folder / "s.sock")
    assert "echo" not in YAML(typ="safe").load(folder / "consortium.yaml")["institutions"][0].get("ports", {})
    return network
