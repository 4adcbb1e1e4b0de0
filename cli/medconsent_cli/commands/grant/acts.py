"""`medconsent grant suspend`, `lift`, `relinquish`, `accept`: what is done with a grant besides ending it for good."""

import click

from medconsent_cli.app import output, steps
from medconsent_cli.app.persons import naming, person
from medconsent_cli.app.render import ASK_OPTION, ask_first, show_written
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import GRANT, SHA256
from medconsent_cli.commands.grant.view import show_grant

_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; public.")


@click.command(
    "suspend",
    cls=Command,
    help="""Stop a grant for a while (role: privacy).

    The dataset must be one's own institution's. Until it is lifted every check denies; its end does not move.""",
    examples="""
    medconsent grant suspend 9b1d40 --reason "an incident is being looked at"
    """,
)
@click.argument("grant", type=GRANT, metavar="ID")
@_REASON
@pass_app
def suspend(app: App, *, grant: str, reason: str) -> None:
    """See the help."""
    from medconsent.desk.steps import Step  # noqa: PLC0415

    with app.changing("suspending the grant") as client:
        written = client.grants.suspend(grant, reason)
    then = Step(
        "a privacy officer",
        "lifts it, which a second officer confirms, or revokes it",
        f"grant lift {output.short(written.answer.id)} --reason TEXT",
    )
    show_written(app, written, lambda: show_grant(written.answer, written.answer.status), then=then)


@click.command(
    "lift",
    cls=Command,
    help="""Let a suspended grant go on (role: privacy).

    The dataset must be one's own institution's.""",
    examples="""
    medconsent grant lift 9b1d40 --reason "the incident was elsewhere"
    """,
)
@click.argument("grant", type=GRANT, metavar="ID")
@_REASON
@pass_app
def lift(app: App, *, grant: str, reason: str) -> None:
    """See the help."""
    with app.changing("lifting the suspension") as client:
        written = client.grants.lift(grant, reason)
    then = steps.step("who holds it", "may use the data again", f"grant show {output.short(grant)}")
    show_written(app, written, lambda: show_grant(written.answer, written.answer.status), then=then)


@click.command(
    "relinquish",
    cls=Command,
    help="""Give back a grant that one holds.

    If you asked for it, it ends for everybody; otherwise you leave it for yourself alone. What ends is shown first.
    The institution that owns the data has to be reachable.""",
    examples="""
    medconsent grant relinquish 9b1d40 --reason "the study is finished"
    """,
)
@click.argument("grant", type=GRANT, metavar="ID")
@click.option("--reason", metavar="TEXT", help="Why; public.")
@ASK_OPTION
@pass_app
def relinquish(app: App, *, grant: str, reason: str | None, yes: bool) -> None:
    """See the help."""
    from medconsent.desk.endings import grant_plan  # noqa: PLC0415

    ask_first(app, lambda client: grant_plan(client, grant, naming(), leaving=True), yes=yes)
    with app.changing("giving the grant back") as client:
        written = client.grants.relinquish(grant, reason=reason)
    given = written.answer
    then = steps.justified(given.breakglass, given.dataset) if given.breakglass else steps.anew(given.dataset)
    show_written(app, written, lambda: show_grant(given, given.status), then=then)


@click.command(
    "accept",
    cls=Command,
    help="""Accept the terms that a grant comes with.

    Each person does so for themself, by naming the file with the terms that they have read (`policy show` says
    where it is), or its SHA-256. Whoever asked for the grant accepted them by asking; for everybody else, checks
    deny until then.""",
    examples="""
    medconsent grant accept 9b1d40 --terms 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    """,
)
@click.argument("grant", type=GRANT, metavar="ID")
@click.option(
    "--terms", required=True, type=SHA256, metavar="FILE|SHA256", help="The terms as one has read them, or their hash."
)
@pass_app
def accept(app: App, *, grant: str, terms: str) -> None:
    """See the help."""
    with app.changing("accepting the terms") as client:
        written = client.grants.accept(grant, terms)
    said = written.answer
    show_written(
        app,
        written,
        lambda: output.fields(
            [
                ("grant", said.grant),
                ("dataset", said.dataset),
                ("accepted by", person(said.person)),
                ("terms", said.terms),
            ]
        ),
        then=steps.step(
            person(said.person),
            "may have the data; where it is and whom to ask",
            f"grant show {output.short(said.grant)}",
        ),
    )


COMMANDS = (suspend, lift, relinquish, accept)
