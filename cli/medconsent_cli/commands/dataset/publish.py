"""`medconsent dataset publish`: a version with its description, hashes and policy."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app.files import read_policy
from medconsent_cli.app.render import following, show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import KEYWORD, SLUG, Cased
from medconsent_cli.app.words import DATA_KINDS
from medconsent_cli.commands.policy.view import warn_unpinned

if TYPE_CHECKING:
    pass
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.dataset.manifest import read_manifest
from medconsent_cli.commands.dataset.view import version_fields


@click.command(
    "publish",
    cls=Command,
    help="""Publish a version of a dataset (role: steward).

    The first version needs --policy. What is not given is taken from the manifest: title, kinds of data, keywords,
    contact, number of records, and the root, number and size of the files. A manifest does not say what images
    there are: give --kind (the modality) and --body-part (what they show). Conditions of use in the manifest must
    be those of the policy (`dataset describe --dataset`). A version cannot be changed; publishing again makes the
    next one.""",
    examples="""
    medconsent dataset publish breast-cancer --manifest croissant.json --policy policy.yaml
    medconsent dataset publish breast-cancer --manifest croissant.json --keyword oncology --keyword tabular
    medconsent dataset publish heads --manifest croissant.json --kind MR --body-part head
    """,
)
@click.argument("slug", type=SLUG, metavar="SLUG")
@click.option("--manifest", "manifest_file", required=True, metavar="FILE", help="A Croissant document (`-`: stdin).")
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The policy, as YAML. Needed for the first version.",
)
@click.option("--title", metavar="TEXT", help="Instead of the manifest's.")
@click.option("--summary", metavar="TEXT", help="Instead of the manifest's.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=Cased(*DATA_KINDS),
    metavar="KIND",
    help="Instead of the manifest's; for images the modality as DICOM names it, as MR; may be repeated.",
)
@click.option(
    "--body-part",
    "body_parts",
    multiple=True,
    metavar="PART",
    help="What the images show, as head or chest: needed where a face can be in them; may be repeated.",
)
@click.option(
    "--keyword",
    "keywords",
    type=KEYWORD,
    multiple=True,
    metavar="WORD",
    help="Instead of the manifest's; may be repeated.",
)
@click.option("--contact", metavar="ADDRESS", help="Instead of the manifest's.")
@click.option("--records", type=click.IntRange(min=0), metavar="N", help="Instead of the manifest's.")
@click.option(
    "--manifest-url",
    metavar="URL",
    help="Where others find the manifest: then only the address and hashes go on the ledger. Needed above 128 KiB.",
)
@pass_app
def publish(
    app: App,
    *,
    slug: str,
    manifest_file: str,
    policy_file: Path | None,
    title: str | None,
    summary: str | None,
    kinds: tuple[str, ...],
    body_parts: tuple[str, ...],
    keywords: tuple[str, ...],
    contact: str | None,
    records: int | None,
    manifest_url: str | None,
) -> None:
    """See the help."""
    if str(policy_file) == manifest_file == "-":
        raise click.UsageError("--policy and --manifest cannot both be read from stdin.")
    policy = read_policy(policy_file) if policy_file else None
    text = read_manifest(manifest_file)
    from medconsent.desk.datasets import of_publication  # noqa: PLC0415

    with app.changing("publishing the dataset") as client:
        written = client.datasets.publish(
            slug,
            text,
            policy,
            title=title,
            summary=summary,
            kinds=kinds or None,
            body_parts=body_parts,
            keywords=keywords or None,
            contact=contact,
            records=records,
            manifest_url=manifest_url,
        )
        then = None if written.proposal else following(app, lambda: of_publication(client, written.answer))
    show_written(app, written, lambda: version_fields(written.answer.version), then=then)
    if policy and written.proposal is None:
        warn_unpinned(app, policy, written.answer.policy.ontologies or ())
