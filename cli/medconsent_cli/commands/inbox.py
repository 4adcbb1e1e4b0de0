"""`medconsent inbox`: what waits for the one who asks."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.persons import naming
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.commands.grant.view import BREAK_GLASS

if TYPE_CHECKING:
    from medconsent.desk.inbox import InboxLine
    from medconsent.nouns.inbox import Waiting
    from medconsent.values.records import ForgedRecord

_NEXT = {
    "confirm": "breakglass confirm",
    "justify": "breakglass justify",
    "vote": "request show, then approve, reject, return or recuse",
    "amend": "request amend",
    "accept": "grant accept",
}


@click.command(
    "inbox",
    cls=Command,
    help="""List what waits for oneself.

    First of all break-glass to confirm or to justify, then what another officer proposed, votes to give, also as
    somebody's deputy, requests of one's own that were returned, terms to accept, and questions to answer. A further
    column says what to do.""",
    examples="""
    medconsent inbox
    medconsent inbox --json
    """,
)
@list_options
@pass_app
def inbox(app: App, *, limit: int) -> None:
    """See the help."""
    show_inbox(app, limit)


def show_inbox(app: App, limit: int) -> None:
    """Show at most `limit` of what waits, emergencies first."""
    forged: list[ForgedRecord] = []
    with app.asking("reading what waits for you") as client:
        show_list(
            app,
            client.inbox.iterate(on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["waits for", "id", "dataset", "by", "about", "since", "until", "next"],
            row=_row,
        )


def _row(it: "Waiting") -> list[object]:
    from medconsent.desk.inbox import line  # noqa: PLC0415

    shown = line(it, naming())
    what = " ".join(part for part in (shown.what, BREAK_GLASS if shown.emergency else "", shown.where) if part)
    cells = (output.short(shown.id), shown.dataset, shown.by, shown.about, shown.since, shown.until)
    return [what, *cells, _next(it, shown)]


def _next(it: "Waiting", shown: "InboxLine") -> str:
    """What to do; an answer is a remark on the request, of which the table has no other column."""
    if shown.refused:
        noun = "breakglass" if it.proposal is None else "proposal"
        return f"not now: {noun} show {output.short(shown.id)} says why"  # a cell would cut the sentence
    if it.invitation is not None:
        request = output.short(it.invitation.invitation.request)
        return f"request remark {request} TEXT --invitation ID"
    if it.proposal is not None:
        return "proposal show, then confirm or reject"
    if it.what == "vote" and it.members:
        return f"request show, then approve, reject or return --for {it.members[0]}"
    return _NEXT.get(it.what, "")
