"""`medconsent dataset`: describe, publish and find data, and verify a copy of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output, shape
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.files import read_file, read_policy, write_file
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import dataset_argument, list_options
from medconsent_cli.app.render import record_lines, show_written, size
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DatasetVersion
from medconsent_cli.commands.dataset.describe import describe
from medconsent_cli.commands.policy import policy_lines, warn_unpinned

if TYPE_CHECKING:
    from medconsent.data.manifest import Verification
    from medconsent.nouns.datasets import DatasetVersion as VersionRecord
    from medconsent.nouns.datasets import DatasetView
    from medconsent.values.records import ForgedRecord

dataset = shape.group(
    "dataset",
    help="""Describe, publish, find and verify data.

    The data itself stays where it is; the ledger has its description, hashes and conditions of use.""",
    examples="""
    medconsent dataset list --keyword oncology
    medconsent dataset show hanbit/breast-cancer
    medconsent dataset verify hanbit/breast-cancer ./copy
    """,
)


dataset.add_command(describe)


def read_manifest(path: str) -> bytes:
    """The bytes of a manifest that the user named (`-`: stdin).

    Raises:
        click.UsageError: it cannot be read.
        DocumentError: it is no Croissant document; with the file's name.
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


@dataset.command(
    "publish",
    help="""Publish a version of a dataset (role: steward).

    The first version needs --policy. What is not given is taken from the manifest: title, kinds of data, keywords,
    contact, number of records, and the root, number and size of the files. Conditions of use in the manifest must be
    those of the policy (`dataset describe --dataset`). Versions cannot be changed; publishing again makes the next
    one.""",
    examples="""
    medconsent dataset publish breast-cancer --manifest croissant.json --policy policy.yaml
    medconsent dataset publish breast-cancer --manifest croissant.json --keyword oncology --keyword tabular
    """,
)
@click.argument("slug", metavar="SLUG")
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
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Instead of the manifest's; may be repeated.")
@click.option(
    "--keyword", "keywords", multiple=True, metavar="WORD", help="Instead of the manifest's; may be repeated."
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
    with app.changing("publishing the dataset") as client:
        written = client.datasets.publish(
            slug,
            text,
            policy,
            title=title,
            summary=summary,
            kinds=kinds or None,
            keywords=keywords or None,
            contact=contact,
            records=records,
            manifest_url=manifest_url,
        )
    show_written(app, written, lambda: _version_fields(written.answer.version))
    if policy:
        warn_unpinned(app, policy, written.answer.policy.ontologies or ())


@dataset.command(
    "list",
    help="List datasets.",
    examples="""
    medconsent dataset list
    medconsent dataset list --keyword oncology --kind tabular
    """,
)
@click.option("--owner", metavar="INSTITUTION", help="Of this institution.")
@click.option("--keyword", metavar="WORD", help="With this keyword.")
@click.option("--kind", metavar="KIND", help="With data of this kind, as in tabular, dicom, nifti.")
@list_options
@pass_app
def list_(app: App, *, owner: str | None, keyword: str | None, kind: str | None, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the datasets") as client:
        show_list(
            app,
            client.datasets.iterate(owner=owner, keyword=keyword, kind=kind, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["dataset", "version", "title", "kinds", "records", "files", "size", "use"],
            row=lambda it: [
                it.id,
                it.version.version,
                it.version.title,
                ", ".join(it.version.kinds),
                "" if it.version.records is None else str(it.version.records),
                it.version.content.files,
                size(it.version.content.bytes),
                " or ".join(" ".join([use.permission, *use.diseases]) for use in it.policy.policy.use),
            ],
        )


@dataset.command(
    "show",
    help="Show a dataset and the policy in force.",
    examples="""
    medconsent dataset show hanbit/breast-cancer
    medconsent dataset show hanbit/breast-cancer@1
    """,
)
@dataset_argument
@pass_app
def show(app: App, *, dataset: DatasetVersion) -> None:
    """See the help."""
    with app.asking("reading the dataset") as client:
        found = client.datasets.get(dataset.dataset, dataset.version)
    app.show(found.to_json(), lambda: _view(found))


@dataset.command(
    "manifest",
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
        click.echo(output.as_json(found.to_json()))
    else:
        write_file(out, found.text.encode(), replace=replace)


@dataset.command(
    "verify",
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
    app.show(told, lambda: _verification(version, folder, result, _USAGE[usage]))
    ctx.exit(Exit.DONE if result.ok else Exit.DIFFERS)


_USAGE = {
    "current": "those of the policy in force",
    "outdated": "not those of the policy in force: they are from when it was published, and the policy holds",
    "differs": "not those of the policy in force; the policy holds",
    "absent": "not stated; the policy holds",
    "off-ledger": "the manifest is elsewhere: `medconsent dataset verify` compares them; the policy holds",
}
"""How the conditions of use in a manifest stand to the policy, in words."""


def _verification(version: "VersionRecord", folder: Path, result: "Verification", usage: str) -> None:
    name = f"{version.dataset}@{version.version}"
    if result.ok:
        output.line(
            output.safe(f"same: {folder} is {name}: {counted(result.files, 'file')}, root {version.content.root}")
        )
        output.line(f"conditions of use in the manifest: {usage}")
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


def _view(view: "DatasetView") -> None:
    _version_fields(view.version, _USAGE.get(view.usage_info or "", view.usage_info))
    output.line()
    policy_lines(view.policy)


def _version_fields(version: "VersionRecord", usage: str | None = None) -> None:
    output.fields(
        [
            ("dataset", version.dataset),
            ("version", version.version),
            ("title", version.title),
            ("summary", version.summary),
            ("kinds", ", ".join(version.kinds)),
            ("keywords", ", ".join(version.keywords)),
            ("records", "" if version.records is None else version.records),
            ("contact", version.contact),
            ("files", f"{version.content.files}, {size(version.content.bytes)}"),
            ("content root", version.content.root),
            ("manifest", version.manifest.url or f"on the ledger, {size(version.manifest.bytes)}"),
            ("manifest's SHA-256", version.manifest.sha256),
            ("conditions in it", usage),
            *record_lines(version),
        ]
    )
