"""`medconsent deid`: evidence of de-identification, measured here and attested on the ledger."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output, shape
from medconsent_cli.app.files import require_new, write_file
from medconsent_cli.app.options import dataset_argument
from medconsent_cli.app.render import record_lines, show_written, then_of_dataset
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DatasetVersion

if TYPE_CHECKING:
    from medconsent.data.deid.images import Headers
    from medconsent.data.deid.tables import Measured
    from medconsent.nouns.statements import Deidentification

_FILE = click.Path(path_type=Path, dir_okay=False)
_IMAGES = click.Path(path_type=Path)

deid = shape.group(
    "deid",
    help="""Evidence of de-identification.

    `report` measures and reads what headers say, and drafts a statement; a privacy officer completes and attests it
    with `state`. Nothing here proves that nobody can be recognised.""",
    examples="""
    medconsent deid report --table visits.csv --quasi age,sex,zip --sensitive diagnosis --out statement.yaml
    medconsent deid state hanbit/visits statement.yaml
    medconsent deid show hanbit/visits
    """,
)


class _Names(click.ParamType[tuple[str, ...]]):
    """Columns, as a line of CSV has them: `age,"income, yearly"`."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        import csv  # noqa: PLC0415

        try:
            (parts,) = csv.reader([str(value)], skipinitialspace=True, strict=True)
        except (csv.Error, ValueError):
            self.fail(f'{value!r} is no line of CSV: write A,B or A,"B, C".', param, ctx)
        return tuple(part.strip() for part in parts if part.strip())


@deid.command(
    "report",
    help="""Measure a table, and read what images say of themselves.

    A statement is drafted (YAML) with what was measured; the rest is for the privacy officer to fill in: `faces:
    present` stands there until a person says otherwise. Values of columns and headers are not shown. --report keeps
    what was measured in a file, with exact numbers: the statement names it by its hash, so it is kept as it is. With
    --out - the draft alone is printed. Nothing is sent.""",
    examples="""
    medconsent deid report --table visits.csv --quasi age,sex,zip --sensitive diagnosis
    medconsent deid report --table visits.csv --quasi age,zip --quasi '"income, yearly"' --out -
    medconsent deid report --table visits.csv --quasi age,sex --out statement.yaml --report report.json
    medconsent deid report --images scans/ --law KR-PIPA --term pseudonymous --out statement.yaml
    """,
)
@click.option("--table", type=_FILE, metavar="FILE", help="A CSV or TSV with a header line.")
@click.option(
    "--quasi",
    type=_Names(),
    multiple=True,
    metavar="A,B",
    help="Its quasi-identifiers, quoted as in CSV; may be repeated.",
)
@click.option(
    "--sensitive",
    type=_Names(),
    multiple=True,
    metavar="C,D",
    help="Its sensitive columns, likewise; may be repeated.",
)
@click.option(
    "--released-before",
    multiple=True,
    metavar="DATASET@VERSION",
    help="What was released of the same people before; may be repeated.",
)
@click.option(
    "--images",
    multiple=True,
    type=_IMAGES,
    metavar="FILE|FOLDER",
    help="DICOM or NIfTI files, or folders of them; may be repeated.",
)
@click.argument("more", nargs=-1, type=_IMAGES, metavar="[FILE|FOLDER]...")
@click.option("--law", default="KR-PIPA", show_default=True, metavar="LAW", help="Which law's term is meant.")
@click.option("--term", default="pseudonymous", show_default=True, metavar="TERM", help="That term.")
@click.option("--out", metavar="FILE", help="Where to write the draft (`-`: stdout).")
@click.option(
    "--report",
    "kept",
    type=_FILE,
    metavar="FILE",
    help="Write what was measured there, as JSON; the draft names it by its hash.",
)
@click.option("--replace", is_flag=True, help="Replace the files when they exist.")
@pass_app
def report(
    app: App,
    *,
    table: Path | None,
    quasi: tuple[tuple[str, ...], ...],
    sensitive: tuple[tuple[str, ...], ...],
    released_before: tuple[str, ...],
    images: tuple[Path, ...],
    more: tuple[Path, ...],
    law: str,
    term: str,
    out: str | None,
    kept: Path | None,
    replace: bool,
) -> None:
    """See the help."""
    if more and not images:
        raise click.UsageError("files come after --images.")
    if table is None and not images:
        raise click.UsageError("what should be looked at? Give --table FILE or --images FILE.")
    files, left_out = _images_of((*images, *more))
    if images and not files and table is None:
        raise click.UsageError(f"{', '.join(str(one) for one in (*images, *more))}: there is no image in it.")
    _require_targets(out, kept, replace=replace)
    from medconsent.data.deid.draft import draft  # noqa: PLC0415
    from medconsent.data.deid.images import read_headers  # noqa: PLC0415
    from medconsent.data.deid.report import report as measured_report  # noqa: PLC0415
    from medconsent.data.deid.tables import measure  # noqa: PLC0415
    from medconsent.documents.mappings import dump_mapping  # noqa: PLC0415

    with app.working("measuring"):
        measured = measure(table, _each(quasi), _each(sensitive)) if table else None
        headers = read_headers(files) if files else ()
        content = measured_report(table, measured, headers) if kept else b""
    digest = sha256(content).hexdigest() if kept else None
    drafted = draft(law, term, measured, headers, released_before, report_sha256=digest)
    if kept:
        write_file(str(kept), content, replace=replace)
    if out:
        write_file(out, dump_mapping(drafted).encode(), replace=replace)
    if not app.json:
        for file, why in left_out.items():
            click.echo(output.safe(f"{file}: left out, because {why}"), err=True)
    if out == "-":
        return
    told = {
        "table": measured.to_json() if measured else None,
        "images": [found.to_json() for found in headers],
        "left_out": [str(file) for file in left_out],
        "draft": drafted,
    }
    app.show(told, lambda: _report(measured, headers, out, kept))


def _images_of(named: tuple[Path, ...]) -> tuple[list[Path], dict[Path, str]]:
    """The files that are meant, those of folders by their paths, and why others are left out.

    In a folder what is another kind of file by its name (a table, a text) is left out. What nothing is known of is
    looked at, and refused when it is no image: nothing is left out in silence.
    """
    from medconsent.data.manifest.files import is_litter, locations  # noqa: PLC0415

    files: dict[Path, None] = {}
    left_out: dict[Path, str] = {}
    for one in named:
        found = locations(one) if one.is_dir() else {one.name: one}
        for path, file in found.items():
            if is_litter(path):
                left_out[file] = "a desktop put it there and it is no image"
            elif one.is_dir() and (other := _other_kind(file)):
                left_out[file] = f"it is {other} and no image"
            else:
                files[file] = None
    return [*files], left_out


def _other_kind(file: Path) -> str:
    """The media type of a file that is surely no image; empty where it may be one."""
    from medconsent.data.manifest import formats  # noqa: PLC0415

    if not file.is_file():
        return ""
    found = formats.of(file)
    may_be = found in (formats.DICOM, formats.NIFTI, "application/octet-stream") or found.startswith("image/")
    return "" if may_be else found


def _each(columns: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """The columns of an option that was given several times, each once."""
    return tuple(dict.fromkeys(name for names in columns for name in names))


def _require_targets(out: str | None, kept: Path | None, *, replace: bool) -> None:
    """See, before a long measurement, that what comes of it can be written.

    Raises:
        click.UsageError: it cannot.
    """
    if kept is not None and str(kept) == "-":
        raise click.UsageError("--report: name a file. The statement names the report by its hash: it has to be kept.")
    if kept is not None and out is None:
        raise click.UsageError("--report goes with --out: the draft has its hash.")
    if kept is not None and out != "-" and Path(str(out)).absolute() == kept.absolute():
        raise click.UsageError("--out and --report are the same file.")
    for target in (out, kept):
        if target is not None:
            require_new(str(target), replace=replace)


@deid.command(
    "state",
    help="""Attest a statement on a version of one's own (role: privacy).

    Complete the draft first: whether faces were removed, by which tool, on how many volumes it was checked and by
    whom; the residual risk; the report's hash. It can be changed later, and what it was stays in the record.""",
    examples="""
    medconsent deid state hanbit/visits statement.yaml
    medconsent deid state hanbit/heads@2 statement.yaml
    """,
)
@dataset_argument
@click.argument("statement", metavar="FILE", type=_FILE)
@pass_app
def state(app: App, dataset: DatasetVersion, statement: Path) -> None:
    """See the help."""
    from medconsent.data.deid.images import TO_DO  # noqa: PLC0415
    from medconsent.documents.mappings import load_mapping  # noqa: PLC0415

    document = load_mapping(statement, "statement", unfinished=TO_DO)
    with app.changing("attesting the statement") as client:
        written = client.statements.state(dataset.dataset, document, version=dataset.version)
        then = None if written.proposal else then_of_dataset(app, client, dataset.dataset, dataset.version)
    show_written(app, written, lambda: _statement(written.answer), then=then)


@deid.command(
    "show",
    help="Show the statement on a version.",
    examples="""
    medconsent deid show hanbit/visits
    """,
)
@dataset_argument
@pass_app
def show(app: App, dataset: DatasetVersion) -> None:
    """See the help."""
    with app.asking("reading the statement") as client:
        found = client.statements.get(dataset.dataset, dataset.version)
    app.show(found.to_json(), lambda: _statement(found))


def _report(measured: "Measured | None", headers: "tuple[Headers, ...]", out: str | None, kept: Path | None) -> None:
    if measured:
        output.fields(
            [
                ("table", measured.name),
                ("rows", measured.rows),
                ("quasi-identifiers", ", ".join(measured.quasi_identifiers)),
                ("k", measured.k),
                ("l", measured.l),
                ("classes", f"{measured.classes}, {measured.below_five} of them with fewer than five rows"),
                ("note", list(measured.notes)),
            ]
        )
    for found in headers:
        output.fields(
            [
                ("images", f"{found.modality or 'no modality'}, {found.body_part or 'no body part'}"),
                ("volumes", found.volumes),
                ("can name a person", list(found.naming)),
                ("says", list(found.saying)),
            ]
        )
    if headers:
        output.line("Whether there is a face in them is not in a header: somebody has to look.")
        if any(found.volumes and found.statement()["body_part"] != found.body_part for found in headers):
            output.line("Nor is it certain which part they show, where faces can be seen: the draft leaves it open.")
    if out:
        output.line(f"draft: {out}")
    if kept:
        output.line(f"report: {kept} (keep it as it is: the draft has its hash)")


def _statement(found: "Deidentification") -> None:
    statement = found.statement
    output.fields(
        [
            ("dataset", f"{found.dataset}@{found.version}"),
            ("term", f"{statement.get('term')} ({statement.get('law')})"),
            ("methods", [" ".join(str(value) for value in method.values()) for method in statement.get("methods", [])]),
            (
                "tables",
                [f"{table['name']}: k {table['k']}, l {table.get('l', '-')}" for table in statement.get("tables", [])],
            ),
            ("images", [_images(entry) for entry in statement.get("images", [])]),
            ("residual risk", statement.get("residual_risk")),
            ("attested by", str(found.changes[-1].by) if found.changes else None),
            *record_lines(found),
        ]
    )


def _images(entry: dict[str, Any]) -> str:
    words = f"{entry['modality']} {entry['body_part']}: faces {entry['faces']}"
    if entry.get("tool"):
        words += f" by {entry['tool']} {entry.get('tool_version', '')}".rstrip()
    return f"{words}, {entry.get('checked', 0)} of {counted(entry.get('volumes', 0), 'volume')} checked"
