"""One run of the watcher: where its blocks come from, what is told while it runs, and when it ends."""

import json
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import click

from medconsent._internal.words import counted
from medconsent.contexts import Contexts
from medconsent.errors import DocumentError
from medconsent.fabric.channel import Channel
from medconsent.fabric.errors import BlocksError
from medconsent.fabric.flow import Blocking
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.fabric.trust import Authority
from medconsent.private_files import write_private
from medconsent.services.watch.journal import Entry
from medconsent.services.watch.ledger import Ledger
from medconsent.services.watch.sources import Exported, exported, own_peer
from medconsent.watch.judge import Judge
from medconsent_cli.app import output
from medconsent_cli.app.progress import FIRST_AFTER
from medconsent_cli.app.stop import Stop

if TYPE_CHECKING:
    from medconsent_cli.app.state import App

_METRICS_SECONDS = 5.0
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Run:
    """Use in a ``with`` statement; then :meth:`peer` or :meth:`files` gives how many findings keep decisions closed."""

    def __init__(self, app: "App", authority: Authority, chaincode: str, folder: Path, options: dict[str, Any]) -> None:
        self._app = app
        self._judge = Judge(authority, chaincode)
        self._folder = folder
        self._options = options
        self._progress = Progress(quiet=app.json)
        self._metrics_due = self._compare_due = 0.0
        self._server: ThreadingHTTPServer | None = None
        self._text = ""
        self._stop = Stop()

    def __enter__(self) -> Self:
        """SIGTERM ends the run as Ctrl-C does."""
        self._stop.__enter__()
        if self._options["metrics"]:
            self._server = serve(self._options["metrics"], lambda: self._text)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.__exit__(kind, error, trace)
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._progress.end()

    def files(self, path: Path) -> int:
        """Judge exported blocks."""
        source = Exported(path, self._options["genesis"])
        begin = self._options["begin"]
        (last,) = source.blocks()
        if begin.isdigit() and int(begin) > last.number:
            raise click.UsageError(
                f"the last of these blocks is {last.number}: there is nothing to judge from block {begin} on."
            )
        with self._ledger(source.first.channel) as ledger:
            if begin == "checkpoint":
                ledger.resume()
            self._genesis(ledger, () if source.first.number else [source.first])
            if begin.isdigit() and int(begin):
                ledger.begin_at(int(begin), source)
            if ledger.judge.state.config is None and source.first.number:
                raise click.UsageError("the first of these blocks is not the channel's first: give it with --genesis.")
            ledger.take(source.blocks(ledger.judge.state.next))
            return self._ended(ledger)

    def peer(self) -> int:
        """Judge the blocks of one's own peer: what is there, and without --once what comes."""
        context = Contexts().get(self._app.context)
        with own_peer(context) as peer, self._ledger(context.channel) as ledger:
            begun = False
            with suppress(KeyboardInterrupt):
                while not self._stop.asked:
                    begun = self._round(ledger, peer, begun=begun)
                    if self._options["once"]:
                        break
                    self._stop.sleep(self._options["every"])
            return self._ended(ledger)

    def _ledger(self, channel: str) -> Ledger:
        return Ledger(self._judge, self._folder, channel, tell=self._tell, progress=self._progress.at)

    def _begin(self, ledger: Ledger, peer: Channel[Blocking]) -> None:
        begin = self._options["begin"]
        resumed = begin == "checkpoint" and ledger.resume()
        self._genesis(ledger, peer.blocks(0, 0) if self._options["genesis"] else ())
        if begin.isdigit() and int(begin):
            ledger.begin_at(int(begin), peer)
        if resumed:
            ledger.look_back(peer)

    def _genesis(self, ledger: Ledger, firsts: Iterable[LedgerBlock]) -> None:
        """The first block as the institution keeps it: compared with what the ledger begins with; where the ledger's
        own is not there, it is what everything begins with.
        """
        if not self._options["genesis"]:
            return
        (own,) = exported(self._options["genesis"])
        if own.number:
            raise DocumentError("it is not the first block of a channel", source=str(self._options["genesis"]))
        there = False
        for block in firsts:
            there = True
            ledger.require_same(own, block)
        if not there and ledger.judge.state.config is None:
            ledger.take([own])

    def _round(self, ledger: Ledger, peer: Channel[Blocking], *, begun: bool) -> bool:
        """Judge what is new; whether the beginning was made. A peer that is away for a while is waited for."""
        try:
            if not begun:
                self._begin(ledger, peer)
                begun = True
            ledger.round(peer)
            now = time.monotonic()
            if self._options["compare"] and now >= self._compare_due:
                ledger.ask_others(peer.identity, peer.signer, peer.name)
                self._compare_due = now + self._options["compare"]
        except BlocksError as error:
            if self._options["once"]:
                raise
            self._progress.say(f"one's own peer is not reached, and is asked again: {error.message}")
        self._write_metrics(ledger)
        return begun

    def _write_metrics(self, ledger: Ledger, *, now: bool = False) -> None:
        if time.monotonic() < self._metrics_due and not now:
            return
        self._metrics_due = time.monotonic() + _METRICS_SECONDS
        ledger.metrics.standing = len(ledger.journal.open())
        self._text = ledger.metrics.text()
        if file := self._options["metrics_file"]:
            # For the collector, which is another user; there is nothing private in it.
            write_private(file, self._text.encode(), mode=0o644)

    def _ended(self, ledger: Ledger) -> int:
        self._write_metrics(ledger, now=True)
        self._progress.end()
        entries = ledger.journal.entries()
        standing = sum(entry.open for entry in entries)
        if self._app.json:
            told = {"event": "judged", "next": ledger.judge.state.next, "findings": len(entries), "open": standing}
            click.echo(json.dumps(told, separators=(",", ":")))
        elif self._options["once"] or self._options["blocks"]:
            output.line(f"{counted(ledger.judge.state.next, 'block')} judged; {_standing(standing)}")
            if entries:
                rows(entries)
        return standing

    def _tell(self, entry: Entry) -> None:
        """The event: one line."""
        self._metrics_due = 0.0
        if self._app.json:
            click.echo(json.dumps({"event": "finding", **entry.to_json()}, separators=(",", ":")))
            sys.stdout.flush()
        else:
            self._progress.end()
            mark = "ALARM" if entry.open else "note"
            text = f"{entry.at}  {mark}  {entry.finding.id}  {entry.finding.code}  {entry.finding.sentence}"
            output.line(output.safe(text))


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
                "CLOSES" if entry.open else f"accepted by {entry.accepted.by}" if entry.accepted else "note",
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
        ["finding", "block", "transaction", "about", "found"],
        [
            [
                finding.id,
                "" if finding.block is None else finding.block,
                output.short(finding.transaction),
                finding.about,
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


def keeping(count: int, still: str = "") -> str:
    """How many findings keep decisions closed."""
    return f"{counted(count, 'finding')} {still}{'keeps' if count == 1 else 'keep'} decisions closed"


def serve(address: str, text: Any) -> ThreadingHTTPServer:
    """Serve metrics in the background. Raises ``click.UsageError`` for an address that cannot be used."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = text().encode()
            self.send_response(200 if self.path in ("/", "/metrics") else 404)
            self.send_header("Content-Type", _TEXT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Scrapes are not worth a line each."""

    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise click.UsageError(f"{address!r} is no address: write HOST:PORT, as in 127.0.0.1:9464.")
    try:
        server = ThreadingHTTPServer((host, int(port)), Handler)
    except (OSError, OverflowError) as error:
        raise click.UsageError(f"metrics cannot be served at {address}: {error}") from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _standing(count: int) -> str:
    return keeping(count) if count else "nothing keeps decisions closed"
