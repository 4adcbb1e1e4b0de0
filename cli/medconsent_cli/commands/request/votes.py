"""`medconsent request approve`, `reject`, `recuse`, `return`, `close`: what those who decide on a request can say."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output, persons
from medconsent_cli.app.render import committed, confirm, show_next, when, written_json
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import ENROLLMENT_ID, REQUEST, Word
from medconsent_cli.app.words import COMMITTEE_ROLES
from medconsent_cli.commands.request.attestation import ATTESTATION_OPTIONS, read_attestation
from medconsent_cli.commands.request.view import show_request, standing

if TYPE_CHECKING:
    from datetime import datetime

    from medconsent import Client, Ethics
    from medconsent.nouns.requests import RequestView, VoteOutcome
    from medconsent.values.records import Written

_YES = click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; public.")
_ROLE = click.option(
    "--role",
    type=Word(*COMMITTEE_ROLES),
    metavar="ROLE",
    help="Vote in this role. Default: the one that fits, when only one does.",
)
_FOR = click.option(
    "--for",
    "member",
    type=ENROLLMENT_ID,
    metavar="MEMBER",
    help="Vote as the deputy of this member, who has named one so (`committee delegate`).",
)
_NO_CONFLICT = click.option(
    "--no-conflict", is_flag=True, help="Declare that one has no conflict of interest, where the policy asks for it."
)


def _options(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """ID and these options, in this order."""

    def decorate(function: Any) -> Any:
        for one in reversed((click.argument("request", type=REQUEST, metavar="ID"), *decorators)):
            function = one(function)
        return function

    return decorate


@click.command(
    "approve",
    cls=Command,
    help="""Vote for a request.

    Needs a role that it waits for, and a seat on that committee, or to be the deputy of somebody who has one. What is
    being approved is shown first. The vote names the digests of what was shown; if the request, the dataset's version
    or the policy is another by then, it is refused. In a stage that attests, an approval carries the ethics board's:
    the grant ends with it at the latest.""",
    examples="""
    medconsent request approve 5f0c2a
    medconsent request approve 5f0c2a --role ethics --attest approval.yaml --yes
    medconsent request approve 5f0c2a --attest-board "IRB of Hanbit" --attest-number 2026-114 \\
        --attest-document letter.pdf --attest-until 2027-11-01T00:00:00Z
    medconsent request approve 5f0c2a --for lee --no-conflict
    """,
)
@_options(
    _ROLE,
    _FOR,
    _NO_CONFLICT,
    *ATTESTATION_OPTIONS,
    click.option("--reason", metavar="TEXT", help="Why; public."),
    _YES,
)
@pass_app
def approve(
    app: App,
    *,
    request: str,
    role: str | None,
    member: str | None,
    no_conflict: bool,
    attest: Path | None,
    attest_board: str | None,
    attest_number: str | None,
    attest_document: Path | None,
    attest_until: "datetime | None",
    reason: str | None,
    yes: bool,
) -> None:
    """See the help."""
    attestation = read_attestation(attest, attest_board, attest_number, attest_document, attest_until)
    said: dict[str, Any] = {"reason": reason, "for_": member, "no_conflict": no_conflict, "attestation": attestation}
    _vote(
        app,
        request,
        "Approve",
        lambda client, shown, role: client.requests.approve(shown.id, role=role, shown=shown, **said),
        role=role,
        yes=yes,
        attestation=attestation,
    )


@click.command(
    "reject",
    cls=Command,
    help="""Vote against a request, with a reason.

    As `request approve`. Every institution can read the reason.""",
    examples="""
    medconsent request reject 5f0c2a --reason "the purpose is not specific enough"
    """,
)
@_options(_ROLE, _FOR, _NO_CONFLICT, _REASON, _YES)
@pass_app
def reject(
    app: App, *, request: str, role: str | None, member: str | None, no_conflict: bool, reason: str, yes: bool
) -> None:
    """See the help."""
    _vote(
        app,
        request,
        "Reject",
        lambda client, shown, role: client.requests.reject(
            shown.id, reason, role=role, shown=shown, for_=member, no_conflict=no_conflict
        ),
        role=role,
        yes=yes,
    )


@click.command(
    "recuse",
    cls=Command,
    help="""Declare a conflict of interest.

    You have no vote on this request any more, also when it is amended, and no deputy can vote for you. The
    committee still needs as many approvals as before.""",
    examples="""
    medconsent request recuse 5f0c2a --reason "I work with the requester"
    """,
)
@_options(_ROLE, _REASON, _YES)
@pass_app
def recuse(app: App, *, request: str, role: str | None, reason: str, yes: bool) -> None:
    """See the help."""
    _vote(
        app,
        request,
        "Declare a conflict of interest on",
        lambda client, shown, role: client.requests.recuse(shown.id, reason, role=role, shown=shown),
        role=role,
        yes=yes,
    )


@click.command(
    "return",
    cls=Command,
    help="""Give a request back for changes.

    As a member of a stage that is open. Nobody votes on it until the requester has amended it; the deadline stays.""",
    examples="""
    medconsent request return 5f0c2a --reason "say which hospitals the model is for"
    """,
)
@_options(_ROLE, _FOR, _REASON, _YES)
@pass_app
def return_(app: App, *, request: str, role: str | None, member: str | None, reason: str, yes: bool) -> None:
    """See the help."""
    _vote(
        app,
        request,
        "Return",
        lambda client, shown, role: client.requests.return_(shown.id, reason, role=role, shown=shown, for_=member),
        role=role,
        yes=yes,
    )


@click.command(
    "close",
    cls=Command,
    help="""End an undecided request (role: steward).

    It must be for a dataset of one's own institution.""",
    examples="""
    medconsent request close 5f0c2a --reason "the dataset is being replaced"
    """,
)
@_options(_REASON, _YES)
@pass_app
def close(app: App, *, request: str, reason: str, yes: bool) -> None:
    """See the help."""
    _vote(
        app,
        request,
        "Close",
        lambda client, shown, _role: client.requests.close(shown.id, reason, shown=shown),
        role="steward",
        yes=yes,
    )


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
    attestation: "Ethics | None" = None,
) -> None:
    """Show the request, ask, and vote on exactly what was shown."""
    from medconsent.desk.requests import attested, background_of, judged, voter  # noqa: PLC0415
    from medconsent.nouns.requests import choose_role  # noqa: PLC0415

    with app.asking("reading the request") as client:
        _can_vote(client, role)
        shown = client.requests.get(request)
        role = role or choose_role(shown, client.institution, client.roles)
        decision = None if app.json else judged(client, shown)
        background = None if app.json else background_of(client, shown)
    if not app.json:
        show_request(shown, decision, background)
        if attestation:
            output.fields([("you attest", output.brief(attested(attestation)))])
    confirm(f"{what} this?", yes=yes)
    with app.changing("sending the vote") as client:
        written = send(client, shown, role)
        _, then = standing(app, client, shown.id)
    outcome = written.answer

    def people() -> None:
        output.line()
        as_ = f"{outcome.vote.voter.institution}/{outcome.vote.role}"
        output.fields(
            [
                ("vote", f"{outcome.vote.vote} as {as_}"),
                ("by", voter(outcome.vote, persons.naming()) if outcome.vote.deputy_for else ""),
                ("request is now", output.Styled(output.word(outcome.state))),
            ]
        )
        if outcome.grant is not None:
            grant = outcome.grant
            output.fields(
                [
                    ("grant", grant.id),
                    ("to", persons.people(grant.institution, grant.grantees)),
                    ("until", when(grant.until)),
                    ("obligations", ", ".join(grant.obligations)),
                ]
            )
        committed(written)
        show_next(then)

    app.show(written_json(written), people)
