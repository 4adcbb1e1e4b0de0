"""People and nodes of the victim's MSP ID whose certificates an authority of the attackers issues."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import counterfeit
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from forge import Key

from medconsent.fabric.identity import Identity, PrivateKeySigner


@dataclass(frozen=True)
class Impostors:
    """Whoever the attackers need, issued by `authority`, which calls itself the victim's."""

    authority: Key

    @classmethod
    def of(cls, victim: str) -> "Impostors":
        return cls(counterfeit.authority(victim))

    @property
    def root(self) -> bytes:
        """The authority's certificate (PEM)."""
        return self.authority.identity.certificate_pem

    def issue(self, name: str, unit: str) -> Key:
        """A key with a certificate for `name`, of the organizational unit (`peer`, `client`, `admin`)."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self.authority.identity.certificate
        now = datetime.now(UTC)
        subject = [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
        signing = self.authority.signer.private_key
        assert isinstance(signing, ec.EllipticCurvePrivateKey)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(subject))
            .issuer_name(issuer.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=30))
            .not_valid_after(now + timedelta(days=20))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
            .sign(signing, hashes.SHA256())
        )
        return Key(
            Identity(self.authority.identity.msp_id, certificate.public_bytes(Encoding.PEM)), PrivateKeySigner(key)
        )
