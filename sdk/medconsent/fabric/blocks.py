"""How blocks are asked for: a signed request, as a value."""

import time
from dataclasses import dataclass
from typing import Self

from google.protobuf.message import DecodeError

from . import _protos as pb
from .errors import FabricError
from .identity import Identity
from .signable import Signable

DELIVER = "/protos.Deliver/Deliver"
DELIVER_FILTERED = "/protos.Deliver/DeliverFiltered"
DELIVER_WITH_PRIVATE_DATA = "/protos.Deliver/DeliverWithPrivateData"

_NO_END = 2**64 - 1


@dataclass(frozen=True, kw_only=True)
class BlocksRequest(Signable):
    """A signed request for a channel's blocks. `message` is the payload (`common.Payload` of a `SeekInfo`)."""

    @classmethod
    def create(
        cls,
        identity: Identity,
        channel: str,
        start: int | None = None,
        stop: int | None = None,
        *,
        wait: bool = True,
        tls_client_certificate_hash: bytes = b"",
    ) -> Self:
        """An unsigned request for blocks.

        Args:
            identity: Who asks.
            channel: The channel.
            start: The first block; None: the newest.
            stop: The last block; None: without an end.
            wait: Whether the peer goes on with what is committed later; otherwise it ends where its ledger does.
            tls_client_certificate_hash: SHA-256 of the TLS certificate (DER) that the connection shows, which a peer
                that asks for one compares; empty: none.
        """
        channel_header = pb.ChannelHeader(
            type=pb.DELIVER_SEEK_INFO, channel_id=channel, tls_cert_hash=tls_client_certificate_hash
        )
        channel_header.timestamp.FromNanoseconds(time.time_ns())  # the peer refuses one that is 15 minutes off
        seek = pb.SeekInfo(behavior=pb.SeekInfo.BLOCK_UNTIL_READY if wait else pb.SeekInfo.FAIL_IF_NOT_READY)
        if start is None:
            seek.start.newest.SetInParent()
        else:
            seek.start.specified.number = start
        seek.stop.specified.number = _NO_END if stop is None else stop
        header = pb.Header(
            channel_header=channel_header.SerializeToString(),
            signature_header=pb.SignatureHeader(creator=identity.creator).SerializeToString(),
        )
        return cls(message=bytes(pb.Payload(header=header, data=seek.SerializeToString()).SerializeToString()))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` or an official SDK wrote.

        Args:
            data: A serialized `common.Envelope`, signed or not.

        Raises:
            FabricError: It cannot be read.
        """
        try:
            envelope = pb.Envelope.FromString(data)
        except DecodeError as cause:
            raise FabricError("these bytes are not a request for blocks") from cause
        return cls(message=bytes(envelope.payload), signature=bytes(envelope.signature))

    def to_bytes(self) -> bytes:
        """Serialized `common.Envelope`: what is sent."""
        return bytes(pb.Envelope(payload=self.message, signature=self.signature).SerializeToString())
