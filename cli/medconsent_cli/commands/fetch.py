"""`medconsent fetch`: get the data that was granted."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output
from medconsent_cli.app.options import dataset_argument
from medconsent_cli.app.progress import copying
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DatasetVersion
from medconsent_cli.commands.archive import left_out

if TYPE_CHECKING:
    from medconsent.nouns.release import Fetched


@click.command(
    "fetch",
    cls=Command,
    help="""Get the data that was granted.

    Finds the grant, signs that you ask, and writes what arrives to --out. Each segment is compared with the archive on
    the ledger before it is decrypted, and each file with the version. Files appear when they are whole. After an
    interruption the same command goes on; files that are there already are not fetched. The owner writes a receipt,
    which everybody sees, before anything leaves.""",
    examples="""
    medconsent fetch hanbit/breast-cancer --out ./data
    medconsent fetch hanbit/breast-cancer --from https://release.hanbit.example:7443 --out ./data
    medconsent fetch hanbit/images scans/1.dcm scans/2.dcm --from https://127.0.0.1:7443 --ca ca.pem --out ./data
    """,
)
@dataset_argument
@click.argument("files", nargs=-1, metavar="[FILES]...")
@click.option("--from", "url", metavar="URL", help="The owner's server. Default: where the owner says that it is.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER", help="For the files."
)
@click.option("--ca", type=click.Path(exists=True, path_type=Path), metavar="FILE", help="The CA of its certificate.")
@click.option("--grant", metavar="GRANT", help="The grant, when there are several.")
@click.option("--key", type=click.Path(exists=True, path_type=Path), metavar="FILE", help="The secret delivery key.")
@click.option("--raw", is_flag=True, help="Keep the files encrypted, as Crypt4GH has them (.c4gh).")
@click.option("--side-by-side", type=click.IntRange(1, 32), default=4, show_default=True, help="Files at once.")
@pass_app
def fetch(
    app: App,
    *,
    dataset: DatasetVersion,
    files: tuple[str, ...],
    url: str | None,
    out: Path,
    ca: Path | None,
    grant: str | None,
    key: Path | None,
    raw: bool,
    side_by_side: int,
) -> None:
    """See the help."""
    with app.connect() as client, copying("fetching", said=not app.json) as progress:
        done = client.release.fetch(
            dataset.dataset,
            url,
            out,
            version=dataset.version,
            paths=files or None,
            grant=grant,
            ca=ca,
            key=key,
            raw=raw,
            at_once=side_by_side,
            progress=progress,
        )
    app.show(done.to_json(), lambda: _people(done, out))


def _people(done: "Fetched", out: Path) -> None:
    there = f"; {counted(done.there, 'file')} there already" if done.there else ""
    output.line(output.safe(f"fetched: {counted(done.files, 'file')}, {done.bytes} bytes, to {out}{there}"))
    if done.receipt:
        output.line(f"receipt: {done.receipt}")
    without = left_out(done.without)
    if without:
        output.line(output.safe(f"without: {without}"))
    if done.content:
        what = f"what is delivered of {done.dataset}@{done.version}" if without else f"{done.dataset}@{done.version}"
        output.line(f"same as {what} on the ledger: root {done.content}")
