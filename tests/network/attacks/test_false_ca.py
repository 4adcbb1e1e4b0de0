"""One of an institution's own people stands in for its CA, to catch the one-time secrets of others.

They have a certificate of their own from the enrolment CA, and what that CA lets them have beside it.
"""

import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from lone import NAME, Lone
from people import UNREACHABLE, Person

from medconsent.fabric.ca import Enrollment
from medconsent.fabric.errors import CAError
from medconsent.fabric.wallet import load
from medconsent_network import identities
from medconsent_network.home import Home

PROFILES = (None, "tls", "ca", "anything")
WHERE = ("127.0.0.1", "localhost")


class Catcher(http.server.BaseHTTPRequestHandler):
    """Writes down what people send to prove who they are."""

    caught: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.caught.append(self.headers.get("authorization", ""))
        self.send_error(500)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def mallory(lone: Lone) -> Enrollment:
    """One of hanbit's researchers."""
    folder = lone.network.enrol(NAME, "mallory", ["researcher"])
    identity, key = load(folder, NAME)
    return Enrollment("mallory", identity.certificate_pem, b"", key)


@contextmanager
def false_ca(lone: Lone, certificate: Enrollment, folder: Path) -> Iterator[list[str]]:
    """Where the enrolment CA was, mallory listens; what was caught."""
    (folder / "key.pem").write_bytes(certificate.private_key_pem)
    (folder / "cert.pem").write_bytes(certificate.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    lone.network.stop(NAME, "ca")
    Catcher.caught.clear()
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", lone.home.institution.port("ca")), Catcher)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Catcher.caught
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
    finally:
        lone.network.start(NAME, "ca")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_one_time_secret_is_not_caught(lone: Lone, mallory: Enrollment, profile: str | None, tmp_path: Path) -> None:
    victim = f"victim-{profile}"
    secret = lone.network.register(NAME, victim)
    (tmp_path / "secret").write_text(secret)
    certificate = server_certificate(lone, mallory, profile)
    if certificate is None:
        return  # refused: there is nothing to stand in with
    assert not says_server(certificate)
    person = Person(victim, tmp_path / "home")
    command = ("identity", "enroll", victim, "--secret-file", str(tmp_path / "secret"))
    command += ("--profile", str(lone.home.connection_profile))
    with false_ca(lone, certificate, tmp_path) as caught:
        person.run(*command, exit_code=UNREACHABLE)
    assert caught == []
    person.run(*command)  # the control: from the real one they enrol, with the secret that nobody has seen


def test_the_people_of_an_institution_do_not_reach_its_tls_ca(lone: Lone, mallory: Enrollment) -> None:
    """Its certificates are what everybody's connections rest on."""
    with identities.client(lone.home, "tlsca") as ca, pytest.raises(CAError):
        ca.reenroll(mallory, profile="tls", hosts=WHERE)


def test_servers_are_certified_by_the_tls_ca_alone(lone: Lone) -> None:
    root = x509.load_pem_x509_certificate(lone.home.tls_root.read_bytes())
    for service in ("ca", "tlsca", "peer", "orderer", "orderer-admin"):
        shown = ssl.get_server_certificate(("127.0.0.1", lone.home.institution.port(service)))
        x509.load_pem_x509_certificate(shown.encode()).verify_directly_issued_by(root)
    assert pinned_by_people(lone.home) == {lone.home.tls_root.read_text()}


def server_certificate(lone: Lone, holder: Enrollment, profile: str | None) -> Enrollment | None:
    """What the enrolment CA gives one of its people who asks for a server's certificate; None when it refuses."""
    with lone.network.ca(NAME) as ca:
        try:
            return ca.reenroll(holder, profile=profile, hosts=WHERE)
        except CAError:
            return None


def says_server(certificate: Enrollment) -> bool:
    """Whether the certificate says that it is for servers."""
    parsed = x509.load_pem_x509_certificate(certificate.certificate_pem)
    try:
        usage = parsed.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.SERVER_AUTH in usage


def pinned_by_people(home: Home) -> set[str]:
    """Every root in the connection profile."""
    document = json.loads(home.connection_profile.read_text())
    entries = [
        *document["peers"].values(),
        *document["orderers"].values(),
        *document["certificateAuthorities"].values(),
    ]
    return {entry["tlsCACerts"]["pem"] for entry in entries}
