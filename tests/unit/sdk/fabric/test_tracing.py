"""Calls as spans of OpenTelemetry, by its own interceptors of gRPC: what is told, and what is not."""

import asyncio
from typing import Any

import grpc
import pytest
from fabric_protos.gateway import gateway_pb2
from opentelemetry.instrumentation.grpc import aio_client_interceptors, client_interceptor
from opentelemetry.instrumentation.grpc.grpcext import intercept_channel
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from medconsent.fabric import (
    AsyncConnection,
    AsyncGateway,
    Connection,
    EvaluateError,
    Gateway,
    Identity,
    PeerEndpoint,
    PrivateKeySigner,
)

ARGUMENT = "what-no-trace-may-hold"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def who(identity: Identity, signer: PrivateKeySigner) -> tuple[Identity, PrivateKeySigner]:
    return identity, signer


@pytest.fixture
def provider(spans: InMemorySpanExporter) -> TracerProvider:
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(spans))
    return made


def told(payload: bytes) -> bytes:
    response = gateway_pb2.EvaluateResponse()
    response.result.payload = payload
    return bytes(response.SerializeToString())


def ask(way: str, place: PeerEndpoint, who: tuple[Identity, PrivateKeySigner], provider: TracerProvider) -> bytes:
    """Evaluate over a connection that is traced."""
    if way == "blocking":
        with grpc.insecure_channel(place.endpoint) as plain:
            connection = Connection.over(intercept_channel(plain, client_interceptor(provider)))
            return Gateway.over(connection, *who).channel("c").contract("basic").evaluate("get", ARGUMENT)

    async def asked() -> bytes:
        async with AsyncConnection(place, interceptors=aio_client_interceptors(provider)) as connection:
            gateway = AsyncGateway.over(connection, *who)
            return await gateway.channel("c").contract("basic").evaluate("get", ARGUMENT)

    return asyncio.run(asked())


@pytest.mark.parametrize("way", ["blocking", "awaited"])
def test_a_call_is_a_span(
    way: str, peer: Any, who: tuple[Identity, PrivateKeySigner], provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    place = PeerEndpoint("p", peer.endpoint, None)
    peer.answers = {"Evaluate": told(b"asset")}
    assert ask(way, place, who, provider) == b"asset"
    peer.answers = {}
    with pytest.raises(EvaluateError):
        ask(way, place, who, provider)
    done, failed = spans.get_finished_spans()
    assert done.name == failed.name == "/gateway.Gateway/Evaluate"
    assert done.status.status_code is not StatusCode.ERROR
    assert failed.status.status_code is StatusCode.ERROR
    assert ARGUMENT not in done.to_json() + failed.to_json()
