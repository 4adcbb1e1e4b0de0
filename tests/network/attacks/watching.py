"""hanbit's watcher as its home runs it, and what it found."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from people import Person

from medconsent_network.consortium import Consortium
from medconsent_network.home import Home

# A peer that lacks the private data of a forged seal looks for it for a minute, and goes on only then.
PATIENCE = 100.0


def at_home(network: Consortium, name: str, folder: Path) -> Person:
    """Somebody who is enrolled there, at a computer of their own with the program."""
    institution, person = name.split("/")
    computer, msp = Person(name, folder / institution / person), network.folder / "wallets" / institution / person
    profile = network.home(institution).connection_profile
    computer.run("context", "add", name, "--profile", str(profile), "--msp", str(msp))
    return computer


@dataclass(frozen=True)
class Watched:
    """A home with a watcher beside its peer, and the operator who looks after it."""

    home: Home
    operator: Person

    @property
    def folder(self) -> Path:
        return self.home.path / "watch"

    def run(self, command: str, *arguments: str, exit_code: int | None) -> Any:
        """`medconsent watch COMMAND` on the home's watcher; its JSON."""
        words = ("--json", "watch", command, "--folder", str(self.folder), *arguments)
        return self.operator.run(*words, exit_code=exit_code).json

    def entries(self) -> list[dict[str, Any]]:
        """Everything in the journal."""
        return list(self.run("status", exit_code=None)["entries"])

    def metrics(self) -> str:
        """What the node's collector would read."""
        return (self.folder / "metrics.prom").read_text()

    def wait_for(self, code: str, transaction: str = "", about: str = "") -> dict[str, Any]:
        """The newest finding of a kind (in a transaction, about something), once it is there."""
        for entries in self._looking():
            found = [
                one
                for one in entries
                if one["code"] == code and transaction in ("", one["transaction"]) and about in ("", one["about"])
            ]
            if found:
                return found[-1]
        raise AssertionError(f"no {code} in {json.dumps(self.entries(), indent=1)}")

    def accept_all(self) -> None:
        """Accept whatever keeps decisions closed."""
        standing = [one["id"] for one in self.entries() if one["closes"] and not one["accepted"]]
        self.run("accept", *standing, "--reason", "a test goes on", exit_code=0)

    def _looking(self) -> Iterator[list[dict[str, Any]]]:
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            yield self.entries()
            time.sleep(0.3)
