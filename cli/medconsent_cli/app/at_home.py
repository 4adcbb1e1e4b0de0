"""People of one institution: `kim`, or `hanbit/kim` as tables show them, where it is clear whose people are meant."""

from typing import Any

import click

from medconsent_cli.app.state import App


class AtHome:
    """What the type of a parameter adds that names people of one institution.

    Attributes:
        of: The parameter that says which (an institution, or a committee of it); without one it is one's own.
    """

    of = ""

    def person_in(self, value: Any) -> str:
        """The person in a converted value, as it was written."""
        return str(value)

    def naming(self, _value: Any, person: str) -> Any:
        """The same value, of a person who is named so."""
        return person


class SomebodyAtHome(AtHome, click.ParamType[str]):
    """An enrolment id of somebody who is there already; how it is spelled is the contract's to say."""

    name = "id"

    def __init__(self, of: str = "") -> None:
        self.of = of

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See `click.ParamType.convert`."""
        return str(value)


def leave_institutions_out(ctx: click.Context) -> None:
    """Make `hanbit/kim` of hanbit's people `kim`, in every parameter that names people of one institution.

    Raises:
        click.BadParameter: Somebody is of another one.
    """
    for param in ctx.command.params:
        kind, name = param.type, param.name or ""
        if not isinstance(kind, AtHome) or not ctx.params.get(name):
            continue
        given = ctx.params[name]
        home = str(ctx.params.get(kind.of) or "").partition("/")[0]
        if isinstance(given, tuple):
            ctx.params[name] = tuple(_at_home(ctx, param, kind, one, home) for one in given)
        else:
            ctx.params[name] = _at_home(ctx, param, kind, given, home)


def _at_home(ctx: click.Context, param: click.Parameter, kind: AtHome, value: Any, home: str) -> Any:
    named, slash, person = kind.person_in(value).rpartition("/")
    if not slash:
        return value
    home = home or _own_institution(ctx)
    if home and named != home:
        raise click.BadParameter(f"{named}/{person} is not of {home}, and here people of {home} are named.", ctx, param)
    return kind.naming(value, person) if home else value


def _own_institution(ctx: click.Context) -> str:
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.errors import ContextError  # noqa: PLC0415

    try:
        return Contexts().get(ctx.ensure_object(App).context).institution
    except ContextError:
        return ""  # whatever comes next says so
