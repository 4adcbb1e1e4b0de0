"""Events: read, resumed and translated."""

import json

import grpc
import pytest
from fake_gateway import AT, FakeGateway, client

from medconsent import errors
from medconsent.fabric.events import ChaincodeEvent, InMemoryCheckpointer
from medconsent.fabric.flow import Emit, Open, Receive, RpcFailure
from medconsent.nouns.events import read_event

PAYLOAD = {"tx": "t", "at": AT, "changes": [{"type": "grant", "id": "g", "owner": "hanbit", "action": "grant.created"}]}


def event(block=5, tx="t", payload=PAYLOAD):
    return ChaincodeEvent(block, tx, "medconsent", "request.vote", json.dumps(payload).encode())


def test_an_event_says_what_changed():
    found = read_event(event())
    assert (found.name, found.tx, found.block, found.changes[0].action) == ("request.vote", "t", 5, "grant.created")


@pytest.mark.parametrize("payload", [[], "x", {}, {"at": AT, "changes": [1]}])
def test_an_event_off_the_contract_is_named_so(payload):
    with pytest.raises(errors.UnexpectedAnswer):
        read_event(event(payload=payload))


def test_what_was_handled_is_recorded_when_the_next_is_asked_for(monkeypatch):
    from medconsent.fabric.channel import Channel  # noqa: PLC0415

    def source(self, chaincode, *, start_block, checkpoint):
        assert (chaincode, start_block) == ("medconsent", 3)
        yield Open("method", b"")
        yield Receive()
        yield Emit(event(5, "a"))
        yield Emit(event(6, "b"))

    monkeypatch.setattr(Channel.chaincode_events, "flow", source)
    checkpointer = InMemoryCheckpointer()
    nouns = client(FakeGateway(lambda *_: {}))
    nouns._driver._gateway.perform = lambda step: b""
    events = nouns.events.follow(start_block=3, checkpointer=checkpointer)
    assert next(events).tx == "a"
    assert checkpointer.block_number is None
    assert next(events).tx == "b"
    assert (checkpointer.block_number, checkpointer.transaction_id) == (5, "a")
    assert list(events) == []
    assert (checkpointer.block_number, checkpointer.transaction_id) == (6, "b")


def test_a_peer_that_is_not_there_is_unreachable():
    with pytest.raises(errors.Unreachable):
        next(client(FakeGateway(lambda *_: {}, down=True)).events.follow())


def test_a_failure_reaches_the_stream_s_own_flow(monkeypatch):
    """It reconnects by itself: what fails must be thrown into it and not past it."""
    from medconsent.fabric.channel import Channel  # noqa: PLC0415

    def source(self, chaincode, *, start_block, checkpoint):
        try:
            yield Receive()
        except RpcFailure:
            yield Emit(event(9, "again"))

    def perform(step):
        raise RpcFailure(grpc.StatusCode.UNAVAILABLE, "gone")

    monkeypatch.setattr(Channel.chaincode_events, "flow", source)
    nouns = client(FakeGateway(lambda *_: {}))
    nouns._driver._gateway.perform = perform
    assert [found.tx for found in nouns.events.follow()] == ["again"]
