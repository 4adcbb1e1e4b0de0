"""`medconsent request list`, `show`: what is asked for, and whom it waits for."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app.at_home import SomebodyAtHome
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import REQUEST, WAITS_FOR, Word
from medconsent_cli.app.words import REQUEST_STATES
from medconsent_cli.commands.inbox import show_inbox
from medconsent_cli.commands.request.view import HEADERS, row, show_request

if TYPE_CHECKING:
    from medconsent.values.records import ForgedRecord
from medconsent_cli.app.shape import Command


@click.command(
    "list",
    cls=Command,
    help="""List requests, newest first.

    --waiting-for COMMITTEE is that committee's inbox, --waiting-for me one's own (`medconsent inbox`).""",
    examples="""
    medconsent request list --state in-review
    medconsent request list --waiting-for me
    medconsent request list --waiting-for hanbit/dac --member lee
    medconsent request list --requester nuri --state returned
    """,
)
@click.option("--state", type=Word(*REQUEST_STATES), metavar="STATE", help=f"One of {', '.join(REQUEST_STATES)}.")
@click.option("--owner", metavar="INSTITUTION", help="For datasets of this institution.")
@click.option("--requester", metavar="INSTITUTION", help="By this institution.")
@click.option(
    "--waiting-for",
    type=WAITS_FOR,
    metavar="me|COMMITTEE",
    help="That wait for this committee, as in hanbit/dac, or for oneself.",
)
@click.option(
    "--member",
    type=SomebodyAtHome(of="waiting_for"),
    metavar="ID",
    help="With --waiting-for COMMITTEE: only for this member.",
)
@list_options
@pass_app
def list_(
    app: App,
    *,
    state: str | None,
    owner: str | None,
    requester: str | None,
    waiting_for: str | None,
    member: str | None,
    limit: int,
) -> None:
    """See the help."""
    if waiting_for == "me":
        if any((state, owner, requester, member)):
            raise click.UsageError("--waiting-for me is a list of its own: leave the other filters out.")
        show_inbox(app, limit)
        return
    if member and not waiting_for:
        raise click.UsageError("--member goes with --waiting-for COMMITTEE.")
    forged: list[ForgedRecord] = []
    with app.asking("reading the requests") as client:
        show_list(
            app,
            client.requests.iterate(
                state=state,
                owner=owner,
                requester=requester,
                waiting_for=waiting_for,
                waiting_person=member,
                on_forged=forged.append,
            ),
            limit=limit,
            forged=forged,
            headers=HEADERS,
            row=row,
        )


@click.command(
    "show",
    cls=Command,
    help="""Show a request and whom it waits for.

    With its state, the votes, and the digests that a vote names; of one that is not decided also what the rules leave
    to people to judge, and what only the requester vouches for.""",
    examples="""
    medconsent request show 5f0c2a
    medconsent request show 5f0c2a --wait-block 42
    """,
)
@click.argument("request", type=REQUEST, metavar="ID")
@pass_app
def show(app: App, *, request: str) -> None:
    """See the help."""
    from medconsent.desk.requests import background_of, judged  # noqa: PLC0415

    with app.asking("reading the request") as client:
        found = client.requests.get(request)
        decision = None if app.json else judged(client, found)
        background = None if app.json else background_of(client, found)
    app.show(found.to_json(), lambda: show_request(found, decision, background))
