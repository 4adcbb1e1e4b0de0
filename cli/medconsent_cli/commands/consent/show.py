"""`medconsent consent show`, `list`: cohorts and their epochs."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.render import how_long, record_lines
from medconsent_cli.app.state import App, pass_app

if TYPE_CHECKING:
    from medconsent.nouns.consents import ConsentView
    from medconsent.values.records import ForgedRecord
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.consent.values import numbered


@click.command(
    "show",
    cls=Command,
    help="""Show a cohort, what its people permit, and what rests on it.

    COHORT~N is an earlier epoch.""",
    examples="""
    medconsent consent show hanbit/oncology
    medconsent consent show hanbit/oncology~1
    """,
)
@click.argument("cohort", metavar="COHORT[~EPOCH]")
@pass_app
def show(app: App, cohort: str) -> None:
    """See the help."""
    name, number = numbered(cohort)
    with app.asking("reading the consent") as client:
        found = client.consents.get(name, number)
    app.show(found.to_json(), lambda: _view(found))


@click.command(
    "list",
    cls=Command,
    help="List the cohorts.",
    examples="""
    medconsent consent list
    medconsent consent list --institution hanbit
    """,
)
@click.option("--institution", metavar="INSTITUTION", help="Only this institution's.")
@list_options
@pass_app
def list_(app: App, *, institution: str | None, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the cohorts") as client:
        show_list(
            app,
            client.consents.iterate(institution=institution, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["cohort", "status", "epoch", "people", "withdrawn", "law", "title"],
            row=lambda it: [
                it.id,
                it.cohort.status,
                it.epoch.epoch,
                it.epoch.people,
                it.epoch.withdrawn,
                it.epoch.law.code,
                it.cohort.title,
            ],
        )


def _view(found: "ConsentView") -> None:
    from medconsent.documents.policies import words_of  # noqa: PLC0415

    cohort, latest = found.cohort, found.epoch
    output.line(output.strong(f"{cohort.id}: {cohort.title}"))
    output.fields(
        [
            ("status", cohort.status),
            ("epoch", f"{latest.epoch} of {cohort.latest_epoch}"),
            ("people", latest.people),
            ("withdrawn", latest.withdrawn),
            ("permitted", [words_of(alternative) for alternative in latest.use]),
            ("law", " ".join(filter(None, (latest.law.code, latest.law.article)))),
            ("wording", latest.wording.url),
            ("statement", latest.statement),
            ("root", latest.root),
            ("epochs at least", how_long(cohort.batch_seconds) + " apart"),
            ("drawn on by", list(found.datasets)),
            ("excluded from", [f"{it.dataset}@{it.version} as of epoch {it.epoch}" for it in found.exclusions]),
            *record_lines(latest),
        ]
    )
