"""`medconsent request submit`: ask for a dataset."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, private_texts
from medconsent_cli.app.options import dataset_argument, duration_of, duration_options
from medconsent_cli.app.purpose import purpose_options
from medconsent_cli.app.render import committed, show_next, written_json
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import COLLEAGUE, GRANT, SHA256, DatasetVersion
from medconsent_cli.commands.request.again import AGAIN_OPTION, ask_whether_again
from medconsent_cli.commands.request.view import say_whether_oneself, standing, summary

if TYPE_CHECKING:
    from medconsent.values.purposes import Mode, Purpose
from medconsent_cli.app.shape import Command


@click.command(
    "submit",
    cls=Command,
    help="""Ask for a dataset (role: researcher).

    The request is bound to the version of the dataset and of its policy that stand now. What is written as
    --project can be read by every institution. What you do not state is not asked for: without --commercial, the
    use is not commercial. What the policy wants is in docs/use-conditions.md, and `medconsent explain` says what it
    would answer. A policy that approves automatically grants at once what it permits without review.""",
    examples="""
    medconsent request submit hanbit/breast-cancer --purpose disease --disease ICD10:C50 --mode download --days 90 \\
        --project "Which measurements tell tumours apart?"
    medconsent request submit hanbit/ct --purpose health-research --training --organisation non-profit --country KR \\
        --ethics-board "IRB of Nuri" --ethics-number 2026-11 --ethics-until 2027-11-01T00:00:00Z \\
        --ethics-hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \\
        --mode enclave --days 90 --project "A model of lung nodules"
    medconsent request submit hanbit/breast-cancer --purpose disease --disease ICD10:C50 --mode download --days 90 \\
        --project "Which measurements tell tumours apart?" --renews 7c01be
    """,
)
@dataset_argument
@purpose_options
@duration_options(required=True)
@click.option("--project", required=True, metavar="TEXT", help="What for, in up to 500 characters; public.")
@click.option(
    "--researcher",
    "researchers",
    multiple=True,
    type=COLLEAGUE,
    metavar="ID",
    help="Who will use the data, by enrolment id: oneself only when named; may be repeated. Default: oneself.",
)
@click.option(
    "--accept-terms",
    type=SHA256,
    metavar="FILE|SHA256",
    help="The policy's terms as one has read them, where it has some, or their hash.",
)
@click.option(
    "--renews", type=GRANT, metavar="GRANT", help="Go on from this grant of one's own institution when it ends."
)
@click.option(
    "--joins", type=GRANT, metavar="GRANT", help="Add the researchers to this grant of one's own institution."
)
@private_texts.text_options
@AGAIN_OPTION
@pass_app
def submit(
    app: App,
    *,
    dataset: DatasetVersion,
    purpose: "Purpose",
    mode: "Mode",
    days: int | None,
    duration: int | None,
    project: str,
    researchers: tuple[str, ...],
    accept_terms: str | None,
    renews: str | None,
    joins: str | None,
    description: Path | None,
    ethics_letter: Path | None,
    yes: bool,
) -> None:
    """See the help."""
    from medconsent.values.requests import NewRequest  # noqa: PLC0415

    private = private_texts.read({"description": description, "ethics-letter": ethics_letter})
    if renews and joins:
        raise click.UsageError("a request renews a grant or joins one, not both.")
    seconds = duration_of(days, duration, required=True)
    assert seconds is not None  # noqa: S101  (required)
    wanted = NewRequest(
        dataset.dataset,
        purpose,
        mode,
        seconds,
        project,
        version=dataset.version,
        researchers=researchers or None,
        accepted_terms=accept_terms,
        renews=renews,
        joins=joins,
    )
    ask_whether_again(app, wanted, yes=yes)
    with app.changing("submitting the request") as client:
        say_whether_oneself(app, client, researchers)
        written = client.requests.submit(wanted, texts=private_texts.references(private))
        kept = private_texts.send(app, client, written.answer.id, private)
        state, then = standing(app, client, written.answer.id)

    def people() -> None:
        output.fields(
            [
                ("request", written.answer.id),
                ("state", state),
                *summary(written.answer),
            ]
        )
        committed(written)
        show_next(then)

    app.show({**written_json(written), **({"texts": kept} if kept else {})}, people)
    private_texts.demand_kept(written.answer.id, kept, written.transaction_id)
