"""Certificates that are recognised as they are."""

import stat
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from medconsent_network.identities.pinned import make_client


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
