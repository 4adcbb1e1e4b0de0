"""The load clients: each is a process of its own, so that its processor time can be told from everyone else's.

All take the same flags, read arguments (one JSON object a line) on stdin, and print one JSON report.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Caller:
    """A person and the gateway they call. The files hold PEM."""

    endpoint: str
    server_name: str
    tls_root: Path
    msp: str
    certificate: Path
    key: Path
    channel: str
    chaincode: str

    def flags(self) -> list[str]:
        """The flags that say so to a load client."""
        named = {
            "endpoint": self.endpoint,
            "server-name": self.server_name,
            "tls-root": self.tls_root,
            "msp": self.msp,
            "cert": self.certificate,
            "key": self.key,
            "channel": self.channel,
            "chaincode": self.chaincode,
        }
        return [part for name, value in named.items() for part in (f"--{name}", str(value))]


@dataclass(frozen=True)
class Work:
    """A function called by submit or evaluate, with which organizations, with these arguments round and round."""

    operation: Literal["submit", "evaluate"]
    function: str
    orgs: tuple[str, ...]
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What a load client measured: successes only, after the warm-up. Times in seconds, latencies in milliseconds.

    Memory is the most that the process had in its whole life, in MiB (Linux only; else 0).
    """

    successes: int
    failures: int
    seconds: float
    cpu_seconds: float
    p50_ms: float
    p99_ms: float
    errors: dict[str, int]
    memory_mb: float = 0.0

    @property
    def rate(self) -> float:
        """Successes a second."""
        return self.successes / self.seconds

    @property
    def cpu_ms(self) -> float:
        """The client's processor time for one success, in milliseconds."""
        return self.cpu_seconds * 1000 / self.successes

    def __str__(self) -> str:
        lost = f", {self.failures} failed {self.errors}" if self.failures else ""
        took = f"p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms"
        return f"{self.rate:7.0f} /s, {self.cpu_ms:.3f} ms cpu, {took}{lost}"


@dataclass(frozen=True)
class LoadClient:
    """A program that makes calls."""

    name: str
    command: tuple[str, ...]
    path: Path | None = None
    """A folder in which Python looks for modules first."""

    def load(self, caller: Caller, work: Work, *, calls: int, callers: int, warmup: int) -> Report:
        """Run one round. Raises RuntimeError when the client gives no report or nothing succeeded."""
        plan = {"operation": work.operation, "function": work.function, "orgs": ",".join(work.orgs)}
        plan |= {"calls": str(calls), "callers": str(callers), "warmup": str(warmup)}
        flags = [part for name, value in plan.items() for part in (f"--{name}", value)]
        environment = {**os.environ, "PYTHONPATH": str(self.path)} if self.path else None
        done = subprocess.run(
            [*self.command, *caller.flags(), *flags],
            input="\n".join(work.arguments),
            capture_output=True,
            text=True,
            cwd=_HERE.parent,
            env=environment,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name} ended with {done.returncode}: {done.stdout}{done.stderr}")
        report = Report(**json.loads(done.stdout))
        if not report.successes:
            raise RuntimeError(f"{self.name}: all {report.failures} calls failed: {report.errors}")
        return report


def go_client(program: Path) -> LoadClient:
    """The official Go Gateway SDK."""
    return LoadClient("go", (str(program), "load"))


def python_client(style: Literal["asyncio", "threads"]) -> LoadClient:
    """Our SDK: the asyncio client, or the blocking one with a thread for each caller."""
    return LoadClient(f"python-{style}", (sys.executable, "-m", "bench.python_load", "--style", style))


def node_client(program: Path) -> LoadClient:
    """The official Gateway SDK for Node."""
    return LoadClient("node", ("node", str(program)))


def moe_client(folder: Path) -> LoadClient:
    """moe-fabric-gateway, which is in this folder."""
    return LoadClient("moe", (sys.executable, "-m", "bench.python_load", "--style", "moe"), folder)


@dataclass(frozen=True)
class GoGateway:
    """Single calls through the official Go Gateway SDK."""

    program: Path

    def submit(self, caller: Caller, function: str, argument: dict[str, Any], orgs: Sequence[str]) -> dict[str, Any]:
        """Submit and wait for the commit: ``{"result", "tx", "block"}``. Raises :class:`GoRefused`."""
        return self._call("submit", caller, function, argument, orgs)

    def evaluate(self, caller: Caller, function: str, argument: dict[str, Any], orgs: Sequence[str]) -> dict[str, Any]:
        """Evaluate: ``{"result"}``. Raises :class:`GoRefused`."""
        return self._call("evaluate", caller, function, argument, orgs)

    def _call(
        self, operation: str, caller: Caller, function: str, argument: object, orgs: Sequence[str]
    ) -> dict[str, Any]:
        flags = ["--function", function, "--orgs", ",".join(orgs)]
        done = subprocess.run(
            [str(self.program), operation, *caller.flags(), *flags],
            input=json.dumps(argument),
            capture_output=True,
            text=True,
            check=False,
        )
        if not done.stdout:
            raise RuntimeError(f"{self.program.name} ended with {done.returncode}: {done.stderr}")
        answer: dict[str, Any] = json.loads(done.stdout)
        if "error" in answer:
            raise GoRefused(answer)
        return answer


class GoRefused(Exception):  # noqa: N818 - an answer as good as any other
    """The Go SDK reported an error; ``report`` is all it said."""

    def __init__(self, report: dict[str, Any]) -> None:
        super().__init__(report["error"])
        self.report = report

    @property
    def refusal(self) -> dict[str, Any]:
        """The contract's own refusal (``code``, ``message`` ...), from the first endorser that gave one."""
        for text in [*(d["message"] for d in self.report.get("details", [])), self.report["error"]]:
            _, found, rest = text.partition("chaincode response 500, ")
            if found:
                answer: dict[str, Any] = json.JSONDecoder().raw_decode(rest)[0]
                return answer
        return {}
