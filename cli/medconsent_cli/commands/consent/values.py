"""The arguments that several commands on consent have."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    pass


FILE = click.Path(path_type=Path, dir_okay=False)


def numbered(cohort: str) -> tuple[str, int | None]:
    """A cohort, and the number of an epoch where one is named: `hanbit/oncology~2`.

    Raises:
        click.UsageError: what is named is no number.
    """
    name, mark, number = cohort.partition("~")
    if not mark:
        return name, None
    if not (number.isascii() and number.isdigit()):
        raise click.UsageError(f"{number!r} is no epoch: write a number, as in {name}~2.")
    return name, int(number)
