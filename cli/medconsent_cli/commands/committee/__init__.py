"""`medconsent committee`: who votes for an institution, by role."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.at_home import AtHome
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.persons import member, members, naming
from medconsent_cli.app.render import ASK_OPTION, ask_first, following, record_lines, show_written, when
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import COMMITTEE, ENROLLMENT_ID, Word, moment
from medconsent_cli.app.words import COMMITTEE_ROLES
from medconsent_cli.commands.committee import delegations

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.desk.steps import Step
    from medconsent.nouns.committees import Committee, Member
    from medconsent.values.records import ForgedRecord, Written

committee = shape.group(
    "committee",
    help="""Who votes for an institution, by role.

    A committee is the list of an institution's people who vote in one role: dac (data access), ethics or privacy. To
    vote, somebody needs that role in their certificate, and a seat on the list for their key.""",
    examples="""
    medconsent committee show hanbit/dac
    medconsent committee add dac lee choi
    medconsent committee remove dac choi
    """,
)


class _MemberType(AtHome, click.ParamType["Member"]):
    name = "member"

    def person_in(self, value: "Member") -> str:
        return value.id

    def naming(self, value: "Member", person: str) -> "Member":
        return replace(value, id=person)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "Member":
        from medconsent.nouns.committees import Member  # noqa: PLC0415

        if isinstance(value, Member):
            return value
        person, *terms = str(value).split(",")
        times: dict[str, datetime] = {}
        key: str | None = None
        for term in terms:
            name, equals, text = term.partition("=")
            if not equals or name not in {"from", "until", "key"}:
                self.fail(f"{term!r}: after the id come only ,key=SHA256, ,from=TIME and ,until=TIME.", param, ctx)
            if name == "key":
                key = text.lower()
                continue
            try:
                times[name] = moment(text, ctx)
            except ValueError as error:
                self.fail(str(error), param, ctx)
        return Member(person, times.get("from"), times.get("until"), key)


@committee.command(
    "set",
    help="""Seat one's own committee for ROLE (role: steward).

    Name everybody who is to have a seat: who is not named loses theirs. What would change is shown first. Votes
    that were given stay. If somebody gets a seat, or has one for longer, the whole change waits for a second
    officer (`proposal confirm`). `committee add` and `committee remove` change single seats.""",
    examples="""
    medconsent committee set dac --member lee --member choi
    medconsent committee set ethics --member yoon,until=2027-12-31T00:00:00Z
    medconsent committee set privacy --nobody
    """,
)
@click.argument("role", metavar="ROLE", type=Word(*COMMITTEE_ROLES))
@click.option(
    "--member",
    "seats",
    multiple=True,
    type=_MemberType(),
    metavar="ID[,key=SHA256][,from=TIME][,until=TIME]",
    help="An enrolment id, seated from now and without end unless said otherwise, for the key of theirs that stands on "
    "the ledger; may be repeated.",
)
@click.option("--nobody", is_flag=True, help="Leave all seats empty.")
@ASK_OPTION
@pass_app
def set_(app: App, *, role: str, seats: "tuple[Member, ...]", nobody: bool, yes: bool) -> None:
    """See the help."""
    if bool(seats) == nobody:
        raise click.UsageError("who sits on it? Give --member ID for each, or --nobody.")
    from medconsent.desk.rosters import set_plan  # noqa: PLC0415

    plan = ask_first(app, lambda client: set_plan(client, role, seats, naming()), yes=yes)
    with app.changing("writing the roster") as client:
        written = client.committees.set(role, seats, shown=plan.digest if plan else None)
        then = _then(app, client, written)
    show_written(app, written, lambda: _fields(written.answer), then=then)


@committee.command(
    "add",
    help="""Give seats on one's own committee (role: steward).

    All others keep theirs. It waits for a second officer (`proposal confirm`). The person needs the role, and a key
    that an officer has admitted (`person admit`).""",
    examples="""
    medconsent committee add dac choi
    medconsent committee add ethics yoon,until=2027-12-31T00:00:00Z
    """,
)
@click.argument("role", metavar="ROLE", type=Word(*COMMITTEE_ROLES))
@click.argument(
    "seats", nargs=-1, required=True, type=_MemberType(), metavar="ID[,key=SHA256][,from=TIME][,until=TIME]..."
)
@pass_app
def add(app: App, *, role: str, seats: "tuple[Member, ...]") -> None:
    """See the help."""
    with app.changing("giving the seats") as client:
        written = client.committees.seat(role, seats)
        then = _then(app, client, written)
    show_written(app, written, lambda: _fields(written.answer), then=then)


@committee.command(
    "remove",
    help="""End seats on one's own committee (role: steward).

    All others keep theirs. It acts at once, and nobody else is asked. It is shown first, because to give the seat again
    takes a second officer.""",
    examples="""
    medconsent committee remove dac lee
    medconsent committee remove dac lee choi --yes
    """,
)
@click.argument("role", metavar="ROLE", type=Word(*COMMITTEE_ROLES))
@click.argument("seated", nargs=-1, required=True, type=ENROLLMENT_ID, metavar="ID...")
@ASK_OPTION
@pass_app
def remove(app: App, *, role: str, seated: tuple[str, ...], yes: bool) -> None:
    """See the help."""
    from medconsent.desk.rosters import remove_plan  # noqa: PLC0415

    ask_first(app, lambda client: remove_plan(client, role, seated, naming()), yes=yes)
    with app.changing("ending the seats") as client:
        written = client.committees.unseat(role, seated)
        then = _then(app, client, written)
    show_written(app, written, lambda: _fields(written.answer), then=then)


@committee.command(
    "show",
    help="Show who sits on a committee, and who did.",
    examples="""
    medconsent committee show hanbit/dac
    """,
)
@click.argument("committee", type=COMMITTEE, metavar="INSTITUTION/ROLE")
@pass_app
def show(app: App, *, committee: str) -> None:
    """See the help."""
    if committee.count("/") != 1:
        raise click.UsageError(f"{committee!r} is no committee: write INSTITUTION/ROLE, as in hanbit/dac.")
    with app.asking("reading the roster") as client:
        found = client.committees.get(committee)
    app.show(found.to_json(), lambda: _fields(found))


@committee.command(
    "list",
    help="List the committees.",
    examples="""
    medconsent committee list
    medconsent committee list --institution hanbit
    """,
)
@click.option("--institution", metavar="INSTITUTION", help="Only this institution's.")
@list_options
@pass_app
def list_(app: App, *, institution: str | None, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    now = datetime.now(UTC)
    with app.asking("reading the committees") as client:
        show_list(
            app,
            client.committees.iterate(institution=institution, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["committee", "seated", "members"],
            row=lambda it: [it.id, len(_seated(it, now)), members(it.institution, _seated(it, now))],
        )


for _command in delegations.COMMANDS:
    committee.add_command(_command)


def _then(app: App, client: "Client", written: "Written[Committee]") -> "Step | None":
    """What the requests wait for, now that the seats are others; nothing of that while the change waits."""
    return None if written.proposal else following(app, lambda: steps.of_committee(client, written.answer.id))


def _seated(found: "Committee", now: datetime) -> list[str]:
    return [seat.id for seat in found.seats if seat.seated(now)]


def _fields(found: "Committee") -> None:
    output.line(output.strong(f"committee {found.id}"))
    now = datetime.now(UTC)
    output.table(
        ["member", "seated", "from", "until", "for the key", "since transaction"],
        [
            [
                member(found.institution, seat.id),
                "now" if seat.seated(now) else "no",
                when(seat.from_),
                when(seat.until) if seat.until else "",
                output.short(seat.key or ""),
                output.short(seat.set_tx),
            ]
            for seat in found.seats
        ],
        empty="no seats",
    )
    output.fields(record_lines(found))
