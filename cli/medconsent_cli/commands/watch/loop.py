"""What a run of the watcher tells: its findings as they come, how far it is, and how it ended."""

import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent._internal.words import counted
from medconsent.contexts import Contexts
from medconsent.fabric.trust import Authority
from medconsent.services.runtime.loop import Runtime
from medconsent.services.runtime.server import parse_address
from medconsent.services.watch.journal import Entry
from medconsent.services.watch.service import Listener, Outcome, Settings, Watcher
from medconsent.watch.scope import Scope
from medconsent_cli.app import output
from medconsent_cli.app.progress import FIRST_AFTER

if TYPE_CHECKING:
    from medconsent_cli.app.state import App


def judge(app: "App", authority: Authority, chaincode: str, folder: Path, options: dict[str, Any]) -> int:
    """Run the watcher as the options of `watch ledger` say; how many findings keep decisions closed at its end.

    Args:
        app: The settings of this run.
        authority: The institution's own roots.
        chaincode: The chaincode's name on the channel.
        folder: Where the watcher keeps its journal.
        options: Those of `watch ledger`, by their names.

    Raises:
        click.UsageError: metrics cannot be served at the address that was given.
    """
    progress = Progress(quiet=app.json)
    watcher = Watcher(
        authority,
        chaincode,
        folder,
        Settings(
            begin=int(options["begin"]) if options["begin"].isdigit() else options["begin"],
            genesis=options["genesis"],
            compare=options["compare"],
            beat=options["beat"],
        ),
        Listener(
            found=lambda entry: _tell(app, progress, entry),
            judged=progress.at,
            unreached=lambda why: progress.say(f"one's own peer is not reached, and is asked again: {why}"),
        ),
    )
    try:
        address = parse_address(options["metrics"]) if options["metrics"] else None
        runtime = Runtime(watcher, every=options["every"], address=address, file=options["metrics_file"])
    except ValueError as error:
        raise click.UsageError(f"--metrics: {error}.") from None
    with runtime:
        try:
            if options["blocks"]:
                outcome = watcher.files(options["blocks"], runtime)
            else:
                outcome = watcher.peer(Contexts().get(app.context), runtime, once=options["once"])
        finally:
            progress.end()
        _ended(app, outcome, people=options["once"] or options["blocks"])
    return outcome.standing


def _tell(app: "App", progress: "Progress", entry: Entry) -> None:
    """The event: one line."""
    if app.json:
        click.echo(json.dumps({"event": "finding", **entry.to_json()}, separators=(",", ":")))
        sys.stdout.flush()
    else:
        progress.end()
        mark = "ALARM" if entry.open else "note"
        text = f"{entry.at}  {mark}  {entry.finding.id}  {entry.finding.code}  {entry.finding.sentence}"
        output.line(output.safe(text))


def _ended(app: "App", outcome: Outcome, *, people: bool) -> None:
    if app.json:
        told = {
            "event": "judged",
            "next": outcome.next,
            "findings": len(outcome.entries),
            "open": outcome.standing,
        }
        click.echo(json.dumps(told, separators=(",", ":")))
    elif people:
        output.line(f"{counted(outcome.next, 'block')} judged; {_standing(outcome.standing)}")
        if outcome.entries:
            rows(outcome.entries)


class Progress:
    """Which block is judged, on stderr, when it takes longer than two seconds."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._due = time.monotonic() + FIRST_AFTER
        self._open = False
        self._said = ""

    def at(self, number: int) -> None:
        """Block ``number`` was judged."""
        now = time.monotonic()
        if not self._quiet and now >= self._due:
            self._due = now + (1.0 if self._terminal else 10.0)
            self._print(f"judged up to block {number}", end="" if self._terminal else "\n")
            self._open = self._terminal

    def say(self, text: str) -> None:
        """Something that is said once, until something else is."""
        if not self._quiet and text != self._said:
            self._said = text
            self._print(text, end="\n")

    def end(self) -> None:
        """Clear the line, on a terminal."""
        if self._open:
            self._print("\033[K", end="")
            self._open = False

    def _print(self, text: str, *, end: str) -> None:
        print(f"\r{text}" if self._terminal else text, end=end, file=sys.stderr, flush=True)


def rows(entries: Iterable[Entry]) -> None:
    """The findings for people: a table, and below it what each says and what to do."""
    entries = list(entries)
    output.table(
        ["finding", "code", "block", "found", "state"],
        [
            [
                entry.finding.id,
                entry.finding.code,
                "" if entry.finding.block is None else entry.finding.block,
                entry.at,
                _state(entry),
            ]
            for entry in entries
        ],
    )
    for entry in entries:
        if entry.open:
            output.line()
            output.line(output.safe(f"{entry.finding.id} {entry.finding.code}: {entry.finding.sentence}"))
            output.line(f"  what to do: {entry.finding.kind.advice}")


def one_code(entries: Sequence[Entry], *, others: int) -> None:
    """Open findings with one code for people, before they are accepted together; `others` have another code."""
    findings = [entry.finding for entry in entries]
    output.table(
        ["finding", "block", "transaction", "about", "closes", "found"],
        [
            [
                finding.id,
                "" if finding.block is None else finding.block,
                output.short(finding.transaction),
                finding.about,
                _closed(finding.scope),
                entry.at,
            ]
            for finding, entry in zip(findings, entries, strict=True)
        ],
    )
    kind = findings[0].kind
    output.line()
    output.line(f"{kind.code}: {kind.meaning}")
    output.line(f"  what to do: {kind.advice}")
    if others:
        stay = "stays" if others == 1 else "stay"
        output.line(f"  {counted(others, 'open finding')} with another code {stay}")


def _state(entry: Entry) -> str:
    if entry.open:
        return f"CLOSES {_closed(entry.finding.scope)}"
    return f"accepted by {entry.accepted.by}" if entry.accepted else "note"


def _closed(scope: Scope) -> str:
    """What a finding closes, in words."""
    return "the ledger" if scope.ledger else ", ".join(scope.institutions) or "nothing"


def keeping(count: int, still: str = "") -> str:
    """How many findings keep decisions closed."""
    return f"{counted(count, 'finding')} {still}{'keeps' if count == 1 else 'keep'} decisions closed"


def _standing(count: int) -> str:
    return keeping(count) if count else "nothing keeps decisions closed"
