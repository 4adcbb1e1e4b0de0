"""Flows stepped through by hand, and what the type checker makes of operations."""

import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from medconsent.fabric import CommitError, CommitStatusError, Contract, EndorseError, Identity, PrivateKeySigner
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
        "from collections.abc import AsyncGenerator, Awaitable, Generator\n"
        "from typing import assert_type\n"
        "from medconsent.fabric import AsyncGateway, ChaincodeEvent, Gateway, Submitted\n"
        "def both(one: Gateway, other: AsyncGateway) -> None:\n"
        "    blocking, waiting = one.channel('c'), other.channel('c')\n"
        "    assert_type(blocking.height(), int)\n"
        "    assert_type(waiting.height(), Awaitable[int])\n"
        "    assert_type(blocking.contract('cc').submit('f', b'', endorsing_organizations=['a']), Submitted)\n"
        "    assert_type(waiting.contract('cc').submit('f'), Awaitable[Submitted])\n"
        "    assert_type(blocking.chaincode_events('cc'), Generator[ChaincodeEvent, None, None])\n"
        "    assert_type(waiting.chaincode_events('cc', start_block=0), AsyncGenerator[ChaincodeEvent, None])\n"
        "    blocking.contract('cc').evaluate('f', 'not bytes')  # type: ignore[arg-type]\n"
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


def test_outcomes_say_whether_anything_was_committed(identity: Identity, signer: PrivateKeySigner) -> None:
    assert EndorseError("m").outcome == "not-committed"
    assert CommitStatusError("m").outcome == "unknown"
    error = CommitError("MVCC_READ_CONFLICT", transaction_id="t", block_number=3)
    assert (error.outcome, error.conflict) == ("committed-invalid", True)
    assert "block 3" in str(error)
