"""What is wrong with a connection: real ports, real TLS."""

import datetime
import socket
import ssl
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from medconsent.doctor.connecting import reach, what_to_do

GOOD_DAY = b"HTTP/1.1 200 OK\r\nDate: Mon, 30 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\n\r\n"
NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture(autouse=True)
def directly(monkeypatch):
    for name in ("https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def certificate(days=30, name="localhost"):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 7)
        .not_valid_before(NOW - datetime.timedelta(days=60))
        .not_valid_after(NOW + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(pem), secret


@pytest.fixture
def serve(tmp_path):
    """Starts a TLS server that says good day over HTTP; gives its port."""
    listening = []

    def start(pem, key, *, tls=True):
        (tmp_path / "s.pem").write_bytes(pem + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "s.pem")
        context.set_alpn_protocols(["h2", "http/1.1"])
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def answer():
            while True:
                try:
                    taken, _ = server.accept()
                except OSError:
                    return
                with taken:
                    try:
                        spoken = context.wrap_socket(taken, server_side=True) if tls else taken
                        spoken.settimeout(1)
                        spoken.recv(1000)
                        spoken.sendall(GOOD_DAY)
                        spoken.close()
                    except OSError:
                        continue

        Thread(target=answer, daemon=True).start()
        return server.getsockname()[1]

    yield start
    for server in listening:
        server.close()


def test_a_server_as_it_should_be(serve):
    pem, key = certificate()
    port = serve(pem, key)
    found = reach(f"https://127.0.0.1:{port}", pem, "localhost", 2, page="/cainfo")
    assert (found.why, found.endpoint) == ("", f"127.0.0.1:{port}")
    assert found.headers["date"] == "Mon, 30 Nov 2026 12:00:00 GMT"
    assert found.certificate is not None
    assert reach(f"127.0.0.1:{port}", None, None, 2).why == "", "without TLS the port is enough"


@pytest.mark.parametrize("why", ["untrusted", "expired", "other-name", "no-tls", "refused", "name"])
def test_each_failure_is_told_with_what_mends_it(why, serve):
    pem, key = certificate(days=-1 if why == "expired" else 30)
    port = 1 if why == "refused" else serve(pem, key, tls=why != "no-tls")
    root = certificate()[0] if why == "untrusted" else pem
    host = "no-such-host.invalid" if why == "name" else "127.0.0.1"
    found = reach(f"{host}:{port}", root, "elsewhere" if why == "other-name" else "localhost", 2)
    assert found.why == why
    message, mend = what_to_do(found, "the peer")
    assert message.startswith(f"the peer at {host}:{port}")
    assert mend
    if why in ("untrusted", "other-name"):
        assert "--replace" in mend, "the context may be of an earlier network"
    if why in ("untrusted", "expired", "other-name"):
        assert found.certificate is not None, "it is looked at all the same"
