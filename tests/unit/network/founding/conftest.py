"""Institutions whose homes have certificates, made here and by no CA, and a channel that takes what fits.

What institutions agree on goes by files, and each looks at it at home: no process runs for that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from fabric_protos.common import common_pb2, configtx_pb2
from founders import Founder

from medconsent_network import files, identities, settings
from medconsent_network.bringup import with_all_ports
from medconsent_network.errors import NetworkError
from medconsent_network.founding import held, rounds, terms
from medconsent_network.home import AUTHORITIES, Home
from medconsent_network.membership import delta, updates
from medconsent_network.membership.updates import Answer
from medconsent_network.spec import FABRIC_VERSIONS
from medconsent_network.tools.toolchain import find

LONG = timedelta(days=3650)


class Root:
    """An authority with a key of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.pem = self._certificate(name, "", self.key, [])

    def issue(self, name: str, unit: str, hosts: list[str]) -> tuple[bytes, bytes]:
        """A certificate and its key (PEM)."""
        key = ec.generate_private_key(ec.SECP256R1())
        told = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self._certificate(name, unit, key, hosts), told

    def _certificate(self, name: str, unit: str, key: ec.EllipticCurvePrivateKey, hosts: list[str]) -> bytes:
        now, authority = datetime.now(UTC), not unit
        subject = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        subject += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
        builder = x509.CertificateBuilder().subject_name(x509.Name(subject)).public_key(key.public_key())
        builder = builder.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)]))
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + LONG)
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        usage = x509.KeyUsage(True, False, False, False, False, authority, authority, False, False)
        builder = builder.add_extension(usage, critical=True)
        # Fabric's tools want this one of an authority.
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        if hosts:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)


@dataclass(frozen=True)
class Certified(Founder):
    """One whose home is made without a CA."""

    def init(self, base: int, **given: str) -> None:
        spec, quorum = terms.read_own(self.write_file(base, **{"host": f"fabric.{self.name}.example", **given}))
        home = with_all_ports(Home(self.homes / self.name, spec.institutions[0], spec), spec)
        settings.make_folders(home)
        files.write_private(home.consortium_file, home.spec.to_yaml())
        held.set_quorum(home, quorum)
        for ca in AUTHORITIES:
            root = Root(f"{ca}-{self.name}")
            files.write_private(home.ca_certificate(ca), root.pem)
            for name, place in identities.places(home, ca).items():
                certificate, key = root.issue(name, name, home.hosts if ca == "tlsca" else [])
                inside = (place / "signcerts", place / "keystore") if ca == "ca" else (place, place)
                files.write_private(inside[0] / "cert.pem", certificate)
                files.write_private(inside[1] / "key.pem", key)
        identities.write_msp(home)


class Channel:
    """A channel that takes every change that has the form of one; `config` is how it is now."""

    def __init__(self, config: configtx_pb2.Config) -> None:
        self.config = config

    def current(self, home: Home) -> configtx_pb2.Config:
        return self.config

    def broadcast(self, home: Home, envelope: common_pb2.Envelope) -> Answer:
        payload = common_pb2.Payload.FromString(envelope.payload)
        told = configtx_pb2.ConfigUpdateEnvelope.FromString(payload.data)
        self.config = delta.applied(self.config, told.config_update)
        return Answer("SUCCESS", "")


MakeInstitutions = Callable[..., dict[str, Certified]]
MakeChannel = Callable[..., Channel]


@pytest.fixture(scope="session")
def institutions(tmp_path_factory: pytest.TempPathFactory) -> MakeInstitutions:
    """Make institutions with a quorum, each of which has the bundles of all."""
    try:
        find(FABRIC_VERSIONS[0])
    except NetworkError as error:  # `make unit` does without; `make test` builds it
        pytest.skip(f"needs configtxgen and configtxlator: {error.message}")

    def make(*names: str, quorum: int | str = "all") -> dict[str, Certified]:
        found = {name: Certified(name, tmp_path_factory.mktemp(name)) for name in names}
        for number, one in enumerate(found.values(), 71):
            one.init(number * 100, quorum=str(quorum))
        for one in found.values():
            one.send(one.bundle(), *(other for other in found.values() if other is not one))
        for one in found.values():
            one.run("home", "admit", *(one.desk / f"{name}.bundle.json" for name in names if name != one.name))
        return found

    return make


@pytest.fixture
def channel_of(monkeypatch: pytest.MonkeyPatch) -> MakeChannel:
    """Make the channel that all homes see from now on, as it follows from the bundles of one of them."""

    def make(one: Founder, *names: str) -> Channel:
        channel = Channel(held.Held.of(one.home).configuration(names))
        monkeypatch.setattr(rounds, "current", channel.current)
        monkeypatch.setattr(updates, "broadcast", channel.broadcast)
        return channel

    return make
