"""A peer and a CA are reached through the same proxy, or both without one."""

import asyncio
import socketserver
from collections.abc import Iterator
from threading import Thread

import pytest

from medconsent.fabric import AsyncGateway, CAError, Gateway, Identity, PrivateKeySigner
from medconsent.fabric._rpc import proxy_for
from medconsent.fabric.ca import CAClient
from medconsent.fabric.contract import Timeouts
from medconsent.fabric.errors import GatewayError

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "grpc_proxy", "no_grpc_proxy")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A proxy that refuses everybody, and what it was asked for."""
    seen: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            seen.append(self.rfile.readline().decode().strip())
            while self.rfile.readline().strip():
                pass
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
        server.shutdown()


def call(root: bytes, identity: Identity, signer: PrivateKeySigner) -> None:
    """Ask a CA and a peer that are not there."""
    with pytest.raises(CAError), CAClient("https://127.0.0.1:1", tls_root=root) as ca:
        ca.info()
    short = Timeouts(2, 2, 2, 2)
    with (
        Gateway("127.0.0.1:2", identity, signer, tls_root=root, timeouts=short) as gateway,
        pytest.raises(GatewayError),
    ):
        gateway.channel("c").contract("m").evaluate("f")


@pytest.mark.parametrize(
    ("variable", "no_proxy", "through"),
    [
        ("https_proxy", "", True),
        ("HTTPS_PROXY", "", True),
        ("all_proxy", "", True),
        ("http_proxy", "", False),
        ("grpc_proxy", "", False),
        ("https_proxy", "example", True),
        ("https_proxy", "127.0.0.1", False),
        ("https_proxy", "127.0.0.0/8", False),
        ("https_proxy", "*", False),
    ],
)
def test_both_go_the_same_way(
    variable: str, no_proxy: str, through: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, seen = request.getfixturevalue("asked")
    root, _key = request.getfixturevalue("server_certificate")
    monkeypatch.setenv(variable, address)
    if no_proxy:
        monkeypatch.setenv("no_proxy", no_proxy)
    call(root, request.getfixturevalue("identity"), request.getfixturevalue("signer"))
    ports = {line.split()[1].rpartition(":")[2] for line in seen}
    assert ports == ({"1", "2"} if through else set())
    assert all(line.startswith("CONNECT 127.0.0.1:") for line in seen)


def test_a_network_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "proxy:3128")
    monkeypatch.setenv("no_proxy", "10.0.0.0/8")
    assert proxy_for("10.1.2.3:7051") is None
    assert proxy_for("11.1.2.3:7051") == "http://proxy:3128"


def test_one_setting_goes_without_for_both(
    asked: tuple[str, list[str]],
    server_certificate: tuple[bytes, bytes],
    identity: Identity,
    signer: PrivateKeySigner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, seen = asked
    root, _key = server_certificate
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(CAError), CAClient("https://127.0.0.1:1", tls_root=root, proxies=False) as ca:
        ca.info()
    short = Timeouts(2, 2, 2, 2)
    with (
        Gateway("127.0.0.1:2", identity, signer, tls_root=root, timeouts=short, proxies=False) as gateway,
        pytest.raises(GatewayError),
    ):
        gateway.channel("c").contract("m").evaluate("f")

    async def awaited() -> None:
        async with AsyncGateway(
            "127.0.0.1:2", identity, signer, tls_root=root, timeouts=short, proxies=False
        ) as gateway:
            with pytest.raises(GatewayError):
                await gateway.channel("c").contract("m").evaluate("f")

    asyncio.run(awaited())
    assert seen == []
