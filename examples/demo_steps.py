"""How the demo runs commands: the real program, as a user would, with the command and its output on the screen."""

import os
import re
import shlex
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

_COLOURS = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
_BLOCK = re.compile(r"^committed in block (\d+)", re.MULTILINE)
_START = time.monotonic()


class Unexpected(Exception):  # noqa: N818
    """A command that the rest of the demo stands on did not do what it should."""


@dataclass(frozen=True)
class Step:
    """One line of the table at the end."""

    what: str
    expected: str
    seen: str
    well: bool


@dataclass(frozen=True)
class Result:
    """What one run of the program printed, and its exit code."""

    code: int
    out: str
    err: str

    def named(self, label: str) -> str:
        """The value of a line `label  value` of the output.

        Raises:
            Unexpected: there is no such line.
        """
        found = re.search(rf"^{re.escape(label)} {{2,}}(\S+)", self.out, re.MULTILINE)
        if not found:
            raise Unexpected(f"no line {label!r} in:\n{self.out}")
        return found[1]


@dataclass
class Desk:
    """Runs `medconsent` for the people of the demo, all of whom have their contexts in one folder.

    Attributes:
        folder: where commands run; paths in them are relative to it.
        steps: what was expected and seen so far.
    """

    folder: Path
    steps: list[Step] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: tuple[str, str] = ("", "")  # the institution that wrote last, and the block

    def run(self, who: str, command: str, *, expect: int = 0) -> Result:
        """Run `medconsent COMMAND` as `who`, show it, and give what it printed.

        Raises:
            Unexpected: it did not end with the code `expect`.
        """
        result = self._show(who, command)
        if result.code != expect:
            raise Unexpected(f"`medconsent {command}` ended with {result.code} and not {expect}: {result.err.strip()}")
        return result

    def both(self, who: str, command: str, *, second: str) -> Result:
        """Run a command that widens something as `who`, and confirm as `second` what it proposed.

        Raises:
            Unexpected: it did not wait for a second officer, or one of the two commands failed.
        """
        proposal = self.run(who, command).named("proposal")[:12]
        return self.run(second, f"proposal confirm {proposal} --yes")

    def step(self, what: str, who: str, command: str, *, code: int = 0, says: str = "") -> Result:
        """Run a command that the table at the end has a line for: it must end with `code` and say `says`."""
        result = self._show(who, command)
        said = says in result.out + result.err
        self.steps.append(
            Step(
                what,
                expected=", ".join(part for part in (says, f"exit {code}") if part),
                seen=", ".join(part for part in (says if said else "", f"exit {result.code}") if part),
                well=result.code == code and said,
            )
        )
        return result

    def _show(self, who: str, command: str) -> Result:
        words = ["medconsent", *(["--context", who] if who else []), *shlex.split(command)]
        institution = who.partition("/")[0]
        writer, block = self._last
        if who and block and institution != writer:
            # Another institution wrote last: its block may not be at this one's peer yet.
            words += ["--wait-block", block]
        result = self._call(words[1:])
        if committed := _BLOCK.search(result.out):
            self._last = (institution, committed[1])
        shown = [bold(f"$ {shlex.join(words)}"), result.out.rstrip("\n"), result.err.rstrip("\n")]
        if result.code:
            shown.append(faint(f"[exit code {result.code}]"))
        with self._lock:
            say("\n".join(part for part in shown if part) + "\n")
        return result

    @property
    def environment(self) -> dict[str, str]:
        """What the program is run in."""
        return {
            **os.environ,
            "MEDCONSENT_HOME": str(self.folder / "contexts"),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }

    def _call(self, words: list[str]) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "medconsent_cli", *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)


def report(steps: list[Step]) -> bool:
    """Print the table at the end; whether every step went as it should."""
    rows = [("step", "expected", "seen"), *((step.what, step.expected, step.seen) for step in steps)]
    width = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join(f"{text:<{width[column]}}" for column, text in enumerate(row)) for row in rows]
    say(bold(lines[0].upper()))
    for step, line in zip(steps, lines[1:], strict=True):
        say(f"{line}  {'ok' if step.well else bold('NOT AS EXPECTED')}")
    say()
    return all(step.well for step in steps)


def chapter(title: str) -> None:
    """A heading, with the seconds since the start."""
    say(f"{bold(f'== {title}')} {faint(f'({time.monotonic() - _START:.0f} s)')}\n")


def say(text: str = "") -> None:
    """Text, at once."""
    print(text, flush=True)


def bold(text: str) -> str:
    """Bold on a terminal."""
    return f"\033[1m{text}\033[0m" if _COLOURS else text


def faint(text: str) -> str:
    """Faint on a terminal."""
    return f"\033[2m{text}\033[0m" if _COLOURS else text
