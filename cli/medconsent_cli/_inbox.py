"""`medconsent request list --waiting-for me`: what waits for the one who asks."""

from typing import TYPE_CHECKING

from medconsent_cli import _output
from medconsent_cli._app import App
from medconsent_cli._lists import show_list
from medconsent_cli._people import members, person
from medconsent_cli._render import when

if TYPE_CHECKING:
    from medconsent.inbox import Waiting
    from medconsent.records import ForgedRecord

_NEXT = {
    "vote": "request show, then approve, reject, return or recuse",
    "amend": "request amend",
    "accept": "grant accept",
}


def show_inbox(app: App, limit: int) -> None:
    """Show at most `limit` of what waits, votes first."""
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
        what += [_output.short(asked.id), f"{asked.dataset}@{asked.version}", person(asked.requester), asked.purpose]
        until = when(asked.review_until)
    elif it.grant is not None:
        given = it.grant.grant
        what += [_output.short(given.id), f"{given.dataset}@{given.version}", given.owner, given.purpose]
        until = when(given.until)
    else:
        assert it.invitation is not None  # noqa: S101  (one of the three)
        question = it.invitation.invitation
        what += [_output.short(question.id), question.dataset, person(question.inviter), question.question]
        until = when(question.until) if question.until else ""
    return [*what, when(it.since), until, _next(it)]


def _next(it: "Waiting") -> str:
    """What to do; an answer is a remark on the request, of which the table has no other column."""
    if it.invitation is not None:
        request = _output.short(it.invitation.invitation.request)
        return f"request remark {request} TEXT --invitation ID"
    return _NEXT.get(it.what, "")


def _whose(it: "Waiting") -> str:
    """`vote in hanbit/dac`, or `vote in hanbit/dac for lee`."""
    if not it.committee:
        return it.what
    institution = it.committee.partition("/")[0]
    return f"{it.what} in {it.committee}" + (f" for {members(institution, it.members)}" if it.members else "")
