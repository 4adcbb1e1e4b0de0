"""hfc's event hub of a channel: callbacks for blocks, transactions and chaincode events."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from medconsent.fabric.channel import Channel
from medconsent.fabric.errors import EventsError
from medconsent.fabric.flow import Asyncio, AsyncStream
from medconsent.fabric.ledger_blocks import LedgerBlock

from .decoded import ChaincodeEventTold, block_of, events_of, filtered_of, outcomes_of

Handler = Callable[..., Any]


@dataclass(eq=False)
class Registration:
    """What is waited for, and who is told."""

    handler: Handler | None
    unregister: bool
    disconnect: bool
    start: int | None = None
    stop: int | str | None = None
    transaction_id: str = ""
    chaincode: str = ""
    pattern: str = ""
    as_array: bool = False
    kind: str = field(default="block")


class ChannelEventHub:
    """Tells registered functions of what a channel's blocks bring, for as long as `connect`'s coroutine is awaited.

    Whole blocks are read, also where filtered ones are handed on: what is not to be shown is left out here.
    """

    def __init__(self, channel: Callable[[], Channel[Asyncio]]) -> None:
        """
        Args:
            channel: Gives the channel at the peer, once an event loop runs.
        """
        self._channel = channel
        self._registered: list[Registration] = []
        self._last_seen: int | None = None
        self._stream: AsyncStream[LedgerBlock] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._cut = False

    @property
    def connected(self) -> bool:
        """Whether blocks are coming in."""
        return self._stream is not None

    def registerBlockEvent(
        self,
        unregister: bool = True,
        start: int | None = None,
        stop: int | str | None = None,
        disconnect: bool = False,
        onEvent: Handler | None = None,
    ) -> Registration:
        """Be told of each block: `onEvent(block)`.

        Args:
            unregister: Whether the first one is all.
            start: The block to begin with; None: the next.
            stop: The last block, or `newest`; None: for ever.
            disconnect: Whether the hub ends then.
            onEvent: Who is told.
        """
        return self._add(Registration(onEvent, unregister and stop is None and start is None, disconnect, start, stop))

    def unregisterBlockEvent(self, reg_num: Registration) -> None:
        """Be told no more.

        Args:
            reg_num: What `registerBlockEvent` gave.
        """
        self._registered.remove(reg_num)

    def registerTxEvent(
        self,
        tx_id: str,
        unregister: bool | None = None,
        start: int | None = None,
        stop: int | str | None = None,
        disconnect: bool = False,
        onEvent: Handler | None = None,
    ) -> str:
        """Be told what became of a transaction: `onEvent(tx_id, code, block_number)`.

        Args:
            tx_id: Its id, or `all`.
            unregister: Whether the first one is all; None: of `all` no, else yes.
            start: The block to begin with; None: the next.
            stop: The last block, or `newest`; None: for ever.
            disconnect: Whether the hub ends then.
            onEvent: Who is told.
        """
        once = tx_id != "all" if unregister is None else unregister
        self._add(Registration(onEvent, once, disconnect, start, stop, transaction_id=tx_id, kind="transaction"))
        return tx_id

    def unregisterTxEvent(self, tx_id: str) -> None:
        """Be told no more.

        Args:
            tx_id: The transaction.
        """
        self._registered = [one for one in self._registered if one.transaction_id != tx_id]

    def registerChaincodeEvent(
        self,
        ccid: str,
        pattern: str,
        unregister: bool = False,
        start: int | None = None,
        stop: int | str | None = None,
        as_array: bool | None = None,
        disconnect: bool = False,
        onEvent: Handler | None = None,
    ) -> Registration:
        """Be told of a chaincode's events: `onEvent(event, block_number, tx_id, code)`, also of invalid transactions.

        Args:
            ccid: The chaincode.
            pattern: A regular expression that begins the event's name.
            unregister: Whether the first one is all.
            start: The block to begin with; None: the next.
            stop: The last block, or `newest`; None: for ever.
            as_array: Whether a block's events come together, as a list of dictionaries.
            disconnect: Whether the hub ends then.
            onEvent: Who is told.
        """
        return self._add(
            Registration(
                onEvent,
                unregister,
                disconnect,
                start,
                stop,
                chaincode=ccid,
                pattern=pattern,
                as_array=bool(as_array),
                kind="chaincode",
            )
        )

    def unregisterChaincodeEvent(self, cr: Registration) -> None:
        """Be told no more.

        Args:
            cr: What `registerChaincodeEvent` gave.
        """
        self._registered.remove(cr)

    async def connect(
        self,
        filtered: bool = True,
        start: int | str | None = None,
        stop: int | str | None = None,
        as_array: bool = False,
        target: Any = None,
        signed_event: Any = None,
    ) -> None:
        """Read blocks until the last one asked for, or until `disconnect`. Await it, or make a task of it.

        Args:
            filtered: Whether payloads are left out.
            start: A number, `oldest`, `newest` or `last_seen`; None: what a registration says, else the newest.
            stop: A number, `newest` or `last_seen`; None: what a registration says, else for ever.
            as_array: Whether a block's chaincode events come together.
            target: Cannot be given: a hub is of one peer.
            signed_event: Cannot be given.

        Raises:
            BlocksError: The peer is not reached, or refuses.
            EventsError: The bounds make no sense.
        """
        if target is not None or signed_event is not None:
            raise EventsError("a hub is of one peer, and signs by itself: neither target nor signed_event can be given")
        channel = self._channel()
        first, last = await self._bounds(channel, start, stop)
        for one in self._registered:
            one.as_array = one.as_array or as_array
        self._cut = False
        stream = self._stream = channel.blocks(first, last, wait=last is None)
        try:
            async for block in stream:
                self._last_seen = block.number
                self._tell(block, filtered)
                if self._cut:
                    break
        finally:
            self._stream = None
            await stream.aclose()

    def disconnect(self) -> None:
        """End the hub: `connect` returns."""
        self._cut = True
        if self._stream is not None:
            self._ending = asyncio.ensure_future(self._stream.aclose())

    async def _bounds(self, channel: Channel[Asyncio], start: Any, stop: Any) -> tuple[int, int | None]:
        asked = next((one for one in self._registered if one.start is not None or one.stop is not None), None)
        if start is None and asked is not None:
            start = asked.start
        if stop is None and asked is not None:
            stop = asked.stop
        newest = await channel.height() - 1
        first, last = self._number(start, newest, newest), self._number(stop, newest, None)
        if first is None or (last is not None and first > last):
            raise EventsError(f"the first block ({first}) is after the last ({last})")
        return first, last

    def _number(self, told: Any, newest: int, otherwise: int | None) -> int | None:
        named = {None: otherwise, "newest": newest, "oldest": 0, "last_seen": self._last_seen}
        if isinstance(told, int) and not isinstance(told, bool) and told >= 0:
            return told
        if (told is None or isinstance(told, str)) and told in named:
            return named[told]
        raise EventsError(f"a block is a number, oldest, newest or last_seen, and not {told!r}")

    def _add(self, one: Registration) -> Registration:
        self._registered.append(one)
        return one

    def _tell(self, block: LedgerBlock, filtered: bool) -> None:
        for one in list(self._registered):
            if one.kind == "block":
                told: list[tuple[Any, ...]] = [(filtered_of(block) if filtered else block_of(block),)]
            elif one.kind == "transaction":
                told = [each for each in outcomes_of(block) if one.transaction_id in ("all", each[0])]
            else:
                told = _events(one, list(events_of(block, payload=not filtered)))
            for arguments in told:
                if one.handler is not None:
                    one.handler(*arguments)
            if told and one.unregister and one in self._registered:
                self._registered.remove(one)
            if told and one.disconnect:
                self._cut = True


def _events(one: Registration, events: list[ChaincodeEventTold]) -> list[tuple[Any, ...]]:
    fitting = [
        each
        for each in events
        if each.event["chaincode_id"] == one.chaincode and re.match(one.pattern, each.event["event_name"])
    ]
    if one.as_array:
        return [([each.as_dictionary() for each in fitting],)] if fitting else []
    return [(each.event, each.block_number, each.transaction_id, each.code) for each in fitting]
