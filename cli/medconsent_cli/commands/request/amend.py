"""`medconsent request amend`, `withdraw`: what is done with one's own request."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, private_texts, steps
from medconsent_cli.app.options import duration_of, duration_options
from medconsent_cli.app.persons import naming
from medconsent_cli.app.purpose import optional_purpose_options
from medconsent_cli.app.render import ASK_OPTION, ask_first, show_written, written_json
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import COLLEAGUE, REQUEST, SHA256
from medconsent_cli.commands.request.view import standing, summary

if TYPE_CHECKING:
    from medconsent.values.purposes import Mode, Purpose
from medconsent_cli.app.shape import Command


@click.command(
    "amend",
    cls=Command,
    help="""Change one's own request.

    As long as it is not decided; what is not given stays. Votes so far do not count for the changed request, except
    that who declared a conflict of interest stays out: they are shown first. The deadline stays. A purpose is stated
    as a whole. A private text takes the place of the one of its kind, which can still be read and purged.""",
    examples="""
    medconsent request amend 5f0c2a --days 60
    medconsent request amend 5f0c2a --purpose disease --disease ICD10:C50 --training --project "A model of tumours"
    medconsent request amend 5f0c2a --description description.txt
    """,
)
@click.argument("request", type=REQUEST, metavar="ID")
@optional_purpose_options
@duration_options(required=False)
@click.option("--project", metavar="TEXT", help="What for, in up to 500 characters; public.")
@click.option(
    "--researcher",
    "researchers",
    multiple=True,
    type=COLLEAGUE,
    metavar="ID",
    help="Who will use the data from now on, all of them: oneself only when named; may be repeated.",
)
@click.option(
    "--accept-terms", type=SHA256, metavar="FILE|SHA256", help="The policy's terms as one has read them, or their hash."
)
@private_texts.text_options
@ASK_OPTION
@pass_app
def amend(
    app: App,
    *,
    request: str,
    purpose: "Purpose | None",
    mode: "Mode | None",
    days: int | None,
    duration: int | None,
    project: str | None,
    researchers: tuple[str, ...],
    accept_terms: str | None,
    description: Path | None,
    ethics_letter: Path | None,
    yes: bool,
) -> None:
    """See the help."""
    from medconsent.desk.endings import amend_plan  # noqa: PLC0415

    private = private_texts.read({"description": description, "ethics-letter": ethics_letter})
    seconds = duration_of(days, duration, required=False)
    if not any((purpose, mode, seconds, project, researchers, accept_terms, private)):
        raise click.UsageError("what is to change? Give at least one option.")
    ask_first(app, lambda client: amend_plan(client, request, naming()), yes=yes)
    with app.changing("amending the request") as client:
        written = client.requests.amend(
            request,
            purpose=purpose,
            mode=mode,
            duration=seconds,
            project=project,
            researchers=researchers or None,
            accepted_terms=accept_terms,
            texts=private_texts.references(private),
        )
        kept = private_texts.send(app, client, written.answer.id, private)
        _, then = standing(app, client, written.answer.id)
    show_written(
        app,
        written,
        lambda: output.fields([("request", written.answer.id), *summary(written.answer)]),
        {**written_json(written), "texts": kept} if kept else None,
        then=then,
    )
    private_texts.demand_kept(written.answer.id, kept, written.transaction_id)


@click.command(
    "withdraw",
    cls=Command,
    help="""Take back one's own request.

    Or one of which one is a researcher; as long as it is not decided. What ends is shown first.""",
    examples="""
    medconsent request withdraw 5f0c2a --reason "we have found other data"
    """,
)
@click.argument("request", type=REQUEST, metavar="ID")
@click.option("--reason", metavar="TEXT", help="Why; public.")
@ASK_OPTION
@pass_app
def withdraw(app: App, *, request: str, reason: str | None, yes: bool) -> None:
    """See the help."""
    from medconsent.desk.endings import request_plan  # noqa: PLC0415

    ask_first(app, lambda client: request_plan(client, request, naming()), yes=yes)
    with app.changing("withdrawing the request") as client:
        written = client.requests.withdraw(request, reason=reason)
    show_written(
        app,
        written,
        lambda: output.fields([("request", written.answer.id), ("state", "withdrawn")]),
        then=steps.anew(written.answer.dataset),
    )
