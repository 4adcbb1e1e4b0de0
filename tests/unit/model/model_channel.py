"""The real contract on a channel in memory (chaincode/cmd/modelled): a process that is spoken to in lines of JSON."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
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
    """With the roles of the certificate: ``nuri/kim:researcher``."""
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


@dataclass(frozen=True)
class Outcome:
    """What became of a transaction."""

    code: str
    tx: str = ""
    answer: Any = None
    refusal: dict[str, Any] = field(default_factory=dict)
    writes: dict[str, str | None] = field(default_factory=dict)


class Channel:
    """A channel of three institutions, of which some are dishonest."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self) -> None:
        self._process.communicate(timeout=10)

    def begin(self, name: str = "", dishonest: Sequence[str] = ()) -> None:
        """Begin a history with an empty channel, or one that was kept under a name."""
        self._send(do="begin", name=name, dishonest=list(dishonest))

    def keep(self, name: str) -> None:
        self._send(do="keep", name=name)

    def call(self, call: Call, *, hold: bool = False) -> Outcome:
        """Simulate and commit, or hold back what was endorsed."""
        answer = self._send(
            do="call",
            who=call.who,
            function=call.function,
            argument=call.argument,
            at=call.at,
            clock=call.clock,
            endorsers=list(call.endorsers),
            altered=call.altered,
            leave=list(call.leave),
            hold=hold,
        )
        return Outcome(**answer)

    def commit(self, tx: str) -> Outcome:
        """Hand in what was held back."""
        return Outcome(**self._send(do="commit", tx=tx))

    def write(self, operations: Sequence[dict[str, Any]], endorsers: Sequence[str]) -> Outcome:
        """Write past every rule, with the signatures of dishonest institutions."""
        return Outcome(**self._send(do="write", operations=list(operations), endorsers=list(endorsers)))

    def ask(self, at: int, *questions: tuple[str, str, dict[str, Any]]) -> list[Outcome]:
        """What a peer answers to each ``(who, function, argument)`` at a moment."""
        calls = [{"who": who, "function": function, "argument": argument} for who, function, argument in questions]
        return [Outcome(**answer) for answer in self._send(do="ask", at=at, clock=at, calls=calls)]

    def _send(self, **command: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "fault" not in answer, f"{answer} for {command}"
        return answer
