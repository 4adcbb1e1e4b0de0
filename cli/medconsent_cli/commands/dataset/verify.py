"""`medconsent dataset verify`: is a copy the dataset on the ledger?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.options import dataset_argument
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DatasetVersion

if TYPE_CHECKING:
    from medconsent.data.manifest import Verification
    from medconsent.nouns.datasets import DatasetVersion as VersionRecord
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.dataset.manifest import read_manifest
from medconsent_cli.commands.dataset.view import USAGE


@click.command(
    "verify",
    cls=Command,
    help="""Is a copy the dataset on the ledger?

    Says which files were changed, are missing or too many. The manifest comes from the ledger, or from --manifest
    when it is too large for that; its hash and the files' root are the ledger's. The exit code is 8 when anything
    differs. Conditions of use that the manifest states are compared with the policy in force; that is only told.""",
    examples="""
    medconsent dataset verify hanbit/breast-cancer ./copy
    medconsent dataset verify hanbit/images@2 ./images --manifest croissant.json
    """,
)
@dataset_argument
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--manifest", "manifest_file", metavar="FILE", help="The manifest, when it is not on the ledger.")
@click.pass_context
@pass_app
def verify(app: App, ctx: click.Context, *, dataset: DatasetVersion, folder: Path, manifest_file: str | None) -> None:
    """See the help."""
    from medconsent.data.manifest import verify as compare  # noqa: PLC0415

    given = read_manifest(manifest_file) if manifest_file else None
    with app.asking("reading the dataset") as client:
        view = client.datasets.get(dataset.dataset, dataset.version)
        version = view.version
        text = given if given is not None else client.datasets.manifest(version.dataset, version.version).text.encode()
        usage = client.datasets.compare_usage(version.dataset, text)
    with app.working("reading the files"):
        result = compare(folder, text, root=version.content.root, manifest_sha256=version.manifest.sha256)
    told = {
        "dataset": version.dataset,
        "version": version.version,
        "same": result.ok,
        **result.to_json(),
        "changed": [one.path for one in result.changed],
        "changes": [one.to_json() for one in result.changed],
        "usage_info": usage,
    }
    app.show(told, lambda: _verification(version, folder, result, USAGE[usage]))
    ctx.exit(Exit.DONE if result.ok else Exit.DIFFERS)


def _verification(version: "VersionRecord", folder: Path, result: "Verification", usage: str) -> None:
    name = f"{version.dataset}@{version.version}"
    if result.ok:
        output.line(
            output.safe(f"same: {folder} is {name}: {counted(result.files, 'file')}, root {version.content.root}")
        )
        output.line(f"conditions of use in the manifest: {usage}")
        if result.litter:
            output.line(output.safe(f"passed over, as no data: {', '.join(result.litter)}"))
        return
    output.line(output.safe(f"differs: {folder} is not {name}"))
    if not result.manifest_matches:
        output.line("  the manifest is not the one on the ledger")
    for word, paths in (
        ("changed", [one.path for one in result.changed]),
        ("missing", result.missing),
        ("too many", result.extra),
        ("not a file", [f"{one.path}: {one.why}" for one in result.irregular]),
    ):
        for path in paths:
            output.line(f"  {output.word(word)}: {output.safe(path)}")
