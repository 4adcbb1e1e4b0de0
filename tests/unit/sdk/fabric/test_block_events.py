"""Blocks as events: whole, filtered and with private data; where they begin, how they go on, what ends them."""

import asyncio
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2, ledger_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import chaincode_event_pb2, events_pb2, transaction_pb2

from medconsent.fabric import (
    AsyncGateway,
    BlocksRequest,
    FilteredEvent,
    FilteredTransaction,
    Gateway,
    Identity,
    InMemoryCheckpointer,
    PrivateKeySigner,
    PrivateWrite,
)
from medconsent.fabric.errors import BlockError, BlocksError, FabricError

HEIGHT = 7
METHODS = {
    "block_events": "Deliver",
    "filtered_block_events": "DeliverFiltered",
    "block_and_private_data_events": "DeliverWithPrivateData",
}
KINDS = pytest.mark.parametrize("kind", sorted(METHODS))


def whole(number: int) -> Any:
    header = common_pb2.BlockHeader(number=number, previous_hash=b"p", data_hash=b"d")
    return common_pb2.Block(header=header, data=common_pb2.BlockData(data=[b"e"]))


def filtered(number: int) -> Any:
    event = chaincode_event_pb2.ChaincodeEvent(chaincode_id="basic", tx_id="ab", event_name="made")
    action = events_pb2.FilteredChaincodeAction(chaincode_event=event)
    return events_pb2.FilteredBlock(
        channel_id="medconsent",
        number=number,
        filtered_transactions=[
            events_pb2.FilteredTransaction(
                txid="ab",
                type=common_pb2.ENDORSER_TRANSACTION,
                tx_validation_code=transaction_pb2.MVCC_READ_CONFLICT,
                transaction_actions=events_pb2.FilteredTransactionActions(chaincode_actions=[action]),
            ),
            events_pb2.FilteredTransaction(type=common_pb2.CONFIG),
        ],
    )


def private(number: int, rwset: bytes | None = None) -> Any:
    written = kv_rwset_pb2.KVRWSet(
        writes=[kv_rwset_pb2.KVWrite(key="k", value=b"v"), kv_rwset_pb2.KVWrite(key="gone", is_delete=True)]
    )
    collection = rwset_pb2.CollectionPvtReadWriteSet(
        collection_name="ours", rwset=written.SerializeToString() if rwset is None else rwset
    )
    namespace = rwset_pb2.NsPvtReadWriteSet(namespace="basic", collection_pvt_rwset=[collection])
    return events_pb2.BlockAndPrivateData(
        block=whole(number), private_data_map={0: rwset_pb2.TxPvtReadWriteSet(ns_pvt_rwset=[namespace])}
    )


def answer(kind: str, number: int) -> bytes:
    """A block of that number, in that form."""
    member, made = {
        "block_events": ("block", whole),
        "filtered_block_events": ("filtered_block", filtered),
        "block_and_private_data_events": ("block_and_private_data", private),
    }[kind]
    return bytes(events_pb2.DeliverResponse(**{member: made(number)}).SerializeToString())


def status(name: str) -> bytes:
    return bytes(events_pb2.DeliverResponse(status=common_pb2.Status.Value(name)).SerializeToString())


def height(_: bytes) -> bytes:
    response = gateway_pb2.EvaluateResponse()
    response.result.payload = ledger_pb2.BlockchainInfo(height=HEIGHT).SerializeToString()
    return bytes(response.SerializeToString())


@pytest.fixture
def channel(peer: Any, identity: Identity, signer: PrivateKeySigner) -> Any:
    peer.answers["Evaluate"] = height
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
        yield gateway.channel("medconsent")


def starts(peer: Any, kind: str) -> list[int]:
    """The first block of each request, all of which are signed and wait for what comes."""
    found = []
    for method, request in peer.requests:
        if method == METHODS[kind]:
            envelope = common_pb2.Envelope.FromString(request)
            assert envelope.signature
            seek = ab_pb2.SeekInfo.FromString(common_pb2.Payload.FromString(envelope.payload).data)
            assert seek.behavior == ab_pb2.SeekInfo.BLOCK_UNTIL_READY
            found.append(seek.start.specified.number)
    return found


@KINDS
def test_the_next_that_is_committed(peer: Any, channel: Any, kind: str) -> None:
    peer.answers[METHODS[kind]] = lambda _: [answer(kind, HEIGHT), answer(kind, HEIGHT + 1)]
    with getattr(channel, kind)() as blocks:
        assert [next(blocks).number, next(blocks).number] == [HEIGHT, HEIGHT + 1]
    assert starts(peer, kind)[0] == HEIGHT


@KINDS
def test_from_a_block_on_and_on_where_it_broke_off(peer: Any, channel: Any, kind: str) -> None:
    broken = peer.refusal(grpc.StatusCode.UNAVAILABLE, "gone")
    peer.answers[METHODS[kind]] = _turns([[answer(kind, 3), broken], [answer(kind, 4)], [answer(kind, 5)]])
    with getattr(channel, kind)(start_block=3) as blocks:
        assert [next(blocks).number for _ in range(3)] == [3, 4, 5]
    assert starts(peer, kind)[:3] == [3, 4, 5]


def _turns(answers: list[list[Any]]) -> Any:
    """One list of answers a request; the last for ever."""
    return lambda _: answers.pop(0) if len(answers) > 1 else answers[0]


@KINDS
def test_a_checkpoint_goes_before_the_start(peer: Any, channel: Any, kind: str) -> None:
    handled = InMemoryCheckpointer()
    peer.answers[METHODS[kind]] = lambda request: [answer(kind, _start(request))]
    with getattr(channel, kind)(start_block=2, checkpoint=handled) as blocks:
        handled.checkpoint_block(next(blocks).number)
    with getattr(channel, kind)(start_block=0, checkpoint=handled) as blocks:
        assert next(blocks).number == 3
    assert starts(peer, kind)[0] == 2


def _start(request: bytes) -> int:
    payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(request).payload)
    return int(ab_pb2.SeekInfo.FromString(payload.data).start.specified.number)


@KINDS
def test_without_reconnecting_it_ends_with_the_peer(peer: Any, channel: Any, kind: str) -> None:
    peer.answers[METHODS[kind]] = lambda _: [answer(kind, 1)]
    assert [one.number for one in getattr(channel, kind)(start_block=1, reconnect=False)] == [1]
    peer.answers[METHODS[kind]] = lambda _: [peer.refusal(grpc.StatusCode.UNAVAILABLE, "gone")]
    with pytest.raises(BlocksError, match="gone"):
        next(getattr(channel, kind)(start_block=1, reconnect=False))


@KINDS
@pytest.mark.parametrize("name", ["FORBIDDEN", "NOT_FOUND", "BAD_REQUEST"])
def test_a_refusal_is_raised_and_not_asked_again(peer: Any, channel: Any, kind: str, name: str) -> None:
    peer.answers[METHODS[kind]] = lambda _: [status(name)]
    with pytest.raises(BlocksError, match=name) as caught:
        next(getattr(channel, kind)(start_block=1))
    assert caught.value.delivery == name
    assert peer.called(METHODS[kind]) == 1


@KINDS
def test_what_is_no_block(peer: Any, channel: Any, kind: str) -> None:
    peer.answers[METHODS[kind]] = lambda _: [b"\xff\xff"]
    with pytest.raises(BlocksError, match="not a block"):
        next(getattr(channel, kind)(start_block=1))


@KINDS
def test_a_request_signed_elsewhere_is_asked_once_and_as_it_is(peer: Any, channel: Any, kind: str) -> None:
    unsigned = BlocksRequest.create(channel.identity, "medconsent", 5)
    signed = BlocksRequest.from_bytes(unsigned.with_signature(channel.signer.sign(unsigned.message)).to_bytes())
    peer.answers[METHODS[kind]] = lambda _: [answer(kind, 5)]
    assert [one.number for one in getattr(channel, kind)(request=signed)] == [5]
    assert [request for method, request in peer.requests if method == METHODS[kind]] == [signed.to_bytes()]
    assert peer.called("Evaluate") == 0


def test_bytes_that_are_no_request() -> None:
    with pytest.raises(FabricError, match="not a request for blocks"):
        BlocksRequest.from_bytes(b"\xff")


@KINDS
def test_the_same_awaited(peer: Any, identity: Identity, signer: PrivateKeySigner, kind: str) -> None:
    peer.answers = {"Evaluate": height, METHODS[kind]: lambda _: [answer(kind, HEIGHT)]}

    async def go() -> int:
        async with (
            AsyncGateway(peer.endpoint, identity, signer, tls_root=None) as gateway,
            getattr(gateway.channel("medconsent"), kind)() as blocks,
        ):
            return int((await blocks.next(10)).number)

    assert asyncio.run(go()) == HEIGHT


def test_what_a_filtered_block_tells(peer: Any, channel: Any) -> None:
    peer.answers["DeliverFiltered"] = lambda _: [answer("filtered_block_events", 4)]
    block = next(channel.filtered_block_events(start_block=4))
    assert (block.channel, block.number) == ("medconsent", 4)
    event = FilteredEvent("basic", "made")
    first, second = block.transactions
    assert first == FilteredTransaction("ab", "transaction", "MVCC_READ_CONFLICT", (event,))
    assert (second.kind, second.events, first.valid, second.valid) == ("configuration", (), False, True)


def test_what_is_told_of_private_data(peer: Any, channel: Any) -> None:
    peer.answers["DeliverWithPrivateData"] = lambda _: [answer("block_and_private_data_events", 4)]
    told = next(channel.block_and_private_data_events(start_block=4))
    assert told.block.envelopes == (b"e",)
    assert told.private_writes == {
        0: (PrivateWrite("basic", "ours", "k", b"v"), PrivateWrite("basic", "ours", "gone", None))
    }


def test_private_data_that_cannot_be_read(peer: Any, channel: Any) -> None:
    response = events_pb2.DeliverResponse(block_and_private_data=private(4, b"\xff"))
    peer.answers["DeliverWithPrivateData"] = lambda _: [bytes(response.SerializeToString())]
    with pytest.raises(BlockError, match="private data of block 4"):
        next(channel.block_and_private_data_events(start_block=4))
