"""The commands of the pages for each job (docs/jobs) run, by the people whose jobs they are, one after the other.

Each person sits at a terminal of their own and answers `y` to what is asked.
"""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scenario import SECOND, Cast

PAGES = Path(__file__).parents[2] / "docs" / "jobs"
_PART = re.compile(r"^#+ ([^\n]+)$|^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def parts(page: str) -> dict[str, list[tuple[str, str]]]:
    """What is to be run on a page, by the heading that it stands below: (language, text)."""
    found: dict[str, list[tuple[str, str]]] = {}
    heading = ""
    for match in _PART.finditer((PAGES / page).read_text(encoding="utf-8")):
        heading = match[1] or heading
        if match[2]:
            found.setdefault(heading, []).append((match[2], match[3]))
    return found


@dataclass
class Story:
    """The people at their terminals, and what they have in front of them (`$REQUEST` ...)."""

    cast: Cast
    folder: Path
    seen: dict[str, str] = field(default_factory=dict)
    done: set[tuple[str, str]] = field(default_factory=set)
    homes: dict[str, Path] = field(default_factory=dict)

    def at(self, who: str) -> Path:
        """The folder that somebody works in."""
        place = self.folder / who
        if not place.is_dir():
            place.mkdir()
            (place / ".network").symlink_to(self.cast.network.folder)
        return place

    def run(self, who: str, page: str, heading: str, *codes: int, **seen: str) -> str:
        """What `who` sees after what stands below a heading; each part ends with 0, or with the code given for it."""
        self.done.add((page, heading))
        told = ""
        for at, (language, text) in enumerate(parts(page)[heading]):
            command = [sys.executable, "-c", text] if language == "python" else ["bash", "-eu", "-c", text]
            ran = self._at_a_terminal(command, who, {**self.seen, **seen})
            wanted = codes[at] if at < len(codes) else 0
            assert ran.returncode == wanted, f"{who}, {page}, {heading}:\n{text}\n{ran.stdout}\n{ran.stderr}"
            assert "Traceback" not in ran.stderr, ran.stderr
            told += ran.stdout
        return told

    def _at_a_terminal(self, command: list[str], who: str, seen: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        ours, theirs = pty.openpty()
        try:
            os.write(ours, b"y\n" * 8)
            return subprocess.run(
                command,
                cwd=self.at(who),
                env={
                    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                    "HOME": str(self.folder),
                    "MEDCONSENT_HOME": str(self.homes.get(who, self.at(who) / "contexts")),
                    "MEDCONSENT_NETWORK": str(self.cast.network.folder),
                    **seen,
                },
                stdin=theirs,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        finally:
            os.close(ours)
            os.close(theirs)

    def ask(self, who: str, *arguments: str) -> Any:
        """What the program answers them in JSON: to know what they have in front of them."""
        ran = self._at_a_terminal(["medconsent", "--json", *arguments], who, {})
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    def hands_over(self, who: str) -> None:
        """IT gives somebody their two files."""
        institution = "saerom" if who in {"rs-1", "app-1"} else "nuri"
        here = self.at(who)
        (here / f"{who}.secret").write_text((self.at(f"it-{institution}") / f"{who}.secret").read_text())
        profile = self.cast.network.home(institution).path / "connection.json"
        (here / "connection.json").write_bytes(profile.read_bytes())

    def arrives(self, who: str) -> str:
        """Somebody gets their files and their identity, and announces their key: its fingerprint."""
        self.hands_over(who)
        told = self.run(who, "README.md", "First of all: your identity", ME=who)
        fingerprint = re.search(r"--key ([0-9a-f]{64})\b", told)
        assert fingerprint, told
        return fingerprint[1]

    def second(self, *arguments: str, exit_code: int | None = 0) -> None:
        """The officer of nuri who was there before, and confirms what waits."""
        self.cast.people[f"nuri/{SECOND}"].alone(*arguments, exit_code=exit_code)

    def waiting(self) -> str:
        """The newest proposal of nuri that waits."""
        found = self.cast.people[f"nuri/{SECOND}"].alone("--json", "proposal", "list", "--waiting").json
        return str(found["items"][0]["proposal"]["record"]["id"])

    def newest(self, who: str, noun: str) -> str:
        return str(self.ask(who, noun, "list", "--limit", "1")["items"][0][noun]["record"]["id"])


@pytest.fixture
def story(cast: Cast, tmp_path: Path) -> Iterator[Story]:
    told = Story(cast, tmp_path)
    told.homes["operator-1"] = cast.people["nuri/operator-1"].home
    yield told
    told.second("committee", "set", "dac", "--nobody", "--yes", exit_code=None)
    cast.people["nuri/operator-1"].alone("institution", "set", *cast.described("nuri"), exit_code=None)


def test_each_job_in_its_order(story: Story) -> None:
    cast, seen = story.cast, story.seen
    # IT makes people known.
    for heading in ("Run the servers", "Become the registrar", "Make people known"):
        story.run("it-nuri", "it.md", heading)
    for who, role in (("rs-1", "researcher"), ("app-1", "gateway")):
        secret = story.at("it-saerom") / f"{who}.secret"
        cast.registrar("saerom").run("identity", "register", who, "--role", role, "--secret-out", str(secret))
    seen["OPERATOR_KEY"] = story.arrives("op-1")
    seen["STEWARD_KEY"], seen["PRIVACY_KEY"] = story.arrives("st-1"), story.arrives("pv-1")
    seen["DA1_KEY"], seen["DA2_KEY"] = story.arrives("da-1"), story.arrives("da-2")
    for who in ("au-1", "rs-1"):
        story.arrives(who)

    # The institution was founded by others: so its new officers wait for one of those.
    story.second("person", "admit", "op-1", "--key", seen["OPERATOR_KEY"])
    story.second("person", "admit", "st-1", "--key", seen["STEWARD_KEY"])
    story.second("person", "admit", "pv-1", "--key", seen["PRIVACY_KEY"])
    story.run("operator-1", "it.md", "Write the institution's record")
    story.second("proposal", "confirm", story.waiting(), "--yes")

    steward, privacy, member, researcher, auditor = (
        f"{page}.md" for page in ("steward", "privacy-officer", "member", "researcher", "auditor")
    )
    story.run("st-1", steward, "Seat a committee", 0, 5)  # seats wait: the committee is not there yet
    assert "da-1" in story.run("pv-1", privacy, "Confirm what another officer did", PROPOSAL=story.waiting()[:6])
    story.run("st-1", steward, "Write a policy")
    story.run("st-1", steward, "Publish a dataset")
    story.run("pv-1", privacy, "Say what data rests on")
    story.run("pv-1", privacy, "Say how it was de-identified")

    # A researcher asks, is told to say more, and is granted it.
    (story.at("rs-1") / "visits").symlink_to(story.at("st-1") / "visits")
    assert "nuri/visits" in story.run("rs-1", researcher, "Find data")
    story.run("rs-1", researcher, "Ask what the policy would say")
    story.run("rs-1", researcher, "Ask for it")
    second, first = (
        it["request"]["record"]["id"] for it in story.ask("rs-1", "request", "list", "--limit", "2")["items"]
    )
    seen["REQUEST"] = str(first)[:6]
    story.run("rs-1", researcher, "See whom it waits for")
    assert seen["REQUEST"] in story.run("da-1", member, "See what waits for you")
    story.run("da-2", "README.md", "Then, on any day")
    story.run("da-1", member, "Read a request")
    story.run("da-2", member, "Give it back for changes")
    story.run("rs-1", researcher, "Change it")
    for who in ("da-1", "da-2"):
        story.run(who, member, "Vote")
    story.run("da-1", member, "While you are away")
    seen["GRANT"] = story.newest("rs-1", "grant")
    assert "permit" in story.run("rs-1", researcher, "Use what was granted")

    # Somebody withdraws; there is an incident; programs and auditors look on.
    story.run("pv-1", privacy, "Somebody withdraws")
    story.second("proposal", "confirm", story.waiting(), "--yes")
    story.run("pv-1", privacy, "Stop a grant for a while")
    story.second("proposal", "confirm", story.waiting(), "--yes")
    story.run("pv-1", privacy, "An emergency")
    story.run("pv-1", privacy, "The record that a regulator asks for")
    (story.at("au-1") / "ca-cert.pem").write_bytes(cast.network.home("nuri").ca_certificate("ca").read_bytes())
    for heading in parts(auditor):
        story.run("au-1", auditor, heading)
    story.hands_over("app-1")
    for heading in parts("developer.md"):
        story.run("app-1", "developer.md", heading, ME="app-1")

    # Two grants end, one by who held it, one by its owner.
    story.run("rs-1", researcher, "Give it back")
    for who in ("da-1", "da-2"):
        story.run(who, member, "Vote", REQUEST=str(second))
    story.run("st-1", steward, "See what is going on")
    story.run("st-1", steward, "Narrow a policy")
    story.run("st-1", steward, "Take back a grant", GRANT=story.newest("rs-1", "grant"))
    story.run("st-1", steward, "Take away a seat")
    story.run("it-nuri", "it.md", "When somebody leaves", LEAVER="da-2")
    story.run("it-nuri", "it.md", "Every month")

    written = {(page.name, heading) for page in PAGES.glob("*.md") for heading in parts(page.name)}
    assert story.done == written
