"""Both drivers against a real gRPC server that stands in for a Gateway peer."""

import _thread
import asyncio
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from fabric_protos.common import configtx_pb2, ledger_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.peer import chaincode_event_pb2, proposal_response_pb2, transaction_pb2

from medconsent.fabric import (
    AsyncGateway,
    CommitError,
    CommitStatusError,
    EndorseError,
    EvaluateError,
    EventsError,
    Gateway,
    Identity,
    PrivateKeySigner,
    SubmitError,
    Timeouts,
)
from medconsent.fabric.errors import in_flight

Ask = Callable[[Callable[[Any], Any]], Any]


@pytest.fixture(params=["blocking", "asyncio"])
def ask(request: pytest.FixtureRequest, peer: Any, identity: Identity, signer: PrivateKeySigner) -> Ask:
    """Runs ``function(channel)`` with either driver; the result of the operation that it starts."""
    timeouts = Timeouts(evaluate=5, endorse=5, submit=5, commit_status=1)

    def blocking(function: Callable[[Any], Any]) -> Any:
        with Gateway(peer.endpoint, identity, signer, tls_root=None, timeouts=timeouts) as gateway:
            return function(gateway.channel("medconsent"))

    async def waiting(function: Callable[[Any], Any]) -> Any:
        async with AsyncGateway(peer.endpoint, identity, signer, tls_root=None, timeouts=timeouts) as gateway:
            return await function(gateway.channel("medconsent"))

    return blocking if request.param == "blocking" else lambda function: asyncio.run(waiting(function))


@pytest.fixture
def first_events(request: pytest.FixtureRequest, peer: Any, identity: Identity, signer: PrivateKeySigner) -> Any:
    """The first events of a stream, read by the driver whose name is given."""

    def blocking(count: int, **options: Any) -> list[Any]:
        with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
            stream = gateway.channel("medconsent").chaincode_events("basic", **options)
            found = [event for _, event in zip(range(count), stream, strict=False)]
            stream.close()
            return found

    async def waiting(count: int, **options: Any) -> list[Any]:
        found: list[Any] = []
        async with AsyncGateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
            stream = gateway.channel("medconsent").chaincode_events("basic", **options)
            async for event in stream:
                found.append(event)
                if len(found) == count:
                    break
            await stream.aclose()
        return found

    def read(driver: str, count: int, **options: Any) -> list[Any]:
        return blocking(count, **options) if driver == "blocking" else asyncio.run(waiting(count, **options))

    return read


def answer(payload: bytes) -> bytes:
    result = proposal_response_pb2.Response(status=200, payload=payload)
    return gateway_pb2.EvaluateResponse(result=result).SerializeToString()


def committed(code: int, block: int = 9) -> bytes:
    return gateway_pb2.CommitStatusResponse(result=code, block_number=block).SerializeToString()


def events(block: int, *transaction_ids: str) -> bytes:
    return gateway_pb2.ChaincodeEventsResponse(
        block_number=block,
        events=[
            chaincode_event_pb2.ChaincodeEvent(chaincode_id="basic", tx_id=one, event_name="changed", payload=b"p")
            for one in transaction_ids
        ],
    ).SerializeToString()


def height(blocks: int) -> bytes:
    return answer(ledger_pb2.BlockchainInfo(height=blocks).SerializeToString())


@pytest.fixture
def working(peer: Any, vectors: Any) -> Any:
    """A peer with which a transaction goes through."""
    peer.answers = {
        "Endorse": vectors.messages["endorse_response"],
        "Submit": b"",
        "CommitStatus": committed(transaction_pb2.VALID),
    }
    return peer


def test_evaluate_names_the_organizations_that_may_answer(ask: Ask, peer: Any) -> None:
    peer.answers["Evaluate"] = answer(b"hello")
    assert ask(lambda c: c.contract("basic").evaluate("Read", b"1", target_organizations=["hanbit"])) == b"hello"
    request = gateway_pb2.EvaluateRequest.FromString(peer.requests[0][1])
    assert list(request.target_organizations) == ["hanbit"]
    assert request.channel_id == "medconsent"


def test_what_the_chaincode_said_of_a_query(ask: Ask, peer: Any) -> None:
    refused = 'chaincode response 500, {"code":"NOT_FOUND", "message":"no, really"}'
    peer.answers["Evaluate"] = peer.refusal(
        grpc.StatusCode.UNKNOWN,
        f"evaluate call to endorser returned error: {refused}",
        [("peer:1", "hanbit", refused)],
    )
    with pytest.raises(EvaluateError) as caught:
        ask(lambda c: c.contract("basic").evaluate("Read"))
    error = caught.value
    assert error.chaincode_message() == '{"code":"NOT_FOUND", "message":"no, really"}'
    assert (error.status, error.outcome, error.unreachable) == (grpc.StatusCode.UNKNOWN, "not-committed", False)
    assert [(d.address, d.msp_id) for d in error.details] == [("peer:1", "hanbit")]
    assert len(error.transaction_id) == 64
    assert "hanbit at peer:1" in error.diagnostics()
    assert peer.called("Evaluate") == 1


def test_a_transaction_goes_through(ask: Ask, working: Any) -> None:
    done = ask(lambda c: c.contract("basic").submit("Write", b"1", endorsing_organizations=["hanbit", "nuri"]))
    assert (done.result, done.block_number, len(done.transaction_id)) == (b"result", 9, 64)
    endorse = gateway_pb2.EndorseRequest.FromString(working.requests[0][1])
    submit = gateway_pb2.SubmitRequest.FromString(working.requests[1][1])
    assert list(endorse.endorsing_organizations) == ["hanbit", "nuri"]
    assert endorse.transaction_id == submit.transaction_id == done.transaction_id
    assert submit.prepared_transaction.signature


def test_refused_endorsement_sends_nothing(ask: Ask, working: Any) -> None:
    said = [("a:1", "hanbit", "chaincode response 500, no"), ("b:1", "nuri", "chaincode response 500, no")]
    working.answers["Endorse"] = working.refusal(grpc.StatusCode.ABORTED, "failed to endorse transaction", said)
    with pytest.raises(EndorseError) as caught:
        ask(lambda c: c.contract("basic").submit("Write"))
    assert [detail.msp_id for detail in caught.value.details] == ["hanbit", "nuri"]
    assert (caught.value.chaincode_message(), caught.value.outcome) == ("no", "not-committed")
    assert [name for name, _ in working.requests] == ["Endorse"]


@pytest.mark.parametrize("status", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED])
def test_a_transaction_is_handed_in_again_as_it_was_signed(
    ask: Ask, working: Any, status: grpc.StatusCode, caplog: pytest.LogCaptureFixture
) -> None:
    working.answers["Submit"] = working.refusal(status, "no orderers could successfully process transaction")
    with caplog.at_level("INFO", "medconsent.fabric"), pytest.raises(SubmitError) as caught:
        ask(lambda c: c.contract("basic").submit("Write", timeout=1.0))
    assert caught.value.outcome == "unknown"
    assert "was not handed on (" in caplog.text
    assert working.called("Endorse") == 1
    assert len({request for name, request in working.requests if name == "Submit"}) == 1
    assert working.called("Submit") > 1


def test_an_invalid_transaction_changed_nothing(ask: Ask, working: Any) -> None:
    working.answers["CommitStatus"] = committed(transaction_pb2.MVCC_READ_CONFLICT)
    with pytest.raises(CommitError) as caught:
        ask(lambda c: c.contract("basic").submit("Write"))
    assert (caught.value.code, caught.value.conflict, caught.value.block_number) == ("MVCC_READ_CONFLICT", True, 9)


def test_a_commit_that_is_not_seen_in_time_is_unknown(ask: Ask, working: Any) -> None:
    working.answers["CommitStatus"] = lambda request: time.sleep(1.5) or committed(0)
    with pytest.raises(CommitStatusError) as caught:
        ask(lambda c: c.contract("basic").submit("Write"))
    assert (caught.value.outcome, caught.value.status) == ("unknown", grpc.StatusCode.DEADLINE_EXCEEDED)
    assert "ask for its status" in caught.value.diagnostics()
    assert working.called("Submit") == 1


def test_the_question_for_the_commit_outlives_a_broken_connection(ask: Ask, working: Any) -> None:
    lost = working.refusal(grpc.StatusCode.UNAVAILABLE, "transport is closing")
    working.answers["CommitStatus"] = [lost, lost, committed(transaction_pb2.VALID)]
    assert ask(lambda c: c.contract("basic").submit("Write")).block_number == 9
    assert (working.called("Submit"), working.called("CommitStatus")) == (1, 3)


def test_a_peer_that_is_not_there(identity: Identity, signer: PrivateKeySigner) -> None:
    with Gateway("127.0.0.1:1", identity, signer, tls_root=None) as gateway:
        with pytest.raises(EndorseError) as caught:
            gateway.channel("c").contract("basic").submit("Write")
        assert caught.value.unreachable
        assert "was not reached" in caught.value.diagnostics()


def test_steps_taken_one_by_one(peer: Any, working: Any, identity: Identity, signer: PrivateKeySigner) -> None:
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
        contract = gateway.channel("medconsent").contract("basic")
        proposal = contract.propose("Write", b"1")
        transaction = contract.endorse_proposal(proposal.with_signature(b"from an HSM"))
        commit = contract.send(transaction.with_signature(b"from an HSM too"))
        status = contract.commit_status(commit.with_signature(b"and again"))
    assert status.valid
    endorse = gateway_pb2.EndorseRequest.FromString(working.requests[0][1])
    assert endorse.proposed_transaction.signature == b"from an HSM"
    assert (
        gateway_pb2.SubmitRequest.FromString(working.requests[1][1]).prepared_transaction.signature
        == b"from an HSM too"
    )
    assert gateway_pb2.SignedCommitStatusRequest.FromString(working.requests[2][1]).signature == b"and again"


def test_wait_for_block(ask: Ask, peer: Any) -> None:
    peer.answers["Evaluate"] = [height(4), height(4), height(5)]
    assert ask(lambda c: c.wait_for_block(4, timeout=5)) == 5
    request = gateway_pb2.EvaluateRequest.FromString(peer.requests[0][1])
    assert list(request.target_organizations) == ["hanbit"]
    with pytest.raises(EvaluateError, match="block 8 did not reach the peer"):
        ask(lambda c: c.wait_for_block(8, timeout=0.05))


def test_status_of_a_transaction_at_once(ask: Ask, peer: Any) -> None:
    found = transaction_pb2.ProcessedTransaction(validationCode=transaction_pb2.VALID).SerializeToString()
    peer.answers = {"Evaluate": answer(found), "CommitStatus": committed(transaction_pb2.VALID, 3)}
    status = ask(lambda c: c.transaction_status("ab"))
    assert (status.code, status.block_number, status.transaction_id) == ("VALID", 3, "ab")
    said = "Failed to get transaction with id ab, error no such transaction ID [ab] in index"
    peer.answers["Evaluate"] = peer.refusal(grpc.StatusCode.ABORTED, "failed", [("a:1", "hanbit", said)])
    status = ask(lambda c: c.transaction_status("ab"))
    assert (status.code, status.known, status.block_number) == ("UNKNOWN", False, None)
    peer.answers["Evaluate"] = peer.refusal(grpc.StatusCode.ABORTED, "access denied")
    with pytest.raises(EvaluateError, match="access denied"):
        ask(lambda c: c.transaction_status("ab"))


def test_application_organizations_by_msp_id(ask: Ask, peer: Any) -> None:
    config = configtx_pb2.Config()
    for group, msp_id in (("Group2", "nuri"), ("Group1", "hanbit")):
        msp = msp_config_pb2.FabricMSPConfig(name=msp_id).SerializeToString()
        value = msp_config_pb2.MSPConfig(config=msp).SerializeToString()
        config.channel_group.groups["Application"].groups[group].values["MSP"].value = value
    peer.answers["Evaluate"] = answer(config.SerializeToString())
    assert ask(lambda c: c.application_organizations()) == ["hanbit", "nuri"]


@pytest.mark.parametrize("driver", ["blocking", "asyncio"])
def test_events_go_on_where_the_stream_broke(driver: str, first_events: Any, peer: Any) -> None:
    gone = peer.refusal(grpc.StatusCode.UNAVAILABLE, "shutting down")
    peer.answers = {
        "Evaluate": height(7),
        # b was delivered before the break: the block comes again, b does not.
        "ChaincodeEvents": [[events(7, "a", "b"), gone], [gone], [events(7, "a", "b", "c"), events(9, "d")]],
    }
    found = first_events(driver, 4)
    assert [(event.block_number, event.transaction_id) for event in found] == [(7, "a"), (7, "b"), (7, "c"), (9, "d")]
    starts = [
        gateway_pb2.ChaincodeEventsRequest.FromString(
            gateway_pb2.SignedChaincodeEventsRequest.FromString(request).request
        ).start_position.specified.number
        for name, request in peer.requests
        if name == "ChaincodeEvents"
    ]
    assert starts == [7, 7, 7]


@pytest.mark.parametrize("driver", ["blocking", "asyncio"])
def test_events_without_reconnecting(driver: str, first_events: Any, peer: Any) -> None:
    peer.answers = {"Evaluate": height(7), "ChaincodeEvents": [[events(3, "a")]]}
    assert len(first_events(driver, 5, start_block=0, reconnect=False)) == 1
    denied = peer.refusal(grpc.StatusCode.PERMISSION_DENIED, "not allowed")
    peer.answers["ChaincodeEvents"] = [[denied]]
    with pytest.raises(EventsError, match="not allowed"):
        first_events(driver, 1)


def test_an_interrupt_says_what_is_in_flight(
    working: Any, identity: Identity, signer: PrivateKeySigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent does with it
    working.answers["CommitStatus"] = lambda _request: _thread.interrupt_main() or time.sleep(1) or committed(0)
    try:
        with (
            Gateway(working.endpoint, identity, signer, tls_root=None) as gateway,
            pytest.raises(KeyboardInterrupt) as caught,
        ):
            gateway.channel("c").contract("basic").submit("Write")
    finally:
        signal.signal(signal.SIGINT, before)
    sent = in_flight(caught.value)
    assert sent is not None
    assert re.fullmatch("[0-9a-f]{64}", sent)
    assert sent in caught.value.__notes__[0]
    assert in_flight(KeyboardInterrupt()) is None


def test_a_cancelled_task_says_what_is_in_flight(working: Any, identity: Identity, signer: PrivateKeySigner) -> None:
    working.answers["CommitStatus"] = lambda request: time.sleep(1) or committed(0)

    async def interrupted() -> None:
        async with AsyncGateway(working.endpoint, identity, signer, tls_root=None) as gateway:
            task = asyncio.ensure_future(gateway.channel("c").contract("basic").submit("Write"))
            while not working.called("CommitStatus"):
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert "may yet be committed" in caught.value.__notes__[0]

    asyncio.run(interrupted())
