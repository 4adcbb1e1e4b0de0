"""Revoked certificates in the channel's configuration: what is handed in, and when there is nothing to do."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from fabric_protos.common import configtx_pb2
from fabric_protos.msp import msp_config_pb2

from medconsent.fabric.errors import CAError
from medconsent_network import identities
from medconsent_network.errors import NetworkError
from medconsent_network.membership import changes, revocations, updates
from medconsent_network.membership.updates import Administrator, Answer, Change

KEY = ec.generate_private_key(ec.SECP256R1())
HOME: Any = SimpleNamespace(name="hanbit")


def listed(*serials: int) -> bytes:
    """A CRL in PEM."""
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ca-hanbit")])
    builder = x509.CertificateRevocationListBuilder().issuer_name(name).last_update(now)
    builder = builder.next_update(now + timedelta(days=1))
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


def channel(*lists: bytes, orderer: tuple[bytes, ...] | None = None) -> configtx_pb2.Config:
    """A configuration in which hanbit has revoked these, and nuri nothing."""
    config = configtx_pb2.Config()
    for part, has in (("Application", lists), ("Orderer", lists if orderer is None else orderer)):
        for name, revoked in (("hanbit", has), ("nuri", ())):
            msp = msp_config_pb2.FabricMSPConfig(name=name, revocation_list=revoked)
            value = msp_config_pb2.MSPConfig(config=msp.SerializeToString()).SerializeToString()
            config.channel_group.groups[part].groups[name].values["MSP"].value = value
    return config


def lists_of(config: configtx_pb2.Config, part: str, name: str) -> list[bytes]:
    value = config.channel_group.groups[part].groups[name].values["MSP"].value
    msp = msp_config_pb2.FabricMSPConfig.FromString(msp_config_pb2.MSPConfig.FromString(value).config)
    return list(msp.revocation_list)


def test_the_new_list_takes_the_place_of_one_that_it_covers() -> None:
    config, new = channel(listed(1)), listed(1, 2)
    changes.revoked("hanbit", new)(config)
    for part in changes.PARTS:
        assert lists_of(config, part, "hanbit") == [new]
        assert lists_of(config, part, "nuri") == []
    assert changes.known_revoked(config, "hanbit") == {1, 2}


def test_who_was_revoked_once_does_not_come_back() -> None:
    """A CA that was put back from a backup has forgotten somebody."""
    old, new = listed(1, 7), listed(1, 2)
    config = channel(old)
    changes.revoked("hanbit", new)(config)
    assert lists_of(config, "Application", "hanbit") == [old, new]
    assert changes.known_revoked(config, "hanbit") == {1, 2, 7}


def test_what_only_one_part_of_the_channel_knows_is_not_known() -> None:
    assert changes.known_revoked(channel(listed(1), orderer=()), "hanbit") == frozenset()
    assert changes.known_revoked(channel(), "hanbit") == frozenset()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The channel as hanbit's peer has it, what hanbit's CA has revoked, and who signed what was handed in."""
    world = SimpleNamespace(config=channel(listed(1)), revoked=listed(1, 2), answer=Answer("SUCCESS", ""), signed=[])

    def propose(_home: Any, change: Change, administrators: Any) -> Answer:
        world.signed.append(administrators)
        if world.answer.status == "SUCCESS":
            change(world.config)
        return world.answer  # type: ignore[no-any-return]

    monkeypatch.setattr(revocations, "_list_of", lambda _home: world.revoked)
    monkeypatch.setattr(updates, "current", lambda _home: world.config)
    monkeypatch.setattr(updates, "propose", propose)
    monkeypatch.setattr(Administrator, "of", lambda home: f"the administrator of {home.name}")
    return world


def test_a_list_is_published_once_and_one_administrator_signs(world: SimpleNamespace) -> None:
    assert revocations.publish(HOME) == revocations.Published(revoked=2, added=1)
    assert revocations.publish(HOME) == revocations.Published(revoked=2, added=0)
    assert world.signed == [["the administrator of hanbit"]]


def test_a_ca_that_has_forgotten_changes_nothing(world: SimpleNamespace) -> None:
    world.revoked = listed()
    assert revocations.publish(HOME) == revocations.Published(revoked=1, added=0)
    assert world.signed == []


def test_what_the_orderer_refuses_is_told(world: SimpleNamespace) -> None:
    world.answer = Answer("FORBIDDEN", "policy not met")
    with pytest.raises(NetworkError, match="FORBIDDEN: policy not met") as refused:
        revocations.publish(HOME)
    assert refused.value.code == "CHANNEL_FAILED"


def test_a_peer_without_the_block_is_told(world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "propose", lambda *_: Answer("SUCCESS", ""))
    monkeypatch.setattr(revocations, "_IN_FORCE_SECONDS", 0)
    with pytest.raises(NetworkError, match="the peer of hanbit has the block") as late:
        revocations.publish(HOME)
    assert late.value.code == "TIMEOUT"
    assert "medconsent-network logs hanbit peer" in late.value.hint


def test_a_ca_that_gives_no_list_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def client(_home: Any, _ca: str) -> Any:
        raise CAError("it does not answer")

    monkeypatch.setattr(identities, "client", client)
    with pytest.raises(NetworkError, match="gave no list of revoked certificates") as failed:
        revocations.publish(HOME)
    assert failed.value.code == "CA_FAILED"
