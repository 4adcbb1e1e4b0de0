"""Ctrl-C ends `medconsent remind --every` at whatever moment it comes: real process, real signal, real server."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from fabric_protos.gateway import gateway_pb2

from medconsent.fabric import PrivateKeySigner, wallet
from medconsent_cli.main import run

TIMES = 60
ROUND = 0.025  # seconds that one round takes, and a little of the sleep after it
PROGRAM = Path(__file__).with_name("interrupted_program.py")


class Peer(grpc.GenericRpcHandler):
    """A gateway whose ledger has nothing to see to."""

    def service(self, details: Any) -> Any:
        """See :class:`grpc.GenericRpcHandler`."""
        answer = gateway_pb2.EvaluateResponse()
        answer.result.status = 200
        answer.result.payload = json.dumps({"items": [], "bookmark": "", "forged": []}).encode()
        return grpc.unary_unary_rpc_method_handler(lambda _request, _context: answer.SerializeToString())


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A configuration folder with one context, whose peer answers."""
    server = grpc.server(ThreadPoolExecutor(2), handlers=(Peer(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    folder = tmp_path / "contexts" / "hanbit" / "lee"
    members = {"institution": "hanbit", "enrollment_id": "lee", "channel": "c", "chaincode": "m"}
    signer = PrivateKeySigner.generate()
    wallet.save(folder, certificate(signer), signer.to_pem())
    (folder / "context.json").write_text(json.dumps({**members, "endpoint": f"127.0.0.1:{port}"}))
    (tmp_path / "current").write_text("hanbit/lee\n")
    yield tmp_path
    server.stop(None).wait()


def certificate(signer: PrivateKeySigner) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "lee")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, signer.private_key.public_key(), 7)
    builder = builder.not_valid_before(now - timedelta(minutes=1)).not_valid_after(now + timedelta(days=1))
    return builder.sign(signer.private_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@contextmanager
def program(home: Path, *words: str, times: int = 1) -> Iterator["subprocess.Popen[str]"]:
    """The program in a process of its own, `times` one after the other."""
    environment = {**os.environ, "MEDCONSENT_HOME": str(home), "MEDCONSENT_CONTEXT": "hanbit/lee"}
    command = [sys.executable, str(PROGRAM), str(times), *words]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def said(child: "subprocess.Popen[str]", within: float = 20.0) -> str:
    """The child's next line; empty when it says nothing for so long."""
    assert child.stdout is not None
    limit = threading.Timer(within, child.kill)
    limit.start()
    try:
        return child.stdout.readline().strip()
    finally:
        limit.cancel()


def test_an_interrupt_is_never_lost(home: Path) -> None:
    """Of a thousand, some five met a finalizer of gRPC's, which swallows what is raised in it."""
    moments = random.Random()  # noqa: S311
    with program(home, "remind", "--every", "1h", "--to-log", "-", times=TIMES + 1) as child:
        assert said(child) == "begun"  # and loads what it needs
        time.sleep(2)
        for number in range(TIMES + 1):
            child.send_signal(signal.SIGINT)
            assert said(child).startswith("ended"), f"the interrupt {number} was lost"
            if number < TIMES:
                assert said(child) == "begun"
                time.sleep(moments.uniform(0, ROUND))


class Finalized:
    """What is raised in a finalizer is lost: Python has nobody to give it to."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_that_a_finalizer_swallows(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []

    def report(*_arguments: Any) -> None:
        rounds.append(len(rounds))
        assert len(rounds) < 2, "it went on"
        Finalized()

    monkeypatch.setenv("MEDCONSENT_HOME", str(home))
    monkeypatch.setattr("medconsent_cli.commands.remind._report", report)
    before = signal.getsignal(signal.SIGINT)
    assert run(["remind", "--every", "1s", "--to-log", "-"]) == 0
    assert rounds == [0]
    assert signal.getsignal(signal.SIGINT) is before
