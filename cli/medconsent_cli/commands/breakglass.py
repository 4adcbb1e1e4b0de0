"""`medconsent breakglass`: open one's own data in an emergency, by two people, for hours, and justify it afterwards."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, persons, shape, steps
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import dataset_argument, list_options
from medconsent_cli.app.purpose import purpose_options
from medconsent_cli.app.render import confirm, how_long, record_lines, show_written, when
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import BREAKGLASS, DURATION, PERSON_OF_INSTITUTION, DatasetVersion, Word
from medconsent_cli.app.words import BREAKGLASS_STATES
from medconsent_cli.commands.grant.view import BREAK_GLASS, show_grant

if TYPE_CHECKING:
    from medconsent.nouns.breakglass import Breakglass
    from medconsent.values.purposes import Mode, Purpose
    from medconsent.values.records import ForgedRecord

breakglass = shape.group(
    "breakglass",
    help="""Open data in an emergency, without an approval.

    A privacy officer of the data's owner proposes, a second person of the owner confirms, and a grant of at most 72
    hours is there. It is marked in every list and told in an event. Once it has ended, the institution opens no other
    until somebody has justified it.""",
    examples="""
    medconsent breakglass propose hanbit/ct --institution nuri --person kim --purpose clinical-care --mode enclave \\
        --duration 12h --reason "a patient in the emergency room"
    medconsent breakglass list --state unjustified
    """,
)


@breakglass.command(
    "propose",
    help="""Propose to open a dataset (role: privacy).

    It must be one's own institution's, and one needs a seat on its privacy committee. Somebody else has to confirm
    within 24 hours. --reason is public, and no place for anything about a patient.""",
    examples="""
    medconsent breakglass propose hanbit/ct --institution nuri --person kim --purpose clinical-care --mode enclave \\
        --duration 12h --reason "a patient in the emergency room"
    """,
)
@dataset_argument
@click.option("--institution", required=True, metavar="INSTITUTION", help="Whose people get it.")
@click.option(
    "--person",
    "people",
    required=True,
    multiple=True,
    type=PERSON_OF_INSTITUTION,
    metavar="ID",
    help="An enrolment id there; may be repeated.",
)
@purpose_options
@click.option("--duration", required=True, type=DURATION, metavar="TIME", help="For how long, at most `72h`.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; public.")
@pass_app
def propose(
    app: App,
    *,
    dataset: DatasetVersion,
    institution: str,
    people: tuple[str, ...],
    purpose: "Purpose",
    mode: "Mode",
    duration: int,
    reason: str,
) -> None:
    """See the help."""
    from medconsent.desk.steps import Step  # noqa: PLC0415

    with app.changing("proposing the break-glass") as client:
        written = client.breakglass.propose(
            dataset.dataset,
            version=dataset.version,
            institution=institution,
            people=people,
            purpose=purpose,
            mode=mode,
            duration=duration,
            reason=reason,
        )

    def told() -> None:
        _fields(written.answer, written.answer.status)

    then = Step(
        f"a steward, dac or privacy person of {client.institution} who is somebody else",
        "confirms it within 24 hours",
        f"breakglass confirm {output.short(written.answer.id)}",
    )
    show_written(app, written, told, then=then)


@breakglass.command(
    "confirm",
    help="""Open what somebody proposed.

    As a steward, dac or privacy person of the owner, other than who proposed it, within 24 hours. What is being opened
    is shown first, and the confirmation names its digest.""",
    examples="""
    medconsent breakglass confirm 4c0a11
    medconsent breakglass confirm 4c0a11 --yes
    """,
)
@click.argument("breakglass", type=BREAKGLASS, metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@pass_app
def confirm_(app: App, *, breakglass: str, yes: bool) -> None:
    """See the help."""
    from medconsent.desk.steps import Step  # noqa: PLC0415

    with app.asking("reading the proposal") as client:
        shown = client.breakglass.get(breakglass)
    if not app.json:
        _fields(shown.breakglass, shown.state, shown.why)
    confirm("Open this without an approval?", yes=yes)
    with app.changing("opening the data") as client:
        written = client.breakglass.confirm(shown.id, shown=shown)

    def people() -> None:
        output.line()
        show_grant(written.answer.grant, written.answer.grant.status)

    then = Step(
        f"a privacy officer of {client.institution} who took no part",
        "justifies it once it has ended",
        f"breakglass justify {output.short(written.answer.breakglass.id)} TEXT",
    )
    show_written(app, written, people, then=then)


@breakglass.command(
    "justify",
    help="""Say why it had to be (role: privacy).

    Once it has ended, by somebody who neither proposed nor confirmed it nor got the data. In one line of up to 2,000
    characters that every institution can read; nothing about a patient. Until then one's own institution opens no
    other.""",
    examples="""
    medconsent breakglass justify 4c0a11 "An emergency transfer; the reference images decided the operation."
    """,
)
@click.argument("breakglass", type=BREAKGLASS, metavar="ID")
@click.argument("justification", metavar="TEXT")
@pass_app
def justify(app: App, *, breakglass: str, justification: str) -> None:
    """See the help."""
    with app.changing("sending the justification") as client:
        written = client.breakglass.justify(breakglass, justification)
    then = steps.nothing(f"breakglass show {output.short(written.answer.id)}")
    show_written(app, written, lambda: _fields(written.answer, written.answer.status), then=then)


@breakglass.command(
    "show",
    help="Show what was opened, by whom, and whether it was justified.",
    examples="""
    medconsent breakglass show 4c0a11
    """,
)
@click.argument("breakglass", type=BREAKGLASS, metavar="ID")
@pass_app
def show(app: App, *, breakglass: str) -> None:
    """See the help."""
    with app.asking("reading the break-glass") as client:
        found = client.breakglass.get(breakglass)
    app.show(found.to_json(), lambda: _fields(found.breakglass, found.state, found.why))


@breakglass.command(
    "list",
    help="List what was opened in emergencies, newest first.",
    examples="""
    medconsent breakglass list
    medconsent breakglass list --owner hanbit --state unjustified
    """,
)
@click.option("--owner", metavar="INSTITUTION", help="On datasets of this institution.")
@click.option("--state", type=Word(*BREAKGLASS_STATES), metavar="STATE", help=f"One of {', '.join(BREAKGLASS_STATES)}.")
@list_options
@pass_app
def list_(app: App, *, owner: str | None, state: str | None, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the break-glass records") as client:
        show_list(
            app,
            client.breakglass.iterate(owner=owner, state=state, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=[
                "id",
                "state",
                "",
                "dataset",
                "for",
                "purpose",
                "mode",
                "how long",
                "proposed",
                "by",
                "confirmed by",
            ],
            row=lambda it: [
                output.short(it.id),
                it.state,
                BREAK_GLASS,
                f"{it.breakglass.dataset}@{it.breakglass.version}",
                persons.people(it.breakglass.institution, it.breakglass.people),
                it.breakglass.purpose,
                it.breakglass.mode,
                how_long(it.breakglass.duration_seconds),
                when(it.breakglass.created_at),
                persons.person(it.breakglass.proposed_by),
                persons.person(it.breakglass.confirmed_by) if it.breakglass.confirmed_by else "",
            ],
        )


def _fields(found: "Breakglass", state: str, why: str | None = None) -> None:
    told = output.word(state) + (f" ({output.safe(why)})" if why else "")
    output.line(output.word(BREAK_GLASS))
    output.fields(
        [
            ("break-glass", found.id),
            ("state", output.Styled(told)),
            ("dataset", f"{found.dataset}@{found.version}"),
            ("for", persons.people(found.institution, found.people)),
            ("purpose", found.purpose),
            ("mode", found.mode),
            ("how long", how_long(found.duration_seconds)),
            ("reason", found.reason),
            ("proposed by", f"{persons.person(found.proposed_by)} at {when(found.created_at)}"),
            ("confirmed by", persons.person(found.confirmed_by) if found.confirmed_by else ""),
            ("grant", found.grant),
            ("justification", found.justification),
            *record_lines(found),
        ]
    )
