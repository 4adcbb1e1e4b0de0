"""`medconsent institution`: who takes part in the consortium."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.render import record_lines, show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import Word
from medconsent_cli.app.words import ROLES

if TYPE_CHECKING:
    from medconsent.nouns.institutions import Institution
    from medconsent.values.records import ForgedRecord

institution = shape.group(
    "institution",
    help="Who takes part in the consortium.",
    examples="""
    medconsent institution list
    medconsent institution show hanbit
    """,
)


@institution.command(
    "set",
    help="Describe one's own institution (role: operator).",
    examples="""
    medconsent institution set --title "Hanbit Hospital" --country KR --contact https://hanbit.example/data \\
        --role steward --role dac
    """,
)
@click.option("--title", required=True, metavar="TEXT", help="The institution's name.")
@click.option("--country", required=True, metavar="CC", help="Two letters of ISO 3166-1, as in KR.")
@click.option(
    "--contact", required=True, metavar="ADDRESS", help="An institutional address: a URL or a role's mailbox."
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=Word(*ROLES),
    metavar="ROLE",
    help="A role that the institution fills; may be repeated.",
)
@pass_app
def set_(app: App, *, title: str, country: str, contact: str, roles: tuple[str, ...]) -> None:
    """See the help."""
    with app.changing("writing the institution's entry") as client:
        written = client.institutions.set(title=title, country=country, contact=contact, roles=roles)
    show_written(app, written, lambda: _fields(written.answer))


@institution.command(
    "show",
    help="Show an institution.",
    examples="""
    medconsent institution show hanbit
    """,
)
@click.argument("institution", metavar="INSTITUTION")
@pass_app
def show(app: App, *, institution: str) -> None:
    """See the help."""
    with app.asking("reading the institution") as client:
        found = client.institutions.get(institution)
    app.show(found.to_json(), lambda: _fields(found))


@institution.command(
    "list",
    help="List the institutions.",
    examples="""
    medconsent institution list
    """,
)
@list_options
@pass_app
def list_(app: App, *, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the institutions") as client:
        show_list(
            app,
            client.institutions.iterate(on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["institution", "title", "country", "contact", "roles"],
            row=lambda it: [it.id, it.title, it.country, it.contact, ", ".join(it.roles)],
        )


def _fields(found: "Institution") -> None:
    output.fields(
        [
            ("institution", found.id),
            ("title", found.title),
            ("country", found.country),
            ("contact", found.contact),
            ("roles", ", ".join(found.roles)),
            *record_lines(found),
        ]
    )
