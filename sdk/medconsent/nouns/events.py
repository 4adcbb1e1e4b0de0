"""What changes on the ledger, as it happens."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from medconsent._internal.codec import Value
from medconsent._internal.refusals import translate
from medconsent.errors import UnexpectedAnswer
from medconsent.fabric.channel import Channel
from medconsent.fabric.errors import GatewayError
from medconsent.fabric.events import ChaincodeEvent, InMemoryCheckpointer
from medconsent.fabric.flow import Emit, Flow, RpcFailure, StreamEnded, StreamFlow, operation, subscription
from medconsent.nouns.base import Noun

M = TypeVar("M")


@dataclass(frozen=True)
class EventChange(Value):
    """One record that a transaction changed, and how."""

    type: str
    id: str
    owner: str
    action: str


@dataclass(frozen=True)
class Event(Value):
    """A committed transaction: its name (`request.vote`), id, block, time (UTC) and what it changed.

    No private text is in it.
    """

    name: str
    tx: str
    block: int
    at: datetime
    changes: tuple[EventChange, ...]


class Events(Noun[M]):
    """The contract's events."""

    @operation
    def height(self) -> Flow[int]:
        """The number of the block that comes next at one's own institution's peer.

        Raises:
            Unreachable: One's own institution's peer does not answer.
        """
        session = self._session
        try:
            return (yield from Channel.height.flow(session.channel))
        except GatewayError as error:
            raise translate(error, session.institution, session.identity) from error

    @subscription
    def follow(
        self, *, start_block: int | None = None, checkpointer: InMemoryCheckpointer | None = None
    ) -> StreamFlow[Event]:
        """Events in the order of the ledger, for as long as they are asked for, over interruptions of the connection.

        The stream is open when this returns: what is submitted afterwards is in it.

        An event counts as handled, and is recorded so, when the next one is asked for: after a crash the last one comes
        again.

        Args:
            start_block: The block to begin with; None: what comes now.
            checkpointer: Where to go on, and where to record what was handled (see
                `medconsent.fabric.FileCheckpointer`); goes before `start_block`.

        Raises:
            Unreachable: One's own institution's peer is not reached at the start.
        """
        session = self._session
        source = Channel.chaincode_events.flow(
            session.channel, session.contract.chaincode, start_block=start_block, checkpoint=checkpointer
        )
        try:
            step = next(source)
            while True:
                try:
                    if isinstance(step, Emit):
                        reply = yield Emit(read_event(step.value))
                        if checkpointer is not None:
                            checkpointer.checkpoint_event(step.value)
                    else:
                        reply = yield step
                except (RpcFailure, StreamEnded) as failure:
                    step = source.throw(failure)
                else:
                    step = source.send(reply)
        except StopIteration:
            return
        except GatewayError as error:
            raise translate(error, session.institution, session.identity) from error
        finally:
            source.close()


def read_event(event: ChaincodeEvent) -> Event:
    """The event that a chaincode event stands for.

    Raises:
        UnexpectedAnswer: It is not what docs/contract.md says.
    """
    try:
        payload = json.loads(event.payload)
    except ValueError as error:
        raise UnexpectedAnswer(f"the event {event.name} of {event.transaction_id} is not JSON: {error}") from error
    if not isinstance(payload, dict):
        raise UnexpectedAnswer(f"the event {event.name} of {event.transaction_id} is not a JSON object")
    return Event.from_json({**payload, "name": event.name, "tx": event.transaction_id, "block": event.block_number})
