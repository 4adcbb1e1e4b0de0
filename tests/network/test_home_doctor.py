"""The doctor of homes, on a network: nothing is wrong with it; then each thing is, and is told with what to do."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from fabric_protos.common import configtx_pb2
from networks import running

from medconsent_network.backup import record
from medconsent_network.consortium import Consortium
from medconsent_network.doctor import Finding, around, examine
from medconsent_network.home import Home
from medconsent_network.main import main
from medconsent_network.membership import updates
from medconsent_network.spec import Spec, parse

TWO = """
institutions:
  - {name: gaon, host: 127.0.0.1, port_base: 7100}
  - {name: dasom, host: localhost, port_base: 7200}
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, sample_consortium: Spec) -> Iterator[Consortium]:
    """A consortium of two, of which a backup was made."""
    spec = parse(TWO).with_fabric(sample_consortium.fabric_version)
    with running(tmp_path_factory.mktemp("doctor") / "net", spec) as consortium:
        for home in consortium.homes.values():
            record.keep(home, "ab" * 32, ledger=True)
        yield consortium


@pytest.fixture
def home(network: Consortium) -> Home:
    return network.home("gaon")


def wrong(home: Home) -> list[Finding]:
    """What is not as it should be, but for the disk and the limits of this machine."""
    return [one for one in examine(home) if one.state != "ok" and one.about not in ("disk", "descriptors")]


def test_nothing_is_wrong_with_a_home_that_serves(network: Consortium) -> None:
    for home in network.homes.values():
        assert wrong(home) == []
    ran = CliRunner().invoke(main, ["--network", str(network.folder), "doctor", "--json"])
    found = json.loads(ran.stdout)
    assert {one["institution"] for one in found} == {"gaon", "dasom"}
    assert ran.exit_code == (3 if any(one["state"] == "wrong" for one in found) else 0)
    told = CliRunner().invoke(main, ["--network", str(network.folder), "doctor", "--institution", "gaon", "--all"])
    for sentence in ("the peer of dasom", "clock agrees with that of dasom", "the channel's rules are hardened"):
        assert sentence in told.stdout


def test_others_that_are_not_reached_or_are_not_who_they_say(network: Consortium, home: Home) -> None:
    network.stop("dasom", "orderer")
    try:
        (found,) = [one for one in wrong(home) if one.about == "others"]
        assert (found.state, "the orderer of dasom (localhost:" in found.message) == ("wrong", True)
        assert "irewall" in found.mend
    finally:
        network.start("dasom", "orderer")
        network.wait_ready()
    root = home.tls_root_of("dasom")
    kept = root.read_bytes()
    root.write_bytes(home.tls_root.read_bytes())
    try:
        found, *_ = [one for one in wrong(home) if one.about == "others"]
        assert "certificate verify failed" in found.message
    finally:
        root.write_bytes(kept)


@pytest.mark.parametrize(("off", "state"), [(45, "warning"), (3600, "wrong"), (-3600, "wrong")])
def test_a_clock_that_is_off(home: Home, monkeypatch: pytest.MonkeyPatch, off: int, state: str) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(seconds=off)

    monkeypatch.setattr(around, "datetime", Later)
    (found,) = around.clock(home)
    assert found.state == state
    assert f"{'ahead of' if off > 0 else 'behind'} that of dasom" in found.message


def test_a_process_that_is_stopped(network: Consortium, home: Home) -> None:
    network.stop("gaon", "chaincode")
    try:
        found = wrong(home)
        assert any(one.about == "processes" and "chaincode" in one.message and one.mend for one in found)
    finally:
        network.start("gaon", "chaincode")


def test_a_channel_that_is_soft_or_another(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    config = updates.current(home)
    soft = configtx_pb2.Config()
    soft.CopyFrom(config)
    soft.channel_group.groups["Application"].mod_policy = "Admins"
    monkeypatch.setattr(updates, "current", lambda _: soft)
    found = list(around.channel(home))
    assert {one.state for one in found} == {"wrong"}
    monkeypatch.setattr(updates, "current", lambda _: config)
    moved = home.spec.with_institution(replace(home.spec.institution("dasom"), port_base=7300, ports={}))
    told = list(around.channel(replace(home, spec=moved)))
    assert any(one.state == "wrong" and "dasom" in one.message for one in told)


def test_a_version_that_the_file_does_not_say(home: Home) -> None:
    other = {"3.1.1": "2.5.9", "2.5.9": "3.1.1"}[home.spec.fabric_version]
    found = wrong(replace(home, spec=home.spec.with_fabric(other)))
    told = [one for one in found if one.about == "versions"]
    assert len(told) == 2
    assert all("upgrade fabric --version 3.1.1" in one.mend for one in told)


def test_a_home_that_is_stopped_is_told_as_such(network: Consortium, home: Home) -> None:
    network.down()
    found = wrong(home)
    assert {"versions", "processes", "others", "channel"} <= {one.about for one in found}
    assert all(one.mend for one in found if one.state == "wrong")
