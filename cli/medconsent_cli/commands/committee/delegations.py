"""`medconsent committee delegate`, `undelegate`, `delegations`: who votes in a member's place for a while."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, steps
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.persons import member
from medconsent_cli.app.render import record_lines, show_written, when
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import ENROLLMENT_ID, PERSON_OF_INSTITUTION, TIME, Word
from medconsent_cli.app.words import COMMITTEE_ROLES, DELEGATION_STATES

if TYPE_CHECKING:
    from datetime import datetime

    from medconsent.nouns.committees import Delegation, DelegationView
    from medconsent.values.records import ForgedRecord


@click.command(
    "delegate",
    cls=Command,
    help="""Name a deputy for oneself.

    For a member with a seat. The deputy is somebody of the same institution who has the role and no seat; they vote
    with `request approve ID --for MEMBER`. At most 90 days. Member and deputy have one vote together.""",
    examples="""
    medconsent committee delegate dac choi --until 2026-12-31T00:00:00Z
    medconsent committee delegate dac choi --from 2026-12-20T00:00:00Z --until 2027-01-10T00:00:00Z --reason leave
    """,
)
@click.argument("role", type=Word(*COMMITTEE_ROLES), metavar="ROLE")
@click.argument("deputy", type=ENROLLMENT_ID, metavar="DEPUTY")
@click.option("--until", required=True, type=TIME, metavar="TIME", help="Until when.")
@click.option("--from", "begins", type=TIME, metavar="TIME", help="From when on. Default: now.")
@click.option("--reason", metavar="TEXT", help="Why; public.")
@pass_app
def delegate(
    app: App, *, role: str, deputy: str, until: "datetime", begins: "datetime | None", reason: str | None
) -> None:
    """See the help."""
    with app.changing("naming the deputy") as client:
        written = client.committees.delegate(role, deputy, until=until, from_=begins, reason=reason)
    made = written.answer
    then = steps.step(
        member(made.institution, made.deputy),
        f"votes in the place of {member(made.institution, made.member)} from then on",
        f"request approve ID --for {made.member}",
    )
    show_written(app, written, lambda: _fields(made), then=then)


@click.command(
    "undelegate",
    cls=Command,
    help="""Take a delegation back.

    As the member who gave it, or a steward. Votes that were given stay.""",
    examples="""
    medconsent committee undelegate 6e2f09 --reason "back early"
    """,
)
@click.argument("delegation", metavar="ID")
@click.option("--reason", metavar="TEXT", help="Why; public.")
@pass_app
def undelegate(app: App, *, delegation: str, reason: str | None) -> None:
    """See the help."""
    with app.changing("taking the delegation back") as client:
        written = client.committees.undelegate(delegation, reason=reason)
    ended = written.answer
    then = steps.step(member(ended.institution, ended.member), "votes again", "inbox")
    show_written(app, written, lambda: _fields(ended), then=then)


@click.command(
    "delegations",
    cls=Command,
    help="List who votes in whose place.",
    examples="""
    medconsent committee delegations
    medconsent committee delegations --institution saerom --role ethics
    medconsent committee delegations --deputy choi
    """,
)
@click.option("--institution", metavar="INSTITUTION", help="Of this institution. Default: one's own.")
@click.option("--role", type=Word(*COMMITTEE_ROLES), metavar="ROLE", help="In this committee.")
@click.option("--member", type=PERSON_OF_INSTITUTION, metavar="ID", help="Given by this member.")
@click.option("--deputy", type=PERSON_OF_INSTITUTION, metavar="ID", help="Given to this deputy.")
@click.option("--state", type=Word(*DELEGATION_STATES), metavar="STATE", help=f"One of {', '.join(DELEGATION_STATES)}.")
@list_options
@pass_app
def delegations(
    app: App,
    *,
    institution: str | None,
    role: str | None,
    member: str | None,
    deputy: str | None,
    state: str | None,
    limit: int,
) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the delegations") as client:
        found = client.committees.delegations(
            institution=institution, role=role, member=member, deputy=deputy, state=state, on_forged=forged.append
        )
        show_list(
            app,
            found,
            limit=limit,
            forged=forged,
            headers=["delegation", "state", "committee", "member", "deputy", "from", "until", "reason"],
            row=_row,
        )


COMMANDS = (delegate, undelegate, delegations)


def _row(view: "DelegationView") -> list[object]:
    it = view.delegation
    return [
        output.short(it.id),
        view.state,
        f"{it.institution}/{it.role}",
        member(it.institution, it.member),
        member(it.institution, it.deputy),
        when(it.from_),
        when(it.until),
        it.reason,
    ]


def _fields(found: "Delegation") -> None:
    output.fields(
        [
            ("delegation", found.id),
            ("status", found.status),
            ("committee", f"{found.institution}/{found.role}"),
            ("member", member(found.institution, found.member)),
            ("deputy", member(found.institution, found.deputy)),
            ("from", when(found.from_)),
            ("until", when(found.until)),
            ("reason", found.reason),
            *record_lines(found),
        ]
    )
