"""Documents that a policy binds by hash, fetched from real local servers."""

import gzip
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from medconsent.documents import links
from medconsent.documents.links import LinkedDocument, check_link, documents_of
from medconsent.policies import load_yaml

PAGE = b"Terms of use\n" * 100
SHA = hashlib.sha256(PAGE).hexdigest()


class Pages(BaseHTTPRequestHandler):
    """/page, /zipped and /short are what they say; /to/N leads to N, /round to itself, /drip never ends."""

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))  # type: ignore[attr-defined]
        what, _, rest = self.path[1:].partition("/")
        if what in ("to", "round"):
            self.send_response(302)
            self.send_header("Location", "/round" if what == "round" else rest if ":" in rest else f"/{rest}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if what not in ("page", "zipped", "short", "drip"):
            self.send_error(404)
            return
        body = gzip.compress(PAGE) if what == "zipped" else PAGE
        self.send_response(200)
        if what == "zipped":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body) + (what == "short")))
        self.end_headers()
        with suppress(OSError):  # whoever has waited long enough hangs up
            while what == "drip":
                self.wfile.write(b".")
                time.sleep(0.05)
            self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[tuple[ThreadingHTTPServer, str]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.seen = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[ThreadingHTTPServer, str]]:
    with serving() as running:
        yield running


def test_the_same_bytes_are_the_same(site):
    _, url = site
    for path in ("page", "zipped", "to/page", "to/to/to/to/to/page"):
        found = check_link(LinkedDocument("terms", f"{url}/{path}", SHA))
        assert (found.state, found.found, found.why) == ("same", SHA, None), path


def test_a_page_that_changed_is_told(site):
    _, url = site
    found = check_link(LinkedDocument("terms", f"{url}/page", "0" * 64))
    assert (found.state, found.found) == ("changed", SHA)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("gone", "it answers 404"),
        ("round", "it leads on more than 5 times"),
        ("to/to/to/to/to/to/page", "it leads on more than 5 times"),
        ("to/file:///etc/passwd", "InvalidSchema"),
        ("short", "ProtocolError"),
    ],
)
def test_what_cannot_be_fetched_is_no_change(site, path, why):
    _, url = site
    found = check_link(LinkedDocument("terms", f"{url}/{path}", SHA))
    assert (found.state, found.found) == ("unreachable", None)
    assert why in (found.why or "")


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert check_link(LinkedDocument("terms", f"http://127.0.0.1:{port}/", SHA)).state == "unreachable"
    assert check_link(LinkedDocument("terms", "https://[::bad/", SHA)).state == "unreachable"


def test_neither_bytes_nor_time_without_end(site, monkeypatch):
    _, url = site
    monkeypatch.setattr(links, "PATIENCE", 0.3)
    found = check_link(LinkedDocument("terms", f"{url}/drip", SHA))
    assert (found.state, found.why) == ("unreachable", "it had not come whole after 0 s")
    monkeypatch.setattr(links, "MOST_BYTES", 1000)
    for path in ("page", "zipped"):
        assert "it has more than" in (check_link(LinkedDocument("terms", f"{url}/{path}", SHA)).why or "")


def test_nobody_s_credentials_are_sent(site, tmp_path: Path, monkeypatch):
    server, url = site
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login kim password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert check_link(LinkedDocument("terms", f"{url}/to/page", SHA)).state == "same"
    assert not any("Authorization" in headers or "Cookie" in headers for headers in server.seen)


def test_terms_and_attachments_are_what_a_policy_binds():
    policy = load_yaml(
        "use: [{permission: GRU}]\nstages: [{institution: hanbit, role: dac}]\nmodes: [download]\n"
        "max_duration: 1d\nreview_period: 1d\n"
        f'terms: {{url: "https://a.example/t", sha256: {SHA}}}\n'
        f'attachments: [{{title: Form, url: "https://a.example/f", sha256: {SHA}}}]\n'
    )
    assert [it.title for it in documents_of(policy)] == ["terms", "Form"]
