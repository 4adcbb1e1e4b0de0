"""Certificates that are recognised as they are, by no authority: whoever trusts one trusts that one key.

The operations listeners trust two of them. Any certificate of the TLS CA would be too many, and one of these can enrol
for nothing.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from medconsent_network import files

_VALID = timedelta(days=15 * 365)  # as long as the CAs' own: whoever trusts the file is told by replacing the file
_EARLIER = timedelta(hours=1)  # clocks differ


def make_client(folder: Path, name: str) -> None:
    """Make a client's key and self-signed certificate, unless they are there and have not ended.

    Args:
        folder: Gets `cert.pem` and `key.pem`, readable by its owner only.
        name: The common name in the certificate.
    """
    certificate_file, key_file = folder / "cert.pem", folder / "key.pem"
    if certificate_file.is_file() and key_file.is_file() and _holds(certificate_file):
        return
    client = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    _make(certificate_file, key_file, name, client, x509.BasicConstraints(ca=False, path_length=None))


def make_server(folder: Path, address: str = "127.0.0.1") -> tuple[Path, Path]:
    """Make a server's key and self-signed certificate, for trying a server that no CA has certified.

    Args:
        folder: Gets `tls.pem`, which clients are given to trust, and `tls.key`.
        address: The IP address that clients reach it at.

    Returns:
        The files of the certificate and of the key.
    """
    certificate_file, key_file = folder / "tls.pem", folder / "tls.key"
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    # Of an authority, since it is what clients trust as the root of its own chain.
    _make(certificate_file, key_file, "server", names, x509.BasicConstraints(ca=True, path_length=None))
    return certificate_file, key_file


def _make(
    certificate_file: Path, key_file: Path, name: str, says: x509.ExtensionType, authority: x509.BasicConstraints
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _VALID)
        .add_extension(authority, critical=True)
        .add_extension(says, critical=False)
        .sign(key, hashes.SHA256())
    )
    files.write_private(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files.write_private(certificate_file, certificate.public_bytes(Encoding.PEM))


def _holds(certificate: Path) -> bool:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc > datetime.now(UTC)
