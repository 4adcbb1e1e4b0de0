"""The official clients' scenarios of block and chaincode events, in both of ours (docs/scenarios.md)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asking import CHANNEL_EVENTS, Asker
from scenario_network import ORG1

from medconsent.fabric import BlockAndPrivateData, FileCheckpointer, FilteredBlock, LedgerBlock

Acting = Callable[..., Asker]
KINDS = pytest.mark.parametrize("kind", list(CHANNEL_EVENTS), ids=["block", "filtered", "private"])


@pytest.fixture
def asker(acting: Acting) -> Asker:
    """The first organization's user, who asks `basic`."""
    return acting(ORG1, "basic")


def echo(asker: Asker) -> Any:
    """A transaction."""
    return asker.submit("echo", "echo")


def ids(block: LedgerBlock | FilteredBlock | BlockAndPrivateData) -> list[str]:
    """The transactions of a block of any of the three kinds."""
    if isinstance(block, FilteredBlock):
        return [one.transaction_id for one in block.transactions]
    whole = block.block if isinstance(block, BlockAndPrivateData) else block
    return [one.id for one in whole.transactions()]


def brings(asker: Asker, stream: Any, submitted: Any) -> Any:
    """The block that a stream brings next, which is that of the transaction."""
    block = asker.next(stream)
    assert block.number == submitted.block_number
    assert submitted.transaction_id in ids(block)
    return block


# Block events


@KINDS
def test_receive_block_event(asker: Asker, kind: str) -> None:
    stream = asker.blocks(kind)
    brings(asker, stream, echo(asker))


@KINDS
def test_replay_block_event(asker: Asker, kind: str) -> None:
    submitted = echo(asker)
    brings(asker, asker.blocks(kind, start_block=submitted.block_number), submitted)


@KINDS
def test_restart_after_closing_block_event_session(asker: Asker, kind: str) -> None:
    first = asker.blocks(kind)
    brings(asker, first, echo(asker))
    asker.stop(first)
    second = asker.blocks(kind)
    brings(asker, second, echo(asker))


@KINDS
def test_close_does_not_interrupt_other_block_event_listeners(asker: Asker, kind: str) -> None:
    first, second = asker.blocks(kind), asker.blocks(kind)
    submitted = echo(asker)
    brings(asker, first, submitted)
    brings(asker, second, submitted)
    asker.stop(first)
    brings(asker, second, echo(asker))


@KINDS
def test_checkpoint_of_block_events(asker: Asker, kind: str, tmp_path: Path) -> None:
    handled = FileCheckpointer(tmp_path / "checkpoint")
    stream = asker.blocks(kind, checkpoint=handled)
    handled.checkpoint_block(brings(asker, stream, echo(asker)).number)
    asker.stop(stream)
    missed = echo(asker)
    brings(asker, asker.blocks(kind, checkpoint=FileCheckpointer(tmp_path / "checkpoint")), missed)


def test_private_data_comes_with_its_block(acting: Acting) -> None:
    """Not among the official scenarios, which send none."""
    asker = acting(ORG1, "private")
    stream = asker.blocks("block and private data")
    transient = {"collection": "Org1Collection", "key": "told", "value": "in the block"}
    submitted = asker.submit("WritePrivateData", orgs=[ORG1], transient=transient)
    told = brings(asker, stream, submitted)
    (writes,) = told.private_writes.values()
    assert [(one.chaincode, one.collection, one.key, one.value) for one in writes] == [
        ("private", "Org1Collection", "told", b"in the block")
    ]


# Chaincode events


def tells(asker: Asker, stream: Any, name: str, payload: str) -> Any:
    """The event that a stream brings next."""
    event = asker.next(stream)
    assert (event.name, event.payload) == (name, payload.encode())
    return event


def test_receive_chaincode_event(asker: Asker) -> None:
    stream = asker.events()
    asker.submit("event", "foo", "bar")
    tells(asker, stream, "foo", "bar")


def test_replay_chaincode_event(asker: Asker) -> None:
    submitted = asker.submit("event", "event", "replay")
    tells(asker, asker.events(start_block=submitted.block_number), "event", "replay")


def test_restart_after_closing_chaincode_event_session(asker: Asker) -> None:
    first = asker.events()
    asker.submit("event", "restart", "one")
    tells(asker, first, "restart", "one")
    asker.stop(first)
    second = asker.events()
    asker.submit("event", "restart", "two")
    tells(asker, second, "restart", "two")


def test_close_does_not_interrupt_other_chaincode_event_listeners(asker: Asker) -> None:
    first, second = asker.events(), asker.events()
    asker.submit("event", "close", "before")
    tells(asker, first, "close", "before")
    tells(asker, second, "close", "before")
    asker.stop(first)
    asker.submit("event", "close", "after")
    tells(asker, second, "close", "after")


def test_checkpoint_of_chaincode_events(asker: Asker, tmp_path: Path) -> None:
    handled = FileCheckpointer(tmp_path / "checkpoint")
    stream = asker.events(checkpoint=handled)
    asker.submit("event", "checkpoint", "one")
    handled.checkpoint_event(tells(asker, stream, "checkpoint", "one"))
    asker.stop(stream)
    asker.submit("event", "checkpoint", "two")
    tells(asker, asker.events(checkpoint=FileCheckpointer(tmp_path / "checkpoint")), "checkpoint", "two")
