"""`medconsent request list --waiting-for me`: what waits for the one who asks."""

from typing import TYPE_CHECKING

from medconsent_cli.app import output
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.persons import members, person
from medconsent_cli.app.render import when
from medconsent_cli.app.state import App
from medconsent_cli.commands.grant.view import BREAK_GLASS

if TYPE_CHECKING:
    from medconsent.nouns.inbox import Waiting
    from medconsent.values.records import ForgedRecord

_NEXT = {
    "confirm": "breakglass confirm",
    "justify": "breakglass justify",
    "vote": "request show, then approve, reject, return or recuse",
    "amend": "request amend",
    "accept": "grant accept",
}


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
    what: list[object] = [_whose(it)]
    if it.request is not None:
        asked = it.request.request
        what += [output.short(asked.id), f"{asked.dataset}@{asked.version}", person(asked.requester), asked.purpose]
        until = when(asked.review_until)
    elif it.grant is not None:
        given = it.grant.grant
        what += [output.short(given.id), f"{given.dataset}@{given.version}", given.owner, given.purpose]
        until = when(given.until)
    elif it.breakglass is not None:
        glass = it.breakglass.breakglass
        what += [output.short(glass.id), f"{glass.dataset}@{glass.version}", person(glass.proposed_by), glass.reason]
        until = when(it.breakglass.confirm_until) if it.breakglass.confirm_until else ""
    else:
        assert it.invitation is not None  # noqa: S101  (one of the four)
        question = it.invitation.invitation
        what += [output.short(question.id), question.dataset, person(question.inviter), question.question]
        until = when(question.until) if question.until else ""
    return [*what, when(it.since), until, _next(it)]


def _next(it: "Waiting") -> str:
    """What to do; an answer is a remark on the request, of which the table has no other column."""
    if it.what == "confirm" and it.breakglass is not None and it.breakglass.why:
        return f"not now: breakglass show {output.short(it.breakglass.id)} says why"  # a cell would cut the sentence
    if it.invitation is not None:
        request = output.short(it.invitation.invitation.request)
        return f"request remark {request} TEXT --invitation ID"
    return _NEXT.get(it.what, "")


def _whose(it: "Waiting") -> str:
    """`vote in hanbit/dac`, `vote in hanbit/dac for lee`, or `confirm BREAK-GLASS`."""
    if it.breakglass is not None:
        return f"{it.what} {BREAK_GLASS}"
    if not it.committee:
        return it.what
    institution = it.committee.partition("/")[0]
    return f"{it.what} in {it.committee}" + (f" for {members(institution, it.members)}" if it.members else "")
