"""Blocks as a peer delivers them, one after the other, for as long as they are asked for (`peer.Deliver`)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric._log import LOG
from medconsent.fabric.blocks import DELIVER, DELIVER_FILTERED, DELIVER_WITH_PRIVATE_DATA, BlocksRequest
from medconsent.fabric.errors import BlocksError
from medconsent.fabric.events import Checkpoint
from medconsent.fabric.flow import TRANSIENT, Emit, Open, Pause, Receive, RpcFailure, StreamEnded, StreamFlow

if TYPE_CHECKING:
    from medconsent.fabric.channel import Channel

T = TypeVar("T")

_RECONNECT_FIRST, _RECONNECT_MOST = 0.2, 10.0


class Delivery:
    """One of the three ways in which a peer delivers blocks: the method, and what comes of an answer."""

    def __init__(self, method: str, member: str, value: Callable[[Any], Any]) -> None:
        """A delivery.

        Args:
            method: The method's full name.
            member: The member of `peer.DeliverResponse` that holds the block.
            value: What is made of it.
        """
        self.method, self.member, self.value = method, member, value


def whole() -> Delivery:
    """Whole blocks: `LedgerBlock`."""
    from medconsent.fabric.ledger_blocks import LedgerBlock  # noqa: PLC0415 - a question needs none of it

    return Delivery(DELIVER, "block", LedgerBlock.of)


def filtered() -> Delivery:
    """Blocks without what is in their transactions: `FilteredBlock`."""
    from .delivered import FilteredBlock  # noqa: PLC0415 - a question needs none of it

    return Delivery(DELIVER_FILTERED, "filtered_block", FilteredBlock.of)


def with_private_data() -> Delivery:
    """Whole blocks with private data: `BlockAndPrivateData`."""
    from .delivered import BlockAndPrivateData  # noqa: PLC0415 - a question needs none of it

    return Delivery(DELIVER_WITH_PRIVATE_DATA, "block_and_private_data", BlockAndPrivateData.of)


def delivered(
    channel: "Channel[Any]",
    delivery: Delivery,
    *,
    start_block: int | None,
    checkpoint: Checkpoint | None,
    reconnect: bool,
    request: BlocksRequest | None,
) -> StreamFlow[Any]:
    """Blocks from a position on; see `Channel.block_events`.

    Args:
        channel: Whose.
        delivery: In which form.
        start_block: The first; None: the next that is committed.
        checkpoint: Goes before `start_block` when it has a position.
        reconnect: Whether a stream that breaks is opened again where it broke off.
        request: Signed elsewhere: it says where to begin, and is asked once.

    Raises:
        EvaluateError: The peer does not tell how long its ledger is.
        BlocksError: The peer refuses, or the stream ended with a failure.
        BlockError: The peer sent what is no block.
    """
    position = start_block if checkpoint is None or checkpoint.block_number is None else checkpoint.block_number
    if position is None and request is None:
        position = yield from type(channel).height.flow(channel)
    pause = _RECONNECT_FIRST
    while True:
        asked = request or channel.request_blocks(position)
        try:
            signed = channel._signed(asked, BlocksError)
            yield Open(delivery.method, signed.to_bytes())
            while True:
                response = pb.DeliverResponse.FromString((yield Receive()))
                if response.WhichOneof("Type") != delivery.member:
                    name = pb.delivery_status_name(int(response.status))
                    raise BlocksError(f"the peer ended the stream of blocks with {name}", delivery=name)
                value = delivery.value(getattr(response, delivery.member))
                pause = _RECONNECT_FIRST
                yield Emit(value)
                position = value.number + 1
        except DecodeError as cause:
            raise BlocksError("the peer's answer is not a block") from cause
        except StreamEnded:
            if not reconnect or request is not None:
                return
        except RpcFailure as failure:
            if not reconnect or request is not None or failure.status not in TRANSIENT:
                raise BlocksError(
                    failure.message, status=failure.status, details=failure.details, seconds=failure.seconds
                ) from failure
        LOG.info("the stream of blocks of %s broke: opened again in %g s", channel.name, pause)
        yield Pause(pause)
        pause = min(pause * 2, _RECONNECT_MOST)
