"""`medconsent audit`: who did what with a dataset, when, and in which transaction."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output, shape
from medconsent_cli.app.files import require_new, write_file
from medconsent_cli.app.lists import tell_nothing, warn_forged
from medconsent_cli.app.persons import person as named
from medconsent_cli.app.render import size, when
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import TIME, Word
from medconsent_cli.app.words import TRAIL_KINDS
from medconsent_cli.commands.grant.view import BREAK_GLASS
from medconsent_cli.commands.proof import verify

if TYPE_CHECKING:
    from medconsent.nouns.audit import Trail, TrailEntry
    from medconsent.nouns.disclosures import Disclosures
    from medconsent.nouns.processing import Report, Use

audit = shape.group(
    "audit",
    help="What happened to a dataset, who did it and when.",
    examples="""
    medconsent audit trail hanbit/breast-cancer
    medconsent audit report --from 2026-01-01T00:00:00Z --csv report.csv
    medconsent audit export hanbit/breast-cancer --fhir --out released.json
    medconsent audit verify blocks/ --genesis genesis.block --contract ./medconsent
    """,
)
audit.add_command(verify)

_COLUMNS = (
    "dataset",
    "version",
    "title",
    "items",
    "legal ground",
    "de-identification",
    "recipient",
    "people",
    "purpose",
    "mode",
    "from",
    "until",
    "state",
    "ended",
    "grant",
    "releases",
    "released to",
    "bytes sent",
)


@audit.command(
    "report",
    help="""The record of processing that a regulator asks for.

    For each dataset of one's own institution: items, what it rests on, how it was de-identified, and each use that was
    allowed, with recipient, purpose and period. From the sealed records alone; others count for nothing, and are named.
    KR-PIPA: what the Enforcement Decree of
    Korea's Personal Information Protection Act, article 29-5, lists.""",
    examples="""
    medconsent audit report
    medconsent audit report --from 2026-01-01T00:00:00Z --until 2027-01-01T00:00:00Z --csv report.csv
    """,
)
@click.option("--institution", metavar="INSTITUTION", help="Whose datasets. Default: one's own.")
@click.option("--law", type=Word("KR-PIPA"), default="KR-PIPA", show_default=True, metavar="LAW", help="By which law.")
@click.option("--from", "since", type=TIME, metavar="TIME", help="Uses that had not ended by then.")
@click.option("--until", type=TIME, metavar="TIME", help="Uses that began before.")
@click.option("--csv", "csv_file", metavar="FILE", help="Write a table, one line a use (`-`: stdout).")
@click.option("--replace", is_flag=True, help="Replace the file when it exists.")
@pass_app
def report(
    app: App,
    *,
    institution: str | None,
    law: str,
    since: datetime | None,
    until: datetime | None,
    csv_file: str | None,
    replace: bool,
) -> None:
    """See the help."""
    if since and until and until <= since:
        raise click.UsageError("--until is not after --from.")
    with app.asking("reading the records") as client:
        found = client.audit.processing(institution, law=law, since=since, until=until)
    if csv_file:
        write_file(csv_file, _csv(found), replace=replace)
        if csv_file == "-":
            warn_forged(found.forged)
            return
    app.show(found.to_json(), lambda: _report(found))


def _report(found: "Report") -> None:
    for entry in found.entries:
        output.line(output.strong(f"{entry.dataset}@{entry.version}: {entry.title}"))
        output.fields(
            [
                ("items", ", ".join(entry.items)),
                ("rests on", list(entry.legal_ground) or "nothing: it cannot be granted"),
                ("de-identified", entry.deidentification or "no statement"),
            ]
        )
        output.table(
            ["recipient", "people", "purpose", "mode", "from", "until", "state", "released"],
            [
                [
                    use.recipient,
                    ", ".join(use.people),
                    use.purpose,
                    use.mode,
                    when(use.from_),
                    when(use.until),
                    _state(use),
                    f"{len(use.released)} times" if len(use.released) > 1 else "once" if use.released else "",
                ]
                for use in entry.uses
            ],
            empty="no use was allowed",
        )
        if any(use.released for use in entry.uses):
            output.table(
                ["released to", "when", "files", "size", "sent", "state", "receipt", "grant"],
                [
                    [
                        left.person,
                        when(left.at),
                        left.files,
                        size(left.bytes),
                        "" if left.sent is None else size(left.sent),
                        left.state,
                        output.short(left.receipt),
                        output.short(use.grant),
                    ]
                    for use in entry.uses
                    for left in use.released
                ],
            )
        output.line()
    if not found.entries:
        click.echo(f"({found.institution} has no datasets)", err=True)
    warn_forged(found.forged)


def _state(use: "Use") -> str:
    return f"{use.state}, {BREAK_GLASS}" if use.breakglass else use.state


def _csv(found: "Report") -> bytes:
    """One line a use; a dataset without any has a line of its own. Text that a spreadsheet would run is quoted."""
    stream = io.StringIO()
    rows = csv.writer(stream)
    rows.writerow(_COLUMNS)
    for entry in found.entries:
        head = [
            entry.dataset,
            entry.version,
            entry.title,
            " ".join(entry.items),
            "; ".join(entry.legal_ground),
            entry.deidentification,
        ]
        for use in entry.uses:
            what = [use.recipient, " ".join(use.people), use.purpose, use.mode, when(use.from_), when(use.until)]
            to = " ".join(dict.fromkeys(left.person for left in use.released))
            sent = sum(left.sent or 0 for left in use.released)
            left_ = [len(use.released), to, sent]
            rows.writerow(_inert([*head, *what, _state(use), use.ended, use.grant, *left_]))
        if not entry.uses:
            rows.writerow(_inert(head) + [""] * (len(_COLUMNS) - len(head)))
    return stream.getvalue().encode("utf-8-sig")


def _inert(cells: list[object]) -> list[str]:
    """What begins like a formula would be run by a spreadsheet (OWASP, CSV injection): an apostrophe keeps it text."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text for text in texts]


@audit.command(
    "trail",
    help="""Every change of a dataset's records: who approved what.

    Oldest first: when, who, what (of a vote its word), in which committee, on which request, for whom, in which
    transaction, out of the sealed records themselves. Records that their owner did not seal count for nothing, and are
    named.""",
    examples="""
    medconsent audit trail hanbit/breast-cancer
    medconsent audit trail hanbit/breast-cancer --kind vote --from 2026-11-01T00:00:00Z --csv votes.csv
    medconsent audit trail hanbit/breast-cancer --person hanbit/lee --kind approve
    medconsent audit trail hanbit/breast-cancer --json > trail.json
    """,
)
@click.argument("dataset", metavar="DATASET")
@click.option("--from", "since", type=TIME, metavar="TIME", help="From then on.")
@click.option("--until", type=TIME, metavar="TIME", help="Before then.")
@click.option(
    "--person", metavar="WHO", help="What this person (nuri/kim) did, confirmed, or had done for them by a deputy."
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=Word(*TRAIL_KINDS),
    metavar="KIND",
    help="Of this type of record, as vote or grant, or a vote with this word, as approve; may be repeated.",
)
@click.option("--csv", "csv_file", metavar="FILE", help="Write a table, one line a change (`-`: stdout).")
@click.option("--replace", is_flag=True, help="Replace the file when it exists.")
@pass_app
def trail(
    app: App,
    *,
    dataset: str,
    since: datetime | None,
    until: datetime | None,
    person: str | None,
    kinds: tuple[str, ...],
    csv_file: str | None,
    replace: bool,
) -> None:
    """See the help."""
    if since and until and until <= since:
        raise click.UsageError("--until is not after --from.")
    if person is not None and person.count("/") != 1:
        raise click.UsageError(f"{person!r} is nobody: write INSTITUTION/ID, as in nuri/kim.")
    with app.asking("reading the audit trail") as client:
        found = client.audit.trail(dataset).only(since=since, until=until, person=person, kinds=kinds)
    if csv_file:
        write_file(csv_file, _trail_csv(found), replace=replace)
        if csv_file == "-":
            warn_forged(found.forged)
            return

    def people() -> None:
        output.table(
            ["when", "who", "what", "as", "", "record", "request", "for", "transaction", "note"],
            [
                [
                    when(entry.at),
                    named(entry.by),
                    entry.what,
                    _as(entry),
                    BREAK_GLASS if entry.breakglass else "",
                    f"{entry.type} {_name(entry.id)}",
                    output.short(entry.request or ""),
                    ", ".join(entry.people),
                    output.short(entry.tx),
                    _note(entry),
                ]
                for entry in found.entries
            ],
        )
        if not found.entries:
            tell_nothing(app)
        warn_forged(found.forged)

    app.show(found.to_json(), people)


def _as(entry: "TrailEntry") -> str:
    """In which committee a vote was given, and for whom by a deputy."""
    return f"{entry.committee} for {entry.voted_for}" if entry.voted_for else entry.committee or ""


def _note(entry: "TrailEntry") -> str:
    """What is said of a change; of a receipt also how much it is of."""
    how_much = "" if entry.files is None else f"{counted(entry.files, 'file')}, {size(entry.bytes or 0)}"
    return ": ".join(filter(None, (how_much, entry.note)))


_TRAIL_COLUMNS = (
    "when",
    "who",
    "roles",
    "confirmed by",
    "what",
    "committee",
    "voted for",
    "type",
    "record",
    "request",
    "grant",
    "people",
    "break-glass",
    "transaction",
    "note",
    "files",
    "bytes",
    "sent",
)


def _trail_csv(found: "Trail") -> bytes:
    """One line a change, with whole ids. Text that a spreadsheet would run is quoted."""
    stream = io.StringIO()
    rows = csv.writer(stream)
    rows.writerow(_TRAIL_COLUMNS)
    for entry in found.entries:
        rows.writerow(
            _inert(
                [
                    when(entry.at),
                    entry.by,
                    " ".join(entry.by.roles),
                    entry.by.second,
                    entry.what,
                    entry.committee,
                    entry.voted_for,
                    entry.type,
                    entry.id,
                    entry.request,
                    entry.grant,
                    " ".join(entry.people),
                    "yes" if entry.breakglass else "",
                    entry.tx,
                    entry.note,
                    entry.files,
                    entry.bytes,
                    entry.sent,
                ]
            )
        )
    return stream.getvalue().encode("utf-8-sig")


def _name(identifier: str) -> str:
    """Names as they are, transaction ids short."""
    return identifier if "/" in identifier else output.short(identifier)


@audit.command(
    "export",
    help="""What was released, for systems that speak HL7 FHIR or W3C ODRL.

    SUBJECT is a dataset, or a grant by its id. --fhir: a bundle of FHIR R4, with an AuditEvent for each receipt and the
    Consent that the data rests on. --odrl: each grant as an agreement of ODRL 2.2 in JSON-LD; one that is not in force
    prohibits. No patient is in either: none is on the ledger.""",
    examples="""
    medconsent audit export hanbit/breast-cancer --fhir --out released.json
    medconsent audit export hanbit/breast-cancer --fhir --from 2026-11-01T00:00:00Z --until 2026-12-01T00:00:00Z
    medconsent audit export b2b2b2b2 --odrl
    """,
)
@click.argument("subject", metavar="DATASET|GRANT")
@click.option("--fhir", "form", flag_value="fhir", help="What was released, as HL7 FHIR R4.")
@click.option("--odrl", "form", flag_value="odrl", help="The grants, as W3C ODRL 2.2.")
@click.option("--from", "since", type=TIME, metavar="TIME", help="With --fhir: what was released from then on.")
@click.option("--until", type=TIME, metavar="TIME", help="With --fhir: what was released before.")
@click.option("--out", default="-", metavar="FILE", help="Where it is written. Default: stdout.")
@click.option("--replace", is_flag=True, help="Replace the file when it exists.")
@pass_app
def export(
    app: App,
    *,
    subject: str,
    form: str | None,
    since: datetime | None,
    until: datetime | None,
    out: str,
    replace: bool,
) -> None:
    """See the help."""
    if form is None:
        raise click.UsageError("say in which form: --fhir or --odrl.")
    if form == "odrl" and (since or until):
        raise click.UsageError("--from and --until go with --fhir: a grant is no event.")
    if since and until and until <= since:
        raise click.UsageError("--until is not after --from.")
    require_new(out, replace=replace)
    with app.asking("reading what was released") as client:
        found = client.audit.disclosures(subject, since=since, until=until)
    write_file(out, _exported(found, form), replace=replace)
    warn_forged(found.forged)


def _exported(found: "Disclosures", form: str) -> bytes:
    from medconsent.exports import fhir, odrl  # noqa: PLC0415

    if form == "fhir":
        document = fhir.bundle(found, datetime.now(UTC).replace(microsecond=0))
    else:
        document = odrl.agreements(found.grants)
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
