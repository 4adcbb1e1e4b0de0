"""The settings of a home's processes: derived from the consortium, private, and the same wherever the home stands."""

import json
import stat
import subprocess
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from medconsent_network import files, identities
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.package import package, package_id
from medconsent_network.spec import Spec, Watch, parse

SPEC = parse((resources.files("medconsent_network") / "data" / "consortium.yaml").read_text())


def home_in(folder: Path, spec: Spec = SPEC, name: str = "nuri") -> Home:
    home = Home(folder / name, spec.institution(name), spec)
    home.make_folders()
    identities.prepare(home)
    home.write_settings(folder / "s.sock", package_id(home))
    return home


def yaml(path: Path) -> dict:  # type: ignore[type-arg]
    return YAML(typ="safe", pure=True).load(path)  # type: ignore[no-any-return]


def test_the_peer(tmp_path: Path) -> None:
    core = yaml(home_in(tmp_path) / "peer" / "core.yaml")
    peer = core["peer"]
    assert peer["localMspId"] == "nuri"
    assert peer["listenAddress"] == peer["address"] == "127.0.0.1:7202"
    assert peer["gossip"]["pvtData"]["skipPullingInvalidTransactionsDuringCommit"] is True
    assert peer["gossip"]["orgLeader"] is True
    assert core["vm"]["endpoint"] == ""
    assert core["operations"]["listenAddress"].startswith("127.0.0.1:")


@pytest.mark.parametrize(("version", "checks"), [("3.1.1", True), ("2.5.9", False)])
def test_the_filter_that_only_fabric_3_knows(tmp_path: Path, version: str, checks: bool) -> None:
    core = yaml(home_in(tmp_path, SPEC.with_fabric(version)) / "peer" / "core.yaml")
    filters = [one["name"] for one in core["peer"]["handlers"]["authFilters"]]
    assert ("TimeWindowCheck" in filters) is checks


def test_a_peer_is_led_to_its_own_orderer(tmp_path: Path) -> None:
    core = yaml(home_in(tmp_path) / "peer" / "core.yaml")
    overrides = core["peer"]["deliveryclient"]["addressOverrides"]
    assert {one["from"]: one["to"] for one in overrides} == {
        "127.0.0.1:7104": "127.0.0.1:7204",
        "127.0.0.1:7304": "127.0.0.1:7204",
    }


def test_or_to_any_when_the_file_says_so(tmp_path: Path) -> None:
    spec = parse(SPEC.to_yaml().replace("peers_use: own", "peers_use: any"))
    assert yaml(home_in(tmp_path, spec) / "peer" / "core.yaml")["peer"]["deliveryclient"]["addressOverrides"] == []


def test_the_ca_begins_with_secrets_that_only_its_owner_reads(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    config = yaml(home / "ca" / "fabric-ca-server-config.yaml")
    registered = {one["name"]: one for one in config["registry"]["identities"]}
    assert set(registered) == {"peer", "orderer", "admin", "registrar"}
    assert registered["registrar"]["attrs"]["hf.Registrar.Roles"] == "client"
    assert registered["registrar"]["attrs"]["hf.Registrar.Attributes"] == "medconsent.roles"
    assert not [name for name in registered["admin"]["attrs"] if name.startswith("hf.Registrar")]
    passwords = {one["pass"] for one in registered.values()}
    assert len(passwords) == 4
    assert all(len(password) >= 32 for password in passwords)


def test_nothing_is_readable_by_others(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    for path in [home.path, *home.path.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_settings_do_not_depend_on_where_the_home_stands(tmp_path: Path) -> None:
    """Apart from the one path that Fabric wants absolute and the socket, both written anew at every start."""
    here, there = home_in(tmp_path / "here"), home_in(tmp_path / "a folder elsewhere")
    for path in ("peer/core.yaml", "orderer/orderer.yaml", "supervisor/supervisord.conf", "consortium.yaml"):
        texts = [(home.path / path).read_text().splitlines() for home in (here, there)]
        differing = [a for a, b in zip(*texts, strict=True) if a != b]
        assert all("snapshots" in line or line.startswith("file = ") for line in differing), differing


def test_opened_where_it_stands(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    assert Home.open(home.path) == home
    with pytest.raises(NetworkError, match="is not the home of an institution") as missing:
        Home.open(tmp_path / "hanbit")
    assert missing.value.code == "HOME_MISSING"


def test_the_package_carries_only_the_address(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    (tmp_path / "p.tar.gz").write_bytes(package(home))
    subprocess.run(["tar", "xzf", "p.tar.gz"], cwd=tmp_path, check=True)
    subprocess.run(["tar", "xzf", "code.tar.gz"], cwd=tmp_path, check=True)
    assert json.loads((tmp_path / "metadata.json").read_text()) == {"type": "ccaas", "label": "medconsent_0.1.0"}
    assert json.loads((tmp_path / "connection.json").read_text()) == {"address": "127.0.0.1:7203"}
    assert package(home) == package(home)
    assert package_id(home).startswith("medconsent_0.1.0:")


def test_the_external_builder(tmp_path: Path) -> None:
    """detect, build and release, as a peer runs them."""
    home = home_in(tmp_path)
    for name in ("key", "cert", "ca"):
        files.write_private(home / "peer" / f"tls/{name}.pem", f"-----BEGIN {name}-----\nabc\n-----END {name}-----\n")
    source, metadata, built, released = (tmp_path / name for name in ("source", "metadata", "built", "released"))
    for folder in (source, metadata, built, released):
        folder.mkdir()
    (metadata / "metadata.json").write_text('{"type": "ccaas", "label": "x"}')
    (source / "connection.json").write_text('{"address": "127.0.0.1:7203"}')
    programs = home.path / "peer" / "builder" / "bin"
    subprocess.run([programs / "detect", source, metadata], check=True)
    subprocess.run([programs / "build", source, metadata, built], check=True)
    subprocess.run([programs / "release", built, released], check=True)
    result = released / "chaincode" / "server" / "connection.json"
    connection = json.loads(result.read_text())
    assert connection["address"] == "127.0.0.1:7203"
    assert connection["client_auth_required"] is True
    assert connection["client_key"] == "-----BEGIN key-----\nabc\n-----END key-----\n"
    assert stat.S_IMODE(result.stat().st_mode) == 0o600

    (metadata / "metadata.json").write_text('{"type": "golang"}')
    assert subprocess.run([programs / "detect", source, metadata], check=False).returncode != 0
    (source / "connection.json").unlink()
    refused = subprocess.run([programs / "build", source, metadata, built], capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "connection.json" in refused.stderr


def test_the_watcher_is_a_process_where_the_file_says_so(tmp_path: Path) -> None:
    plain = (home_in(tmp_path) / "supervisor" / "supervisord.conf").read_text()
    assert "[program:watch]" not in plain
    assert "programs = ca,tlsca,orderer,chaincode,peer\n" in plain
    assert 'MEDCONSENT_ALARM_FILE="../watch/alarm.json"\n' in plain, "the chaincode reads the alarm in any case"
    spec = replace(SPEC, watch=Watch(run=True, within=60))
    watched = (home_in(tmp_path / "watched", spec) / "supervisor" / "supervisord.conf").read_text()
    assert "watch ledger --json --folder . --genesis ../channel/genesis.block --root ../ca/ca-cert.pem" in watched
    assert "programs = ca,tlsca,orderer,chaincode,peer,watch\n" in watched
    assert 'MEDCONSENT_ALARM_FILE="../watch/alarm.json",MEDCONSENT_WATCH_WITHIN="60"\n' in watched
