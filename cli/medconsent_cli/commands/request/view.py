"""A request on the terminal: the screen of `medconsent.desk.requests`, laid out."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, steps
from medconsent_cli.app.lists import warn_forged
from medconsent_cli.app.persons import naming, person
from medconsent_cli.app.render import how_long, when
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medconsent import Client
    from medconsent.desk.facts import Fact
    from medconsent.desk.requests import Background, RequestScreen
    from medconsent.desk.steps import Step
    from medconsent.nouns.decisions import Decision
    from medconsent.values.requests import Request, RequestView

HEADERS = ["request", "state", "dataset", "by", "purpose", "mode", "for", "since", "waits for", "waiting since"]


def say_whether_oneself(app: App, client: "Client", researchers: "Iterable[str]") -> None:
    """Say on stderr that who asks will not use the data, where others are named and they are not."""
    named = list(researchers)
    if named and client.enrollment_id not in named and not app.json:
        own = client.enrollment_id
        told = f"you ({own}) are not among the researchers, and get no access: --researcher {own} adds you"
        click.echo(told, err=True)


def row(view: "RequestView") -> list[object]:
    """One row of a list of requests, below `HEADERS`."""
    from medconsent.desk.requests import waited_for  # noqa: PLC0415

    request = view.request
    return [
        output.short(view.id),
        view.state,
        f"{request.dataset}@{request.version}",
        person(request.requester),
        request.purpose,
        request.mode,
        how_long(request.duration_seconds),
        when(request.created_at),
        *waited_for(view, naming()),
    ]


def summary(request: "Request") -> list[tuple[str, object]]:
    """What is asked for, by whom, and the digests that a vote names."""
    from medconsent.desk.requests import summary as facts_of  # noqa: PLC0415

    return _fields(facts_of(request, naming()))


def standing(app: App, client: "Client", request: str) -> "tuple[str, Step | None]":
    """Where a request stands after it was changed, for people, and who has to do what now.

    Both empty when that cannot be read: the request is there all the same. One that was submitted may have been
    approved at once.
    """
    from medconsent.desk.steps import of_request  # noqa: PLC0415
    from medconsent.errors import MedconsentError  # noqa: PLC0415

    app.change = None  # this only reads
    if app.json:
        return "", None
    try:
        found = client.requests.get(request)
    except MedconsentError:
        return "", None
    state = f"{found.state}, grant {found.grant.id}" if found.grant else found.state
    return state, of_request(found, naming()) or steps.nothing(f"request show {output.short(found.id)}")


def show_request(
    view: "RequestView", decision: "Decision | None" = None, background: "Background | None" = None
) -> None:
    """Everything: the request, whom it still waits for, what they have to judge, its votes, what was said about it, and
    its grant.
    """
    from medconsent.desk.requests import screen  # noqa: PLC0415

    shown = screen(view, decision, naming(), background)
    output.fields(_fields(shown.facts))
    if shown.votes:
        _votes(shown)
    if shown.remarks:
        output.line()
        for remark in shown.remarks:  # each on lines of its own: what was said is not cut
            output.line(output.safe(remark.heading))
            output.line(f"  {output.safe(remark.said)}")
    if shown.invitations:
        output.line()
        output.table(
            ["asked", "by", "answered", "until", "question"],
            [[one.asked, one.by, one.answered, one.until, one.question] for one in shown.invitations],
        )
    warn_forged(shown.not_counted)
    output.fields(_fields(shown.grant))


def _votes(shown: "RequestScreen") -> None:
    output.line()
    output.table(
        ["vote", "", "by", "as", "when", "reason"],
        [[it.vote, it.note, it.by, it.committee, it.at, it.reason] for it in shown.votes],
    )
    output.fields([("attested", [output.brief(one) for one in shown.attested])])


def _fields(facts: "Iterable[Fact]") -> list[tuple[str, object]]:
    """Facts as labels and values; a state gets its colour, and what is said of it goes on in its line."""
    return [(one.label, _with_state(one) if one.state else list(one.says)) for one in facts]


def _with_state(one: "Fact") -> output.Styled:
    return output.Styled(" ".join([output.word(one.state), *(output.safe(said) for said in one.says)]))
