"""A certificate and key for tests, the vectors recorded from the official SDKs, and a stand-in for a Gateway peer."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID
from fabric_protos.gateway import gateway_pb2
from google.protobuf.any_pb2 import Any as PackedAny
from google.rpc import status_pb2

from medconsent.fabric import Identity, PrivateKeySigner


@dataclass(frozen=True)
class Vectors:
    """What the official SDKs put on the wire."""

    messages: dict[str, bytes]
    identity: Identity
    signer: PrivateKeySigner
    ca_token: dict[str, str]


@pytest.fixture(scope="session")
def vectors() -> Vectors:
    """See vectors/generate/main.go."""
    document = json.loads((Path(__file__).parent / "vectors" / "official.json").read_text())
    seed = sha256(document["ed25519_key_seed_text"].encode()).digest()
    return Vectors(
        {name: b64decode(value) for name, value in document["messages"].items()},
        Identity(document["msp_id"], document["certificate"].encode()),
        PrivateKeySigner(ed25519.Ed25519PrivateKey.from_private_bytes(seed)),
        document["ca_token"],
    )


def self_signed(
    signer: PrivateKeySigner, common_name: str = "kim", attributes: str | None = None, hosts: Sequence[str] = ()
) -> bytes:
    """A self-signed certificate."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.private_key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
    )
    if hosts:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host)) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    if attributes is not None:
        oid = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, attributes.encode()), critical=False)
    key = signer.private_key
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(serialization.Encoding.PEM)


Certify = Callable[..., bytes]


@pytest.fixture(scope="session")
def certify() -> Certify:
    """Makes self-signed certificates: signer, common name, the text of Fabric CA's attribute extension."""
    return self_signed


@pytest.fixture(scope="session")
def signer() -> PrivateKeySigner:
    """A P-256 key."""
    return PrivateKeySigner.generate()


@pytest.fixture(scope="session")
def identity(signer: PrivateKeySigner) -> Identity:
    """The identity that goes with it."""
    return Identity("hanbit", self_signed(signer))


@pytest.fixture(scope="session")
def server_certificate() -> tuple[bytes, bytes]:
    """A self-signed TLS certificate for 127.0.0.1, and its key, PEM."""
    key = PrivateKeySigner.generate()
    return self_signed(key, "server", hosts=["127.0.0.1"]), key.to_pem()


@dataclass
class Refusal:
    """An answer of the stand-in: the call fails with this status."""

    status: grpc.StatusCode
    message: str
    details: list[tuple[str, str, str]] = field(default_factory=list)


def status_details(refusal: Refusal) -> bytes:
    """``grpc-status-details-bin`` as the Gateway fills it."""
    status = status_pb2.Status(code=refusal.status.value[0], message=refusal.message)
    for address, msp_id, message in refusal.details:
        packed = PackedAny()
        packed.Pack(gateway_pb2.ErrorDetail(address=address, msp_id=msp_id, message=message))
        status.details.append(packed)
    return status.SerializeToString()


class PeerStandIn(grpc.GenericRpcHandler):
    """A real gRPC server: ``answers`` has for each method an answer, a function of the request, or a list of answers.

    The last of a list is given for ever. An answer is bytes or a :class:`Refusal`; of a stream, an iterable of those.
    """

    refusal = Refusal

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.requests: list[tuple[str, bytes]] = []
        self.port = 0

    def service(self, details: Any) -> Any:
        """See :class:`grpc.GenericRpcHandler`."""
        method = details.method.rpartition("/")[2]
        if method == "ChaincodeEvents":
            return grpc.unary_stream_rpc_method_handler(lambda request, context: self._stream(method, request, context))
        if method in ("DeliverFiltered", "Deliver", "DeliverWithPrivateData"):
            return grpc.stream_stream_rpc_method_handler(
                lambda requests, context: self._stream(method, next(requests), context)
            )
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self._answer(method, request, context))

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def called(self, method: str) -> int:
        """How many requests of a method came."""
        return sum(name == method for name, _ in self.requests)

    def _next(self, method: str, request: bytes) -> Any:
        self.requests.append((method, request))
        answer = self.answers[method]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return answer(request) if callable(answer) else answer

    def _answer(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        answer = self._next(method, request)
        if isinstance(answer, Refusal):
            self._refuse(answer, context)
        return answer  # type: ignore[no-any-return]

    def _stream(self, method: str, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        for answer in self._next(method, request):
            if isinstance(answer, Refusal):
                self._refuse(answer, context)
            yield answer

    @staticmethod
    def _refuse(refusal: Refusal, context: grpc.ServicerContext) -> None:
        if refusal.details:
            context.set_trailing_metadata((("grpc-status-details-bin", status_details(refusal)),))
        context.abort(refusal.status, refusal.message)


@pytest.fixture
def peer() -> Iterator[PeerStandIn]:
    """A Gateway peer on a free port."""
    stand_in = PeerStandIn()
    server = grpc.server(ThreadPoolExecutor(4), handlers=(stand_in,))
    stand_in.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield stand_in
    server.stop(None).wait()
