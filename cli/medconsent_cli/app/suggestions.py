"""What was probably meant, where the ledger has nothing of the name that was given: a dataset, a committee, a person.

A suggestion is asked for after something has failed, so nothing that goes wrong with it is told.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any

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
    named, _, person = who.partition("/")
    with suppress(Exception):
        if guess := institution(client, named):
            return guess
        known = {one.person for one in islice(client.persons.iterate(institution=named), _MOST)}
        meant = get_close_matches(person, known, n=2, cutoff=0.75)
        return (
            f"did you mean {' or '.join(f'{named}/{one}' for one in meant)}?" if meant and person not in known else ""
        )
    return ""


def institution(client: "Client", named: str) -> str:
    """Which institution somebody meant who named one that is not in the consortium; empty when it is."""
    with suppress(Exception):
        return close_to(named, (one.id for one in client.institutions.iterate()))
    return ""


def of_nothing_found(client: "Client") -> str:
    """Why a list may be empty: an institution that it was asked for, or somebody's, is none of the consortium."""
    ctx = click.get_current_context(silent=True)
    for name in _INSTITUTIONS:
        value = ctx.params.get(name) if ctx else None
        if isinstance(value, str) and (guess := institution(client, value.partition("/")[0])):
            return f"{value.partition('/')[0]} is no institution of the consortium: {guess}"
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
            if guess := _listed(client, parameter.name or "", value):
                return guess
    return ""


def _listed(client: "Client", parameter: str, value: Any) -> str:
    """The guess for what a parameter without a type of its own names, or one of the things that it names."""
    names = _LISTED.get(parameter)
    if names is None or not value:
        return ""
    guesses = (close_to(str(one), names(client)) for one in (value if isinstance(value, tuple) else (value,)))
    return next((guess for guess in guesses if guess), "")


def _dataset(client: "Client", name: str) -> str:
    return close_to(name, (one.id for one in client.datasets.iterate()))


def _committee(client: "Client", name: str) -> str:
    return close_to(name, (f"{one.institution}/{one.role}" for one in client.committees.iterate()))


_INSTITUTIONS = ("institution", "owner", "requester", "holder")
"""Parameters of lists that name an institution, or somebody of one."""

_LISTED: "dict[str, Callable[[Client], Iterator[str]]]" = {
    "basis": lambda client: (one.id for one in client.bases.iterate()),
    "bases": lambda client: (one.id for one in client.bases.iterate()),
    "name": lambda client: (one.id for one in client.bases.iterate()),
    "cohort": lambda client: (one.cohort.id for one in client.consents.iterate()),
    "cohorts": lambda client: (one.cohort.id for one in client.consents.iterate()),
    "dataset": lambda client: (one.id for one in client.datasets.iterate()),
    "institution": lambda client: (one.id for one in client.institutions.iterate()),
}
"""Parameters that name a thing on the ledger without a type of their own, and the names that there are."""
