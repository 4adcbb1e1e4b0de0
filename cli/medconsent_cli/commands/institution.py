"""`medconsent institution`: who takes part in the consortium."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.at_home import AtHome
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.persons import naming
from medconsent_cli.app.render import ask_first, record_lines, show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import COLLEAGUE, COUNTRY, Word
from medconsent_cli.app.words import ROLES

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.nouns.institutions import Institution, Officer
    from medconsent.values.records import ForgedRecord

institution = shape.group(
    "institution",
    help="Who takes part in the consortium.",
    examples="""
    medconsent institution list
    medconsent institution show hanbit
    """,
)


class _OfficerType(AtHome, click.ParamType["Officer"]):
    name = "officer"

    def person_in(self, value: "Officer") -> str:
        return value.id

    def naming(self, value: "Officer", person: str) -> "Officer":
        return replace(value, id=person)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "Officer":
        from medconsent.nouns.institutions import Officer  # noqa: PLC0415

        if isinstance(value, Officer):
            return value
        person, _, rest = str(value).partition("=")
        roles, at, key = rest.partition("@")
        if not person or not roles or (at and not key):
            self.fail(f"{value!r}: write ID=ROLE[,ROLE][@SHA256], as in lee=steward,privacy.", param, ctx)
        return Officer(person, tuple(roles.split(",")), key.lower() or None)


def _officers(client: "Client", named: "tuple[Officer, ...]") -> "list[Officer]":
    """Those who act for one's own institution, with those who are named."""
    from medconsent.errors import NotFound  # noqa: PLC0415

    try:
        standing = client.institutions.get(client.institution).officers
    except NotFound:
        standing = ()
    anew = {officer.id for officer in named}
    return [*(officer for officer in standing if officer.id not in anew), *named]


@institution.command(
    "set",
    help="""Describe one's own institution (role: operator).

    An officer is who acts for the institution as steward, privacy officer or operator, by one key. The first time, name
    at least two, each with the fingerprint of their key, as they read it to you (`person announce` shows it to them).
    Later, --officer names somebody besides those that there are, or gives one other roles: another officer has to
    confirm it (`proposal confirm`). `institution dismiss` takes an office away.""",
    examples="""
    medconsent institution set --title "Hanbit Hospital" --country KR --contact https://hanbit.example/data \\
        --role steward --role dac --officer lee=steward@LEES_KEY --officer park=privacy,operator@PARKS_KEY
    """,
)
@click.option("--title", required=True, metavar="TEXT", help="The institution's name.")
@click.option("--country", required=True, type=COUNTRY, metavar="CC", help="Two letters of ISO 3166-1, as in KR.")
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
@click.option(
    "--officer",
    "officers",
    multiple=True,
    type=_OfficerType(),
    metavar="ID=ROLE[,ROLE][@SHA256]",
    help="An officer: their id, their roles (steward, privacy, operator), and the fingerprint of their key. Default: "
    "the key of theirs that was admitted. May be repeated.",
)
@click.option(
    "--release",
    metavar="URL",
    help="Where its server of the release is, for `medconsent fetch`. Empty takes it away. Default: as it is.",
)
@pass_app
def set_(
    app: App,
    *,
    title: str,
    country: str,
    contact: str,
    roles: tuple[str, ...],
    officers: "tuple[Officer, ...]",
    release: str | None,
) -> None:
    """See the help."""
    with app.changing("writing the institution's entry") as client:
        named = _officers(client, officers) if officers else None
        written = client.institutions.set(
            title=title, country=country, contact=contact, roles=roles, officers=named, release=release
        )
        own = client.institution
    waiting = f"person list --institution {own} --state announced"
    then = steps.step("an officer", "admits the keys of those who are to vote, and a steward seats them", waiting)
    show_written(app, written, lambda: _fields(written.answer), then=then)


@institution.command(
    "dismiss",
    help="""Let somebody be an officer no more (role: operator).

    It acts at once, and no second officer is asked. The last two officers cannot be dismissed.""",
    examples="""
    medconsent institution dismiss kim
    """,
)
@click.argument("officers", type=COLLEAGUE, metavar="ID...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@pass_app
def dismiss(app: App, *, officers: tuple[str, ...], yes: bool) -> None:
    """See the help."""
    from medconsent.desk.endings import officers_plan  # noqa: PLC0415

    ask_first(app, lambda client: officers_plan(client, officers, naming()), yes=yes)
    with app.changing("taking the office away") as client:
        written = client.institutions.dismiss(officers)
    then = steps.step("a steward", "takes the seats of those who leave", f"committee remove ROLE {' '.join(officers)}")
    show_written(app, written, lambda: _fields(written.answer), then=then)


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
            ("release", found.release),
            *(("officer", f"{it.id} as {', '.join(it.roles)}, by the key {it.key}") for it in found.officers),
            *record_lines(found),
        ]
    )
