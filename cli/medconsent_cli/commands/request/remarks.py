"""`medconsent request remark` and `invite`: what is said about a request that is no vote."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, private_texts, steps
from medconsent_cli.app.persons import person
from medconsent_cli.app.render import show_written, when, written_json
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import PERSON, REQUEST, TIME, Word
from medconsent_cli.app.words import REMARK_KINDS
from medconsent_cli.commands.request.view import standing

if TYPE_CHECKING:
    from datetime import datetime


@click.command(
    "remark",
    cls=Command,
    help="""Say something about a request.

    It is no vote. TEXT is one line of up to 500 characters that every institution can read. The requester's people,
    the committees that decide, the owner's stewards and privacy officers, and whoever was invited may say something;
    an answer is the requester's. With --invitation it is the opinion that one was asked for.""",
    examples="""
    medconsent request remark 5f0c2a "Is the linking with the cancer registry needed?"
    medconsent request remark 5f0c2a "It is: follow-up is only there" --kind answer
    medconsent request remark 5f0c2a "The method is sound" --invitation 81be20
    """,
)
@click.argument("request", type=REQUEST, metavar="ID")
@click.argument("text", metavar="[TEXT]", required=False)
@click.option(
    "--kind", type=Word(*REMARK_KINDS), metavar="KIND", help=f"One of {', '.join(REMARK_KINDS)}. Default: what fits."
)
@click.option("--invitation", metavar="ID", help="The invitation that this answers.")
@click.option(
    "--private",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="In the place of TEXT: a text for the data's owner and the requester's institution alone.",
)
@pass_app
def remark(
    app: App, *, request: str, text: str | None, kind: str | None, invitation: str | None, private: Path | None
) -> None:
    """See the help."""
    if (text is None) == (private is None):
        raise click.UsageError("what is said? Give TEXT, or --private FILE.")
    hidden = private_texts.read({"remark": private})
    commitment = hidden[0][2].commitment if hidden else None
    with app.changing("sending the remark") as client:
        written = client.requests.remark(request, text, kind=kind, invitation=invitation, commitment=commitment)
        kept = private_texts.send(app, client, written.answer.request, hidden)
        _, then = standing(app, client, written.answer.request)
    said = written.answer
    show_written(
        app,
        written,
        lambda: output.fields([(said.kind, said.text or said.commitment), ("request", said.request)]),
        {**written_json(written), "texts": kept} if kept else None,
        then=then,
    )
    private_texts.demand_kept(said.request, kept, written.transaction_id)


@click.command(
    "invite",
    cls=Command,
    help="""Ask somebody for an opinion.

    Anybody of the consortium but the requester's people, by a member of a committee that decides. The opinion is no
    vote. What one was asked oneself is in `medconsent inbox`.""",
    examples="""
    medconsent request invite 5f0c2a nuri/park "Is this sample large enough?"
    medconsent request invite 5f0c2a nuri/park "Is this sample large enough?" --until 2026-12-24T00:00:00Z
    """,
)
@click.argument("request", type=REQUEST, metavar="ID")
@click.argument("reviewer", type=PERSON, metavar="PERSON")
@click.argument("question", metavar="QUESTION")
@click.option("--until", type=TIME, metavar="TIME", help="Until when the opinion is wanted.")
@pass_app
def invite(app: App, *, request: str, reviewer: str, question: str, until: "datetime | None") -> None:
    """See the help."""
    with app.changing("sending the invitation") as client:
        written = client.requests.invite(request, reviewer, question, until=until)
    asked = written.answer
    show_written(
        app,
        written,
        lambda: output.fields(
            [
                ("invitation", asked.id),
                ("asked", person(asked.reviewer)),
                ("question", asked.question),
                ("until", when(asked.until) if asked.until else ""),
                ("request", asked.request),
            ]
        ),
        then=steps.step(
            person(asked.reviewer),
            "answers with a remark",
            f"request remark {output.short(asked.request)} TEXT --invitation {output.short(asked.id)}",
        ),
    )
