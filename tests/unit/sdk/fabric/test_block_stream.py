"""Whole blocks from a peer: what is asked for, how the stream ends, and what is no block."""

from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import events_pb2

from medconsent.fabric import Gateway, Identity, PrivateKeySigner
from medconsent.fabric.errors import BlockError, BlocksError

BLOCK_UNTIL_READY, FAIL_IF_NOT_READY = ab_pb2.SeekInfo.BLOCK_UNTIL_READY, ab_pb2.SeekInfo.FAIL_IF_NOT_READY
NO_END = 2**64 - 1


def block(number: int) -> bytes:
    header = common_pb2.BlockHeader(number=number, previous_hash=b"p", data_hash=b"d")
    whole = common_pb2.Block(header=header, data=common_pb2.BlockData(data=[b"e"]))
    return bytes(events_pb2.DeliverResponse(block=whole).SerializeToString())


def status(name: str) -> bytes:
    return bytes(events_pb2.DeliverResponse(status=common_pb2.Status.Value(name)).SerializeToString())


@pytest.fixture
def channel(peer: Any, identity: Identity, signer: PrivateKeySigner) -> Any:
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
        yield gateway.channel("medconsent")


def asked(peer: Any) -> ab_pb2.SeekInfo:
    """The last request, which its identity has signed."""
    envelope = common_pb2.Envelope.FromString(peer.requests[-1][1])
    assert envelope.signature
    payload = common_pb2.Payload.FromString(envelope.payload)
    header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    assert (header.type, header.channel_id) == (common_pb2.DELIVER_SEEK_INFO, "medconsent")
    return ab_pb2.SeekInfo.FromString(payload.data)


def test_all_from_a_number_on(peer: Any, channel: Any) -> None:
    peer.answers = {"Deliver": lambda _: [block(5), block(6), status("NOT_FOUND")]}
    assert [(one.number, one.envelopes) for one in channel.blocks(5)] == [(5, (b"e",)), (6, (b"e",))]
    seek = asked(peer)
    assert (seek.start.specified.number, seek.stop.specified.number, seek.behavior) == (5, NO_END, FAIL_IF_NOT_READY)


def test_the_newest(peer: Any, channel: Any) -> None:
    peer.answers = {"Deliver": lambda _: [block(9), status("NOT_FOUND")]}
    assert [one.number for one in channel.blocks()] == [9]
    assert asked(peer).start.WhichOneof("Type") == "newest"


def test_some(peer: Any, channel: Any) -> None:
    peer.answers = {"Deliver": lambda _: [block(0), status("SUCCESS")]}
    assert [one.number for one in channel.blocks(0, 0)] == [0]
    assert (asked(peer).start.specified.number, asked(peer).stop.specified.number) == (0, 0)


def test_what_is_not_there_yet_was_asked_for(peer: Any, channel: Any) -> None:
    filtered = events_pb2.DeliverResponse(filtered_block=events_pb2.FilteredBlock(number=4)).SerializeToString()
    peer.answers = {"Deliver": lambda _: [status("NOT_FOUND")], "DeliverFiltered": lambda _: [filtered]}
    assert list(channel.blocks(5)) == []
    with pytest.raises(BlocksError) as error:
        list(channel.blocks(5, 5))
    assert error.value.delivery == "NOT_FOUND"


def test_waiting_for_more(peer: Any, channel: Any) -> None:
    peer.answers = {"Deliver": lambda _: [block(5), block(6)]}
    following = channel.blocks(5, wait=True)
    assert next(following).number == 5
    assert asked(peer).behavior == BLOCK_UNTIL_READY
    assert next(following).number == 6
    with pytest.raises(BlocksError, match="without a word"):
        next(following)


@pytest.mark.parametrize("name", ["FORBIDDEN", "BAD_REQUEST", "SERVICE_UNAVAILABLE"])
def test_the_peer_refuses(peer: Any, channel: Any, name: str) -> None:
    peer.answers = {"Deliver": lambda _: [block(5), status(name)]}
    blocks = channel.blocks(5)
    assert next(blocks).number == 5
    with pytest.raises(BlocksError) as error:
        next(blocks)
    assert error.value.delivery == name


def test_the_peer_is_not_there(peer: Any, channel: Any) -> None:
    peer.answers = {"Deliver": lambda _: [peer.refusal(grpc.StatusCode.UNAVAILABLE, "gone")]}
    with pytest.raises(BlocksError) as error:
        list(channel.blocks(0))
    assert (error.value.delivery, error.value.unreachable) == ("", True)


def test_a_peer_that_says_nothing_is_not_waited_for_for_ever(peer: Any, channel: Any) -> None:
    def silence(_: bytes) -> Any:
        import time  # noqa: PLC0415

        time.sleep(2)
        yield block(0)

    peer.answers = {"Deliver": silence}
    with pytest.raises(BlocksError) as error:
        list(channel.blocks(0, timeout=0.2))
    assert error.value.status is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("answer", [b"\xff\xff", events_pb2.DeliverResponse(block=common_pb2.Block())])
def test_what_is_no_block(peer: Any, channel: Any, answer: Any) -> None:
    sent = answer if isinstance(answer, bytes) else answer.SerializeToString()
    peer.answers = {"Deliver": lambda _: [sent]}
    with pytest.raises((BlocksError, BlockError)):
        list(channel.blocks(0))
