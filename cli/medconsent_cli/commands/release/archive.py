"""`medconsent release archive`: keep a version ready for release."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output
from medconsent_cli.app.options import dataset_argument
from medconsent_cli.app.progress import copying
from medconsent_cli.app.render import show_written
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DatasetVersion
from medconsent_cli.commands.dataset.manifest import read_manifest

if TYPE_CHECKING:
    from medconsent import Client


@click.command(
    "archive",
    cls=Command,
    help="""Encrypt a version's files, and say on the ledger what is kept.

    Bodies go to --out, which the server of the release reads. Headers, which hold the keys, go to --headers, which the
    keyholder alone reads. A run that was interrupted is finished by the same command. Files that are not those of the
    version are refused. With --without the files are those that an exclusion says are delivered instead
    (`release exclude`, `consent exclude`). Needs the role `gateway` or `steward`.""",
    examples="""
    medconsent release archive hanbit/breast-cancer ./version --out ./archive --headers ./keyholder
    medconsent release archive hanbit/breast-cancer@1 ./without --manifest ./without/croissant.json \\
        --without hanbit/oncology --out ./archive-2 --headers ./keyholder
    medconsent release archive hanbit/images@2 ./images --manifest images.json --out ./archive-2 --headers ./keyholder
    """,
)
@dataset_argument
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER", help="For the bodies."
)
@click.option(
    "--headers",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="The keyholder's folder. Its key is made there when there is none.",
)
@click.option("--manifest", "manifest_file", metavar="FILE", help="The manifest, when it is not on the ledger.")
@click.option(
    "--without",
    "cohorts",
    multiple=True,
    metavar="COHORT",
    help="Those who withdrew from it are left out; may be repeated. Needs --manifest.",
)
@pass_app
def archive(
    app: App,
    *,
    dataset: DatasetVersion,
    folder: Path,
    out: Path,
    headers: Path,
    manifest_file: str | None,
    cohorts: tuple[str, ...],
) -> None:
    """See the help."""
    from medconsent.data.manifest import croissant  # noqa: PLC0415
    from medconsent.release.archive import Subject, build  # noqa: PLC0415
    from medconsent.release.headers import HeaderStore  # noqa: PLC0415
    from medconsent.services.release.keyholder import key_of  # noqa: PLC0415

    if cohorts and not manifest_file:
        raise click.UsageError("what is delivered without them is not on the ledger: give its --manifest.")
    given = read_manifest(manifest_file) if manifest_file else None
    with app.asking("reading the dataset") as client:
        version = client.datasets.get(dataset.dataset, dataset.version).version
        text = given if given is not None else client.datasets.manifest(version.dataset, version.version).text.encode()
        content = version.content.root
        for cohort in cohorts:
            content = _delivered(client, cohort, version.dataset, version.version)
    files = croissant.read(text).files
    key = key_of(headers)
    store = HeaderStore(headers)
    subject = Subject(version.dataset, str(version.version), content, files)
    try:
        with copying("encrypting", said=not app.json) as progress:
            made = build(subject, folder, out, store, key.public, progress=progress)
    finally:
        store.close()
    with app.changing("publishing the archive") as client:
        written = client.archives.publish(
            version.dataset,
            version=version.version,
            version_digest=version.digest,
            files=made.description.files,
            exclusions=cohorts,
        )
    found = made.description.files

    def people() -> None:
        output.line(
            f"archived: {version.dataset}@{version.version}, {counted(found.count, 'file')}, {found.bytes} bytes"
        )
        output.line(f"root: {found.root}")

    show_written(app, written, people, then=None)


def _delivered(client: "Client", cohort: str, dataset: str, version: int) -> str:
    """The root of what is delivered without those who withdrew from a cohort, as it was attested."""
    found = client.consents.exclusion(cohort, dataset, version)
    if found.content is None:
        raise click.UsageError(
            f"{found.id} attests a list, and not what is delivered: medconsent consent exclude --content MANIFEST"
        )
    return found.content.root
