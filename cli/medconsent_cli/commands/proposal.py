"""`medconsent proposal`: what one officer did that widens something, and that waits for a second one."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.persons import naming, person
from medconsent_cli.app.render import ASK_OPTION, ask_first, confirm, proposal_lines, show_written, when
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import Word
from medconsent_cli.app.words import PROPOSAL_STATES

if TYPE_CHECKING:
    from medconsent.values.records import ForgedRecord

proposal = shape.group(
    "proposal",
    help="""Changes that wait for a second officer.

    Some changes let more be done than before: a wider policy, a new seat, a new officer, a suspension that is lifted.
    When one officer makes such a change, it stands as a proposal and nothing has changed yet. Another officer of the
    same institution confirms it within thirty days. What takes something away waits for nobody.""",
    examples="""
    medconsent proposal list --waiting
    medconsent proposal confirm 4c0a11
    """,
)


@proposal.command(
    "list",
    help="List the proposals of an institution, newest first.",
    examples="""
    medconsent proposal list --waiting
    medconsent proposal list --state confirmed
    """,
)
@click.option("--institution", metavar="INSTITUTION", help="Whose; default: one's own.")
@click.option("--state", type=Word(*PROPOSAL_STATES), metavar="STATE", help=f"One of {', '.join(PROPOSAL_STATES)}.")
@click.option("--waiting", is_flag=True, help="Only those that you could confirm.")
@list_options
@pass_app
def list_(app: App, *, institution: str | None, state: str | None, waiting: bool, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the proposals") as client:
        show_list(
            app,
            client.proposals.iterate(
                institution=institution, state=state, waiting=waiting or None, on_forged=forged.append
            ),
            limit=limit,
            forged=forged,
            headers=["id", "state", "what", "widens", "proposed", "by", "confirmed by"],
            row=lambda it: [
                output.short(it.id),
                it.state,
                it.proposal.function,
                "; ".join(it.proposal.widens),
                when(it.proposal.created_at),
                person(it.proposal.proposed_by),
                person(it.proposal.confirmed_by) if it.proposal.confirmed_by else "",
            ],
        )


@proposal.command(
    "show",
    help="""Show what a proposal would change.

    With the reason, where it could not be confirmed now.""",
    examples="""
    medconsent proposal show 4c0a11
    """,
)
@click.argument("proposal", metavar="ID")
@pass_app
def show(app: App, *, proposal: str) -> None:
    """See the help."""
    with app.asking("reading the proposal") as client:
        found = client.proposals.get(proposal)
    app.show(found.to_json(), lambda: proposal_lines(found.proposal, found.state, found.why))


@proposal.command(
    "confirm",
    help="""Confirm what another officer proposed: it is done at once.

    What it changes is shown first. Only what was shown is confirmed: if it is another by then, it is refused.""",
    examples="""
    medconsent proposal confirm 4c0a11
    medconsent proposal confirm 4c0a11 --yes
    """,
)
@click.argument("proposal", metavar="ID")
@ASK_OPTION
@pass_app
def confirm_(app: App, *, proposal: str, yes: bool) -> None:
    """See the help."""
    with app.asking("reading the proposal") as client:
        shown = client.proposals.get(proposal)
    if not app.json:
        proposal_lines(shown.proposal, shown.state, shown.why)
    confirm("Do this?", yes=yes)
    with app.changing("confirming the proposal") as client:
        written = client.proposals.confirm(shown.id, shown=shown)
    show_written(app, written, lambda: output.line("confirmed"), then=steps.of_confirmed(shown.proposal))


@proposal.command(
    "reject",
    help="""End a proposal, so that nobody can confirm it.

    It is shown first. Your own proposal is withdrawn by it.""",
    examples="""
    medconsent proposal reject 4c0a11 --reason "the ethics board stays"
    """,
)
@click.argument("proposal", metavar="ID")
@click.option("--reason", metavar="TEXT", help="Why; public.")
@ASK_OPTION
@pass_app
def reject(app: App, *, proposal: str, reason: str | None, yes: bool) -> None:
    """See the help."""
    from medconsent.desk.endings import proposal_plan  # noqa: PLC0415

    ask_first(app, lambda client: proposal_plan(client, proposal, naming()), yes=yes)
    with app.changing("ending the proposal") as client:
        written = client.proposals.reject(proposal, reason=reason)
    then = steps.step(f"an officer of {written.answer.institution}", "can propose it again", "proposal list")
    show_written(app, written, lambda: proposal_lines(written.answer, written.answer.status), then=then)
