"""Asking before what cannot be undone: at a terminal; where there is none, --yes has to be given."""

import sys

import click


def confirm(question: str) -> None:
    """Ask, and go on only after a yes.

    Raises:
        click.UsageError: nobody can be asked.
        click.Abort: the answer was no.
    """
    if not sys.stdin.isatty():
        raise click.UsageError("this asks first, and there is no terminal to ask at: give --yes.")
    click.confirm(question, abort=True, err=True)
