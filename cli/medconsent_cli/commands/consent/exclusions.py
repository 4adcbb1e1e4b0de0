"""`medconsent consent exclude`: the withdrawn are out of a dataset."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, steps
from medconsent_cli.app.files import read_file
from medconsent_cli.app.render import record_lines, show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DATASET, DatasetVersion

if TYPE_CHECKING:
    pass
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.consent.values import FILE


@click.command(
    "exclude",
    cls=Command,
    help="""Attest that the withdrawn are left out (role: steward, privacy).

    Either the content was made anew without them (--content: the Croissant manifest of that), or a list of them is
    applied on delivery (--list: its salted hash is recorded, the list stays here).""",
    examples="""
    medconsent consent exclude hanbit/oncology hanbit/breast-cancer@1 --epoch 2 --list withdrawn.csv
    medconsent consent exclude hanbit/oncology hanbit/breast-cancer@1 --epoch 2 --content without.json
    """,
)
@click.argument("cohort", metavar="COHORT")
@click.argument("dataset", type=DATASET, metavar="DATASET@VERSION")
@click.option("--epoch", "number", required=True, type=click.IntRange(min=1), metavar="N", help="As of which epoch.")
@click.option("--content", type=FILE, metavar="MANIFEST", help="The manifest of the content without them.")
@click.option("--list", "list_file", type=FILE, metavar="FILE", help="The list of them that is applied on delivery.")
@click.option(
    "--salt", "salt_file", type=FILE, metavar="FILE", help="Where the list's salt is kept. Default: LIST.salt."
)
@pass_app
def exclude(
    app: App,
    *,
    cohort: str,
    dataset: DatasetVersion,
    number: int,
    content: Path | None,
    list_file: Path | None,
    salt_file: Path | None,
) -> None:
    """See the help."""
    if (content is None) == (list_file is None):
        raise click.UsageError("how are they excluded? Give --content MANIFEST or --list FILE.")
    if dataset.version is None:
        raise click.UsageError(f"from which version? Write it, as in {dataset}@1.")
    from medconsent.data.people.exclusions import list_commitment  # noqa: PLC0415
    from medconsent.nouns.consents import ContentRoot  # noqa: PLC0415

    root, listed = None, None
    if content is not None:
        from medconsent.data import manifest  # noqa: PLC0415

        found = manifest.read(read_file(content, manifest.MAX_BYTES))
        root = ContentRoot(found.root, len(found.files), found.size)
    elif list_file is not None:
        listed = list_commitment(list_file, salt_file or list_file.with_name(list_file.name + ".salt"))
    with app.changing("attesting the exclusion") as client:
        written = client.consents.exclude(
            cohort, number, dataset.dataset, dataset.version, content=root, exclusion_list=listed
        )
    show_written(
        app,
        written,
        lambda: output.fields(
            [
                ("exclusion", f"{dataset} of those withdrawn from {cohort} as of epoch {number}"),
                ("content", root.root if root else None),
                ("list", listed),
                *record_lines(written.answer),
            ]
        ),
        then=steps.nothing(f"consent show {cohort}"),
    )
