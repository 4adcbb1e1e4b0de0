"""Clients that hold a connection, send half of something, or take nothing of what is sent."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from door_world import FILES, GRANT, Door

from medconsent.fabric.identity import PrivateKeySigner
from medconsent.release.signing import HEADER, Request, sign
from medconsent.services.release import listening


@contextmanager
def connected(door: Door, *, buffer: int = 0) -> Iterator[ssl.SSLSocket]:
    """A connection over TLS that is nobody's yet."""
    trust = ssl.create_default_context(cafile=str(door.ca))
    with socket.socket() as plain:
        if buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        plain.settimeout(20)
        address = urlsplit(door.url)
        assert address.hostname
        plain.connect((address.hostname, address.port))
        with trust.wrap_socket(plain, server_hostname=address.hostname) as secured:
            yield secured


def seconds_until_it_ends(connection: ssl.SSLSocket) -> float:
    begun = time.monotonic()
    try:
        while connection.recv(65_536):
            pass
    except (ConnectionError, ssl.SSLError):
        pass
    return time.monotonic() - begun


def signed(door: Door, method: str, target: str) -> bytes:
    signer = PrivateKeySigner(door.kim.key)
    signature = sign(Request(method, target, "hanbit"), b"", person=door.kim.name, kid=door.kim.kid, signer=signer)
    return f"{method} {target} HTTP/1.1\r\nHost: x\r\n{HEADER}: {signature}\r\n\r\n".encode()


@pytest.mark.parametrize("begun", [b"", b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nX: "], ids=["quiet", "line", "head"])
def test_a_request_that_does_not_come_ends(door: Door, monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    """Also where its bytes come one by one, so that it never seems to be quiet."""
    monkeypatch.setattr(listening, "HEAD_WITHIN", 1.0)
    with connected(door) as connection:
        over = threading.Event()

        def drip() -> None:
            try:
                connection.sendall(begun)
                while begun and not over.wait(0.1):
                    connection.sendall(b"a")
            except OSError:
                pass

        dripping = threading.Thread(target=drip)
        dripping.start()
        taken = seconds_until_it_ends(connection)
        over.set()
        dripping.join()
    assert taken < 10
    assert door.fetch(door.folder / "out", paths=["a.csv"]).files == 1


def test_a_body_that_does_not_come_ends(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "BODY_WITHIN", 1.0)
    with connected(door) as connection:
        connection.sendall(b"POST /release/v1/receipts HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n{")
        assert seconds_until_it_ends(connection) < 10


@pytest.mark.parametrize("cut", [False, True], ids=["stalled", "revoked"])
def test_who_takes_nothing_keeps_no_receipt_open(door: Door, monkeypatch: pytest.MonkeyPatch, cut: bool) -> None:
    """What waits in the connection is dropped, and the receipt gets its outcome."""
    monkeypatch.setattr(listening, "STALLED", 60.0 if cut else 1.0)
    door.server.transfers._idle = 1.0
    with door.open(paths=["large.bin"], grant=GRANT) as delivery:
        (file,) = delivery.files
        transfer = door.server.transfers.get(delivery.receipt)
        assert transfer is not None
        with connected(door, buffer=4096) as connection:
            connection.sendall(signed(door, "GET", f"/release/v1/receipts/{delivery.receipt}/files/{file.id}/body"))
            while not transfer.sent > 65_536:
                time.sleep(0.05)
            assert transfer.running == 1
            if cut:
                door.ledger.permitted = False
            until = time.monotonic() + 20
            while not door.ledger.closed and time.monotonic() < until:
                time.sleep(0.05)
            ((outcome, sent, reason),) = door.ledger.closed.values()
            assert outcome == "aborted"
            assert reason == ("the grant was revoked" if cut else "nobody went on fetching")
            assert sent <= len(FILES["large.bin"]) + 100_000


def test_many_ranges_at_once_and_huge_heads_are_refused(door: Door) -> None:
    with door.open(paths=["large.bin"]) as delivery:
        (file,) = delivery.files
        target = f"/release/v1/receipts/{delivery.receipt}/files/{file.id}/body"
        bomb = "bytes=" + ",".join(f"{start}-" for start in range(1000))
        answer = door.request("GET", target, headers={"Range": bomb})
        assert answer.status in (400, 401, 416, 431), answer.status
        transfer = door.server.transfers.get(delivery.receipt)
        assert transfer is not None
        assert transfer.sent < 1000
        with connected(door) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000)
            assert b"400" in connection.recv(100)
