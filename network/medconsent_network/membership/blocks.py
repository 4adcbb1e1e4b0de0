"""A channel's first block, looked at as a file that somebody else made."""

import hashlib

from fabric_protos.common import common_pb2, configtx_pb2
from google.protobuf.message import DecodeError

from medconsent_network.errors import NetworkError


def configuration(block: bytes, channel: str) -> configtx_pb2.Config:
    """The configuration in the first block of a channel, whose form is checked.

    Args:
        block: A serialized block.
        channel: The channel that it has to be the first block of.

    Raises:
        NetworkError: NOT_AGREED when it is no such block.
    """
    try:
        parsed = common_pb2.Block.FromString(block)
        envelope = common_pb2.Envelope.FromString(parsed.data.data[0])
        payload = common_pb2.Payload.FromString(envelope.payload)
        header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
        told = configtx_pb2.ConfigEnvelope.FromString(payload.data)
    except (DecodeError, IndexError) as error:
        raise _refused("it is no block with a configuration") from error
    if parsed.header.number != 0 or parsed.header.previous_hash or len(parsed.data.data) != 1:
        raise _refused("it is not the first block of a channel, with one transaction")
    if parsed.header.data_hash != hashlib.sha256(parsed.data.data[0]).digest():
        raise _refused("its header does not fit its content")
    if header.type != common_pb2.CONFIG or header.channel_id != channel:
        raise _refused(f"it is of the channel {header.channel_id[:250]!r}, and {channel!r} was agreed")
    if told.config.sequence != 0:
        raise _refused("its configuration is not a channel's first")
    return told.config


def _refused(what: str) -> NetworkError:
    return NetworkError("NOT_AGREED", f"the first block is not what it has to be: {what}")
