"""`medconsent receipt`: who got which data, when, under which grant, and how much."""

import json
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.files import read_file
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.persons import person
from medconsent_cli.app.render import ASK_OPTION, confirm, record_lines, show_written, size, when
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import GRANT, RECEIPT, Word
from medconsent_cli.app.words import RECEIPT_STATES
from medconsent_cli.commands.archive import left_out

if TYPE_CHECKING:
    from medconsent.nouns.receipts import Outcome
    from medconsent.values.records import ForgedRecord
    from medconsent.values.releases import Ask, Receipt, ReceiptView

HEADERS = ["receipt", "state", "who", "dataset", "files", "size", "sent", "when", "grant"]

receipt = shape.group(
    "receipt",
    help="""Who got which data, when, under which grant, and how much.

    A receipt is on the ledger before anything leaves. What is under a receipt counts as released, whatever came of
    it.""",
    examples="""
    medconsent receipt list --dataset hanbit/breast-cancer
    medconsent receipt show 4c7e21
    """,
)


@receipt.command(
    "list",
    help="List receipts, newest first.",
    examples="""
    medconsent receipt list --owner hanbit
    medconsent receipt list --holder nuri/kim --state completed
    """,
)
@click.option("--owner", metavar="INSTITUTION", help="Of data of this institution.")
@click.option("--dataset", metavar="DATASET", help="Of this dataset.")
@click.option("--grant", type=GRANT, metavar="ID", help="Under this grant.")
@click.option("--holder", metavar="WHO", help="What this institution (nuri) or person (nuri/kim) got.")
@click.option("--state", type=Word(*RECEIPT_STATES), metavar="STATE", help=f"One of {', '.join(RECEIPT_STATES)}.")
@list_options
@pass_app
def list_(
    app: App,
    *,
    owner: str | None,
    dataset: str | None,
    grant: str | None,
    holder: str | None,
    state: str | None,
    limit: int,
) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the receipts") as client:
        whole = client.grants.get(grant).id if grant else None
        show_list(
            app,
            client.receipts.iterate(
                owner=owner, dataset=dataset, grant=whole, holder=holder, state=state, on_forged=forged.append
            ),
            limit=limit,
            forged=forged,
            headers=HEADERS,
            row=row,
        )


@receipt.command(
    "show",
    help="""Show a receipt, and whether its release may go on now.

    What speaks against it is told with every reason.""",
    examples="""
    medconsent receipt show 4c7e21
    """,
)
@click.argument("receipt", type=RECEIPT, metavar="ID")
@pass_app
def show(app: App, *, receipt: str) -> None:
    """See the help."""
    with app.asking("reading the receipt") as client:
        found = client.receipts.get(receipt)
        now = client.receipts.check(found.id)

    def people() -> None:
        _fields(found.receipt, found.state, found.unproven)
        output.fields(
            [
                ("now", "a release like it would go on" if now.permitted else "nothing more leaves by it"),
                ("why", [one.message for one in now.reasons]),
            ]
        )

    app.show({**found.to_json(), "now": now.to_json()}, people)


@receipt.command(
    "open",
    help="""Write a receipt before data leaves (role: gateway).

    For a program of one's own. FILE has, as JSON, what the person asks for and has signed: grant, person, delivery,
    archive, files, mode, asked.""",
    examples="""
    medconsent receipt open ask.json
    """,
)
@click.argument("file", metavar="FILE")
@pass_app
def open_(app: App, *, file: str) -> None:
    """See the help."""
    ask = _read_ask(file)
    with app.changing("opening the release") as client:
        written = client.receipts.open(ask)
    then = steps.step(
        "the gateway",
        "gives the data out within ten minutes, and says what came of it",
        f"receipt close {output.short(written.answer.id)} completed --sent BYTES",
    )
    show_written(app, written, lambda: _fields(written.answer, written.answer.status), then=then)


@receipt.command(
    "close",
    help="""Say what came of a release, once.

    Needs the role gateway, steward or privacy. For a release whose program has not said so. `aborted`: not everything
    has left; some may have.""",
    examples="""
    medconsent receipt close 4c7e21 aborted --sent 0 --reason "the disk was full" --yes
    """,
)
@click.argument("receipt", type=RECEIPT, metavar="ID")
@click.argument("outcome", type=Word("completed", "aborted"), metavar="completed|aborted")
@click.option("--sent", required=True, type=click.IntRange(min=0), metavar="BYTES", help="How much has left.")
@click.option("--reason", metavar="TEXT", help="Why; public.")
@ASK_OPTION
@pass_app
def close(app: App, *, receipt: str, outcome: "Outcome", sent: int, reason: str | None, yes: bool) -> None:
    """See the help."""
    confirm(f"It is said once. Is receipt {receipt} {outcome}, with {sent} bytes sent?", yes=yes)
    with app.changing("closing the release") as client:
        written = client.receipts.close(receipt, outcome, sent=sent, reason=reason)
    then = steps.nothing(f"receipt show {output.short(written.answer.id)}")
    show_written(app, written, lambda: _fields(written.answer, written.answer.status), then=then)


def row(view: "ReceiptView") -> list[object]:
    """One row of a list of receipts, below `HEADERS`."""
    found = view.receipt
    return [
        output.short(view.id),
        "UNPROVEN" if view.unproven else view.state,
        person(found.person),
        f"{found.dataset}@{found.version}",
        found.files.count,
        size(found.files.bytes),
        "" if found.sent is None else size(found.sent),
        when(found.created_at),
        output.short(found.grant),
    ]


def _fields(found: "Receipt", state: str, unproven: str | None = None) -> None:
    output.fields(
        [
            ("receipt", found.id),
            ("state", output.Styled(output.word(state))),
            ("UNPROVEN", unproven),
            ("who", person(found.person)),
            ("dataset", f"{found.dataset}@{found.version}"),
            ("files", f"{found.files.count} ({size(found.files.bytes)})"),
            ("mode", found.mode),
            ("without", left_out(found.exclusions)),
            ("sent", None if found.sent is None else size(found.sent)),
            ("grant", found.grant),
            ("archive", found.archive),
            ("delivery key", found.delivery),
            ("asked", when(found.asked.at)),
            ("opened", when(found.created_at)),
            *record_lines(found),
        ]
    )


def _read_ask(file: str) -> "Ask":
    from medconsent.errors import UnexpectedAnswer  # noqa: PLC0415
    from medconsent.values.releases import Ask  # noqa: PLC0415

    try:
        ask = Ask.from_json(json.loads(read_file(file)))
    except (ValueError, RecursionError, UnexpectedAnswer) as error:
        raise click.UsageError(f"{file} is not what a person asks for, as JSON: {error}") from error
    if ask.asked is None:
        raise click.UsageError(f"{file} is not signed by the person who asks.")
    return ask
