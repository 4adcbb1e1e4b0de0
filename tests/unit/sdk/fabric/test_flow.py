"""Flows stepped through by hand, and what the type checker makes of operations."""

import asyncio
import inspect
import pydoc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from medconsent.fabric import (
    AsyncGateway,
    ChaincodeEvent,
    Channel,
    ClosedError,
    CommitError,
    CommitStatusError,
    Contract,
    EndorseError,
    Gateway,
    Identity,
    PrivateKeySigner,
)
from medconsent.fabric.contract import patient
from medconsent.fabric.flow import Call, Flow, Pause, RpcFailure, Step

UNAVAILABLE = RpcFailure(grpc.StatusCode.UNAVAILABLE, "connection refused")


def steps(flow: Flow[bytes], *replies: bytes | RpcFailure) -> tuple[list[Step], bytes]:
    """The steps of a flow that is given these replies, and its result."""
    seen = [next(flow)]
    try:
        for reply in replies:
            seen.append(flow.throw(reply) if isinstance(reply, RpcFailure) else flow.send(reply))
    except StopIteration as stop:
        return seen, stop.value
    raise AssertionError("the flow did not end")


def test_patience_repeats_only_what_did_not_arrive() -> None:
    call = Call("/m", b"", 1)
    seen, result = steps(patient(call, (0.1, 0.2)), UNAVAILABLE, b"", b"answer")
    assert (seen, result) == ([call, Pause(0.1), call], b"answer")
    with pytest.raises(RpcFailure):
        steps(patient(call, (0.1,)), UNAVAILABLE, b"", UNAVAILABLE)
    with pytest.raises(RpcFailure):
        steps(patient(call, (0.1,)), RpcFailure(grpc.StatusCode.DEADLINE_EXCEEDED, "late"))
    missing = RpcFailure(grpc.StatusCode.UNAVAILABLE, "failed to find any endorsing peers for org(s): nuri")
    with pytest.raises(RpcFailure):
        steps(patient(call, (0.1,)), missing)
    assert not EndorseError(missing.message, status=missing.status).unreachable


def test_the_result_of_an_operation_is_typed_for_both_modes(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(
        "import asyncio\n"
        "from collections.abc import Coroutine\n"
        "from typing import Any, assert_type\n"
        "from medconsent.fabric import AsyncGateway, AsyncStream, ChaincodeEvent, Gateway, Stream, Submitted\n"
        "def both(one: Gateway, other: AsyncGateway) -> None:\n"
        "    blocking, waiting = one.channel('c'), other.channel('c')\n"
        "    assert_type(blocking.height(), int)\n"
        "    height, submitted = waiting.height(), waiting.contract('cc').submit('f')\n"
        "    assert_type((height, submitted), tuple[Coroutine[Any, Any, int], Coroutine[Any, Any, Submitted]])\n"
        "    assert_type(blocking.contract('cc').submit('f', b'', endorsing_organizations=['a']), Submitted)\n"
        "    assert_type(blocking.chaincode_events('cc'), Stream[ChaincodeEvent])\n"
        "    assert_type(waiting.chaincode_events('cc', start_block=0), AsyncStream[ChaincodeEvent])\n"
        "    assert_type(asyncio.create_task(waiting.height()), asyncio.Task[int])\n"
        "    blocking.contract('cc').evaluate('f', 1)  # type: ignore[arg-type]\n"
        "    blocking.contract('cc').evaluate()  # type: ignore[call-arg]\n"
    )
    root = Path(__file__).parents[4]
    check = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", root / "pyproject.toml", sample],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr


def test_an_operation_carries_its_documentation() -> None:
    assert "Ask and change nothing" in (Contract.evaluate.__doc__ or "")
    assert Contract.evaluate.flow.__name__ == "evaluate"


def test_what_is_shown_of_an_operation_is_what_a_user_calls() -> None:
    signature = inspect.signature(Channel.wait_for_block)
    assert str(signature) == "(self, number: int, timeout: float = 30.0) -> int"
    assert inspect.signature(Channel.chaincode_events).return_annotation == Iterator[ChaincodeEvent]
    assert inspect.signature(Channel.blocks).return_annotation == "Iterator[LedgerBlock]"
    help_text = pydoc.render_doc(Channel, renderer=pydoc.plaintext)
    assert "wait_for_block(self, number: int, timeout: float = 30.0) -> int" in help_text
    assert "Generator" not in help_text.partition("Methods inherited")[0].partition("blocks(")[2]


def test_a_closed_client_is_one_exception(identity: Identity, signer: PrivateKeySigner) -> None:
    with Gateway("127.0.0.1:1", identity, signer, tls_root=None) as gateway:
        channel = gateway.channel("c")
    with pytest.raises(ClosedError, match="the client is closed"):
        channel.height()
    with pytest.raises(ClosedError):
        next(channel.chaincode_events("cc"))

    async def awaited() -> None:
        async with AsyncGateway("127.0.0.1:1", identity, signer, tls_root=None) as other:
            waiting = other.channel("c")
            bound = inspect.signature(waiting.wait_for_block)
            assert str(bound) == "(number: int, timeout: float = 30.0) -> int"
        asked = waiting.height()
        assert asyncio.iscoroutine(asked)
        with pytest.raises(ClosedError):
            await asyncio.create_task(asked)
        with pytest.raises(ClosedError):
            await anext(waiting.chaincode_events("cc"))

    asyncio.run(awaited())
    assert issubclass(ClosedError, ValueError), "as it was before it had a name"


def test_outcomes_say_whether_anything_was_committed(identity: Identity, signer: PrivateKeySigner) -> None:
    assert EndorseError("m").outcome == "not-committed"
    assert CommitStatusError("m").outcome == "unknown"
    error = CommitError("MVCC_READ_CONFLICT", transaction_id="t", block_number=3)
    assert (error.outcome, error.conflict) == ("committed-invalid", True)
    assert "block 3" in str(error)
