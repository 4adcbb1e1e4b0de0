"""Certificates that are recognised as they are."""

import ssl
import stat
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from medconsent_network.identities.pinned import make_client, make_server


def test_a_client_and_nothing_more(tmp_path: Path) -> None:
    make_client(tmp_path / "a", "scraper.hanbit")
    certificate = x509.load_pem_x509_certificate((tmp_path / "a" / "cert.pem").read_bytes())
    assert certificate.subject.rfc4514_string() == "CN=scraper.hanbit"
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert stat.S_IMODE((tmp_path / "a" / "key.pem").stat().st_mode) == 0o600


def test_what_is_there_stays(tmp_path: Path) -> None:
    make_client(tmp_path, "one")
    before = (tmp_path / "cert.pem").read_bytes()
    make_client(tmp_path, "one")
    assert (tmp_path / "cert.pem").read_bytes() == before
    (tmp_path / "key.pem").unlink()
    make_client(tmp_path, "one")
    assert (tmp_path / "cert.pem").read_bytes() != before


def test_a_server_is_trusted_at_its_address_and_nowhere_else(tmp_path: Path) -> None:
    certificate, key = make_server(tmp_path, "127.0.0.1")
    assert key.stat().st_mode & 0o077 == 0
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    assert _shaken(served, trusting, "127.0.0.1") is None
    assert "IP address mismatch" in str(_shaken(served, trusting, "127.0.0.2"))


def _shaken(served: ssl.SSLContext, trusting: ssl.SSLContext, address: str) -> ssl.SSLError | None:
    """Why a handshake failed, in memory; None when it did not."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(down, up, server_hostname=address)
    server = served.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                return error
    return None
