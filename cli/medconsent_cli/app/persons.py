"""People as tables show them: by enrolment id, and one's own institution's by name where this machine knows it.

Names come from `medconsent identity names` and are for this screen alone: `--json` has none, and none is sent.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from medconsent.values.records import Actor, Person


def person(who: "Person | Actor") -> str:
    """`nuri/kim`, or `nuri/kim (Kim Minji)`."""
    return f"{who.institution}/{member(who.institution, who.id)}"


def people(institution: str, ids: Iterable[str]) -> str:
    """People of an institution in one line."""
    return ", ".join(f"{institution}/{member(institution, one)}" for one in ids)


def members(institution: str, ids: Iterable[str]) -> str:
    """The same where the institution is plain: `kim (Kim Minji), lee`."""
    return ", ".join(member(institution, one) for one in ids)


def member(institution: str, enrollment_id: str) -> str:
    """`kim`, or `kim (Kim Minji)`."""
    name = _names().get((institution, enrollment_id))
    return f"{enrollment_id} ({name})" if name else enrollment_id


def _names() -> Mapping[tuple[str, str], str]:
    """The names of the acting context's institution, read once in a run."""
    context = click.get_current_context(silent=True)
    app = context.find_object(App) if context else None
    if app is None:
        return {}
    if app.names is None:
        app.names = _read(app)
    return app.names


def _read(app: App) -> Mapping[tuple[str, str], str]:
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.desk.names import StaffNames  # noqa: PLC0415
    from medconsent.errors import ContextError, DocumentError  # noqa: PLC0415

    try:
        institution = Contexts().get(app.context).institution
        return {(institution, one): name for one, name in StaffNames(institution).read().items()}
    except ContextError:
        return {}
    except DocumentError as error:
        click.echo(output.safe(f"the names of people are not shown: {error}"), err=True)
        return {}
