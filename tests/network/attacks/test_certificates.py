"""Certificates that have had their time, or been revoked: real ones, by the institution's own CA.

The CA's own key signs them here, which stands for a certificate that was issued honestly and got old, or into the wrong
hands.
"""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from actors import Actor, Refused
from administration import Administration
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from forge import Key
from scene import Scene, ballot, with_another

from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent_network.membership import changes

DATASET = "hanbit/certified"
DAY = timedelta(days=1)


@pytest.fixture(scope="module", autouse=True)
def certified(scene: Scene) -> None:
    scene.publish(DATASET, ("hanbit", "dac"))


class Authority:
    """hanbit's CA, by its key."""

    def __init__(self, folder: Path) -> None:
        self.certificate = x509.load_pem_x509_certificate((folder / "ca-cert.pem").read_bytes())
        public = self.certificate.public_key()
        keys = (load_pem_private_key(file.read_bytes(), None) for file in (folder / "msp" / "keystore").glob("*_sk"))
        self.key = next(
            key for key in keys if isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == public
        )

    def like(self, holder: Key, begins: datetime, ends: datetime) -> Key:
        """A certificate with the same subject, attributes and key, for another time."""
        model = x509.load_pem_x509_certificate(holder.identity.certificate_pem)
        key = holder.signer.private_key
        builder = (
            x509.CertificateBuilder()
            .subject_name(model.subject)
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
        )
        for extension in model.extensions:
            if not isinstance(extension.value, x509.SubjectKeyIdentifier):
                builder = builder.add_extension(extension.value, extension.critical)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        return Key(Identity("hanbit", certificate.public_bytes(Encoding.PEM)), PrivateKeySigner(key))

    def revoke(self, holder: Key) -> bytes:
        """A list of revoked certificates (PEM) with this one. It has ended, and Fabric goes by it all the same."""
        serial = x509.load_pem_x509_certificate(holder.identity.certificate_pem).serial_number
        now = datetime.now(UTC)
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - 2 * DAY).build()
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        listed = builder.last_update(now - 2 * DAY).next_update(now - DAY).add_revoked_certificate(entry)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            listed.add_extension(identifier, critical=False).sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)
        )


@pytest.fixture
def authority(scene: Scene) -> Authority:
    return Authority(scene.network.home("hanbit").node("ca"))


def as_holder(scene: Scene, key: Key) -> Actor:
    return Actor.at(scene.network.home("hanbit"), key, scene.seen)


def test_a_certificate_outside_its_time(scene: Scene, authority: Authority) -> None:
    """The control comes last: the same certificate within its time votes."""
    member = scene.actor("hanbit/d-1", "dac")
    now = datetime.now(UTC)
    request = scene.request("nuri/kim", DATASET)["id"]
    expired = as_holder(scene, authority.like(member.key, now - 2 * DAY, now - DAY))
    with pytest.raises(Refused) as refused:
        expired.change("request.vote", ballot(member, request, "dac"), *with_another("hanbit"))
    assert refused.value.code == "", "the peer refuses before the contract is asked"
    assert "expired" in refused.value.message
    with pytest.raises(Refused, match="expired"):
        expired.ask("request.get", {"request": request})
    assert scene.auditor.ask("request.get", {"request": request})["state"] == "submitted"
    early = as_holder(scene, authority.like(member.key, now + timedelta(hours=1), now + DAY))
    with pytest.raises(Refused, match="not valid before") as refused:
        early.change("request.vote", ballot(member, request, "dac"), *with_another("hanbit"))
    assert refused.value.code == "FORBIDDEN", "Fabric takes it, the contract does not"
    renewed = as_holder(scene, authority.like(member.key, now - timedelta(minutes=1), now + DAY))
    vote = ballot(member, request, "dac")
    assert renewed.change("request.vote", vote, *with_another("hanbit"))["state"] == "approved"


def test_a_revoked_certificate(scene: Scene, authority: Authority) -> None:
    """Losing the seat acts at the next transaction; the CA's list acts once it is in the channel."""
    scene.seat("hanbit", "dac", "d-1", "d-20")
    stolen = scene.actor("hanbit/d-20", "dac")
    request = scene.request("nuri/kim", DATASET)["id"]
    vote = ballot(stolen, request, "dac")
    held = stolen.endorse("request.vote", vote, *with_another("hanbit"))
    scene.seat("hanbit", "dac", "d-1")
    assert stolen.send(held).code == "MVCC_READ_CONFLICT"
    with pytest.raises(Refused) as refused:
        stolen.change("request.vote", vote, *with_another("hanbit"))
    assert refused.value.code == "FORBIDDEN"

    assert stolen.ask("request.get", {"request": request})["state"] == "submitted", "it can still ask"
    administration = Administration(scene.network, scene.auditor)
    change = changes.revoked("hanbit", authority.revoke(stolen.key))
    assert administration.hand_in(change, "hanbit") == ("SUCCESS", ""), "its own administrator is enough"
    for _ in range(50):
        try:
            stolen.ask("request.get", {"request": request})
        except Refused as refusal:
            assert refusal.code == ""  # noqa: PT017 - not always at the first attempt
            break
        time.sleep(0.2)
    else:
        pytest.fail("a revoked certificate still asks")
    # the others of the institution go on
    assert scene.approve("hanbit/d-1", "dac", request)["state"] == "approved"
