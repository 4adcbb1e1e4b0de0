"""A link on which every answer takes seconds: TLS, through a real proxy that holds back what passes."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import Queue
from typing import Any

import grpc
import pytest
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import proposal_response_pb2

from medconsent.fabric import AsyncGateway, Gateway, Identity, PrivateKeySigner, Timeouts
from medconsent.fabric.ca import CAClient

PATIENT = Timeouts(40, 40, 40, 40)


def later(source: socket.socket, sink: socket.socket, delay: float) -> None:
    """Pass on what comes, each piece so many seconds after it came."""
    pieces: Queue[tuple[float, bytes]] = Queue()

    def deliver() -> None:
        with suppress(OSError):
            while True:
                due, piece = pieces.get()
                time.sleep(max(0.0, due - time.monotonic()))
                if not piece:
                    sink.shutdown(socket.SHUT_WR)
                    return
                sink.sendall(piece)

    threading.Thread(target=deliver, daemon=True).start()
    piece = b"begin"
    while piece:
        try:
            piece = source.recv(65536)
        except OSError:
            piece = b""
        pieces.put((time.monotonic() + delay, piece))


@contextmanager
def slow_link(port: int, round_trip: float) -> Iterator[int]:
    """The port of a proxy before `port`."""
    listener = socket.create_server(("127.0.0.1", 0))
    opened: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", port))
                opened.extend((client, server))
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=later, args=(source, sink, round_trip / 2), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        for one in opened:
            one.close()


@pytest.fixture
def secured(peer: Any, server_certificate: tuple[bytes, bytes]) -> Iterator[int]:
    """The port of a stand-in that speaks TLS."""
    root, key = server_certificate
    server = grpc.server(ThreadPoolExecutor(4), handlers=(peer,))
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, root)]))
    server.start()
    peer.answers["Evaluate"] = gateway_pb2.EvaluateResponse(
        result=proposal_response_pb2.Response(status=200, payload=b"here")
    ).SerializeToString()
    yield port
    server.stop(None).wait()


@pytest.mark.parametrize("round_trip", [1, 3])
def test_a_slow_link_connects(
    round_trip: int, secured: int, server_certificate: tuple[bytes, bytes], identity: Identity, signer: PrivateKeySigner
) -> None:
    root, _key = server_certificate

    def blocking(port: int) -> bytes:
        with Gateway(f"127.0.0.1:{port}", identity, signer, tls_root=root, timeouts=PATIENT) as gateway:
            return gateway.channel("c").contract("basic").evaluate("Read")

    async def waiting(port: int) -> bytes:
        async with AsyncGateway(f"127.0.0.1:{port}", identity, signer, tls_root=root, timeouts=PATIENT) as gateway:
            return await gateway.channel("c").contract("basic").evaluate("Read")

    with slow_link(secured, round_trip) as port, ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        both = [pool.submit(blocking, port), pool.submit(lambda: asyncio.run(waiting(port)))]
        assert [one.result() for one in both] == [b"here", b"here"]
        assert time.monotonic() - began >= 2 * round_trip, "the link is slow"


def test_a_ca_behind_a_slow_link_is_reached(server_certificate: tuple[bytes, bytes], tmp_path: Any) -> None:
    root, key = server_certificate
    (tmp_path / "both.pem").write_bytes(root + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as client:
            asked = b""
            while not asked.endswith(b"}"):  # headers and body may come apart
                asked += client.recv(65536)
            body = b'{"success":true,"result":{"CAName":"slow","CAChain":"","Version":"1.5"}}'
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            client.recv(1)  # until the client has gone

    threading.Thread(target=serve, daemon=True).start()
    # requests was once given 5 s for each answer of the handshake.
    with (
        slow_link(listener.getsockname()[1], 5.5) as port,
        CAClient(f"https://127.0.0.1:{port}", tls_root=root) as ca,
    ):
        assert ca.info().name == "slow"
    listener.close()
