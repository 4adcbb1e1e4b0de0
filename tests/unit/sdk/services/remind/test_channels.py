"""Real web and mail servers that take a digest, or do not."""

import json
import os
import signal
import socketserver
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_string
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from fake_gateway import digest

from medconsent.desk.reminders import Digest, Reminder
from medconsent.services.remind.channels import Log, Mail, NotDelivered, Webhook
from medconsent.times import parse_time

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)

REMINDERS = tuple(
    Reminder(kind="ending", id=digest(str(number)), dataset="hanbit/bc", until=parse_time("2026-12-02T00:00:00Z"))
    for number in range(3)
)

DIGEST = Digest("hanbit", NOW, REMINDERS[:1])


def test_a_log_has_a_line_for_each(tmp_path):
    log = Log(tmp_path / "desk.log")
    log.send(DIGEST)
    log.send(DIGEST)
    lines = (tmp_path / "desk.log").read_text().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("2026-12-01T12:00:00Z hanbit grant ")
    stream = StringIO()
    Log(stream).send(DIGEST)
    assert stream.getvalue() == lines[0] + "\n"
    with pytest.raises(NotDelivered, match="the log cannot be written"):
        Log(tmp_path / "none" / "desk.log").send(DIGEST)


@contextmanager
def served(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Hook(BaseHTTPRequestHandler):
    """Answers with the status that the path names, and keeps what was posted."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(int(self.path.rpartition("/")[2]))
        self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def hook():
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.posted = []
    with served(server) as port:
        yield server, f"http://127.0.0.1:{port}/secret-token"


def test_a_webhook_gets_the_digest(hook):
    server, url = hook
    Webhook(f"{url}/204").send(DIGEST)
    ((path, kind, body),) = server.posted
    assert (path, kind) == ("/secret-token/204", "application/json")
    assert body["institution"] == "hanbit"
    assert body["reminders"] == [REMINDERS[0].to_json()]
    assert body["text"].startswith("medconsent: 1 thing to see to at hanbit\ngrant ")


@pytest.mark.parametrize("status", [302, 307, 400, 404, 500])
def test_a_webhook_that_does_not_take_it_is_a_failure_that_names_no_secret(hook, status):
    server, url = hook
    with pytest.raises(NotDelivered, match=f"the webhook at 127.0.0.1 answered {status}") as caught:
        Webhook(f"{url}/{status}").send(DIGEST)
    assert "secret" not in caught.value.diagnostics()
    assert len(server.posted) == 1  # a redirection is not followed
    assert "secret" not in Webhook(url).name


def test_a_webhook_that_is_not_there():
    hook = Webhook("http://127.0.0.1:1/secret")
    with pytest.raises(NotDelivered, match=r"the webhook at 127\.0\.0\.1 was not reached") as caught:
        hook.send(DIGEST)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


class MailServer(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as takes one mail, with STARTTLS (RFC 3207) where the server has a certificate."""

    def handle(self):
        self._say("220 ready")
        text, encrypted = [], False
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            verb = line.partition(" ")[0].upper()
            if verb == "EHLO":
                offers = self.server.context is not None and not encrypted
                self._say(*(["250-here", "250 STARTTLS"] if offers else ["250 here"]))
            elif verb == "STARTTLS":
                self._say("220 go ahead")
                try:
                    secure = self.server.context.wrap_socket(self.connection, server_side=True)
                except OSError:  # the client does not trust the certificate
                    return
                self.rfile, self.wfile, encrypted = secure.makefile("rb"), secure.makefile("wb"), True
            elif verb == "RCPT" and "refused" in line:
                self._say("550 no such mailbox")
            elif verb == "RCPT" and "interrupted" in line:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.2)  # the client hears of it before it has its answer
                self._say("250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    text.append(part)
                self.server.mails.append((encrypted, "".join(text)))
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("421 busy" if any("leaves early" in text for _, text in self.server.mails) else "221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, *lines):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
        self.wfile.flush()


@contextmanager
def mail_server(context=None):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer)
    server.context, server.mails = context, []
    with served(server) as port:
        yield server, port


def mail(port, host="127.0.0.1", to="desk@hanbit.example"):
    return Mail(to, "medconsent@hanbit.example", host, port)


def test_a_mail_is_sent():
    with mail_server() as (server, port):
        mail(port).send(DIGEST)
        ((encrypted, text),) = server.mails
    message = message_from_string(text)
    assert not encrypted
    assert message["Subject"] == DIGEST.title
    assert message["To"] == "desk@hanbit.example"
    assert message.get_payload().strip() == DIGEST.lines()[0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """One for `localhost` that signs itself."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder


def test_starttls_is_used_where_it_is_offered_and_its_certificate_must_hold(certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with mail_server(context) as (server, port):
        with pytest.raises(NotDelivered, match="certificate verify failed"):
            mail(port, "localhost").send(DIGEST)
        assert server.mails == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
        mail(port, "localhost").send(DIGEST)
        ((encrypted, _text),) = server.mails
        assert encrypted


def test_an_interrupt_while_a_mail_is_sent_is_one():
    with mail_server() as (server, port):
        with pytest.raises(KeyboardInterrupt):
            mail(port, to="interrupted@hanbit.example").send(DIGEST)
        assert server.mails == []


def test_a_mail_that_was_taken_is_delivered_however_the_server_takes_leave():
    with mail_server() as (server, port):
        mail(port, to='"leaves early" <desk@hanbit.example>').send(DIGEST)
        assert len(server.mails) == 1


def test_a_mail_server_that_refuses_or_is_not_there():
    with mail_server() as (server, port):
        with pytest.raises(NotDelivered, match="did not take the mail"):
            mail(port, to="refused@hanbit.example").send(DIGEST)
        assert server.mails == []
    with pytest.raises(NotDelivered, match="did not take the mail"):
        mail(1).send(DIGEST)
