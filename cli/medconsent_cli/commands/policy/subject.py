"""What a command takes that is a file or else a dataset."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app.values import DATASET, DatasetVersion

if TYPE_CHECKING:
    pass


def as_dataset(subject: str, ctx: click.Context) -> DatasetVersion:
    """The dataset that `subject` names, as it is no file.

    Raises:
        click.UsageError: it has no institution, so it was meant as a file.
    """
    if "/" not in subject:
        raise click.UsageError(f"there is no file {subject}, and a dataset is INSTITUTION/SLUG: hanbit/breast-cancer.")
    return DATASET.convert(subject, None, ctx)
