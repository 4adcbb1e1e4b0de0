"""Streams: when they open, how they are stopped, and what a client that is closed says; with either driver."""

import asyncio
import gc
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2
from fabric_protos.common.ledger_pb2 import BlockchainInfo
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import chaincode_event_pb2, events_pb2, proposal_response_pb2

from medconsent.fabric import (
    AsyncGateway,
    BlocksError,
    ClosedError,
    EvaluateError,
    Gateway,
    Identity,
    PrivateKeySigner,
)
from medconsent.fabric.errors import in_flight


def height(blocks: int) -> bytes:
    result = proposal_response_pb2.Response(payload=BlockchainInfo(height=blocks).SerializeToString())
    return gateway_pb2.EvaluateResponse(result=result).SerializeToString()


def event(block: int, transaction_id: str) -> bytes:
    found = chaincode_event_pb2.ChaincodeEvent(chaincode_id="cc", tx_id=transaction_id, event_name="e")
    return gateway_pb2.ChaincodeEventsResponse(block_number=block, events=[found]).SerializeToString()


def status(name: str) -> bytes:
    return events_pb2.DeliverResponse(status=common_pb2.Status.Value(name)).SerializeToString()


class Peer:
    """A stand-in whose events are given one by one."""

    def __init__(self, peer: Any, vectors: Any) -> None:
        self.stand_in = peer
        self.endpoint = peer.endpoint
        self.more = threading.Event()
        self.over = threading.Event()
        peer.answers = {
            "Evaluate": height(5),
            "ChaincodeEvents": lambda _: self._events(),
            "Endorse": vectors.messages["endorse_response"],
            "Submit": b"",
            "CommitStatus": gateway_pb2.CommitStatusResponse(result=0, block_number=5).SerializeToString(),
        }

    def _events(self) -> Iterator[bytes]:
        yield event(5, "a")
        while not self.over.is_set():
            if self.more.wait(0.02):
                yield event(6, "b")
                return


@pytest.fixture
def events(peer: Any, vectors: Any) -> Iterator[Peer]:
    found = Peer(peer, vectors)
    yield found
    found.over.set()


@pytest.fixture
def blocking(events: Peer, identity: Identity, signer: PrivateKeySigner) -> Iterator[Gateway]:
    with Gateway(events.endpoint, identity, signer, tls_root=None) as gateway:
        yield gateway


def wait_for(what: Any) -> None:
    until = time.monotonic() + 5
    while not what():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.01)


def test_a_stream_opens_when_it_is_asked_for(events: Peer, blocking: Gateway) -> None:
    stream = blocking.channel("c").chaincode_events("cc")
    wait_for(lambda: events.stand_in.called("ChaincodeEvents") == 1)
    blocking.channel("c").contract("cc").submit("Write")
    assert [name for name, _ in events.stand_in.requests][:3] == ["Evaluate", "ChaincodeEvents", "Endorse"]
    with stream:
        assert next(stream).transaction_id == "a"


def test_an_awaited_stream_knows_where_it_begins_before_anything_is_handed_over(
    events: Peer, identity: Identity, signer: PrivateKeySigner
) -> None:
    events.stand_in.answers["Evaluate"] = lambda _: time.sleep(0.5) or height(5)

    async def read() -> None:
        async with AsyncGateway(events.endpoint, identity, signer, tls_root=None) as gateway:
            channel = gateway.channel("c")
            stream = channel.chaincode_events("cc")
            await channel.contract("cc").submit("Write")
            asked = [name for name, _ in events.stand_in.requests]
            assert asked.index("Evaluate") < asked.index("ChaincodeEvents")
            assert asked.index("Submit") > asked.index("Endorse")
            request = next(value for name, value in events.stand_in.requests if name == "ChaincodeEvents")
            signed = gateway_pb2.SignedChaincodeEventsRequest.FromString(request).request
            start = gateway_pb2.ChaincodeEventsRequest.FromString(signed).start_position
            assert start.specified.number == 5
            assert (await anext(stream)).transaction_id == "a"
            async with channel.chaincode_events("cc") as other:
                assert events.stand_in.called("Evaluate") == 2
                assert (await anext(other)).transaction_id == "a"

    asyncio.run(read())


def test_the_submit_itself_waits(events: Peer, identity: Identity, signer: PrivateKeySigner) -> None:
    answered: list[float] = []
    sent: list[float] = []

    def slowly(_: bytes) -> bytes:
        time.sleep(0.5)
        answered.append(time.monotonic())
        return height(5)

    events.stand_in.answers["Evaluate"] = slowly
    events.stand_in.answers["Submit"] = lambda _: sent.append(time.monotonic()) or b""

    async def read() -> None:
        async with AsyncGateway(events.endpoint, identity, signer, tls_root=None) as gateway:
            stream = gateway.channel("c").chaincode_events("cc")
            await gateway.channel("c").contract("cc").submit("Write")
            await stream.aclose()

    asyncio.run(read())
    assert answered[0] < sent[0]


def test_a_blocking_stream_is_stopped_from_another_thread(events: Peer, blocking: Gateway) -> None:
    stream = blocking.channel("c").chaincode_events("cc")
    threading.Timer(0.3, stream.close).start()
    began = time.monotonic()
    assert [one.transaction_id for one in stream] == ["a"]
    assert time.monotonic() - began < 3
    assert list(stream) == []
    assert blocking.channel("c").height() == 5, "the client goes on"


def test_a_stream_that_pauses_before_it_reconnects_is_stopped(events: Peer, blocking: Gateway) -> None:
    gone = events.stand_in.refusal(grpc.StatusCode.UNAVAILABLE, "gone")
    events.stand_in.answers["ChaincodeEvents"] = lambda _: [gone]
    stream = blocking.channel("c").chaincode_events("cc")
    threading.Timer(1.5, stream.close).start()
    began = time.monotonic()
    assert list(stream) == []
    assert time.monotonic() - began < 3


def test_a_task_may_stop_what_another_reads(events: Peer, identity: Identity, signer: PrivateKeySigner) -> None:
    async def read() -> None:
        async with AsyncGateway(events.endpoint, identity, signer, tls_root=None) as gateway:
            stream = gateway.channel("c").chaincode_events("cc")

            async def reader() -> list[str]:
                return [one.transaction_id async for one in stream]

            reading = asyncio.create_task(reader())
            await asyncio.sleep(0.3)
            await stream.aclose()
            assert await asyncio.wait_for(reading, 3) == ["a"]
            with pytest.raises(StopAsyncIteration):
                await anext(stream)
            assert await gateway.channel("c").height() == 5

    asyncio.run(read())


def test_giving_up_one_event_does_not_end_it(events: Peer, identity: Identity, signer: PrivateKeySigner) -> None:
    async def read() -> None:
        async with AsyncGateway(events.endpoint, identity, signer, tls_root=None) as gateway:
            stream = gateway.channel("c").chaincode_events("cc")
            assert (await anext(stream)).transaction_id == "a"
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(anext(stream), 0.05)
            events.more.set()
            assert (await asyncio.wait_for(anext(stream), 3)).transaction_id == "b"
            await stream.aclose()

    asyncio.run(read())
    assert events.stand_in.called("ChaincodeEvents") == 1


def test_a_stream_that_nobody_holds_ends(events: Peer, blocking: Gateway, identity: Identity, signer: Any) -> None:
    async def read() -> int:
        async with AsyncGateway(events.endpoint, identity, signer, tls_root=None) as gateway:
            stream = gateway.channel("c").chaincode_events("cc")
            await anext(stream)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(stream), 0.05)
            del stream
            gc.collect()
            await asyncio.sleep(0.1)
            return len(asyncio.all_tasks())

    assert asyncio.run(read()) == 1


def test_closing_the_client_is_one_exception(events: Peer, identity: Identity, signer: PrivateKeySigner) -> None:
    slow = {"Evaluate": lambda _: time.sleep(2) or height(5)}

    def blocking_call(function: Any) -> Any:
        gateway = Gateway(events.endpoint, identity, signer, tls_root=None)
        threading.Timer(0.4, gateway.close).start()
        return function(gateway.channel("c"))

    async def awaited(function: Any) -> Any:
        gateway = AsyncGateway(events.endpoint, identity, signer, tls_root=None)
        asked = asyncio.create_task(function(gateway.channel("c")))
        await asyncio.sleep(0.4)
        await gateway.close()
        return await asked

    async def read(channel: Any) -> None:
        async for _ in channel.chaincode_events("cc"):
            pass

    with pytest.raises(ClosedError):
        blocking_call(lambda channel: list(channel.chaincode_events("cc")))
    with pytest.raises(ClosedError):
        asyncio.run(awaited(read))
    events.stand_in.answers |= slow
    with pytest.raises(ClosedError):
        blocking_call(lambda channel: channel.height())
    with pytest.raises(ClosedError):
        asyncio.run(awaited(lambda channel: channel.height()))


@pytest.mark.parametrize("driver", ["blocking", "asyncio"])
def test_closing_the_client_says_what_was_in_flight(
    driver: str, events: Peer, identity: Identity, signer: PrivateKeySigner
) -> None:
    events.stand_in.answers["CommitStatus"] = lambda _: time.sleep(2) or b""

    async def awaited() -> None:
        gateway = AsyncGateway(events.endpoint, identity, signer, tls_root=None)
        asked = asyncio.create_task(gateway.channel("c").contract("cc").submit("Write"))
        await asyncio.sleep(0.5)
        await gateway.close()
        await asked

    def blocked() -> None:
        gateway = Gateway(events.endpoint, identity, signer, tls_root=None)
        threading.Timer(0.5, gateway.close).start()
        gateway.channel("c").contract("cc").submit("Write")

    asked = {"blocking": blocked, "asyncio": lambda: asyncio.run(awaited())}
    with pytest.raises(ClosedError) as caught:
        asked[driver]()
    assert len(in_flight(caught.value) or "") == 64


def test_a_cancelled_reader_is_cancelled(events: Peer, identity: Identity, signer: PrivateKeySigner) -> None:
    async def read() -> None:
        async with AsyncGateway(events.endpoint, identity, signer, tls_root=None) as gateway:
            stream = gateway.channel("c").chaincode_events("cc")
            await anext(stream)
            reading = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0.05)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading

    asyncio.run(read())


def test_what_opening_meets_is_raised(events: Peer, blocking: Gateway, identity: Identity, signer: Any) -> None:
    events.stand_in.answers["Evaluate"] = events.stand_in.refusal(grpc.StatusCode.ABORTED, "no such channel")
    with pytest.raises(EvaluateError, match="no such channel"):
        blocking.channel("c").chaincode_events("cc")

    async def read() -> None:
        async with AsyncGateway(events.endpoint, identity, signer, tls_root=None) as gateway:
            with pytest.raises(EvaluateError, match="no such channel"):
                await anext(gateway.channel("c").chaincode_events("cc"))
            with pytest.raises(EvaluateError, match="no such channel"):
                async with gateway.channel("c").chaincode_events("cc"):
                    pass

    asyncio.run(read())


def everything(channel: Any, *arguments: Any, **options: Any) -> list[int]:
    return [one.number for one in channel.blocks(**options)]


@pytest.mark.parametrize("options", [{"start": 5}, {}, {"start": 0, "wait": True}])
def test_a_channel_that_the_peer_has_not_is_an_error(
    options: Any, events: Peer, blocking: Gateway, identity: Identity, signer: Any
) -> None:
    events.stand_in.answers |= {
        "Deliver": lambda _: [status("NOT_FOUND")],
        "DeliverFiltered": lambda _: [status("NOT_FOUND")],
    }

    async def read() -> list[int]:
        async with AsyncGateway(events.endpoint, identity, signer, tls_root=None) as gateway:
            return [one.number async for one in gateway.channel("nowhere").blocks(**options)]

    for asked in (lambda: everything(blocking.channel("nowhere"), **options), lambda: asyncio.run(read())):
        with pytest.raises(BlocksError, match="has no channel 'nowhere'") as caught:
            asked()
        assert (caught.value.delivery, caught.value.status) == ("NOT_FOUND", grpc.StatusCode.NOT_FOUND)


@pytest.mark.parametrize("newest", ["block", "FORBIDDEN"])
def test_a_block_that_is_yet_to_come_is_none(newest: str, events: Peer, blocking: Gateway) -> None:
    filtered = events_pb2.DeliverResponse(filtered_block=events_pb2.FilteredBlock(number=4)).SerializeToString()
    events.stand_in.answers |= {
        "Deliver": lambda _: [status("NOT_FOUND")],
        "DeliverFiltered": lambda _: [filtered if newest == "block" else status(newest)],
    }
    assert everything(blocking.channel("c"), 5) == []


def test_many_threads_read_one_stream_and_each_event_comes_once(events: Peer, blocking: Gateway) -> None:
    events.more.set()
    events.stand_in.answers["ChaincodeEvents"] = lambda _: [event(number, f"t{number}") for number in range(5, 205)]
    stream = blocking.channel("c").chaincode_events("cc", reconnect=False)
    with ThreadPoolExecutor(4) as pool:
        found = [one.block_number for part in pool.map(lambda _: list(stream), range(4)) for one in part]
    assert sorted(found) == list(range(5, 205))


def test_next_gives_up_after_its_time_and_loses_nothing(events: Peer, blocking: Gateway) -> None:
    with blocking.channel("c").chaincode_events("cc", reconnect=False) as stream:
        assert stream.next(timeout=5).transaction_id == "a"
        for _ in range(2):
            with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
                stream.next(timeout=0.05)
        events.more.set()
        assert stream.next().transaction_id == "b"  # the value that was waited for before
        with pytest.raises(StopIteration):
            stream.next(timeout=5)
    with pytest.raises(StopIteration):
        stream.next(timeout=5)


def test_a_stream_closes_under_a_next_that_waits_or_gave_up(events: Peer, blocking: Gateway) -> None:
    stream = blocking.channel("c").chaincode_events("cc")
    stream.next(timeout=5)
    with pytest.raises(TimeoutError):
        stream.next(timeout=0.05)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lambda: list(stream))
        time.sleep(0.1)
        stream.close()
        assert waiting.result(timeout=5) == []
    wait_for(lambda: not [one for one in threading.enumerate() if one.name == "medconsent-stream"])


def test_a_client_that_closes_ends_a_next_with_a_time(events: Peer, blocking: Gateway) -> None:
    stream = blocking.channel("c").chaincode_events("cc")
    stream.next(timeout=5)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(stream.next, 30)
        time.sleep(0.1)
        blocking.close()
        with pytest.raises(ClosedError):
            waiting.result(timeout=5)


def test_an_awaited_next_gives_up_and_loses_nothing(events: Peer, identity: Identity, signer: PrivateKeySigner) -> None:
    async def read() -> None:
        async with (
            AsyncGateway(events.endpoint, identity, signer, tls_root=None) as gateway,
            gateway.channel("c").chaincode_events("cc", reconnect=False) as stream,
        ):
            assert (await stream.next(timeout=5)).transaction_id == "a"
            with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
                await stream.next(timeout=0.05)
            events.more.set()
            assert (await stream.next(5)).transaction_id == "b"
            with pytest.raises(StopAsyncIteration):
                await stream.next(timeout=5)

    asyncio.run(read())
