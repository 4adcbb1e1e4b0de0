"""`timeout=` is one deadline over everything that a call does; named contracts; what is sent and not waited for."""

import asyncio
import time
from typing import Any

import grpc
import pytest
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2

from medconsent.fabric import (
    AsyncGateway,
    CommitStatusError,
    EndorseError,
    EvaluateError,
    Gateway,
    Identity,
    PrivateKeySigner,
    SubmitError,
)

SLOW = 0.6


def slow(answer: bytes) -> Any:
    def late(_request: bytes) -> bytes:
        time.sleep(SLOW)
        return answer

    return late


@pytest.fixture
def working(peer: Any, vectors: Any) -> dict[str, Any]:
    status = gateway_pb2.CommitStatusResponse(result=0, block_number=5).SerializeToString()
    peer.answers = {"Endorse": vectors.messages["endorse_response"], "Submit": b"", "CommitStatus": status}
    answers: dict[str, Any] = peer.answers
    return answers


@pytest.fixture(params=["blocking", "asyncio"])
def submit(request: pytest.FixtureRequest, peer: Any, identity: Identity, signer: PrivateKeySigner) -> Any:
    """Submits to `basic`, with either client."""

    async def awaited(**how: Any) -> Any:
        async with AsyncGateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
            return await gateway.channel("c").contract("basic").submit("Write", **how)

    def blocking(**how: Any) -> Any:
        with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
            return gateway.channel("c").contract("basic").submit("Write", **how)

    return blocking if request.param == "blocking" else lambda **how: asyncio.run(awaited(**how))


@pytest.mark.parametrize(
    ("phase", "kind", "outcome"),
    [
        ("Endorse", EndorseError, "not-committed"),
        ("Submit", SubmitError, "unknown"),
        ("CommitStatus", CommitStatusError, "unknown"),
    ],
)
def test_one_deadline_over_all_phases(
    phase: str, kind: Any, outcome: str, submit: Any, working: dict[str, Any]
) -> None:
    working[phase] = slow(working[phase])
    started = time.monotonic()
    with pytest.raises(kind) as caught:
        submit(timeout=SLOW / 2)
    assert caught.value.status is grpc.StatusCode.DEADLINE_EXCEEDED
    assert caught.value.outcome == outcome
    assert time.monotonic() - started < SLOW * 5
    assert submit(timeout=60).block_number == 5


def test_what_was_endorsed_too_late_is_not_sent(
    submit: Any, working: dict[str, Any], peer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medconsent.fabric.contract.left", lambda end: None if end is None else 0.0)
    monkeypatch.setattr("medconsent.fabric.contract.patient", _impatient)
    with pytest.raises(EndorseError, match="before the transaction was sent") as caught:
        submit(timeout=5)
    assert caught.value.outcome == "not-committed"
    assert caught.value.transaction_id
    assert peer.called("Submit") == 0


def _impatient(call: Any, _pauses: Any, _end: Any = None) -> Any:
    return (yield call)


def test_repeating_ends_with_the_time(identity: Identity, signer: PrivateKeySigner) -> None:
    started = time.monotonic()
    with Gateway("127.0.0.1:1", identity, signer, tls_root=None) as gateway, pytest.raises(EvaluateError):
        gateway.channel("c").contract("basic").evaluate("Read", timeout=0.1)
    within = time.monotonic() - started
    started = time.monotonic()
    with Gateway("127.0.0.1:1", identity, signer, tls_root=None) as gateway, pytest.raises(EvaluateError):
        gateway.channel("c").contract("basic").evaluate("Read")
    assert within < time.monotonic() - started  # which pauses for 0.7 s in all


def test_no_time_at_all_asks_nobody(
    working: dict[str, Any], peer: Any, identity: Identity, signer: PrivateKeySigner
) -> None:
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway, pytest.raises(EndorseError):
        gateway.channel("c").contract("basic").submit("Write", timeout=0)
    assert peer.requests == []


def test_what_is_sent_is_asked_about_later(
    working: dict[str, Any], peer: Any, identity: Identity, signer: PrivateKeySigner
) -> None:
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
        contract = gateway.channel("c").contract("basic")
        sent = contract.submit_async("Write")
        assert sent.result == b"result"
        assert [name for name, _ in peer.requests] == ["Endorse", "Submit"]
        status = contract.commit_status(sent.commit)
        assert (status.code, status.transaction_id) == ("VALID", sent.transaction_id)

    async def awaited() -> None:
        async with AsyncGateway(peer.endpoint, identity, signer, tls_root=None) as other:
            contract = other.channel("c").contract("basic")
            sent = await contract.submit_async("Write")
            assert (await contract.commit_status(sent.commit)).valid

    asyncio.run(awaited())


def test_a_named_contract_is_part_of_the_functions_name(
    peer: Any, identity: Identity, signer: PrivateKeySigner
) -> None:
    peer.answers = {"Evaluate": gateway_pb2.EvaluateResponse().SerializeToString()}
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
        gateway.channel("c").contract("basic", "Cars").evaluate("Read", "x")
        gateway.channel("c").contract("basic").evaluate("Read", "x")
    said = []
    for _, request in peer.requests:
        proposed = gateway_pb2.EvaluateRequest.FromString(request).proposed_transaction
        payload = proposal_pb2.Proposal.FromString(proposed.proposal_bytes).payload
        spec = proposal_pb2.ChaincodeProposalPayload.FromString(payload).input
        said.append(chaincode_pb2.ChaincodeInvocationSpec.FromString(spec).chaincode_spec.input.args[0])
    assert said == [b"Cars:Read", b"Read"]
