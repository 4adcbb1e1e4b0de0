"""`medconsent archive`: what an owner keeps ready for release of its datasets."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.render import record_lines, show_written, size, when
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DATASET, SHA256

if TYPE_CHECKING:
    from medconsent.values.records import ForgedRecord
    from medconsent.values.releases import Archive, ExcludedUntil
    from medconsent_cli.app.values import DatasetVersion

archive = shape.group(
    "archive",
    help="""What is kept ready for release of a dataset version.

    An archive is the version, encrypted file by file, with the keys apart. Its record says what is in it. Without one
    nothing of the version is released.""",
    examples="""
    medconsent archive show hanbit/breast-cancer
    medconsent archive list hanbit/breast-cancer
    """,
)


@archive.command(
    "publish",
    help="""Say what is kept ready (role: gateway or steward).

    For a program of one's own that has encrypted the files. They have to be as many and as large as the version's
    content; with --without, as what the exclusion of that cohort says is delivered instead.""",
    examples="""
    medconsent archive publish hanbit/breast-cancer@1 --files 2 --bytes 124103 \\
        --root 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    """,
)
@click.argument("dataset", type=DATASET, metavar="DATASET[@VERSION]")
@click.option("--root", required=True, type=SHA256, metavar="SHA256", help="The Merkle root over the files.")
@click.option("--files", required=True, type=click.IntRange(min=1), metavar="N", help="How many files.")
@click.option(
    "--bytes", "size_", required=True, type=click.IntRange(min=0), metavar="N", help="Their size, not encrypted."
)
@click.option("--without", multiple=True, metavar="COHORT", help="Who withdrew from this cohort is left out; repeat.")
@pass_app
def publish(
    app: App, *, dataset: "DatasetVersion", root: str, files: int, size_: int, without: tuple[str, ...]
) -> None:
    """See the help."""
    from medconsent.values.releases import Files  # noqa: PLC0415

    with app.changing("publishing the archive") as client:
        version = client.datasets.get(dataset.dataset, version=dataset.version).version
        written = client.archives.publish(
            dataset.dataset,
            version=version.version,
            version_digest=version.digest,
            files=Files(root, files, size_),
            exclusions=without,
        )
    then = steps.nothing(f"archive show {dataset.dataset}@{version.version}")
    show_written(app, written, lambda: _fields(written.answer), then=then)


@archive.command(
    "show",
    help="""Show the archive of a version that counts.

    Of the latest version unless one is named.""",
    examples="""
    medconsent archive show hanbit/breast-cancer
    """,
)
@click.argument("dataset", type=DATASET, metavar="DATASET[@VERSION]")
@pass_app
def show(app: App, *, dataset: "DatasetVersion") -> None:
    """See the help."""
    with app.asking("reading the archive") as client:
        found = client.archives.get(dataset.dataset, version=dataset.version)
    app.show(found.to_json(), lambda: _fields(found.archive))


@archive.command(
    "list",
    help="""List the archives of a dataset.

    By version; the newest of each counts.""",
    examples="""
    medconsent archive list hanbit/breast-cancer
    """,
)
@click.argument("dataset", type=DATASET, metavar="DATASET")
@list_options
@pass_app
def list_(app: App, *, dataset: "DatasetVersion", limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the archives") as client:
        show_list(
            app,
            client.archives.iterate(dataset.dataset, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["archive", "version", "counts", "files", "size", "without", "since"],
            row=lambda it: [
                output.short(it.id),
                f"{it.archive.dataset}@{it.archive.version}",
                "yes" if it.newest else "",
                it.archive.files.count,
                size(it.archive.files.bytes),
                left_out(it.archive.exclusions),
                when(it.archive.created_at),
            ],
        )


def left_out(exclusions: "tuple[ExcludedUntil, ...]") -> str:
    """Who is left out, in one line."""
    return ", ".join(f"withdrawn by {one.cohort}~{one.epoch}" for one in exclusions)


def _fields(found: "Archive") -> None:
    output.fields(
        [
            ("archive", found.id),
            ("dataset", f"{found.dataset}@{found.version}"),
            ("files", f"{found.files.count} ({size(found.files.bytes)})"),
            ("root", found.files.root),
            ("content", found.content.root),
            ("without", left_out(found.exclusions)),
            *record_lines(found),
        ]
    )
