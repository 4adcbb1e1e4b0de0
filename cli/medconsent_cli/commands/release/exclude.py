"""`medconsent release exclude`: a version's files without the people who have withdrawn."""

from pathlib import Path

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output
from medconsent_cli.app.files import write_file
from medconsent_cli.app.options import dataset_argument
from medconsent_cli.app.render import show_next
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DatasetVersion
from medconsent_cli.commands.consent.epochs import commitment_options
from medconsent_cli.commands.consent.values import FILE
from medconsent_cli.commands.dataset.manifest import read_manifest


def _tables(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in given:
        path, mark, column = one.rpartition("=")
        if not mark or not path or not column:
            raise click.BadParameter(f"{one!r} is no table and its column of ids: write PATH=COLUMN.")
        found[path] = column
    return found


@click.command(
    "exclude",
    cls=Command,
    help="""Make a version's files without who has withdrawn.

    One session key opens a whole file, so nobody can be left out of an encrypted one. --out gets the files without
    theirs, and tables without their rows, otherwise byte for byte as they were, with a manifest. Of each file it is
    said whose it is: in --files (CSV: path,id; `-` for nobody's), or as a table with --table. --members and --key are
    those of the cohort's newest epoch on the ledger. Then it is attested (`consent exclude`) and archived anew, under
    fresh keys (`release archive --without`).""",
    examples="""
    medconsent release exclude hanbit/breast-cancer@1 ./version --cohort hanbit/oncology --members members.csv \\
        --key oncology.key --table table.csv=id --out ./without
    medconsent release exclude hanbit/images@1 ./images --cohort hanbit/oncology --members members.csv \\
        --key oncology.key --files whose.csv --out ./without
    """,
)
@dataset_argument
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--cohort", required=True, metavar="COHORT", help="From which they have withdrawn.")
@commitment_options
@click.option("--files", "files_file", type=FILE, metavar="FILE", help="Whose each file is (CSV: path,id).")
@click.option(
    "--table",
    "tables",
    multiple=True,
    callback=_tables,
    metavar="PATH=COLUMN",
    help="A table, and its column of ids; may be repeated.",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER", help="For the files."
)
@click.option("--manifest", "manifest_file", metavar="FILE", help="The manifest, when it is not on the ledger.")
@pass_app
def exclude(
    app: App,
    *,
    dataset: DatasetVersion,
    folder: Path,
    cohort: str,
    members_file: Path,
    key_file: Path,
    files_file: Path | None,
    tables: dict[str, str],
    out: Path,
    manifest_file: str | None,
) -> None:
    """See the help."""
    from medconsent.data import manifest  # noqa: PLC0415
    from medconsent.data.manifest.describe import MANIFEST_NAME  # noqa: PLC0415
    from medconsent.data.people import leaving_out  # noqa: PLC0415
    from medconsent.data.people.commitment import Commitment  # noqa: PLC0415
    from medconsent.data.people.keys import CohortKey  # noqa: PLC0415
    from medconsent.data.people.members import read_members  # noqa: PLC0415
    from medconsent.desk.steps import Step  # noqa: PLC0415
    from medconsent.errors import DocumentError  # noqa: PLC0415

    key, members = CohortKey.load(key_file), read_members(members_file)
    given = read_manifest(manifest_file) if manifest_file else None
    with app.asking("reading the dataset and the cohort") as client:
        version = client.datasets.get(dataset.dataset, dataset.version).version
        text = given if given is not None else client.datasets.manifest(version.dataset, version.version).text.encode()
        epoch = client.consents.get(cohort).epoch
        own = client.institutions.get(client.institution)
    document = manifest.read(text)
    if document.root != version.content.root:
        raise DocumentError(f"the manifest does not name the files of {version.dataset}@{version.version}")
    if Commitment(key, cohort, epoch.epoch, members).root != epoch.root:
        raise DocumentError(
            f"these are not the members of {cohort}~{epoch.epoch} on the ledger, or the key is another",
            source=str(members_file),
            hint="who has withdrawn since is in no epoch yet: medconsent consent epoch",
        )
    whose = leaving_out.Whose(leaving_out.read_whose(files_file) if files_file else {}, tables)
    with app.working("writing the files anew"):
        left = leaving_out.leave_out(document.files, folder, out, whose, members)
        made = manifest.describe(
            out, title=version.title, summary=version.title, publisher=own.title, contact=version.contact or own.contact
        )
        write_file(str(out / MANIFEST_NAME), made, replace=False)
    name, found = f"{version.dataset}@{version.version}", manifest.read(made)
    told = {
        "dataset": version.dataset,
        "version": version.version,
        "cohort": cohort,
        "epoch": epoch.epoch,
        "content": {"root": found.root, "files": len(found.files), "bytes": found.size},
        "manifest": str(out / MANIFEST_NAME),
        "files_left_out": len(left.files),
        "rows_left_out": dict(left.rows),
    }

    def people() -> None:
        rows = sum(left.rows.values())
        output.line(
            output.safe(
                f"without those who withdrew by {cohort}~{epoch.epoch}: {counted(len(left.files), 'file')} and "
                f"{counted(rows, 'row')} left out, {counted(left.kept, 'file')} in {out}"
            )
        )
        attest = f"consent exclude {cohort} {name} --epoch {epoch.epoch} --content {out / MANIFEST_NAME}"
        show_next(Step("a steward or privacy officer", "attests it", attest))

    app.show(told, people)
