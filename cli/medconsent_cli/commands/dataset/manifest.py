"""`medconsent dataset manifest`, and manifests that the user names."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.files import read_file, write_file
from medconsent_cli.app.options import dataset_argument
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DatasetVersion

if TYPE_CHECKING:
    pass
from medconsent_cli.app.shape import Command


@click.command(
    "manifest",
    cls=Command,
    help="Print the manifest, as its author wrote it.",
    examples="""
    medconsent dataset manifest hanbit/breast-cancer > croissant.json
    medconsent dataset manifest hanbit/breast-cancer@1 --out croissant.json
    """,
)
@dataset_argument
@click.option("--out", default="-", metavar="FILE", help="Where to write it. Default: stdout.")
@click.option("--replace", is_flag=True, help="Replace the file when it exists.")
@pass_app
def manifest(app: App, *, dataset: DatasetVersion, out: str, replace: bool) -> None:
    """See the help."""
    with app.asking("reading the manifest") as client:
        found = client.datasets.manifest(dataset.dataset, dataset.version)
    if app.json:
        output.json_document(found.to_json())
    else:
        write_file(out, found.text.encode(), replace=replace)


def read_manifest(path: str) -> bytes:
    """The bytes of a manifest that the user named (`-`: stdin).

    Raises:
        click.UsageError: it cannot be read.
        DocumentError: It is no Croissant document; with the file's name.
    """
    from medconsent.data.manifest import MAX_BYTES, read  # noqa: PLC0415
    from medconsent.errors import DocumentError  # noqa: PLC0415

    text = read_file(path, MAX_BYTES)
    try:
        read(text)
    except DocumentError as error:
        raise DocumentError(
            error.message,
            source="stdin" if path == "-" else path,
            line=error.line,
            column=error.column,
            hint=error.hint or "expected a Croissant manifest (JSON-LD), as `medconsent dataset describe` makes one",
        ) from error
    return text
