"""A channel: how far it is, who is in it, what became of a transaction, and the events of its chaincodes."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
from google.protobuf.message import DecodeError

from . import _protos as pb
from ._log import LOG
from .blocks import DELIVER, DELIVER_FILTERED, BlocksRequest
from .commit import UNKNOWN, Commit, TransactionStatus
from .contract import Caller, Contract, Timeouts
from .decoding import answered
from .errors import (
    BlockError,
    BlocksError,
    BlockTimeoutError,
    CommitStatusError,
    EvaluateError,
    EventsError,
    FabricError,
    gateway_error,
)
from .events import ChaincodeEvent, ChaincodeEventsRequest, Checkpoint, Position, after, parse_events
from .flow import (
    TRANSIENT,
    Driver,
    Emit,
    Flow,
    Open,
    Pause,
    Receive,
    RpcFailure,
    StreamEnded,
    StreamFlow,
    operation,
    subscription,
)
from .identity import Identity, Signer
from .ledger.streams import delivered, filtered, whole, with_private_data
from .ordering.nodes import keep
from .ordering.patience import left, until

if TYPE_CHECKING:
    from .discovery import Discovery
    from .ledger.decoded import DecodedTransaction
    from .ledger.delivered import BlockAndPrivateData, FilteredBlock
    from .ledger.lifecycle import ChaincodeDefinition
    from .ledger_blocks import LedgerBlock

M = TypeVar("M")

CHAINCODE_EVENTS = "/gateway.Gateway/ChaincodeEvents"

_POLL_FIRST, _POLL_MOST = 0.02, 0.25
_RECONNECT_FIRST, _RECONNECT_MOST = 0.2, 10.0
_STATUS_TIMEOUT = 5.0


@dataclass(frozen=True)
class ChainInfo:
    """How long a ledger is (the newest block is `height - 1`), the newest block's hash, and that of the one before."""

    height: int
    current_hash: bytes
    previous_hash: bytes


class Channel(Caller[M]):
    """A channel of the network, asked through the caller's own organization's peers."""

    @property
    def name(self) -> str:
        """The channel's name."""
        return self.channel_name

    def contract(self, chaincode: str, name: str = "") -> Contract[M]:
        """A chaincode on this channel.

        Args:
            chaincode: The chaincode.
            name: Which of the contracts in it (fabric-contract-api), for all functions that are asked for; empty: the
                default.
        """
        return Contract(
            self._driver, self.identity, self.signer, self.channel_name, chaincode, timeouts=self.timeouts, name=name
        )

    @property
    def discovery(self) -> "Discovery[M]":
        """Who is in the channel, and who may endorse what, as the peer has heard of it."""
        from .discovery import Discovery  # noqa: PLC0415 - most programs need none of it

        return Discovery(self._driver, self.identity, self.signer, self.channel_name, timeouts=self.timeouts)

    @operation
    def height(self, *, timeout: float | None = None) -> Flow[int]:
        """Number of blocks at the peer, all applied to its state.

        The newest is block `height - 1`.

        Args:
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        return (yield from Channel.info.flow(self, timeout=timeout)).height

    @operation
    def info(self, *, timeout: float | None = None) -> Flow[ChainInfo]:
        """How long the ledger is at the peer, and the hash of its newest block.

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        told = _told(pb.BlockchainInfo, (yield from _ask_system(self, "qscc", "GetChainInfo", timeout=timeout)))
        return ChainInfo(int(told.height), bytes(told.currentBlockHash), bytes(told.previousBlockHash))

    @operation
    def block_by_number(self, number: int, *, timeout: float | None = None) -> "Flow[LedgerBlock]":
        """A block.

        Args:
            number: Its number.
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or has no such block.
        """
        return (yield from _block(self, "GetBlockByNumber", str(number).encode(), timeout))

    @operation
    def block_by_hash(self, digest: bytes, *, timeout: float | None = None) -> "Flow[LedgerBlock]":
        """A block.

        Args:
            digest: The SHA-256 by which the block after it names it.
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or has no such block.
        """
        return (yield from _block(self, "GetBlockByHash", digest, timeout))

    @operation
    def block_by_transaction(self, transaction_id: str, *, timeout: float | None = None) -> "Flow[LedgerBlock]":
        """The block that holds a transaction.

        Args:
            transaction_id: The transaction.
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or has no such transaction.
        """
        return (yield from _block(self, "GetBlockByTxID", transaction_id.encode(), timeout))

    @operation
    def transaction(self, transaction_id: str, *, timeout: float | None = None) -> "Flow[DecodedTransaction]":
        """A transaction of the ledger, valid or not: when, by whom, of which chaincode, what it read and wrote.

        Args:
            transaction_id: The transaction.
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or has no such transaction.
            BlockError: The peer sent what is no transaction.
        """
        from .ledger.decoded import DecodedTransaction  # noqa: PLC0415 - a question needs none of it

        answer = yield from _ask_system(self, "qscc", "GetTransactionByID", transaction_id.encode(), timeout=timeout)
        try:
            found = pb.ProcessedTransaction.FromString(answer)
        except DecodeError as cause:
            raise BlockError("the peer's answer is not a transaction") from cause
        envelope = bytes(found.transactionEnvelope.SerializeToString())
        return DecodedTransaction.parse(envelope, int(found.validationCode))

    @operation
    def wait_for_block(self, number: int, timeout: float = 30.0) -> Flow[int]:
        """Wait until block `number` is applied at the peer; its height then.

        Args:
            number: The block's number; the first is 0.
            timeout: In seconds, for all of it.

        Raises:
            BlockTimeoutError: That takes longer than `timeout` seconds.
            EvaluateError: The peer does not answer, or refuses.
        """
        deadline = time.monotonic() + timeout
        pause = _POLL_FIRST
        while (height := (yield from Channel.height.flow(self))) <= number:
            if time.monotonic() + pause > deadline:
                raise BlockTimeoutError(
                    f"block {number} did not reach the peer within {timeout:g} s: it stands at block {height - 1}",
                    status=grpc.StatusCode.DEADLINE_EXCEEDED,
                )
            yield Pause(pause)
            pause = min(pause * 2, _POLL_MOST)
        return height

    @operation
    def transaction_status(self, transaction_id: str, *, timeout: float | None = None) -> Flow[TransactionStatus]:
        """What the ledger says of a transaction, at once: `UNKNOWN` when the peer has not seen it in a block.

        Unknown now does not mean never: it may still be on its way.

        Args:
            transaction_id: The transaction.
            timeout: In seconds, for all of it; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        end = until(timeout)
        try:
            answer = yield from _ask_system(
                self, "qscc", "GetTransactionByID", transaction_id.encode(), timeout=timeout
            )
        except EvaluateError as error:
            if any("no such transaction ID" in text for text in (error.message, *(d.message for d in error.details))):
                return TransactionStatus(transaction_id, UNKNOWN, None)
            raise
        code = pb.validation_code_name(int(_told(pb.ProcessedTransaction, answer).validationCode))
        # The Gateway knows the block, and answers at once for what is committed. It may be another peer that lags
        # behind.
        asking = Contract(
            self._driver,
            self.identity,
            self.signer,
            self.channel_name,
            "",
            timeouts=Timeouts(commit_status=_STATUS_TIMEOUT),
        )
        try:
            commit = Commit.create(self.identity, self.channel_name, transaction_id)
            return (yield from Contract.commit_status.flow(asking, commit, timeout=left(end)))
        except CommitStatusError:
            return TransactionStatus(transaction_id, code, None)

    @operation
    def application_organizations(self, *, timeout: float | None = None) -> Flow[list[str]]:
        """MSP ids of the channel's application organizations, sorted, from the peer's configuration.

        Args:
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        config = yield from _ask_system(self, "cscc", "GetChannelConfig", timeout=timeout)
        keep(self._driver.kept, self.channel_name, config)
        return application_organizations(config)

    @operation
    def chaincode_definitions(self, *, timeout: float | None = None) -> "Flow[tuple[ChaincodeDefinition, ...]]":
        """The chaincodes that are defined on the channel, as the caller's own organization's peer knows them.

        Args:
            timeout: A deadline in seconds, in place of the client's own.

        Raises:
            EvaluateError: The peer does not answer, or refuses.
            FabricError: The peer sent what is no definition.
        """
        from .ledger import lifecycle  # noqa: PLC0415 - a question needs none of it

        contract = Contract(self._driver, self.identity, self.signer, self.name, "_lifecycle", timeouts=self.timeouts)
        answer = yield from Contract.evaluate.flow(
            contract,
            "QueryChaincodeDefinitions",
            lifecycle.asked_for_all(),
            target_organizations=(self.identity.msp_id,),
            timeout=timeout,
        )
        return tuple(lifecycle.parse_all(answer))

    @subscription
    def chaincode_events(
        self,
        chaincode: str,
        *,
        start_block: int | None = None,
        checkpoint: Checkpoint | None = None,
        reconnect: bool = True,
        request: ChaincodeEventsRequest | None = None,
    ) -> StreamFlow[ChaincodeEvent]:
        """The events of a chaincode, in the order of the ledger, for as long as they are asked for.

        The stream is open when this returns: what is submitted afterwards is in it, whenever it is read. (Awaited, it
        opens meanwhile, and no transaction of this client is handed over before it knows where it begins.)

        Record what was handled with the checkpointer's `checkpoint_event`: nothing is recorded by itself.

        Args:
            chaincode: The chaincode's name.
            start_block: The block to begin with; None: the next.
            checkpoint: Where to go on; goes before `start_block` when it has a position.
            reconnect: Whether a broken stream is opened again where it broke off, without loss or repetition, for ever;
                the first failure to reach the peer is raised.
            request: Signed elsewhere: it says where to begin, and is asked once.

        Raises:
            EvaluateError: The peer does not answer, or refuses.
            EventsError: The stream ended with a failure.
        """
        position: Checkpoint = Position(start_block)
        if checkpoint is not None and checkpoint.block_number is not None:
            position = Position(checkpoint.block_number, checkpoint.transaction_id)
        elsewhere = request is not None
        height = 0 if elsewhere else (yield from Channel.height.flow(self))
        if position.block_number is None and not elsewhere:
            position = Position(height)  # a number, so that a stream that breaks before the first event can be resumed
        pause = _RECONNECT_FIRST
        while True:
            asked = request or ChaincodeEventsRequest.create(
                self.identity, self.channel_name, chaincode, position.block_number
            )
            try:
                yield Open(CHAINCODE_EVENTS, self._signed(asked, EventsError).to_bytes())
                while True:
                    _, events = parse_events((yield Receive()))
                    pause = _RECONNECT_FIRST
                    for event in after(events, position):
                        yield Emit(event)
                        position = Position(event.block_number, event.transaction_id)
            except StreamEnded:
                if not reconnect or elsewhere:
                    return
            except RpcFailure as failure:
                if not reconnect or elsewhere or failure.status not in TRANSIENT:
                    raise gateway_error(EventsError, failure) from failure
            LOG.info("the stream of events of %s broke: opened again in %g s", chaincode, pause)
            yield Pause(pause)
            pause = min(pause * 2, _RECONNECT_MOST)

    @subscription
    def block_events(
        self,
        *,
        start_block: int | None = None,
        checkpoint: Checkpoint | None = None,
        reconnect: bool = True,
        request: BlocksRequest | None = None,
    ) -> "StreamFlow[LedgerBlock]":
        """Whole blocks in the order of the ledger, for as long as they are asked for.

        The stream is open when this returns, as in `chaincode_events`.

        Args:
            start_block: The block to begin with; None: the next that is committed.
            checkpoint: Where to go on; goes before `start_block` when it has a position. Its `checkpoint_block` records
                what was handled.
            reconnect: Whether a broken stream is opened again where it broke off, without loss or repetition, for ever;
                the first failure to reach the peer is raised.
            request: Signed elsewhere (`BlocksRequest`): it says where to begin, and is asked once.

        Raises:
            EvaluateError: The peer does not answer, or refuses.
            BlocksError: The peer refuses, or the stream ended with a failure.
            BlockError: The peer sent what is no block.
        """
        return delivered(
            self,
            whole(),
            start_block=start_block,
            checkpoint=checkpoint,
            reconnect=reconnect,
            request=request,
        )

    @subscription
    def filtered_block_events(
        self,
        *,
        start_block: int | None = None,
        checkpoint: Checkpoint | None = None,
        reconnect: bool = True,
        request: BlocksRequest | None = None,
    ) -> "StreamFlow[FilteredBlock]":
        """Blocks without what their transactions asked, read and wrote: for who may not read whole ones.

        The arguments are those of `block_events`, and so are the errors.
        """
        return delivered(
            self,
            filtered(),
            start_block=start_block,
            checkpoint=checkpoint,
            reconnect=reconnect,
            request=request,
        )

    @subscription
    def block_and_private_data_events(
        self,
        *,
        start_block: int | None = None,
        checkpoint: Checkpoint | None = None,
        reconnect: bool = True,
        request: BlocksRequest | None = None,
    ) -> "StreamFlow[BlockAndPrivateData]":
        """Whole blocks with the private data in them that the peer has and the caller's organization may see.

        The arguments are those of `block_events`, and so are the errors.
        """
        return delivered(
            self,
            with_private_data(),
            start_block=start_block,
            checkpoint=checkpoint,
            reconnect=reconnect,
            request=request,
        )

    @subscription
    def blocks(
        self, start: int | None = None, stop: int | None = None, *, wait: bool = False, timeout: float | None = None
    ) -> "StreamFlow[LedgerBlock]":
        """Whole blocks as the peer stores them.

        Args:
            start: The first block; None: the newest.
            stop: The last block; None: all there are.
            wait: Whether to go on with what is committed later, for ever.
            timeout: A bound for the whole stream, in seconds.

        Raises:
            BlocksError: The peer is not reached, or refuses: `delivery` is `NOT_FOUND` when the ledger ends before
                `stop` or the peer has no such channel, and `FORBIDDEN` when the channel does not let the caller read.
            BlockError: The peer sent what is no block.
        """
        request = self.request_blocks(start, stop, wait=wait)
        none = True
        try:
            yield Open(DELIVER, self._signed(request, BlocksError).to_bytes(), timeout)
            while True:
                response = pb.DeliverResponse.FromString((yield Receive()))
                if response.WhichOneof("Type") != "block":
                    break
                from .ledger_blocks import LedgerBlock  # noqa: PLC0415 - a question needs none of it

                none = False
                yield Emit(LedgerBlock.of(response.block))
            ended = int(response.status)
            if ended == pb.STATUS_NOT_FOUND and stop is None and none:
                # So says a peer of a channel that it has not, and of a block that is yet to come.
                yield from _require_channel(self, timeout)
        except StreamEnded:
            raise BlocksError("the peer ended the stream of blocks without a word") from None
        except DecodeError as cause:
            raise BlocksError("the peer's answer is not a block") from cause
        except RpcFailure as failure:
            raise BlocksError(
                failure.message, status=failure.status, details=failure.details, seconds=failure.seconds
            ) from failure
        if ended == pb.STATUS_SUCCESS or (ended == pb.STATUS_NOT_FOUND and stop is None):
            return
        name = pb.delivery_status_name(ended)
        raise BlocksError(f"the peer ended the stream of blocks with {name}", delivery=name)


def _block(channel: Channel[M], function: str, argument: bytes, timeout: float | None) -> "Flow[LedgerBlock]":
    from .ledger_blocks import LedgerBlock  # noqa: PLC0415 - a question needs none of it

    return LedgerBlock.parse((yield from _ask_system(channel, "qscc", function, argument, timeout=timeout)))


def _require_channel(channel: Channel[M], timeout: float | None) -> "StreamFlow[LedgerBlock]":
    """Ask for the channel's newest block, without what is in it: every channel has one.

    Raises:
        BlocksError: The peer has no such channel.
    """
    request = channel._signed(channel.request_blocks(wait=False), BlocksError)
    yield Open(DELIVER_FILTERED, request.to_bytes(), timeout)
    response = pb.DeliverResponse.FromString((yield Receive()))
    if response.WhichOneof("Type") == "status" and int(response.status) == pb.STATUS_NOT_FOUND:
        raise BlocksError(f"the peer has no channel {channel.name!r}", delivery="NOT_FOUND")


def application_organizations(config: bytes) -> list[str]:
    """MSP ids of the application organizations in a serialized `common.Config`, sorted.

    Raises:
        FabricError: It cannot be read.
    """
    try:
        groups = pb.Config.FromString(config).channel_group.groups["Application"].groups
        configs = [pb.MSPConfig.FromString(group.values["MSP"].value).config for group in groups.values()]
        return sorted({str(pb.FabricMSPConfig.FromString(msp).name) for msp in configs})
    except DecodeError as cause:
        raise FabricError("the peer's answer is not a channel configuration") from cause


def _told(kind: Any, answer: bytes) -> Any:
    """A message that a system chaincode answered with.

    Raises:
        EvaluateError: It is none.
    """
    try:
        return answered(kind, answer)
    except RpcFailure as failure:
        raise gateway_error(EvaluateError, failure) from failure


def _ask_system(
    channel: Channel[M], chaincode: str, function: str, *arguments: bytes, timeout: float | None = None
) -> Flow[bytes]:
    """Evaluate a system chaincode at the caller's own organization's peer; its first argument is the channel."""
    own: Sequence[str] = (channel.identity.msp_id,)
    driver: Driver[M] = channel._driver
    identity: Identity = channel.identity
    signer: Signer = channel.signer
    contract = Contract(driver, identity, signer, channel.name, chaincode, timeouts=channel.timeouts)
    return (
        yield from Contract.evaluate.flow(
            contract, function, channel.name.encode(), *arguments, target_organizations=own, timeout=timeout
        )
    )
