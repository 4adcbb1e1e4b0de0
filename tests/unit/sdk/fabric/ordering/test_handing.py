"""Where a transaction is handed in, how often, and whose word on its outcome counts: stepped through by hand."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.orderer import ab_pb2

from medconsent.fabric.commit import Commit
from medconsent.fabric.contract import Timeouts
from medconsent.fabric.flow import Call, Flow, Node, RpcFailure
from medconsent.fabric.ordering.handing import BROADCAST, COMMIT_STATUS, SUBMIT, hand_in, outcome
from medconsent.fabric.ordering.nodes import Nodes
from medconsent.fabric.transaction import Transaction

LATE = RpcFailure(grpc.StatusCode.DEADLINE_EXCEEDED, "late")
NOBODY = RpcFailure(grpc.StatusCode.UNAVAILABLE, "no orderers could successfully process transaction")
ORDERERS = (Node("nuri:1", b"roots"), Node("saerom:1", b"roots"), Node("hanbit:1", b"roots"))
GATEWAYS = {"nuri": Node("nuri:2", b"roots"), "saerom": Node("saerom:2", b"roots")}
SIGNED = Transaction(message=b"payload", signature=b"signature", transaction_id="tx", channel="c")
QUESTION = Commit(message=b"question", signature=b"signature", transaction_id="tx", channel="c", transaction=SIGNED)


@pytest.fixture
def caller() -> Any:
    """Somebody of hanbit, whose driver knows the nodes of three institutions."""
    kept = {"nodes c hanbit": Nodes(ORDERERS, GATEWAYS, 3)}
    return SimpleNamespace(
        _driver=SimpleNamespace(kept=kept, tls_client_certificate_hash=b""),
        identity=SimpleNamespace(msp_id="hanbit"),
        channel_name="c",
        timeouts=Timeouts(submit=5.0, commit_status=5.0),
    )


def run(flow: Flow[Any], answer: Callable[[Call], bytes]) -> tuple[Any, list[tuple[str, str]]]:
    """What comes of a flow, and which calls it made: method, and to whom."""
    made: list[tuple[str, str]] = []
    try:
        step = next(flow)
        while True:
            if not isinstance(step, Call):
                step = flow.send(b"")
                continue
            made.append((step.method, step.node.address if step.node else ""))
            try:
                said = answer(step)
            except RpcFailure as failure:
                step = flow.throw(failure)
            else:
                step = flow.send(said)
    except StopIteration as stop:
        return stop.value, made


def orderer(status: int) -> bytes:
    return bytes(ab_pb2.BroadcastResponse(status=status, info="info").SerializeToString())


def committed(block: int, code: int = 0) -> bytes:
    return bytes(gateway_pb2.CommitStatusResponse(result=code, block_number=block).SerializeToString())


@pytest.mark.parametrize("failure", [LATE, NOBODY])
def test_what_ones_own_gateway_does_not_hand_on_goes_to_another_orderer_as_it_was_signed(
    caller: Any, failure: RpcFailure
) -> None:
    sent: list[bytes] = []

    def answer(call: Call) -> bytes:
        if call.method == SUBMIT:
            raise failure
        sent.append(call.request)
        return orderer(503 if call.node == ORDERERS[0] else 200)

    _, made = run(hand_in(caller, SIGNED, None), answer)
    assert made == [(SUBMIT, ""), (BROADCAST, "nuri:1"), (BROADCAST, "saerom:1")]
    assert {(one.payload, one.signature) for one in map(common_pb2.Envelope.FromString, sent)} == {
        (b"payload", b"signature")
    }
    _, made = run(hand_in(caller, SIGNED, None), lambda call: orderer(200))
    assert made == [(BROADCAST, "nuri:1")], "for a while, one's own Gateway comes last"


def test_what_an_orderer_refuses_for_good_is_not_handed_in_again(caller: Any) -> None:
    def answer(call: Call) -> bytes:
        if call.method == SUBMIT:
            raise RpcFailure(grpc.StatusCode.ABORTED, "status=FORBIDDEN")
        raise AssertionError(call)

    with pytest.raises(RpcFailure, match="FORBIDDEN"):
        run(hand_in(caller, SIGNED, None), answer)


def test_after_a_try_that_may_have_gone_through_a_refusal_is_not_the_last_word(caller: Any) -> None:
    def answer(call: Call) -> bytes:
        if call.method == SUBMIT:
            raise LATE
        return orderer(403)

    with pytest.raises(RpcFailure, match="late"):
        run(hand_in(caller, SIGNED, None), answer)


def test_what_is_in_no_block_is_handed_in_again_and_ones_own_peer_says_what_came_of_it(caller: Any) -> None:
    asked = iter([LATE, LATE])

    def answer(call: Call) -> bytes:
        if call.method == SUBMIT:
            return b""
        if failure := next(asked, None):
            raise failure
        return committed(7)

    status, made = run(outcome(caller, QUESTION, None, None), answer)
    assert (status.valid, status.block_number, status.seen) == (True, 7, True)
    assert made == [(COMMIT_STATUS, ""), (SUBMIT, ""), (COMMIT_STATUS, ""), (SUBMIT, ""), (COMMIT_STATUS, "")]


def test_a_question_without_the_transaction_hands_nothing_in(caller: Any) -> None:
    alone = Commit(message=b"question", signature=b"signature", transaction_id="tx", channel="c")

    def answer(call: Call) -> bytes:
        raise LATE

    with pytest.raises(RpcFailure):
        run(outcome(caller, alone, None, None), answer)


@pytest.mark.parametrize(
    ("nuri", "saerom", "known"),
    [(committed(7), committed(7), True), (committed(7), committed(7, 11), False), (committed(7), None, False)],
    ids=["both say the same", "they differ", "one is silent"],
)
def test_others_are_believed_where_more_than_half_of_the_institutions_say_the_same(
    caller: Any, nuri: bytes | None, saerom: bytes | None, known: bool
) -> None:
    caller._driver.kept["avoided c"] = float("inf")
    caller.timeouts = Timeouts(commit_status=0.5)
    said = {"nuri:2": nuri, "saerom:2": saerom}

    def answer(call: Call) -> bytes:
        if call.method == BROADCAST:
            return orderer(200)
        told = said[call.node.address] if call.node else None
        if told is None:
            raise LATE
        return told

    if known:
        status, _ = run(outcome(caller, QUESTION, None, None), answer)
        assert (status.code, status.block_number, status.seen) == ("VALID", 7, False)
    else:
        with pytest.raises(RpcFailure):
            run(outcome(caller, QUESTION, None, None), answer)
