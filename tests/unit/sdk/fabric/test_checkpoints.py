import json
from pathlib import Path

import pytest

from medconsent.fabric import ChaincodeEvent, FabricError, FileCheckpointer, InMemoryCheckpointer
from medconsent.fabric.events import Position, after


def event(block: int, transaction_id: str) -> ChaincodeEvent:
    return ChaincodeEvent(block, transaction_id, "basic", "changed", b"")


def test_nothing_handled_is_no_position(tmp_path: Path) -> None:
    for checkpointer in (InMemoryCheckpointer(), FileCheckpointer(tmp_path / "new")):
        assert (checkpointer.block_number, checkpointer.transaction_id) == (None, "")


def test_a_block_moves_on_and_a_transaction_stays(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    checkpointer = FileCheckpointer(path)
    checkpointer.checkpoint_event(event(0, "a"))
    assert (FileCheckpointer(path).block_number, FileCheckpointer(path).transaction_id) == (0, "a")
    checkpointer.checkpoint_block(0)
    assert (FileCheckpointer(path).block_number, FileCheckpointer(path).transaction_id) == (1, "")
    assert json.loads(path.read_text()) == {"blockNumber": 1, "transactionId": ""}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkpoint"]


def test_a_file_of_the_official_sdk_before_its_first_event(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    path.write_text('{"blockNumber":0,"transactionId":""}')
    assert FileCheckpointer(path).block_number is None


@pytest.mark.parametrize(
    ("content", "block", "transaction_id"),
    [
        ("{}", None, ""),  # Node, before its first event
        ('{"blockNumber":"7"}', 7, ""),
        ('{"blockNumber":"7","transactionId":"a"}', 7, "a"),
        ('{"blockNumber":"0","transactionId":"a"}', 0, "a"),
        ('{"blockNumber":0}', None, ""),  # Java, before its first event
        ('{"blockNumber":7}', 7, ""),
        ('{"blockNumber":7,"transactionId":"a"}', 7, "a"),
        ('{"blockNumber":null,"transactionId":null}', None, ""),
    ],
)
def test_files_of_the_official_sdks_for_node_and_java(
    tmp_path: Path, content: str, block: int | None, transaction_id: str
) -> None:
    path = tmp_path / "checkpoint"
    path.write_text(content)
    found = FileCheckpointer(path)
    assert (found.block_number, found.transaction_id) == (block, transaction_id)
    found.checkpoint_transaction(8, "b")
    assert json.loads(path.read_text()) == {"blockNumber": 8, "transactionId": "b"}


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{",
        '{"blockNumber":"one","transactionId":""}',
        '{"blockNumber":"-1","transactionId":""}',
        '{"blockNumber":"18446744073709551616","transactionId":""}',
        '{"blockNumber":"' + "9" * 5000 + '","transactionId":""}',
        '{"transactionId":"a"}',
        '{"blockNumber":1.5}',
        '{"blockNumber":1,"transactionId":1}',
        '{"blockNumber":true,"transactionId":"a"}',
        '{"blockNumber":-1,"transactionId":""}',
        '{"blockNumber":18446744073709551616,"transactionId":""}',
        '{"blockNumber":1,"transactionId":"\\ud800"}',
    ],
)
def test_a_file_that_is_no_checkpoint(tmp_path: Path, content: str) -> None:
    path = tmp_path / "checkpoint"
    path.write_text(content)
    with pytest.raises(FabricError, match="not a checkpoint"):
        FileCheckpointer(path)


def test_what_comes_after_a_position() -> None:
    block = [event(4, "a"), event(4, "b"), event(4, "c")]
    assert after(block, Position(4, "b")) == block[2:]
    assert after(block, Position(4, "c")) == []
    assert after(block, Position(4)) == block
    assert after(block, Position(3, "b")) == block
    assert after(block, Position(4, "no event of this chaincode")) == block
    assert after([], Position(4, "b")) == []
