"""A request that is made a second time while the first still stands open."""

import sys
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from medconsent.values.requests import NewRequest

AGAIN_OPTION = click.option("--yes", is_flag=True, help="Do not ask when one has asked for the same already.")


def ask_whether_again(app: App, wanted: "NewRequest", *, yes: bool) -> None:
    """Say on stderr that the same was asked for already, and at a terminal ask whether it is to be asked again.

    It takes nothing away and can be withdrawn: so a program that asks goes on without an answer.

    Args:
        app: The settings of this run.
        wanted: What is about to be submitted.
        yes: The user has said yes already (`--yes`): nothing is looked up.

    Raises:
        click.Abort: The answer was no.
    """
    from medconsent.desk.repeated import same_request  # noqa: PLC0415
    from medconsent.errors import MedconsentError  # noqa: PLC0415

    if yes or app.json:
        return
    try:
        with app.asking("reading the open requests") as client:
            found = same_request(client, wanted)
    except MedconsentError:
        return  # what keeps it from being read, sending it tells
    if found is None:
        return
    short = output.short(found.id)
    told = f"the same was asked for already and is {found.state}: medconsent request show {short}"
    click.echo(output.safe(f"warning: {told} (request amend changes it)"), err=True)
    if sys.stdin.isatty():
        click.confirm("Ask again?", abort=True, err=True)
