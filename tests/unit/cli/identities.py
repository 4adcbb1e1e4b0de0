"""Identities on disk, with certificates such as the CA gives."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from medconsent.fabric.identity import ATTRIBUTES_OID, PrivateKeySigner
from medconsent_cli.main import run


def issue(person: str, roles: str) -> tuple[bytes, PrivateKeySigner]:
    """A certificate such as the CA gives, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, person)])
    now = datetime.now(UTC)
    attributes = json.dumps({"attrs": {"hf.EnrollmentID": person, "medconsent.roles": roles}}).encode()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.UnrecognizedExtension(ATTRIBUTES_OID, attributes), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), PrivateKeySigner(key)


def wallet(folder: Path, person: str, roles: str) -> str:
    """A folder with a person's certificate and key, as the CA's own client leaves it."""
    certificate, signer = issue(person, roles)
    folder = folder / person
    folder.mkdir()
    (folder / "cert.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(signer.to_pem())
    return str(folder)


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command answers as JSON."""
    assert run(["--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)
