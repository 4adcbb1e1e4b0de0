"""One connection for many identities, to one or several peers: with real gRPC servers that stand in for peers."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.common import common_pb2, ledger_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import chaincode_event_pb2, proposal_pb2, proposal_response_pb2

from medconsent.fabric import (
    AsyncConnection,
    AsyncGateway,
    ClosedError,
    Connection,
    EvaluateError,
    Gateway,
    Identity,
    IdentityError,
    PeerEndpoint,
    PrivateKeySigner,
    Timeouts,
    TLSClientCertificate,
)

HASH = b"h" * 32
Do = Callable[..., Any]


def answer(payload: bytes) -> bytes:
    """A peer's answer to an evaluation."""
    result = proposal_response_pb2.Response(status=200, payload=payload)
    return gateway_pb2.EvaluateResponse(result=result).SerializeToString()


def header(request: bytes) -> tuple[Any, Any]:
    """The channel header and the creator of what was evaluated."""
    asked = gateway_pb2.EvaluateRequest.FromString(request)
    proposal = proposal_pb2.Proposal.FromString(asked.proposed_transaction.proposal_bytes)
    both = common_pb2.Header.FromString(proposal.header)
    creator = common_pb2.SignatureHeader.FromString(both.signature_header).creator
    channel_header = common_pb2.ChannelHeader.FromString(both.channel_header)
    return channel_header, identities_pb2.SerializedIdentity.FromString(creator)


class Frozen:
    """An answer that a peer gives only when it is thawed, to whatever it is asked."""

    def __init__(self) -> None:
        self.thawed = threading.Event()

    def __call__(self, request: bytes) -> bytes:
        self.thawed.wait(20)
        return answer(b"late")


@contextmanager
def serving(stand_in: Any) -> Iterator[PeerEndpoint]:
    server = grpc.server(ThreadPoolExecutor(8), handlers=(stand_in,))
    stand_in.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield PeerEndpoint("p", stand_in.endpoint, None)
    finally:
        server.stop(None).wait()


@pytest.fixture
def two(peer: Any) -> Iterator[tuple[tuple[Any, PeerEndpoint], tuple[Any, PeerEndpoint]]]:
    """Two stand-ins and where they are."""
    first, second = type(peer)(), type(peer)()
    first.answers["Evaluate"], second.answers["Evaluate"] = answer(b"first"), answer(b"second")
    with serving(first) as one, serving(second) as other:
        yield (first, one), (second, other)


@pytest.fixture(params=["blocking", "awaited"])
def asked(request: pytest.FixtureRequest, identity: Identity, signer: PrivateKeySigner) -> Do:
    """What comes of evaluations one after the other, over a connection to these peers."""

    def blocking(*peers: PeerEndpoint, times: int = 1, seconds: float = 20, **options: Any) -> list[bytes]:
        with Connection(*peers, **options) as connection:
            gateway = Gateway.over(connection, identity, signer, timeouts=Timeouts(evaluate=seconds))
            contract = gateway.channel("c").contract("basic")
            return [contract.evaluate("Read") for _ in range(times)]

    async def waiting(*peers: PeerEndpoint, times: int, seconds: float, **options: Any) -> list[bytes]:
        async with AsyncConnection(*peers, **options) as connection:
            gateway = AsyncGateway.over(connection, identity, signer, timeouts=Timeouts(evaluate=seconds))
            contract = gateway.channel("c").contract("basic")
            return [await contract.evaluate("Read") for _ in range(times)]

    def awaited(*peers: PeerEndpoint, times: int = 1, seconds: float = 20, **options: Any) -> list[bytes]:
        return asyncio.run(waiting(*peers, times=times, seconds=seconds, **options))

    return blocking if request.param == "blocking" else awaited


def test_many_identities_share_a_connection(
    peer: Any, identity: Identity, signer: PrivateKeySigner, certify: Callable[..., bytes]
) -> None:
    peer.answers["Evaluate"] = answer(b"here")
    key = PrivateKeySigner.generate()
    with Connection(PeerEndpoint("p", peer.endpoint, None)) as connection:
        kim = Gateway.over(connection, identity, signer)
        lee = Gateway.over(connection, Identity("nuri", certify(key, "lee")), key)
        for gateway in (kim, lee, kim):
            gateway.channel("c").contract("basic").evaluate("Read")
        assert [header(request)[1].mspid for _, request in peer.requests] == ["hanbit", "nuri", "hanbit"]
        assert len(connection._channels) == 1
        kim.close()
        with pytest.raises(ClosedError):
            kim.channel("c").contract("basic").evaluate("Read")
        assert lee.channel("c").contract("basic").evaluate("Read") == b"here", "the connection is still open"
    with pytest.raises(ClosedError):
        lee.channel("c").contract("basic").evaluate("Read")
    with pytest.raises(ClosedError):
        Gateway.over(connection, identity, signer)


def test_the_first_peer_is_asked_as_long_as_it_answers(asked: Do, two: Any) -> None:
    (_, one), (second, other) = two
    assert asked(one, other, times=3) == [b"first"] * 3
    assert second.requests == []


def test_all_are_tried_before_anything_is_said_to_have_failed(asked: Do, two: Any) -> None:
    (_, one), _ = two
    gone = [PeerEndpoint("gone", f"127.0.0.1:{port}", None) for port in (9, 19, 29, 39)]
    assert asked(*gone, one) == [b"first"]


def test_when_a_peer_is_not_there_the_next_gets_the_same_bytes_and_stays(asked: Do, two: Any) -> None:
    (_, one), (second, _) = two
    gone = PeerEndpoint("gone", "127.0.0.1:9", None)
    began = time.monotonic()
    assert asked(gone, one, times=2) == [b"first"] * 2
    assert time.monotonic() - began < 5
    assert second.requests == []


def test_what_a_peer_lost_is_asked_at_the_next_as_it_was_signed(asked: Do, two: Any, peer: Any) -> None:
    (first, one), (second, other) = two
    first.answers["Evaluate"] = peer.refusal(grpc.StatusCode.UNAVAILABLE, "Socket closed")
    assert asked(one, other) == [b"second"]
    assert [body for _, body in first.requests] == [body for _, body in second.requests]


def test_the_log_tells_what_a_call_got_over(asked: Do, two: Any, peer: Any, caplog: pytest.LogCaptureFixture) -> None:
    (first, one), (_, other) = two
    first.answers["Evaluate"] = peer.refusal(grpc.StatusCode.UNAVAILABLE, "Socket closed")
    asked(one, other)
    (record,) = [one for one in caplog.records if one.name == "medconsent.fabric"]
    assert record.levelname == "WARNING"
    assert record.message == (f"peer {one.endpoint} failed (UNAVAILABLE: Socket closed): {other.endpoint} is asked now")


def test_a_refusal_is_an_answer_and_asked_nowhere_else(asked: Do, two: Any, peer: Any) -> None:
    (first, one), (second, other) = two
    first.answers["Evaluate"] = peer.refusal(grpc.StatusCode.ABORTED, "no", [(one.endpoint, "hanbit", "no")])
    with pytest.raises(EvaluateError):
        asked(one, other)
    assert second.requests == []


def test_who_stands_still_is_left_after_some_seconds(asked: Do, two: Any) -> None:
    (first, one), (_, other) = two
    first.answers["Evaluate"] = still = Frozen()
    began = time.monotonic()
    try:
        assert asked(one, other, times=2) == [b"second"] * 2
        assert 3 < time.monotonic() - began < 10
    finally:
        still.thawed.set()


def test_who_only_takes_long_is_waited_for(asked: Do, two: Any, peer: Any) -> None:
    """What is no proposal it refuses at once, as Fabric's peers do: that is an answer too."""
    (first, one), (second, other) = two

    def slow(request: bytes) -> Any:
        if not request:
            return peer.refusal(grpc.StatusCode.INVALID_ARGUMENT, "a signed proposal is required")
        time.sleep(5)
        return answer(b"slow")

    first.answers["Evaluate"] = slow
    assert asked(one, other) == [b"slow"]
    assert second.requests == []


def test_all_are_gone(asked: Do) -> None:
    with pytest.raises(EvaluateError) as caught:
        asked(PeerEndpoint("a", "127.0.0.1:9", None), PeerEndpoint("b", "127.0.0.1:9", None), seconds=3)
    assert caught.value.status is grpc.StatusCode.UNAVAILABLE


def test_the_hash_of_the_tls_certificate_stands_in_what_is_signed(
    peer: Any, identity: Identity, signer: PrivateKeySigner
) -> None:
    peer.answers["Evaluate"] = answer(b"here")
    with (
        grpc.insecure_channel(peer.endpoint) as own,
        Connection.over(own, tls_client_certificate_hash=HASH) as connection,
    ):
        channel = Gateway.over(connection, identity, signer).channel("c")
        channel.contract("basic").evaluate("Read")
        assert header(peer.requests[-1][1])[0].tls_cert_hash == HASH
        payload = common_pb2.Payload.FromString(channel.request_blocks().message)
        assert common_pb2.ChannelHeader.FromString(payload.header.channel_header).tls_cert_hash == HASH
        connection.close()
        own.unary_unary("/gateway.Gateway/Evaluate")(b"", timeout=5)  # it is not ours to close


def test_a_tls_client_certificate_and_its_key_belong_together(certify: Callable[..., bytes]) -> None:
    key = PrivateKeySigner.generate()
    pem = certify(key, "tls")
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    assert TLSClientCertificate(pem, key.to_pem()).hash == sha256(der).digest()
    assert b"PRIVATE" not in repr(TLSClientCertificate(pem, key.to_pem())).encode()
    for certificate, other in (
        (pem, PrivateKeySigner.generate().to_pem()),
        (b"nothing", key.to_pem()),
        (pem, b"nothing"),
    ):
        with pytest.raises(IdentityError, match="TLS client certificate"):
            TLSClientCertificate(certificate, other)


def test_interceptors_and_options_are_the_callers(
    peer: Any, identity: Identity, signer: PrivateKeySigner, asked: Do
) -> None:
    seen: list[str] = []

    class Sees(grpc.UnaryUnaryClientInterceptor):
        def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            seen.append(details.method)
            return continuation(details, request)

    class SeesToo(grpc.aio.UnaryUnaryClientInterceptor):
        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            seen.append(details.method.decode() if isinstance(details.method, bytes) else details.method)
            return await continuation(details, request)

    peer.answers["Evaluate"] = answer(b"x" * 2000)
    kind = Sees if "blocking" in asked.__qualname__ else SeesToo
    there = PeerEndpoint("p", peer.endpoint, None)
    assert asked(there, interceptors=[kind()])[0] == b"x" * 2000
    assert seen == ["/gateway.Gateway/Evaluate"]
    with pytest.raises(EvaluateError):
        asked(there, options=[("grpc.max_receive_message_length", 1000)])


def test_nobody_to_connect_to() -> None:
    for kind in (Connection, AsyncConnection):
        with pytest.raises(ValueError, match="name a peer"):
            kind()


def events(block: int) -> bytes:
    found = chaincode_event_pb2.ChaincodeEvent(chaincode_id="basic", tx_id="t", event_name="E", payload=b"")
    return gateway_pb2.ChaincodeEventsResponse(events=[found], block_number=block).SerializeToString()


def height(blocks: int) -> bytes:
    return answer(ledger_pb2.BlockchainInfo(height=blocks).SerializeToString())


def quiet(*first: bytes) -> Callable[[bytes], Iterator[bytes]]:
    """A stream that says so much, and then nothing more."""

    def said(_request: bytes) -> Iterator[bytes]:
        yield from first
        time.sleep(8)

    return said


@pytest.mark.parametrize("kind", ["blocking", "awaited"])
def test_a_stream_leaves_a_peer_that_stands_still_when_a_call_does(
    two: Any, kind: str, identity: Identity, signer: PrivateKeySigner
) -> None:
    (first, one), (second, other) = two
    first.answers = {"Evaluate": [height(5), Frozen()], "ChaincodeEvents": quiet(events(5))}
    second.answers = {"Evaluate": answer(b"second"), "ChaincodeEvents": quiet(events(5), events(6))}
    began = time.monotonic()

    def blocking() -> list[int]:
        with Connection(one, other) as connection:
            channel = Gateway.over(connection, identity, signer).channel("c")
            stream = channel.chaincode_events("basic")
            seen = [stream.next(10).block_number]
            assert channel.contract("basic").evaluate("Read") == b"second"
            return [*seen, stream.next(10).block_number]

    async def awaited() -> list[int]:
        async with AsyncConnection(one, other) as connection:
            channel = AsyncGateway.over(connection, identity, signer).channel("c")
            stream = channel.chaincode_events("basic")
            seen = [(await stream.next(10)).block_number]
            assert await channel.contract("basic").evaluate("Read") == b"second"
            return [*seen, (await stream.next(10)).block_number]

    assert (blocking() if kind == "blocking" else asyncio.run(awaited())) == [5, 6]
    assert time.monotonic() - began < 8, "the stream did not wait for the silent peer"
    first.answers["Evaluate"][-1].thawed.set()
