"""What Go's protobuf runtime reads and Python's does not."""

import pytest
from fabric_protos.common import common_pb2, policies_pb2
from google.protobuf.message import DecodeError

from medconsent.fabric.decoding import decode

DEEP = b"\x7b" * 200 + b"\x7c" * 200  # a field number 15, of groups in one another


def header(**fields: object) -> common_pb2.Header:
    return common_pb2.Header(channel_header=b"c", signature_header=b"s", **fields)


@pytest.mark.parametrize("place", ["before", "after", "within"])
def test_a_deep_field_that_no_message_knows(place: str) -> None:
    whole = common_pb2.Payload(header=header(), data=b"d").SerializeToString()
    inner = header().SerializeToString() + DEEP
    within = b"\x0a" + length(inner) + inner + b"\x12\x01d"
    data = {"before": DEEP + whole, "after": whole + DEEP, "within": within}[place]
    with pytest.raises(DecodeError):
        common_pb2.Payload.FromString(data)
    assert decode(common_pb2.Payload, data) == common_pb2.Payload.FromString(whole)


def length(data: bytes) -> bytes:
    return bytes([len(data) & 0x7F | 0x80, len(data) >> 7])


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"\x0a",
        b"\x0a\x7f",
        b"\x7b",
        b"\x7b\x74",
        b"\x7c",
        b"\x7b" * 10_001 + b"\x7c" * 10_001,
        b"\xff" * 11,
        DEEP + b"\x0f",
        DEEP + b"\x0a\x02\xff\xff",
    ],
)
def test_what_fabric_does_not_read_either(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(common_pb2.Payload, data)


def test_messages_that_are_too_deep_end() -> None:
    rule = policies_pb2.SignaturePolicy(signed_by=1).SerializeToString()
    for _ in range(300):
        some = b"\x12" + varint(len(rule)) + rule
        rule = b"\x12" + varint(len(some)) + some
    with pytest.raises(DecodeError):
        decode(policies_pb2.SignaturePolicy, rule)


def varint(value: int) -> bytes:
    octets = bytearray()
    while value > 0x7F:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*octets, value])


def test_what_the_message_knows_stays() -> None:
    """Numbers of every kind, maps and repeated fields beside the deep field."""
    whole = common_pb2.ChannelHeader(type=3, version=1, channel_id="c", tx_id="t", epoch=7, extension=b"\x00" * 300)
    whole.timestamp.seconds = 1 << 40
    data = DEEP + whole.SerializeToString()
    assert decode(common_pb2.ChannelHeader, data) == whole
