"""People at their own computers: each runs the real `medconsent` program with a configuration folder of their own."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# What `medconsent --help` documents.
DONE, FAULT, USAGE, DENY, REVIEW, REFUSED, UNREACHABLE, UNKNOWN, DIFFERS, ALARM = range(10)


_WAITS = re.compile(r"next: .*proposal confirm (?P<id>[0-9a-f]+)")
"""What the program says to a person of an act that waits for a second officer."""


@dataclass(frozen=True)
class Ran:
    """What one run of the program did."""

    command: list[str]
    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def proposal(self) -> str | None:
        """The proposal that came of an act that waits for a second officer."""
        if "--json" not in self.command:
            waits = _WAITS.search(self.stdout)
            return waits["id"] if waits else None
        try:
            told = json.loads(self.stdout)
        except json.JSONDecodeError:  # nothing, or an object on each line
            return None
        waiting = told.get("proposal") if isinstance(told, dict) and "transaction_id" in told else None
        return str(waiting["id"]) if waiting and waiting.get("status", "proposed") == "proposed" else None

    @property
    def error(self) -> dict[str, Any]:
        """The error object that `--json` prints."""
        return json.loads(self.stderr)["error"]  # type: ignore[no-any-return]

    def __str__(self) -> str:
        return f"$ medconsent {' '.join(self.command)}\n[exit {self.exit_code}]\n{self.stdout}\n{self.stderr}"


@dataclass(frozen=True)
class Person:
    """One person's computer: `home` holds their contexts and nothing else."""

    name: str
    home: Path
    second: "Person | None" = None
    """The officer who confirms what this person does that waits for one."""

    def run(self, *arguments: str, exit_code: int | None = DONE, stdin: str = "") -> Ran:
        """`alone`, and what waits for a second officer is confirmed by one: then it is what was done."""
        ran = self.alone(*arguments, exit_code=exit_code, stdin=stdin)
        proposal = None if self.second is None or "proposal" in arguments else ran.proposal
        if self.second is None or proposal is None:
            return ran
        if "--json" not in arguments:
            return self.second.alone("proposal", "confirm", proposal, "--yes")
        confirmed = self.second.alone("--json", "proposal", "confirm", proposal, "--yes")
        told = confirmed.json
        done = {**told["done"], "transaction_id": told["transaction_id"], "block": told["block"]}
        return replace(confirmed, stdout=json.dumps(done))

    def alone(self, *arguments: str, exit_code: int | None = DONE, stdin: str = "") -> Ran:
        """Run the program and insist on its exit code, unless that is None."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MEDCONSENT_")}
        environment |= {"MEDCONSENT_HOME": str(self.home), "NO_COLOR": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "medconsent_cli", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
            check=False,
        )
        ran = Ran(list(arguments), done.returncode, done.stdout, done.stderr)
        assert exit_code in (None, ran.exit_code), f"expected exit {exit_code}\n{ran}"
        assert "Traceback" not in ran.stderr, str(ran)
        return ran

    def json(self, *arguments: str, exit_code: int = DONE, stdin: str = "") -> Any:
        return self.run("--json", *arguments, exit_code=exit_code, stdin=stdin).json

    def refused(self, code: str, *arguments: str, exit_code: int = REFUSED, stdin: str = "") -> dict[str, Any]:
        """Run something that the contract must refuse with `code`; the error object."""
        ran = self.run("--json", *arguments, exit_code=exit_code, stdin=stdin)
        assert ran.error["code"] == code, str(ran)
        assert ran.error["message"], str(ran)
        return ran.error
