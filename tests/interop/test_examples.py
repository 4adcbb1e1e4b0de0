"""The examples of the client, as their users start them: on a real network, with the scenarios' chaincode."""

import ast
import asyncio
import inspect
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests
from asking import Asker
from bench.world import World
from scenario_network import ORG1

from medconsent_network.waiting import wait_for

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "client"


@pytest.fixture
def settings(scenarios: World) -> dict[str, str]:
    """The environment that the examples read."""
    caller = scenarios.caller(f"{ORG1}/scenario-user")
    named = {
        "FABRIC_ENDPOINT": caller.endpoint,
        "FABRIC_MSP": caller.msp,
        "FABRIC_WALLET": str(caller.certificate.parent),
        "FABRIC_TLS_ROOT": str(caller.tls_root),
        "FABRIC_CHANNEL": caller.channel,
        "FABRIC_CHAINCODE": "basic",
    }
    return {**os.environ, **named}


@pytest.fixture
def service(settings: Mapping[str, str]) -> Iterator[str]:
    """The web service, started as its first lines say; its address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--app-dir", EXAMPLES, "--port", str(port), "service:app"]
    running = subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: reachable(address), "the service", 30)
        yield address
    finally:
        running.terminate()
        _, said = running.communicate(timeout=20)
    assert "Traceback" not in said


def reachable(address: str) -> bool:
    """Whether somebody answers."""
    try:
        return requests.get(f"{address}/docs", timeout=5).ok
    except requests.ConnectionError:
        return False


def test_a_web_service(service: str) -> None:
    done = requests.put(f"{service}/values/served", json={"value": "by the ledger"}, timeout=30)
    assert done.status_code == 200
    assert done.json()["block"] > 0
    assert requests.get(f"{service}/values/served", timeout=30).json() == {"key": "served", "value": "by the ledger"}


def test_a_web_service_tells_what_is_on_the_ledger(service: str, scenarios: World) -> None:
    scenarios.consortium.stop(ORG1, "chaincode")
    try:
        refused = requests.get(f"{service}/values/served", timeout=60)
    finally:
        scenarios.consortium.start(ORG1, "chaincode")
    assert (refused.status_code, refused.json()["outcome"]) == (503, "not-committed")
    wait_for(lambda: requests.get(f"{service}/values/served", timeout=30).ok, "the chaincode", 60)


def test_a_worker_goes_on_where_it_stopped(
    settings: Mapping[str, str], acting: Callable[..., Asker], tmp_path: Path
) -> None:
    asker, handled = acting(ORG1, "basic"), tmp_path / "handled.json"
    before = asker.submit("event", "worker", "before it began")
    seen = worked(settings, handled, [before.transaction_id])
    missed = asker.submit("event", "worker", "while it was away")
    again = worked(settings, handled, [missed.transaction_id])
    assert before.transaction_id in seen
    assert again[0] == missed.transaction_id  # and nothing that was handled before
    assert not set(seen) & set(again)


def worked(settings: Mapping[str, str], handled: Path, until: list[str]) -> list[str]:
    """The transactions that a worker handles until it has those; it is then stopped."""
    command = [sys.executable, EXAMPLES / "worker.py", handled]
    seen: list[str] = []
    with subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        for line in running.stdout:
            seen.append(line.split()[1])
            if not set(until) - set(seen):
                running.send_signal(signal.SIGTERM)
                break
        seen += [line.split()[1] for line in running.stdout]
        assert (running.wait(20), running.stderr.read()) == (0, "")
    return seen


def test_the_page_s_code_runs(
    settings: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The Python of docs/client.md, in the order of the page."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    page = (EXAMPLES.parents[1] / "docs" / "client.md").read_text("utf-8")
    names: dict[str, object] = {}
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page, re.DOTALL)):
        exec(compile(block, f"block {number}", "exec"), names)  # noqa: S102 - our own page
    said = capsys.readouterr().out
    for told in ("b'blue'", "VALID scenario-user put ['asset-1']", "painted b'asset-2'", "not-committed UNKNOWN"):
        assert told in said


def test_a_notebook_with_a_running_loop(
    settings: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its cells one after the other in one loop that runs, with `await` at their top, as a kernel does it."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    notebook = json.loads((EXAMPLES / "notebook.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names: dict[str, object] = {}

    async def kernel() -> None:
        for number, cell in enumerate(cells):
            compiled = compile(cell, f"cell {number}", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            came = eval(compiled, names)  # noqa: S307 - our own notebook
            if inspect.isawaitable(came):
                await came

    asyncio.run(kernel())
    said = capsys.readouterr().out
    assert "hello in block" in said
    assert "20 transactions in" in said
    assert "VALID put ['from-a-notebook']" in said
