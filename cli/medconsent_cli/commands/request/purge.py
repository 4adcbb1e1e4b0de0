"""`medconsent request purge`: every private text of a request is removed."""

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output, steps
from medconsent_cli.app.private_texts import commitments
from medconsent_cli.app.render import confirm, show_next
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import REQUEST


@click.command(
    "purge",
    cls=Command,
    help="""Remove a request's private texts from one's own side.

    Those that the request names, what amendments replaced too, and those of remarks on it. The other institution keeps
    its copies until its people purge them too; the hashes stay on the ledger.""",
    examples="""
    medconsent request purge 5f0c21
    """,
)
@click.argument("request", type=REQUEST, metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@pass_app
def purge(app: App, *, request: str, yes: bool) -> None:
    """See the help."""
    with app.asking("reading the request") as client:
        found = client.requests.get(request)
    these = commitments(found)
    if these:
        confirm(f"Remove {counted(len(these), 'private text')} for ever?", yes=yes)
    with app.changing("purging the texts") as client:
        for commitment in these:
            client.texts.purge(found.id, commitment)
    told = {"request": found.id, "purged": these}

    def people() -> None:
        output.fields([("request", found.id), ("purged", these or "nothing")])
        show_next(steps.of_purge(found.id) if these else steps.nothing(f"request show {output.short(found.id)}"))

    app.show(told, people)
