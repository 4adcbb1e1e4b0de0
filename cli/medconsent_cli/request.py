"""`medconsent request`: ask for data, see what a request waits for, and decide on it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli import _output, _shape
from medconsent_cli._app import App, pass_app
from medconsent_cli._lists import show_list
from medconsent_cli._purpose import purpose_options
from medconsent_cli._render import actors, committed, confirm, how_long, show_written, when, written_json
from medconsent_cli._request_view import show_request, summary
from medconsent_cli._values import (
    COMMITTEE,
    COMMITTEE_ROLES,
    STATES,
    DatasetVersion,
    Word,
    dataset_argument,
    duration_of,
    duration_options,
    list_options,
)

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.purposes import Purpose
    from medconsent.records import ForgedRecord, Written
    from medconsent.requests import RequestView, VoteOutcome

request = _shape.group(
    "request",
    help="Ask for data; approve or reject what others ask.",
    examples="""
    medconsent request list --state in-review
    medconsent request show 5f0c2a
    """,
)


@request.command(
    "submit",
    help="""Ask for a dataset (role: researcher).

    The request is bound to the version of the dataset and of its policy that stand now. What is written as
    --project can be read by every institution. What is not stated is not done, or not narrowed; what the policy asks
    for is in docs/use-conditions.md, and `medconsent explain` says what it would answer.""",
    examples="""
    medconsent request submit hanbit/breast-cancer --purpose disease --disease ICD10:C50 --mode download --days 90 \\
        --project "Which measurements tell tumours apart?"
    medconsent request submit hanbit/ct --purpose health-research --training --organisation non-profit --country KR \\
        --ethics-board "IRB of Nuri" --ethics-number 2026-11 --ethics-until 2027-11-01T00:00:00Z \\
        --ethics-hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 \\
        --mode enclave --days 90 --project "A model of lung nodules"
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
    metavar="ID",
    help="An enrolment id of one's own institution; may be repeated. Default: oneself.",
)
@click.option(
    "--accept-terms", metavar="SHA256", help="The hash of the policy's terms as one has read them, where it has some."
)
@pass_app
def submit(
    app: App,
    *,
    dataset: DatasetVersion,
    purpose: "Purpose",
    mode: str,
    days: int | None,
    duration: int | None,
    project: str,
    researchers: tuple[str, ...],
    accept_terms: str | None,
) -> None:
    """See the help."""
    seconds = duration_of(days, duration, required=True)
    assert seconds is not None  # noqa: S101  (required)
    with app.changing("submitting the request") as client:
        written = client.requests.submit(
            dataset.dataset,
            version=dataset.version,
            purpose=purpose,
            mode=mode,
            duration=seconds,
            project=project,
            researchers=researchers or None,
            accepted_terms=accept_terms,
        )

    def people() -> None:
        _output.fields([("request", written.answer.id), *summary(written.answer)])

    show_written(app, written, people)


@request.command(
    "list",
    help="""List requests, newest first.

    --waiting-for is the inbox of a committee.""",
    examples="""
    medconsent request list --state in-review
    medconsent request list --waiting-for hanbit/dac
    medconsent request list --requester nuri/kim
    """,
)
@click.option("--state", type=Word(*STATES), metavar="STATE", help=f"One of {', '.join(STATES)}.")
@click.option("--owner", metavar="INSTITUTION", help="For datasets of this institution.")
@click.option("--requester", metavar="WHO", help="By this institution (nuri) or person (nuri/kim).")
@click.option(
    "--waiting-for", type=COMMITTEE, metavar="COMMITTEE", help="That wait for this committee, as in hanbit/dac."
)
@list_options
@pass_app
def list_(
    app: App, *, state: str | None, owner: str | None, requester: str | None, waiting_for: str | None, limit: int
) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the requests") as client:
        show_list(
            app,
            client.requests.iterate(
                state=state, owner=owner, requester=requester, waiting_for=waiting_for, on_forged=forged.append
            ),
            limit=limit,
            forged=forged,
            headers=["request", "state", "dataset", "by", "purpose", "mode", "for", "since"],
            row=lambda it: [
                _output.short(it.id),
                it.state,
                f"{it.request.dataset}@{it.request.version}",
                it.request.requester,
                it.request.purpose,
                it.request.mode,
                how_long(it.request.duration_seconds),
                when(it.request.created_at),
            ],
        )


@request.command(
    "show",
    help="""Show a request and whom it waits for.

    With its state, the votes, and the digests that a vote names.""",
    examples="""
    medconsent request show 5f0c2a
    medconsent request show 5f0c2a --wait-block 42
    """,
)
@click.argument("request", metavar="ID")
@pass_app
def show(app: App, *, request: str) -> None:
    """See the help."""
    with app.asking("reading the request") as client:
        found = client.requests.get(request)
    app.show(found.to_json(), lambda: show_request(found))


def _vote_options(function: Any) -> Any:
    for decorate in (
        click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal."),
        click.option(
            "--role",
            type=Word(*COMMITTEE_ROLES),
            metavar="ROLE",
            help="Vote in this role. Default: the one that fits, when only one does.",
        ),
        click.argument("request", metavar="ID"),
    ):
        function = decorate(function)
    return function


@request.command(
    "approve",
    help="""Vote for a request.

    Needs a role that it waits for, and a seat on that committee. What is being approved is shown first. The vote
    names the digests of what was shown; if the request, the dataset's version or the policy is another by then, it
    is refused.""",
    examples="""
    medconsent request approve 5f0c2a
    medconsent request approve 5f0c2a --role ethics --yes
    """,
)
@_vote_options
@click.option("--reason", metavar="TEXT", help="Why; public.")
@pass_app
def approve(app: App, *, request: str, role: str | None, reason: str | None, yes: bool) -> None:
    """See the help."""
    _vote(
        app,
        request,
        "Approve",
        lambda client, shown, role: client.requests.approve(shown.id, reason=reason, role=role, shown=shown),
        role=role,
        yes=yes,
    )


@request.command(
    "reject",
    help="""Vote against a request, with a reason.

    As `request approve`. Every institution can read the reason.""",
    examples="""
    medconsent request reject 5f0c2a --reason "the purpose is not specific enough"
    """,
)
@_vote_options
@click.option("--reason", required=True, metavar="TEXT", help="Why; public.")
@pass_app
def reject(app: App, *, request: str, role: str | None, reason: str, yes: bool) -> None:
    """See the help."""
    _vote(
        app,
        request,
        "Reject",
        lambda client, shown, role: client.requests.reject(shown.id, reason, role=role, shown=shown),
        role=role,
        yes=yes,
    )


@request.command(
    "withdraw",
    help="""Take back one's own request.

    Or one of which one is a researcher; as long as it is not decided.""",
    examples="""
    medconsent request withdraw 5f0c2a --reason "we have found other data"
    """,
)
@click.argument("request", metavar="ID")
@click.option("--reason", metavar="TEXT", help="Why; public.")
@pass_app
def withdraw(app: App, *, request: str, reason: str | None) -> None:
    """See the help."""
    with app.changing("withdrawing the request") as client:
        written = client.requests.withdraw(request, reason=reason)
    show_written(app, written, lambda: _output.fields([("request", written.answer.id), ("state", "withdrawn")]))


def _can_vote(client: "Client", role: str | None) -> None:
    """Say at once that there is no role to vote in; whether one that is named will do is the contract's to say.

    Raises:
        click.UsageError: none was named, and the certificate has none to choose.
    """
    if role or any(found in COMMITTEE_ROLES for found in client.roles):
        return
    raise click.UsageError(
        f"you act as {client.institution}/{client.enrollment_id}, whose certificate has no voting role "
        f"({', '.join(COMMITTEE_ROLES)}): --context NAME acts as somebody else, "
        "and `medconsent context list` shows who has which role."
    )


def _vote(
    app: App,
    request: str,
    what: str,
    send: "Callable[[Any, RequestView, str], Written[VoteOutcome]]",
    *,
    role: str | None,
    yes: bool,
) -> None:
    """Show the request, ask, and vote on exactly what was shown."""
    from medconsent.requests import choose_role  # noqa: PLC0415

    with app.asking("reading the request") as client:
        _can_vote(client, role)
        shown = client.requests.get(request)
        role = role or choose_role(shown, client.institution, client.roles)
    if not app.json:
        show_request(shown)
    confirm(f"{what} this?", yes=yes)
    with app.changing("sending the vote") as client:
        written = send(client, shown, role)
    outcome = written.answer

    def people() -> None:
        _output.line()
        _output.fields(
            [
                ("vote", f"{outcome.vote.vote} as {outcome.vote.voter.institution}/{outcome.vote.role}"),
                ("request is now", _output.Styled(_output.word(outcome.state))),
            ]
        )
        if outcome.grant is not None:
            grant = outcome.grant
            _output.fields(
                [
                    ("grant", grant.id),
                    ("to", actors(grant.institution, grant.grantees)),
                    ("until", when(grant.until)),
                    ("obligations", ", ".join(grant.obligations)),
                ]
            )
        committed(written)

    app.show(written_json(written), people)
