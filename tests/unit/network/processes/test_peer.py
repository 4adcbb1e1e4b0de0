"""The peer's settings, and the external builder for its chaincode."""

import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medconsent_network import files
from medconsent_network.home import Home
from medconsent_network.processes.peer import Peer
from medconsent_network.spec import Spec, parse


def test_the_peer(make_home: Callable[..., Home], yaml: Callable[[Path], Any]) -> None:
    core = yaml(make_home() / "peer" / "core.yaml")
    peer = core["peer"]
    assert peer["localMspId"] == "nuri"
    assert peer["listenAddress"] == peer["address"] == "127.0.0.1:7202"
    assert peer["gossip"]["pvtData"]["skipPullingInvalidTransactionsDuringCommit"] is True
    assert peer["gossip"]["orgLeader"] is True
    assert peer["gossip"]["pvtData"]["pullRetryThreshold"] == "0s", "else a peer that catches up stands still"
    assert core["vm"]["endpoint"] == ""
    operations = core["operations"]
    assert operations["listenAddress"].startswith("127.0.0.1:")
    assert (operations["tls"]["enabled"], operations["tls"]["clientAuthRequired"]) == (True, True)
    trusted = operations["tls"]["clientRootCAs"]["files"]
    assert trusted == ["../users/operations/tls/cert.pem", "../users/scraper/tls/cert.pem"]


@pytest.mark.parametrize(("version", "checks"), [("3.1.1", True), ("2.5.9", False)])
def test_the_filter_that_only_fabric_3_knows(
    version: str,
    checks: bool,
    make_home: Callable[..., Home],
    yaml: Callable[[Path], Any],
    sample: Spec,
) -> None:
    core = yaml(make_home(spec=sample.with_fabric(version)) / "peer" / "core.yaml")
    filters = [one["name"] for one in core["peer"]["handlers"]["authFilters"]]
    assert ("TimeWindowCheck" in filters) is checks


def test_a_peer_is_led_to_its_own_orderer(make_home: Callable[..., Home], yaml: Callable[[Path], Any]) -> None:
    core = yaml(make_home() / "peer" / "core.yaml")
    overrides = core["peer"]["deliveryclient"]["addressOverrides"]
    assert {one["from"]: one["to"] for one in overrides} == {
        "127.0.0.1:7104": "127.0.0.1:7204",
        "127.0.0.1:7304": "127.0.0.1:7204",
    }


def test_or_to_any_when_the_file_says_so(
    tmp_path: Path, make_home: Callable[..., Home], yaml: Callable[[Path], Any], sample: Spec
) -> None:
    spec = parse(sample.to_yaml().replace("peers_use: own", "peers_use: any"))
    assert yaml(make_home(tmp_path, spec) / "peer" / "core.yaml")["peer"]["deliveryclient"]["addressOverrides"] == []


def test_the_external_builder(tmp_path: Path, make_home: Callable[..., Home]) -> None:
    """detect, build and release, as a peer runs them."""
    home = make_home()
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


def test_a_built_package_is_built_anew_at_the_next_start(make_home: Callable[..., Home]) -> None:
    """It has a copy of the peer's certificate, and Fabric builds a package once."""
    home = make_home()
    built = home.path / "peer" / "data" / "externalbuilder" / "builds" / "medconsent" / "release" / "connection.json"
    ledger = home.path / "peer" / "data" / "ledgersData" / "one"
    for file in (built, ledger):
        file.parent.mkdir(parents=True)
        file.write_text("x")
    Peer().discard_copies(home)
    assert not built.exists()
    assert ledger.exists()
