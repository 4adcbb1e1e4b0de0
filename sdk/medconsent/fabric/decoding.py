"""Messages that others wrote, read as Fabric reads them.

Go's protobuf runtime, which Fabric is built with, keeps fields that a message does not know, groups inside groups
included. Python's refuses such a group when it is more than a hundred deep. Whoever signs an envelope can put one
there, and the transaction is valid: so what cannot be read at first is read again without what its message does not
know.
"""

from typing import Any

from google.protobuf.message import DecodeError
from grpc import StatusCode

from medconsent.fabric.flow import RpcFailure

_VARINT, _FIXED64, _BYTES, _GROUP, _END, _FIXED32 = range(6)
_DEEPEST = 100  # as in Python's runtime; no message of Fabric's that it reads is deeper
_DEEPEST_GROUP = 10_000  # as in Go's
_LONGEST_VARINT = 10  # bytes


def decode(kind: Any, data: bytes) -> Any:
    """A message of a kind, out of its bytes.

    Args:
        kind: A class of generated messages.
        data: The bytes; they may be anything.

    Raises:
        DecodeError: When Fabric could not read it either, or when it is deeper than a hundred messages.
    """
    try:
        return kind.FromString(data)
    except DecodeError:
        return kind.FromString(_known(bytes(data), kind.DESCRIPTOR, _DEEPEST))


def answered(kind: Any, answer: bytes) -> Any:
    """A message that somebody answered a call with.

    Args:
        kind: A class of generated messages.
        answer: What came.

    Raises:
        RpcFailure: It is none: as a call that failed, so that its phase says what that means.
    """
    try:
        return decode(kind, answer)
    except DecodeError as cause:
        raise RpcFailure(StatusCode.DATA_LOSS, f"the answer is no {kind.DESCRIPTOR.full_name}") from cause


def _known(data: bytes, descriptor: Any, depth: int) -> bytes:
    """The message with only the fields that its descriptor names, and those of the messages in it."""
    if depth == 0:
        raise DecodeError("the message is too deep")
    fields = descriptor.fields_by_number
    kept = bytearray()
    place = 0
    while place < len(data):
        begun = place
        tag, place = _number(data, place)
        if tag & 7 == _GROUP:
            place = _after_group(data, place, tag >> 3)
            continue
        content, place = _content(data, place, tag & 7)
        field = fields.get(tag >> 3)
        if field is None:
            continue
        if tag & 7 == _BYTES and field.message_type is not None:
            inner = _known(data[content:place], field.message_type, depth - 1)
            kept += _varint(tag) + _varint(len(inner)) + inner
        else:
            kept += data[begun:place]
    return bytes(kept)


def _after_group(data: bytes, place: int, number: int) -> int:
    """Where a group ends whose first tag was read; groups in it are followed without recursion."""
    within = [number]
    while within:
        tag, place = _number(data, place)
        if tag & 7 == _GROUP:
            within.append(tag >> 3)
            if len(within) > _DEEPEST_GROUP:
                raise DecodeError("the groups are too deep")
        elif tag & 7 == _END:
            if within.pop() != tag >> 3:
                raise DecodeError("a group ends that did not begin")
        else:
            _, place = _content(data, place, tag & 7)
    return place


def _content(data: bytes, place: int, wire: int) -> tuple[int, int]:
    """Where a field's content begins (after the length that says how long it is), and where it ends."""
    if wire == _VARINT:
        return place, _number(data, place)[1]
    if wire == _BYTES:
        length, place = _number(data, place)
    elif wire in (_FIXED64, _FIXED32):
        length = 8 if wire == _FIXED64 else 4
    else:
        raise DecodeError(f"there is no wire type {wire} here")
    if length > len(data) - place:
        raise DecodeError("a field is longer than its message")
    return place, place + length


def _number(data: bytes, place: int) -> tuple[int, int]:
    """The variable-length number at a place, and where it ends."""
    if place < len(data) and data[place] < 0x80:  # most are one byte, and there may be millions
        return data[place], place + 1
    value = 0
    for count, octet in enumerate(data[place : place + _LONGEST_VARINT]):
        value |= (octet & 0x7F) << 7 * count
        if octet < 0x80:
            return value, place + count + 1
    raise DecodeError("a number has no end")


def _varint(value: int) -> bytes:
    octets = bytearray()
    while value > 0x7F:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)
