"""Counterfeit people: certificates that say whatever an attacker wants, from an authority that nobody recognises.

A peer never accepts them as the signer of a proposal. Altered chaincode does not care: it hands them to the honest
rules as the caller.
"""

import json
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from forge import Key

from medconsent.fabric.identity import ATTRIBUTES_OID, Identity, PrivateKeySigner


def person(institution: str, enrolment_id: str, *roles: str, unit: str = "client") -> Key:
    """A self-signed identity of `institution` with the attributes that its CA would give."""
    attributes = {
        "hf.EnrollmentID": enrolment_id,
        "hf.Type": "client",
        "hf.Affiliation": "",
        "medconsent.roles": ",".join(roles),
    }
    return _self_signed(
        institution,
        enrolment_id,
        unit,
        x509.UnrecognizedExtension(ATTRIBUTES_OID, json.dumps({"attrs": attributes}).encode()),
    )


def authority(institution: str) -> Key:
    """A certification authority that calls itself the institution's."""
    return _self_signed(
        institution, f"ca.{institution}", "ca", x509.BasicConstraints(ca=True, path_length=None), critical=True
    )


def _self_signed(
    institution: str, name: str, unit: str, extension: x509.ExtensionType, *, critical: bool = False
) -> Key:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(extension, critical=critical)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if unit == "ca":
        builder = builder.add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    certificate = builder.sign(key, hashes.SHA256())
    return Key(Identity(institution, certificate.public_bytes(Encoding.PEM)), PrivateKeySigner(key))
