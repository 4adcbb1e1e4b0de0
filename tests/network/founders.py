"""Institutions that found a consortium: each has a folder of its own, and gets of the others what they hand over."""

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from medconsent_network.consortium import Consortium
from medconsent_network.founding import papers, rounds
from medconsent_network.home import Home
from medconsent_network.main import main
from medconsent_network.membership import delta, updates
from medconsent_network.membership.updates import Change
from medconsent_network.supervisor import Supervisor

FILE = """\
fabric: {{version: {version}}}
ordering: {{batch_timeout: {batch_timeout}}}
membership: {{quorum: {quorum}}}
institutions:
  - {{name: {name}, title: {title}, country: KR, host: {host}, port_base: {base}}}
"""


@dataclass(frozen=True)
class Founder:
    """One institution: `folder` has its home in `homes` and its papers in `desk`; nobody else works in there."""

    name: str
    folder: Path

    @property
    def homes(self) -> Path:
        return self.folder / "homes"

    @property
    def desk(self) -> Path:
        return self.folder / "desk"

    @property
    def home(self) -> Home:
        return Home.open(self.homes / self.name)

    def write_file(
        self, base: int, *, host: str = "127.0.0.1", version: str = "3.1.1", quorum: str = "all", batch: str = "200ms"
    ) -> Path:
        """The institution's own file."""
        self.desk.mkdir(parents=True, exist_ok=True)
        file = self.desk / f"{self.name}.yaml"
        title = self.name.title()
        text = FILE.format(
            name=self.name, title=title, host=host, base=base, version=version, quorum=quorum, batch_timeout=batch
        )
        file.write_text(text)
        return file

    def run(self, *arguments: str | Path, exit_code: int = 0) -> Result:
        """Run `medconsent-network` for this institution's home, and insist on the exit code."""
        ran = CliRunner().invoke(main, [str(one) for one in (*arguments, "--homes", self.homes)])
        assert ran.exit_code == exit_code, f"{self.name}: {arguments}\n{ran.output}\n{ran.exception!r}"
        return ran

    def refused(self, code: str, *arguments: str | Path) -> str:
        """Run it, and insist on the refusal `code`; what it said."""
        ran = self.run(*arguments, exit_code=1)
        assert f"error {code}: " in ran.stderr, ran.output
        return ran.stderr

    def init(self, base: int, **terms: str) -> None:
        """Make its home."""
        self.run("home", "init", self.write_file(base, **terms))

    def bundle(self) -> Path:
        """Its public bundle, on its desk."""
        path = self.desk / f"{self.name}.bundle.json"
        self.run("home", "bundle", "--out", path)
        return path

    def send(self, paper: Path, *others: "Founder") -> None:
        """Give the others a copy of a paper: the one thing that goes from one institution to another."""
        for other in others:
            shutil.copy(paper, other.desk / paper.name)

    def end(self) -> None:
        """Stop whatever of it runs."""
        with suppress(Exception):
            Supervisor(self.home).shutdown()


def rewritten(paper: Path, to: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    """A paper with another content, and the digest of that."""
    document = json.loads(paper.read_text())
    kind = document.pop("medconsent")
    del document["format"], document["sha256"]
    edit(document)
    papers.write(to, kind, document)
    return to


def spoiled(by: Founder, change: Path, edit: Change, to: Path) -> Path:
    """The change that somebody wrote down, and what `edit` does, in one."""
    config = rounds.current(by.home)
    after = delta.applied(config, papers.read(change, rounds.UPDATE).data("update"))
    edit(after)

    def whole(edited: Any) -> None:
        edited.channel_group.CopyFrom(after.channel_group)

    spec = by.home.spec
    update = updates.compute(config, whole, channel=spec.channel, fabric_version=spec.fabric_version)
    return rewritten(change, to, partial(dict.update, update=papers.packed(update)))


def exchange_bundles(founders: Sequence[Founder]) -> None:
    """Everybody gives their bundle to everybody, and admits what they got."""
    for one in founders:
        one.send(one.bundle(), *(other for other in founders if other is not one))
    for one in founders:
        one.run("home", "admit", *(one.desk / f"{other.name}.bundle.json" for other in founders if other is not one))


def as_network(folder: Path, founders: Sequence[Founder]) -> Consortium:
    """The homes of the founders as one network, for the tools of the tests that enrol people and ask."""
    homes = [one.home for one in founders]
    return Consortium(folder, homes[0].spec, homes)


def agreed(by: Founder, signing: Sequence[Founder], what: str, name: str) -> Path:
    """A change that everybody has looked at and signed; the signatures are on the desk of who wrote it down."""
    change = by.desk / f"{what}-{name}.json"
    by.run(f"org-{what}", name, "--out", change)
    by.send(change, *(one for one in signing if one is not by))
    for one in signing:
        assert name in one.run("channel", "inspect", one.desk / change.name).stdout
        if one is signing[-1]:  # one is missing yet
            ran = by.run("channel", "submit", change, *signatures(by, change), exit_code=1)
            assert f"error NOT_SIGNED: {len(signing) - 1} of the {len(signing)} signatures" in ran.stderr
            assert one.name in ran.stderr.partition("not signed yet: ")[2]
        mine = one.desk / f"{change.stem}.{one.name}.json"
        one.run("channel", "sign", one.desk / change.name, "--yes", "--out", mine)
        if one is not by:
            one.send(mine, by)
    return change


def signatures(by: Founder, change: Path) -> list[Path]:
    """Those that are on somebody's desk."""
    return sorted(by.desk.glob(f"{change.stem}.*.json"))
