"""`medconsent identity names`: who the enrolment ids of one's own institution are, for one's own screens."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape
from medconsent_cli.app.render import confirm
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import ENROLLMENT_ID

if TYPE_CHECKING:
    from medconsent.desk.names import StaffNames

names = shape.group(
    "names",
    help="""Who one's own people are, on this machine's screen.

    Certificates and the ledger have pseudonymous enrolment ids. The names stand in a file of mode 0600 beside the
    contexts; tables show them, --json does not, and nothing of it is sent anywhere.""",
    examples="""
    medconsent identity names set kim "Kim Minji"
    medconsent identity names list
    """,
)


@names.command(
    "set",
    help="Write down who an enrolment id is.",
    examples="""
    medconsent identity names set kim "Kim Minji"
    """,
)
@click.argument("enrollment_id", type=ENROLLMENT_ID, metavar="ID")
@click.argument("name", metavar="NAME")
@pass_app
def set_(app: App, *, enrollment_id: str, name: str) -> None:
    """See the help."""
    staff, institution = _staff(app)
    staff.set(enrollment_id, name)
    who = f"{institution}/{enrollment_id}"
    app.show({"person": who}, lambda: output.fields([("person", who), ("name", staff.read()[enrollment_id])]))


@names.command(
    "list",
    help="""List whose names this machine knows.

    --json has the ids alone.""",
    examples="""
    medconsent identity names list
    """,
)
@pass_app
def list_(app: App) -> None:
    """See the help."""
    staff, institution = _staff(app)
    found = staff.read()
    app.show(
        {"items": [{"person": f"{institution}/{one}"} for one in found], "more": False},
        lambda: output.table(
            ["id", "name"],
            [[one, name] for one, name in found.items()],
            empty="no names: medconsent identity names set writes one down",
        ),
    )


@names.command(
    "remove",
    help="""Forget who an enrolment id is.

    With --all the whole file goes, also one that cannot be read.""",
    examples="""
    medconsent identity names remove kim
    medconsent identity names remove --all
    """,
)
@click.argument("enrollment_id", type=ENROLLMENT_ID, metavar="[ID]", required=False)
@click.option("--all", "all_", is_flag=True, help="Forget everybody's name.")
@click.option("--yes", is_flag=True, help="With --all: do not ask; needed where there is no terminal.")
@pass_app
def remove(app: App, *, enrollment_id: str | None, all_: bool, yes: bool) -> None:
    """See the help."""
    if (enrollment_id is None) != all_:
        raise click.UsageError("whose? Give ID, or --all.")
    staff, institution = _staff(app)
    if enrollment_id is None:
        confirm(f"Forget all names of {institution}?", yes=yes)
        staff.remove_all()
        app.show({"removed": str(staff.path)}, lambda: output.line(f"removed {staff.path}"))
        return
    staff.remove(enrollment_id)
    who = f"{institution}/{enrollment_id}"
    app.show({"removed": who}, lambda: output.line(f"removed the name of {who}"))


def _staff(app: App) -> "tuple[StaffNames, str]":
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.desk.names import StaffNames  # noqa: PLC0415

    institution = Contexts().get(app.context).institution
    return StaffNames(institution), institution
