"""The real contract on a channel in memory (chaincode/cmd/modelled): a process that is spoken to in lines of JSON."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from medconsent_network.progress import SILENT
from medconsent_network.tools.build import compiler
from medconsent_network.tools.toolchain import build_folder

CHAINCODE = Path(__file__).parents[3] / "chaincode"
INSTITUTIONS = ("hanbit", "nuri", "saerom")

VALID = "VALID"
REFUSED = "REFUSED"
HELD = "HELD"


def build() -> Path:
    """Build the program with the toolchain that the chaincode is built with; its path."""
    program = build_folder() / "tests" / "modelled"
    command: list[str | Path] = [compiler(build_folder(), SILENT), "build", "-o", program, "./cmd/modelled"]
    built = subprocess.run(
        command, cwd=CHAINCODE, env={**os.environ, "GOWORK": "off"}, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    return program


@dataclass(frozen=True)
class Call:
    """A transaction as somebody proposes it, and how it reaches the channel."""

    who: str
    """With the roles of the certificate: ``nuri/kim:researcher``. Where somebody else has the key, whose:
    ``nuri/kim:researcher#nuri/registrar``.
    """
    function: str
    argument: dict[str, Any]
    at: int
    """What the client says the time is."""
    clock: int
    """What the endorsers' clocks say."""
    endorsers: Sequence[str] = INSTITUTIONS
    altered: bool = False
    """Whether the endorsers' own chaincode makes the result. Honest institutions sign no such thing."""
    leave: Sequence[str] = ()
    """What altered chaincode leaves out of it."""

    @property
    def institution(self) -> str:
        return self.who.partition("/")[0]

    @property
    def person(self) -> str:
        return self.who.partition(":")[0]

    @property
    def signer(self) -> str:
        """Whose key it is."""
        return self.who.partition("#")[2] or self.person


@dataclass(frozen=True)
class Outcome:
    """What became of a transaction."""

    code: str
    tx: str = ""
    answer: Any = None
    refusal: dict[str, Any] = field(default_factory=dict)
    writes: dict[str, str | None] = field(default_factory=dict)


def calling(call: Call, *, hold: bool = False) -> dict[str, Any]:
    """The command that simulates and commits, or holds back what was endorsed."""
    return {"do": "call", "hold": hold, **{f.name: getattr(call, f.name) for f in fields(call)}}


def committing(tx: str) -> dict[str, Any]:
    """The command that hands in what was held back."""
    return {"do": "commit", "tx": tx}


def writing(operations: Sequence[dict[str, Any]], endorsers: Sequence[str]) -> dict[str, Any]:
    """The command that writes past every rule, with the signatures of dishonest institutions."""
    return {"do": "write", "operations": list(operations), "endorsers": list(endorsers)}


def asking(at: int, who: str, function: str, arguments: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The command that asks a peer at a moment, when something has changed since it was asked last."""
    calls = [{"who": who, "function": function, "argument": argument} for argument in arguments]
    return {"do": "ask", "at": at, "clock": at, "calls": calls, "changed": True}


class Channel:
    """A channel of three institutions, of which some are dishonest."""

    def __init__(self, program: Path) -> None:
        environment = {**os.environ, "GOGC": "400"}  # its memory is small, and half of its time went into collecting it
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def close(self) -> None:
        self._process.communicate(timeout=10)

    def begin(self, name: str = "", dishonest: Sequence[str] = ()) -> None:
        """Begin a history with an empty channel, or one that was kept under a name."""
        self._send(do="begin", name=name, dishonest=list(dishonest))

    def keep(self, name: str) -> None:
        self._send(do="keep", name=name)

    def all(self, commands: Sequence[dict[str, Any]]) -> list[Any]:
        """What comes of each of some commands, one after the other, in one line: the other process is far away on a
        busy machine.
        """
        answers: list[Any] = self._send(do="all", commands=list(commands))
        return answers

    def _send(self, **command: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "fault" not in answer, f"{answer} for {command}"
        return answer
