"""Outcomes out of a stream of blocks: what is believed, and when the Gateway is asked after all."""

import asyncio
import queue
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import events_pb2, transaction_pb2

from medconsent.fabric import (
    AsyncGateway,
    Asyncio,
    CommitError,
    CommitStatusError,
    Contract,
    Gateway,
    Identity,
    PrivateKeySigner,
    Submitted,
    Timeouts,
)
from medconsent.fabric.blocks import BlocksRequest
from medconsent.fabric.driving.commits import CommitWatch

MANY = 6


def block(number: int, **codes: int) -> bytes:
    """A filtered block; transaction ids are given as ``t<id>``."""
    found = [events_pb2.FilteredTransaction(txid=one[1:], tx_validation_code=code) for one, code in codes.items()]
    response = events_pb2.DeliverResponse(
        filtered_block=events_pb2.FilteredBlock(number=number, filtered_transactions=found)
    )
    return bytes(response.SerializeToString())


class Blocks:
    """Puts each sent transaction into a block of its own; ``outcome`` is their validation code."""

    def __init__(self, peer: Any, vectors: Any) -> None:
        self.peer = peer
        self.outcome = transaction_pb2.VALID
        self.end: Any = None
        self._queue: queue.Queue[bytes | None] = queue.Queue()
        asked = gateway_pb2.CommitStatusResponse(result=transaction_pb2.VALID, block_number=9).SerializeToString()
        peer.answers = {
            "Endorse": vectors.messages["endorse_response"],
            "Submit": self._sent,
            "CommitStatus": asked,
            "DeliverFiltered": lambda request: self._stream(),
        }

    def _sent(self, request: bytes) -> bytes:
        transaction_id = gateway_pb2.SubmitRequest.FromString(request).transaction_id
        self._queue.put(block(20, **{f"t{transaction_id}": self.outcome}))
        return b""

    def _stream(self) -> Iterator[Any]:
        yield block(19)  # the newest, at once
        while self.end is None:
            try:
                yield self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
        yield self.end


@pytest.fixture
def blocks(peer: Any, vectors: Any) -> Iterator[Blocks]:
    """A peer whose blocks are read."""
    found = Blocks(peer, vectors)
    yield found
    found.end = found.end or b""


@pytest.fixture
def run(peer: Any, identity: Identity, signer: PrivateKeySigner) -> Any:
    """Runs ``function(contract)`` in a gateway, once the stream of blocks is there."""

    def go(function: Callable[[Contract[Asyncio]], Awaitable[Any]], wait: bool = True) -> Any:
        async def inside() -> Any:
            timeouts = Timeouts(endorse=5, submit=5, commit_status=1)
            async with AsyncGateway(peer.endpoint, identity, signer, tls_root=None, timeouts=timeouts) as gateway:
                contract = gateway.channel("medconsent").contract("basic")
                if wait:
                    await many(contract)
                    await asyncio.sleep(0.2)
                peer.requests.clear()
                return await function(contract)

        return asyncio.run(inside())

    return go


async def many(contract: Contract[Asyncio]) -> list[Any]:
    return await asyncio.gather(*(contract.submit("Write") for _ in range(MANY)), return_exceptions=True)


def test_the_request_for_blocks(identity: Identity, signer: PrivateKeySigner) -> None:
    sent = common_pb2.Envelope.FromString(BlocksRequest.create(identity, "medconsent").sign(signer).to_bytes())
    payload = common_pb2.Payload.FromString(sent.payload)
    header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    assert (header.type, header.channel_id) == (common_pb2.DELIVER_SEEK_INFO, "medconsent")
    assert abs(header.timestamp.seconds - time.time()) < 5
    assert common_pb2.SignatureHeader.FromString(payload.header.signature_header).creator == identity.creator
    seek = ab_pb2.SeekInfo.FromString(payload.data)
    assert seek.start.WhichOneof("Type") == "newest"
    assert seek.stop.specified.number == 2**64 - 1
    assert sent.signature


def test_many_transactions_are_read_from_blocks(run: Any, blocks: Blocks) -> None:
    done = run(many)
    assert {(type(one), one.block_number) for one in done} == {(Submitted, 20)}
    assert (blocks.peer.called("Submit"), blocks.peer.called("CommitStatus")) == (MANY, 0)


def test_few_transactions_and_the_blocking_client_ask(
    run: Any, blocks: Blocks, identity: Identity, signer: PrivateKeySigner
) -> None:
    assert run(lambda contract: contract.submit("Write"), wait=False).block_number == 9
    with Gateway(blocks.peer.endpoint, identity, signer, tls_root=None) as gateway:
        assert gateway.channel("medconsent").contract("basic").submit("Write").block_number == 9
    assert blocks.peer.called("DeliverFiltered") == 0


def test_a_transaction_sent_before_the_blocks_come_is_asked_for(run: Any, blocks: Blocks) -> None:
    def late() -> Iterator[bytes]:
        time.sleep(0.5)
        yield block(21)

    blocks.peer.answers["DeliverFiltered"] = lambda request: late()
    assert {one.block_number for one in run(many, wait=False)} == {9}
    assert blocks.peer.called("CommitStatus") == MANY


def test_only_valid_is_success(run: Any, blocks: Blocks) -> None:
    async def conflict(contract: Contract[Asyncio]) -> list[Any]:
        blocks.outcome = transaction_pb2.MVCC_READ_CONFLICT
        return await many(contract)

    found = run(conflict)
    assert {(type(one), one.code, one.block_number) for one in found} == {(CommitError, "MVCC_READ_CONFLICT", 20)}


@pytest.mark.parametrize("how", ["broken", "refused", "ended"])
def test_when_the_stream_ends_the_gateway_is_asked_and_nothing_is_sent_again(
    run: Any, blocks: Blocks, how: str
) -> None:
    ends = {
        "broken": blocks.peer.refusal(grpc.StatusCode.UNAVAILABLE, "shutting down"),
        "refused": events_pb2.DeliverResponse(status=common_pb2.FORBIDDEN).SerializeToString(),
        "ended": b"",
    }

    async def cut(contract: Contract[Asyncio]) -> list[Any]:
        blocks.peer.answers["Submit"] = b""  # in no block that is delivered
        asked = asyncio.ensure_future(many(contract))
        while blocks.peer.called("Submit") < MANY:
            await asyncio.sleep(0.01)
        blocks.end = ends[how]
        return await asked

    assert {one.block_number for one in run(cut)} == {9}
    assert (blocks.peer.called("Submit"), blocks.peer.called("CommitStatus")) == (MANY, MANY)


def test_a_transaction_in_no_block_is_unknown(run: Any, blocks: Blocks) -> None:
    async def lost(contract: Contract[Asyncio]) -> list[Any]:
        blocks.peer.answers["Submit"] = b""
        return await many(contract)

    found = run(lost)
    assert {(type(one), one.status, one.outcome) for one in found} == {
        (CommitStatusError, grpc.StatusCode.DEADLINE_EXCEEDED, "unknown")
    }
    assert blocks.peer.called("Submit") == MANY


def test_the_first_of_two_with_one_id_counts_and_idle_streams_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medconsent.fabric.driving.commits._ENOUGH", 1)
    monkeypatch.setattr("medconsent.fabric.driving.commits._IDLE_SECONDS", 0.01)

    class Stream:
        def __init__(self) -> None:
            self.messages: asyncio.Queue[bytes] = asyncio.Queue()
            self.cancelled = False

        async def write(self, request: bytes) -> None:
            assert request == b"request"
            self.messages.put_nowait(block(1))

        async def read(self) -> bytes:
            return await self.messages.get()

        def cancel(self) -> None:
            self.cancelled = True

    async def inside() -> None:
        opened: list[Stream] = []

        def connect() -> Stream:
            opened.append(Stream())
            return opened[-1]

        watch = CommitWatch(connect)
        for _ in range(2):
            with watch.expecting("a", lambda: b"request") as too_early:
                assert too_early is None
                await asyncio.sleep(0.005)
                with watch.expecting("b", lambda: b"request") as watched:
                    assert watched is not None
                    opened[-1].messages.put_nowait(block(2, tb=0))
                    opened[-1].messages.put_nowait(block(3, tb=9))
                    await asyncio.sleep(0.005)
                    found = gateway_pb2.CommitStatusResponse.FromString(watched.result() or b"")
                    assert (found.result, found.block_number) == (0, 2)
            await asyncio.sleep(0.05)
            assert opened[-1].cancelled
        assert len(opened) == 2  # idle ones are opened again at once

    asyncio.run(inside())
