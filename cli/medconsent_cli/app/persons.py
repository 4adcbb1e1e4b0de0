"""People as tables show them: by enrolment id, and one's own institution's by name where this machine knows it.

Names come from `medconsent identity names` and are for this screen alone: `--json` has none, and none is sent.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from medconsent.desk.people import People
    from medconsent.values.records import Actor, Person


def naming() -> "People":
    """How people are named in this run: the names are read once."""
    from medconsent.desk.people import People  # noqa: PLC0415

    context = click.get_current_context(silent=True)
    app = context.find_object(App) if context else None
    if app is None:
        return People()
    if app.people is None:
        app.people = _read(app)
    return app.people


def person(who: "Person | Actor") -> str:
    """`nuri/kim`, or `nuri/kim (Kim Minji)`."""
    return naming().person(who)


def people(institution: str, ids: Iterable[str]) -> str:
    """People of an institution in one line."""
    return naming().people(institution, ids)


def members(institution: str, ids: Iterable[str]) -> str:
    """The same where the institution is plain: `kim (Kim Minji), lee`."""
    return naming().members(institution, ids)


def member(institution: str, enrollment_id: str) -> str:
    """`kim`, or `kim (Kim Minji)`."""
    return naming().member(institution, enrollment_id)


def _read(app: App) -> "People":
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.desk.names import StaffNames  # noqa: PLC0415
    from medconsent.desk.people import People  # noqa: PLC0415
    from medconsent.errors import ContextError, DocumentError  # noqa: PLC0415

    try:
        institution = Contexts().get(app.context).institution
        return People(institution, StaffNames(institution).read())
    except ContextError:
        return People()
    except DocumentError as error:
        click.echo(output.safe(f"the names of people are not shown: {error}"), err=True)
        return People()
