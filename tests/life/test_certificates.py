"""Certificates of a minute: renewed in time the network goes on when they end; ended they are told and mended.

Fabric CA counts from the nearest full minute, so a certificate of one minute holds for 30 to 90 seconds. What is issued
in the second half of a minute ends in the next but one, and a renewal 25 seconds before that adds a minute. (What a TLS
CA makes itself when it has no listener's certificate yet counts from five minutes ago: so the network is made with
certificates of a year.)
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from medconsent_network import renewal
from medconsent_network.chaincode import lifecycle
from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.identities import certificates
from medconsent_network.main import main
from medconsent_network.processes import authorities
from medconsent_network.spec import parse
from medconsent_network.status import sentences, status, well

ALONE = """
institutions:
  - {name: gaon, host: 127.0.0.1, port_base: 7100}
"""
LIFETIME = "1m"
AHEAD = 25.0  # seconds before the end at which is renewed
MINUTES = timedelta(minutes=5)


@pytest.fixture
def network(tmp_path: Path, fabric_version: str) -> Iterator[Consortium]:
    """An institution by itself."""
    consortium = Consortium.with_free_ports(tmp_path / "net", parse(ALONE).with_fabric(fabric_version))
    try:
        consortium.up()
        yield consortium
    finally:
        consortium.clean()


def test_the_network_outlives_its_certificates_twice_and_comes_back_when_they_ended(
    network: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = network.home("gaon")
    year = authorities.LIFETIME
    monkeypatch.setattr(authorities, "LIFETIME", LIFETIME)
    network.down()  # so that its CAs read that
    network.up()
    time.sleep((31 - time.time()) % 60)
    assert renewal.renew(home, timedelta(days=400))
    sequence = home.spec.chaincode.sequence
    for _ in range(2):
        before = last_end(home)
        wait_until(before - timedelta(seconds=AHEAD))
        assert renewal.renew(home, MINUTES)
        wait_until(before + timedelta(seconds=1))
        assert certificates.ended(home) == []
        assert well(status([home])), sentences(status([home]))
        network.wait_ready()
        sequence += 1  # a change: endorsed by the chaincode's peer, ordered and committed
        change(home, sequence)

    heights = network.heights()
    wait_until(last_end(home) + timedelta(seconds=1))
    rows = status([home])
    assert not well(rows)
    peer = next(row for row in rows if row.process == "peer")
    assert peer.trouble.startswith("its certificate has ended on ")
    assert "medconsent-network renew --institution gaon" in peer.mend
    with pytest.raises(NetworkError, match=r"certificates have ended: peer \(20") as refused:
        network.up()
    assert refused.value.code == "CERTIFICATE_ENDED"
    with pytest.raises(NetworkError, match="the certificate of admin of gaon has ended on"):
        lifecycle.approve(home)

    network.down()  # as after a night without anybody
    monkeypatch.setattr(authorities, "LIFETIME", year)
    keys = {path: path.read_bytes() for path in home.path.rglob("key.pem")}
    told = CliRunner().invoke(main, ["renew", "--network", str(network.folder)])
    assert told.exit_code == 0, told.output
    assert "gaon: peer, orderer, admin, registrar, peer (TLS)," in told.stdout
    assert "they end: ca 20" in told.stdout
    assert {path: path.read_bytes() for path in keys} == keys
    assert well(status([home])), sentences(status([home]))
    assert network.heights() == heights
    change(home, sequence + 1)
    network.register("gaon", "somebody")


def last_end(home: Home) -> datetime:
    """When the last of the home's certificates ends."""
    return max(own.ends for own in certificates.owned(home))


def wait_until(moment: datetime) -> None:
    """Wait until that moment."""
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


def change(home: Home, sequence: int) -> None:
    """A change of the ledger: approve and commit the next definition."""
    definition = replace(home.spec.chaincode, sequence=sequence)
    lifecycle.approve(home, definition)
    lifecycle.commit_with_all(home, definition)
