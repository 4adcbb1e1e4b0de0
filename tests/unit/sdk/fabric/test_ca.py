"""The CA client: the token to the byte, and answers of a stand-in that speaks HTTPS."""

import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from medconsent.fabric import CAError, Identity, PrivateKeySigner
from medconsent.fabric.ca import CAClient, Enrollment, certificate_request, token, token_payload
from medconsent.fabric.identity import ATTRIBUTES_OID

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass
class CAStandIn:
    """Answers the next requests with ``answers``, and keeps what came."""

    url: str = ""
    root: bytes = b""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    seen: list[tuple[str, str, str, Any]] = field(default_factory=list)


@pytest.fixture
def ca(tmp_path: Path, server_certificate: tuple[bytes, bytes]) -> Iterator[CAStandIn]:
    stand_in = CAStandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            stand_in.seen.append((self.command, self.path, self.headers.get("Authorization", ""), body))
            status, answer = stand_in.answers.pop(0)
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST  # noqa: N815

        def log_message(self, *unused: Any) -> None:
            pass

    stand_in.root, key = server_certificate
    (tmp_path / "tls.pem").write_bytes(stand_in.root + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls.pem")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    stand_in.url = f"https://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield stand_in
    server.shutdown()
    server.server_close()
    thread.join()


def success(result: dict[str, Any]) -> tuple[int, Any]:
    return 200, {"result": result, "errors": [], "messages": [], "success": True}


@pytest.fixture
def holder(signer: PrivateKeySigner, identity: Identity) -> Enrollment:
    return Enrollment("kim", identity.certificate_pem, b"", signer)


def test_what_a_token_signs_is_what_fabric_ca_signs(vectors: Any) -> None:
    recorded = vectors.ca_token
    certificate = recorded["certificate"].encode()
    payload = token_payload(recorded["method"], recorded["uri"], recorded["body"].encode(), certificate)
    theirs, signature = recorded["token"].split(".")
    assert b64decode(theirs) == certificate
    public_key = x509.load_pem_x509_certificate(certificate).public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    public_key.verify(b64decode(signature), payload, ec.ECDSA(hashes.SHA256()))


def test_a_token_is_certificate_and_signature(signer: PrivateKeySigner, identity: Identity) -> None:
    certificate, signature = token("GET", "/api/v1/identities", b"", identity.certificate_pem, signer).split(".")
    assert certificate == b64encode(identity.certificate_pem).decode()
    payload = b"GET." + b64encode(b"/api/v1/identities") + b".." + certificate.encode()
    signer.private_key.public_key().verify(b64decode(signature), payload, ec.ECDSA(hashes.SHA256()))


def test_a_certificate_request_names_person_and_hosts(signer: PrivateKeySigner) -> None:
    request = x509.load_pem_x509_csr(certificate_request("kim", signer, ["localhost", "127.0.0.1", "::1"]))
    assert request.subject.rfc4514_string() == "CN=kim"
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    assert request.is_signature_valid


def test_enroll(ca: CAStandIn, signer: PrivateKeySigner, identity: Identity) -> None:
    chain = b64encode(b"chain").decode()
    ca.answers = [success({"Cert": b64encode(identity.certificate_pem).decode(), "ServerInfo": {"CAChain": chain}})]
    with CAClient(ca.url, ca_name="ca-hanbit", tls_root=ca.root) as client:
        enrollment = client.enroll(
            "kim", "se:cret", profile="tls", hosts=["localhost"], attributes=["medconsent.roles"], key=signer
        )
    assert enrollment.certificate_pem == identity.certificate_pem
    assert enrollment.ca_chain_pem == b"chain"
    assert enrollment.private_key_pem == signer.to_pem()
    assert "PRIVATE" not in repr(enrollment)
    method, path, authorization, body = ca.seen[0]
    assert (method, path) == ("POST", "/api/v1/enroll")
    assert b64decode(authorization.removeprefix("Basic ")) == b"kim:se:cret"
    sent = json.loads(body)
    assert sent.pop("certificate_request").startswith("-----BEGIN CERTIFICATE REQUEST")
    assert sent == {
        "caname": "ca-hanbit",
        "profile": "tls",
        "hosts": ["localhost"],
        "attr_reqs": [{"name": "medconsent.roles", "optional": True}],
    }


def test_a_certificate_for_another_key_is_refused(ca: CAStandIn, identity: Identity) -> None:
    ca.answers = [success({"Cert": b64encode(identity.certificate_pem).decode()})]
    with CAClient(ca.url, tls_root=ca.root) as client, pytest.raises(Exception, match="does not belong"):
        client.enroll("kim", "secret")


def test_register_signs_the_very_request(ca: CAStandIn, holder: Enrollment) -> None:
    ca.answers = [success({"secret": "s"}), success({"identities": []})]
    with CAClient(ca.url, ca_name="ca", tls_root=ca.root) as client:
        assert client.register(holder, "lee", attributes={"medconsent.roles": "dac"}) == "s"
        assert client.identities(holder) == []
    for method, path, authorization, body in ca.seen:
        signature = b64decode(authorization.split(".")[1])
        payload = token_payload(method, path, body, holder.certificate_pem)
        holder.private_key.public_key().verify(signature, payload, ec.ECDSA(hashes.SHA256()))
    assert ca.seen[1][:2] == ("GET", "/api/v1/identities?ca=ca")
    assert json.loads(ca.seen[0][3])["attrs"] == [{"name": "medconsent.roles", "value": "dac", "ecert": True}]


def answered(enrollment_id: str) -> dict[str, Any]:
    attributes = [{"name": "medconsent.roles", "value": "dac", "ecert": True}]
    return {"id": enrollment_id, "type": "client", "affiliation": "", "attrs": attributes, "max_enrollments": 2}


def test_modify_sends_what_is_to_change(ca: CAStandIn, holder: Enrollment) -> None:
    ca.answers = [success(answered("lee")) for _ in range(3)]
    with CAClient(ca.url, ca_name="ca", tls_root=ca.root) as client:
        assert client.modify(holder, "lee", attributes={"medconsent.roles": "dac"}).attributes == {
            "medconsent.roles": "dac"
        }
        client.modify(holder, "lee/../kim", secret="s", max_enrollments=2)
        del ca.answers[0][1]["result"]["max_enrollments"]  # what the CA does with a 0
        assert client.modify(holder, "lee", max_enrollments=0).max_enrollments == 0
    assert [(method, path) for method, path, _, _ in ca.seen] == [
        ("PUT", "/api/v1/identities/lee?ca=ca"),
        ("PUT", "/api/v1/identities/lee%2F..%2Fkim?ca=ca"),
        ("PUT", "/api/v1/identities/lee?ca=ca"),
    ]
    assert [json.loads(body) for *_, body in ca.seen] == [
        {"attrs": [{"name": "medconsent.roles", "value": "dac", "ecert": True}]},
        {"secret": "s", "max_enrollments": 2},
        {"max_enrollments": -2},
    ]


def issued(name: str, serial: int, days: int, roles: str = "dac") -> str:
    """A certificate with roles that ends in so many days, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    attributes = json.dumps({"attrs": {"medconsent.roles": roles}}).encode()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(NOW - timedelta(days=100 - days))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.AuthorityKeyIdentifier(b"\x0a\xbc", None, None), critical=False)
        .add_extension(x509.UnrecognizedExtension(ATTRIBUTES_OID, attributes), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode()


def test_the_certificates_that_were_issued(ca: CAStandIn, holder: Enrollment) -> None:
    """The CA says which are good and which there are: those that are missing in the first answer are revoked."""
    old, new = issued("lee", 0x0F, -1), issued("lee", 0xABC, 9)
    ca.answers = [success({"certs": [{"PEM": new}]}), success({"certs": [{"PEM": old}, {"PEM": new}]})]
    with CAClient(ca.url, ca_name="ca", tls_root=ca.root) as client:
        found = client.certificates(holder, "lee")
    assert [(one.enrollment_id, one.serial, one.authority_key_id, one.revoked) for one in found] == [
        ("lee", "abc", "abc", False),
        ("lee", "f", "abc", True),
    ]
    assert found[0].attributes == {"medconsent.roles": "dac"}
    assert [one.counts(NOW) for one in found] == [True, False]
    assert not found[0].counts(NOW + timedelta(days=9)), "it has ended"
    assert [path for _, path, _, _ in ca.seen] == [
        "/api/v1/certificates?id=lee&notrevoked=true&ca=ca",
        "/api/v1/certificates?id=lee&ca=ca",
    ]


def test_certificates_that_cannot_be_read(ca: CAStandIn, holder: Enrollment) -> None:
    for wrong in ("no certificate", holder.certificate_pem.decode()):
        ca.answers = [success({"certs": [{"PEM": wrong}]})]
        with CAClient(ca.url, tls_root=ca.root) as client, pytest.raises(CAError, match="malformed"):
            client.certificates(holder)


def test_what_the_ca_refuses(ca: CAStandIn, holder: Enrollment) -> None:
    ca.answers = [
        (409, {"result": "", "errors": [{"code": 74, "message": "already registered"}], "success": False}),
        (502, b"<html>a proxy"),
        (500, {"success": False}),
        success({"CAName": "ca", "CAChain": "no base64!"}),
        success({}),
    ]
    with CAClient(ca.url, tls_root=ca.root) as client:
        with pytest.raises(CAError, match="already registered") as caught:
            client.register(holder, "lee")
        assert (caught.value.status, caught.value.code) == (409, 74)
        with pytest.raises(CAError, match="not that of a Fabric CA"):
            client.info()
        with pytest.raises(CAError, match="HTTP 500"):
            client.info()
        with pytest.raises(CAError, match="CAChain is not base64"):
            client.info()
        with pytest.raises(CAError, match="no secret"):
            client.register(holder, "lee")
        with pytest.raises(CAError, match="colon"):
            client.enroll("kim:lee", "secret")


def test_only_the_given_root_is_trusted(ca: CAStandIn, identity: Identity) -> None:
    with CAClient(ca.url, tls_root=identity.certificate_pem) as client, pytest.raises(CAError, match="vouches"):
        client.info()
    assert not ca.seen
    with CAClient("https://127.0.0.1:1", tls_root=ca.root) as client, pytest.raises(CAError, match="does not answer"):
        client.info()
    with pytest.raises(CAError, match="https://"):
        CAClient("http://127.0.0.1:1", tls_root=ca.root)
    with pytest.raises(CAError, match="no certificate"):
        CAClient(ca.url, tls_root=b"nothing")
