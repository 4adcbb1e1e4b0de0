"""`medconsent audit`: who did what with a dataset, when, and in which transaction."""

import click

from medconsent_cli import _output, _shape
from medconsent_cli._app import App, pass_app
from medconsent_cli._grant_view import BREAK_GLASS
from medconsent_cli._lists import warn_forged
from medconsent_cli._people import person
from medconsent_cli._render import when

audit = _shape.group(
    "audit",
    help="What happened to a dataset, who did it and when.",
    examples="""
    medconsent audit trail hanbit/breast-cancer
    """,
)


@audit.command(
    "trail",
    help="""Every change of a dataset's records.

    Oldest first: when, who, what, in which transaction, out of the sealed records themselves. Records that their
    owner did not seal count for nothing, and are named.""",
    examples="""
    medconsent audit trail hanbit/breast-cancer
    medconsent audit trail hanbit/breast-cancer --json > trail.json
    """,
)
@click.argument("dataset", metavar="DATASET")
@pass_app
def trail(app: App, dataset: str) -> None:
    """See the help."""
    with app.asking("reading the audit trail") as client:
        found = client.audit.trail(dataset)

    def people() -> None:
        _output.table(
            ["when", "who", "what", "", "record", "transaction", "note"],
            [
                [
                    when(entry.at),
                    person(entry.by),
                    entry.action,
                    BREAK_GLASS if entry.breakglass else "",
                    f"{entry.type} {_name(entry.id)}",
                    _output.short(entry.tx),
                    entry.note,
                ]
                for entry in found.entries
            ],
        )
        warn_forged(found.forged)

    app.show(found.to_json(), people)


def _name(identifier: str) -> str:
    """Names as they are, transaction ids short."""
    return identifier if "/" in identifier else _output.short(identifier)
