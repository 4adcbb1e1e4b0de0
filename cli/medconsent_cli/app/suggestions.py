"""What was probably meant, where the ledger has nothing of the name that was given: a dataset, a committee, a person.

A suggestion is asked for after something has failed, so nothing that goes wrong with it is told.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from medconsent import Client

_MOST = 500
"""Names that are compared."""


def close_to(name: str, names: Iterable[str]) -> str:
    """`did you mean hanbit/ct?`; empty when nothing is close."""
    known = sorted(set(islice(names, _MOST)))
    found = get_close_matches(name, known, n=2, cutoff=0.75)
    return f"did you mean {' or '.join(found)}?" if found and name not in known else ""


@contextmanager
def added(client: "Client") -> Iterator[None]:
    """Adds a suggestion to a refusal of the body that says that something is not there."""
    from medconsent.errors import NotFound  # noqa: PLC0415

    try:
        yield
    except NotFound as error:
        guess = _of_parameters(client)
        error.hint = "; ".join(part for part in (guess, error.hint) if part)
        raise


def person(client: "Client", who: str) -> str:
    """Whom somebody meant who named a person of whom no key stands on the ledger; empty when one does."""
    institution, _, _id = who.partition("/")
    with suppress(Exception):
        known = client.persons.iterate(institution=institution)
        return close_to(who, (f"{one.institution}/{one.person}" for one in known))
    return ""


def _of_parameters(client: "Client") -> str:
    """The guess for the first parameter of the command that names nothing on the ledger."""
    from medconsent_cli.app.values import COMMITTEE, DatasetVersion  # noqa: PLC0415

    ctx = click.get_current_context(silent=True)
    for parameter in ctx.command.params if ctx else ():
        value = ctx.params.get(parameter.name or "") if ctx else None
        with suppress(Exception):
            if isinstance(value, DatasetVersion) and (guess := _dataset(client, value.dataset)):
                return guess
            if parameter.type is COMMITTEE and (guess := _committee(client, str(value))):
                return guess
    return ""


def _dataset(client: "Client", name: str) -> str:
    return close_to(name, (one.id for one in client.datasets.iterate()))


def _committee(client: "Client", name: str) -> str:
    return close_to(name, (f"{one.institution}/{one.role}" for one in client.committees.iterate()))
