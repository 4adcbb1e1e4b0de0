"""TLS on the socket itself: handshakes that do not come, what is no TLS, and all that a body needs."""

import socket
import ssl
import time
import warnings
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from door_world import FILES, Door

from medconsent.errors import DocumentError
from medconsent.services.release import tls


def plain(door: Door) -> socket.socket:
    address = urlsplit(door.url)
    return socket.create_connection((address.hostname, address.port or 0), timeout=20)


def ended(connection: socket.socket) -> bool:
    """Whether the server ends it: it says nothing more, or resets it."""
    try:
        while connection.recv(65_536):
            pass
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize(
    "said", [b"", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\n\r\n"], ids=["quiet", "half", "plain"]
)
def test_a_handshake_that_does_not_come_ends(door: Door, monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE_WITHIN", 1.0)
    begun = time.monotonic()
    with plain(door) as connection:
        connection.sendall(said)
        assert ended(connection)
    assert time.monotonic() - begun < 10
    assert door.fetch(door.folder / "out", paths=["a.csv"]).files == 1


@pytest.mark.parametrize(("version", "taken"), [("TLSv1", False), ("TLSv1_1", False), ("TLSv1_2", True)])
def test_an_old_tls_is_refused(door: Door, version: str, taken: bool) -> None:
    """By the version alone: both sides take every cipher here, which OpenSSL otherwise would not for the old ones."""
    there = tls.context(door.ca, door.folder / "tls.key")
    here = ssl.create_default_context(cafile=str(door.ca))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        here.minimum_version = here.maximum_version = ssl.TLSVersion[version]
    for one in (there, here):
        one.set_ciphers("ALL:@SECLEVEL=0")
    ends = [ssl.MemoryBIO() for _ in range(2)]
    server = there.wrap_bio(ends[0], ends[1], server_side=True)
    client = here.wrap_bio(ends[1], ends[0], server_hostname="127.0.0.1")

    def shake_hands() -> None:
        for _ in range(4):
            for one in (client, server):
                with suppress(ssl.SSLWantReadError):
                    one.do_handshake()

    if taken:
        shake_hands()
        assert server.version() == client.version() == "TLSv1.2"
    else:
        with pytest.raises(ssl.SSLError):
            shake_hands()


def test_several_requests_and_their_bodies_go_through_one_connection(door: Door) -> None:
    """Also where many come at once, before the first is answered."""
    trust = ssl.create_default_context(cafile=str(door.ca))
    with plain(door) as connection, trust.wrap_socket(connection, server_hostname="127.0.0.1") as secured:
        secured.sendall(b"GET /ga4gh/drs/v1/service-info HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        got = b""
        while got.count(b"HTTP/1.1 200 OK") < 50 or not got.endswith(b"}"):
            part = secured.recv(65_536)
            assert part
            got += part


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_an_orderly_end_says_so(door: Door, version: ssl.TLSVersion) -> None:
    """Nobody can cut an answer short unseen: the end of a connection is said within TLS."""
    trust = ssl.create_default_context(cafile=str(door.ca))
    trust.minimum_version = trust.maximum_version = version
    with (
        plain(door) as connection,
        trust.wrap_socket(connection, server_hostname="127.0.0.1", suppress_ragged_eofs=False) as secured,
    ):
        secured.sendall(b"GET /ga4gh/drs/v1/service-info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        got = b""
        while part := secured.recv(65_536):
            got += part
        assert got.startswith(b"HTTP/1.1 200 OK")


def test_many_fetch_at_once(door: Door) -> None:
    done = [door.fetch(door.folder / f"out{number}") for number in range(3)]
    assert [one.files for one in done] == [len(FILES)] * 3
    for number in range(3):
        assert (door.folder / f"out{number}" / "large.bin").read_bytes() == FILES["large.bin"]


def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    with pytest.raises(DocumentError, match=r"no\.pem"):
        tls.context(tmp_path / "no.pem", tmp_path / "no.pem")
    with pytest.raises(DocumentError, match="no certificate"):
        tls.context(tmp_path / "away.pem", tmp_path / "no.pem")
