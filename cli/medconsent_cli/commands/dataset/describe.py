"""`medconsent dataset describe`: a manifest of a folder, with the conditions of use that the contract makes of a
policy.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output, shape
from medconsent_cli.app.files import read_policy, write_file
from medconsent_cli.app.render import size
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import own_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(
    "describe",
    cls=shape.Command,
    help="""Make a Croissant manifest of a folder.

    The JSON-LD document has each file with size, format and SHA-256, and tables with their columns. With --dataset
    it states the conditions of use (`usageInfo`), made by the contract from the policy: the one in FILE, or else the
    one in force. It is written to FOLDER/croissant.json unless --out says otherwise. The ledger is not changed.""",
    examples="""
    medconsent dataset describe ./wisconsin --title "Breast Cancer Wisconsin" --summary "569 women, 30 measurements" \\
        --publisher "Hanbit Hospital" --contact data@hanbit.example --keyword oncology
    medconsent dataset describe ./wisconsin --title "Breast Cancer Wisconsin" --replace \\
        --dataset breast-cancer --policy policy.yaml
    medconsent dataset describe ./images --title "CT and MR" --summary "Test images" --publisher Hanbit \\
        --contact https://hanbit.example/data --out images.json
    """,
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--title", required=True, metavar="TEXT", help="The dataset's name.")
@click.option("--summary", metavar="TEXT", help="What it is, in a sentence or two. Default: the title.")
@click.option("--publisher", metavar="TEXT", help="The institution's name. Default: as one's own has it on the ledger.")
@click.option(
    "--contact", metavar="ADDRESS", help="A URL or a role's mailbox. Default: as one's own institution has it."
)
@click.option("--license", "terms", metavar="ID", help="SPDX id or URL of a licence, where there is one.")
@click.option("--keyword", "keywords", multiple=True, metavar="WORD", help="To be found by; may be repeated.")
@click.option("--url", metavar="URL", help="The dataset's page.")
@click.option("--release", default="1.0.0", show_default=True, metavar="TEXT", help="The author's own version number.")
@click.option(
    "--records", type=click.IntRange(min=0), metavar="N", help="How many records. Default: the rows of the only table."
)
@click.option(
    "--dataset",
    "named",
    metavar="SLUG",
    help="The dataset that it will be published as; puts the conditions of use in.",
)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The policy that it will be published with, as YAML. Default: the one in force.",
)
@click.option("--out", metavar="FILE", help="Where to write the manifest (`-`: stdout).")
@click.option("--replace", is_flag=True, help="Replace the file when it exists.")
@pass_app
def describe(
    app: App,
    *,
    folder: Path,
    title: str,
    summary: str | None,
    publisher: str | None,
    contact: str | None,
    terms: str | None,
    keywords: tuple[str, ...],
    url: str | None,
    release: str,
    records: int | None,
    named: str | None,
    policy_file: Path | None,
    out: str | None,
    replace: bool,
) -> None:
    """See the help."""
    from medconsent.data import manifest  # noqa: PLC0415
    from medconsent.data.manifest.describe import MANIFEST_NAME  # noqa: PLC0415

    target = out or str(folder / MANIFEST_NAME)
    if target == "-" and app.json:
        raise click.UsageError("the manifest itself is JSON: give --out - or --json, not both.")
    if policy_file and not named:
        raise click.UsageError("conditions of use name the dataset: give --dataset SLUG with --policy.")
    usage_info = _conditions(app, named, policy_file) if named else None
    if publisher is None or contact is None:
        with app.asking("reading one's own institution's entry") as client:
            own = client.institutions.get(client.institution)
        publisher, contact = publisher or own.title, contact or own.contact
    left_out: list[str] = []
    with app.working("reading the files"):
        text = manifest.describe(
            folder,
            title=title,
            summary=summary or title,
            publisher=publisher,
            contact=contact,
            license=terms,
            keywords=keywords,
            url=url,
            version=release,
            records=records,
            usage_info=usage_info,
            exclude=_inside(folder, Path(target)) if target != "-" else (MANIFEST_NAME,),
            tell=left_out.append,
        )
    write_file(target, text, replace=replace)
    if not app.json:
        for sentence in left_out:
            click.echo(output.safe(sentence), err=True)
    if target == "-":
        return
    document = manifest.read(text)
    told = {
        "manifest": target,
        "sha256": document.sha256,
        "jcs_sha256": document.jcs_sha256,
        "content": {"root": document.root, "files": len(document.files), "bytes": document.size},
        "kinds": list(document.kinds),
        "images": list(document.images),
        "records": document.records,
        "usage_info_sha256": document.usage_info_sha256,
        "left_out": left_out,
    }
    app.show(
        told,
        lambda: output.fields(
            [
                ("manifest", f"{target} ({size(len(text))})"),
                ("kinds", ", ".join(document.kinds)),
                ("images", f"{', '.join(document.images)}: publish with --kind MODALITY" if document.images else ""),
                ("files", f"{len(document.files)}, {size(document.size)}"),
                ("records", "" if document.records is None else document.records),
                ("conditions of use", "stated, as the policy has them" if usage_info else "not stated"),
                ("content root", document.root),
                ("manifest's SHA-256", document.sha256),
            ]
        ),
    )


def _conditions(app: App, named: str, policy_file: Path | None) -> "Mapping[str, Any]":
    """What the contract makes of a policy for a dataset of one's own: the policy in a file, or the one in force."""
    policy = read_policy(policy_file) if policy_file else None
    with app.asking("asking for the conditions of use") as client:
        return client.policies.offer(own_dataset(named, client.institution), policy).usage_info


def _inside(folder: Path, target: Path) -> tuple[str, ...]:
    """The manifest's own path in the folder, which is no part of the dataset; nothing when it goes elsewhere."""
    try:
        return (target.resolve().relative_to(folder.resolve()).as_posix(),)
    except ValueError:
        return ()
