"""`medconsent consent`: what the people in the data permit, and that the withdrawn are excluded."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output, shape
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.files import read_file, write_file
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.render import how_long, record_lines, show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DATASET, DURATION, DatasetVersion

if TYPE_CHECKING:
    from medconsent.data.people.commitment import Proof
    from medconsent.nouns.consents import ConsentView, NewEpoch
    from medconsent.values.records import ForgedRecord

consent = shape.group(
    "consent",
    help="""What the people in the data permit.

    A cohort is the people behind some data. Each epoch of it says what they permit, and commits to who is in and who
    is out: a root and two bands of counts are all that leaves the institution. A withdrawal is in the next epoch.""",
    examples="""
    medconsent consent key oncology.key
    medconsent consent begin oncology --title "Oncology, form 3" --members members.csv --key oncology.key \\
        --consent consent.yaml
    medconsent consent prove hanbit/oncology P-000123 --members members.csv --key oncology.key --out proof.json
    """,
)

_FILE = click.Path(path_type=Path, dir_okay=False)


def _commitment_options(function: Any) -> Any:
    for option in (
        click.option("--key", "key_file", required=True, type=_FILE, metavar="FILE", help="The cohort's secret key."),
        click.option(
            "--members",
            "members_file",
            required=True,
            type=_FILE,
            metavar="FILE",
            help="Who is in and who is out (CSV: id,state); it stays here.",
        ),
    ):
        function = option(function)
    return function


def _consent_option(function: Any) -> Any:
    return click.option(
        "--consent",
        "consent_file",
        required=True,
        type=_FILE,
        metavar="FILE",
        help="What they permit, and under which law and wording (YAML: docs/consent.md).",
    )(function)


@consent.command(
    "key",
    help="""Make a cohort's secret key.

    Only its owner can read the file. Without it nobody can compute a pseudonym from an identifier; whoever has it
    can, so keep it, and a copy, where only those can read it who may see the identifiers themselves.""",
    examples="""
    medconsent consent key oncology.key
    """,
)
@click.argument("file", type=_FILE, metavar="FILE")
@pass_app
def key(app: App, file: Path) -> None:
    """See the help."""
    from medconsent.data.people.keys import CohortKey  # noqa: PLC0415

    CohortKey.new().save(file)
    app.show({"key": str(file)}, lambda: output.line(f"a new key, for you alone to read: {file}"))


@consent.command(
    "begin",
    help="""Record a new cohort with its first epoch (role: privacy).

    The root and the bands are computed here; identifiers stay here.""",
    examples="""
    medconsent consent begin oncology --title "Oncology, form 3" --members members.csv --key oncology.key \\
        --consent consent.yaml --batch 1d
    """,
)
@click.argument("slug", metavar="SLUG")
@click.option("--title", required=True, metavar="TEXT", help="What people know the cohort as.")
@_commitment_options
@_consent_option
@click.option(
    "--batch",
    type=DURATION,
    metavar="TIME",
    help="The least time between two epochs, so that nobody can tell whose withdrawal it was. Default: 1h.",
)
@pass_app
def begin(
    app: App, *, slug: str, title: str, members_file: Path, key_file: Path, consent_file: Path, batch: int | None
) -> None:
    """See the help."""
    with app.changing("recording the cohort") as client:
        epoch = _epoch(f"{client.institution}/{slug}", 1, members_file, key_file, consent_file)
        written = client.consents.begin(slug, title, epoch, batch_seconds=batch)
    show_written(app, written, lambda: _recorded(written.answer))


@consent.command(
    "epoch",
    help="""Record a cohort's next epoch (role: privacy).

    With the members as they are now: whoever has withdrawn is `out`. What rests on the cohort goes by it at once.""",
    examples="""
    medconsent consent epoch hanbit/oncology --members members.csv --key oncology.key --consent consent.yaml
    """,
)
@click.argument("cohort", metavar="COHORT")
@_commitment_options
@_consent_option
@pass_app
def epoch(app: App, *, cohort: str, members_file: Path, key_file: Path, consent_file: Path) -> None:
    """See the help."""
    with app.changing("recording the epoch") as client:
        number = client.consents.get(cohort).cohort.latest_epoch + 1
        new = _epoch(cohort, number, members_file, key_file, consent_file)
        written = client.consents.epoch(cohort, number, new)
    show_written(app, written, lambda: _recorded(written.answer))


@consent.command(
    "show",
    help="""Show a cohort, what its people permit, and what rests on it.

    COHORT~N is an earlier epoch.""",
    examples="""
    medconsent consent show hanbit/oncology
    medconsent consent show hanbit/oncology~1
    """,
)
@click.argument("cohort", metavar="COHORT[~EPOCH]")
@pass_app
def show(app: App, cohort: str) -> None:
    """See the help."""
    name, number = _numbered(cohort)
    with app.asking("reading the consent") as client:
        found = client.consents.get(name, number)
    app.show(found.to_json(), lambda: _view(found))


@consent.command(
    "list",
    help="List the cohorts.",
    examples="""
    medconsent consent list
    medconsent consent list --institution hanbit
    """,
)
@click.option("--institution", metavar="INSTITUTION", help="Only this institution's.")
@list_options
@pass_app
def list_(app: App, *, institution: str | None, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the cohorts") as client:
        show_list(
            app,
            client.consents.iterate(institution=institution, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["cohort", "status", "epoch", "people", "withdrawn", "law", "title"],
            row=lambda it: [
                it.id,
                it.cohort.status,
                it.epoch.epoch,
                it.epoch.people,
                it.epoch.withdrawn,
                it.epoch.law.code,
                it.cohort.title,
            ],
        )


@consent.command(
    "exclude",
    help="""Attest that the withdrawn are left out (role: steward, privacy).

    Either the content was made anew without them (--content: the Croissant manifest of that), or a list of them is
    applied on delivery (--list: its salted hash is recorded, the list stays here).""",
    examples="""
    medconsent consent exclude hanbit/oncology hanbit/breast-cancer@1 --epoch 2 --list withdrawn.csv
    medconsent consent exclude hanbit/oncology hanbit/breast-cancer@1 --epoch 2 --content without.json
    """,
)
@click.argument("cohort", metavar="COHORT")
@click.argument("dataset", type=DATASET, metavar="DATASET@VERSION")
@click.option("--epoch", "number", required=True, type=click.IntRange(min=1), metavar="N", help="As of which epoch.")
@click.option("--content", type=_FILE, metavar="MANIFEST", help="The manifest of the content without them.")
@click.option("--list", "list_file", type=_FILE, metavar="FILE", help="The list of them that is applied on delivery.")
@click.option(
    "--salt", "salt_file", type=_FILE, metavar="FILE", help="Where the list's salt is kept. Default: LIST.salt."
)
@pass_app
def exclude(
    app: App,
    *,
    cohort: str,
    dataset: DatasetVersion,
    number: int,
    content: Path | None,
    list_file: Path | None,
    salt_file: Path | None,
) -> None:
    """See the help."""
    if (content is None) == (list_file is None):
        raise click.UsageError("how are they excluded? Give --content MANIFEST or --list FILE.")
    if dataset.version is None:
        raise click.UsageError(f"from which version? Write it, as in {dataset}@1.")
    from medconsent.data.people.exclusions import list_commitment  # noqa: PLC0415
    from medconsent.nouns.consents import ContentRoot  # noqa: PLC0415

    root, listed = None, None
    if content is not None:
        from medconsent.data import manifest  # noqa: PLC0415

        found = manifest.read(read_file(content, manifest.MAX_BYTES))
        root = ContentRoot(found.root, len(found.files), found.size)
    elif list_file is not None:
        listed = list_commitment(list_file, salt_file or list_file.with_name(list_file.name + ".salt"))
    with app.changing("attesting the exclusion") as client:
        written = client.consents.exclude(
            cohort, number, dataset.dataset, dataset.version, content=root, exclusion_list=listed
        )
    show_written(
        app,
        written,
        lambda: output.fields(
            [
                ("exclusion", f"{dataset} of those withdrawn from {cohort} as of epoch {number}"),
                ("content", root.root if root else None),
                ("list", listed),
                *record_lines(written.answer),
            ]
        ),
    )


@consent.command(
    "prove",
    help="""Make a person's own proof that they are in, or out.

    For the person, and for nobody else. The ledger is asked for the epoch alone; nothing is sent about the person.""",
    examples="""
    medconsent consent prove hanbit/oncology P-000123 --members members.csv --key oncology.key --out proof.json
    """,
)
@click.argument("cohort", metavar="COHORT[~EPOCH]")
@click.argument("person", metavar="ID")
@_commitment_options
@click.option("--out", default="-", metavar="FILE", help="Where to write it. Default: stdout.")
@click.option("--replace", is_flag=True, help="Replace the file when it exists.")
@pass_app
def prove(app: App, *, cohort: str, person: str, members_file: Path, key_file: Path, out: str, replace: bool) -> None:
    """See the help."""
    from medconsent.data.people.commitment import Commitment  # noqa: PLC0415
    from medconsent.data.people.keys import CohortKey  # noqa: PLC0415
    from medconsent.data.people.members import read_members  # noqa: PLC0415

    name, number = _numbered(cohort)
    secret, members = CohortKey.load(key_file), read_members(members_file)
    with app.asking("reading the epoch") as client:
        found = client.consents.get(name, number).epoch
    commitment = Commitment(secret, name, found.epoch, members)
    if commitment.root != found.root:
        raise click.UsageError(
            f"key and members are not those that {name}~{found.epoch} was recorded with: give the members' file as it "
            "was then."
        )
    if person not in members:
        raise click.UsageError("this person never was in the cohort: there is nothing to prove.")
    proof = commitment.proof(person)
    write_file(out, (output.as_json(proof.to_json()) + "\n").encode(), replace=replace)
    if out != "-":
        app.show({"proof": out, "state": proof.state}, lambda: output.line(f"{proof.state}: {out}"))


@consent.command(
    "verify",
    help="""Check a person's proof against the ledger, or against a root.

    With --root nothing is asked and no identity is needed. The exit code is 8 when it does not hold.""",
    examples="""
    medconsent consent verify proof.json
    medconsent consent verify proof.json --root 5f0c...
    """,
)
@click.argument("proof_file", metavar="PROOF", type=_FILE)
@click.option("--root", metavar="HEX", help="The epoch's root, as the ledger has it.")
@pass_app
@click.pass_context
def verify(ctx: click.Context, app: App, *, proof_file: Path, root: str | None) -> None:
    """See the help."""
    proof = _proof(proof_file)
    if root is None:
        with app.asking("reading the epoch") as client:
            root = client.consents.get(proof.cohort, proof.epoch).epoch.root
    holds = proof.holds(root)
    told = {"cohort": proof.cohort, "epoch": proof.epoch, "state": proof.state, "root": root, "holds": holds}
    words = f"{proof.state} {proof.cohort}~{proof.epoch}" if holds else "this proof does not lead to the epoch's root"
    app.show(told, lambda: output.line(words))
    ctx.exit(Exit.DONE if holds else Exit.DIFFERS)


@consent.command(
    "end",
    help="""End a cohort's consent (role: privacy).

    Nothing that rests on it is given any more, from now on.""",
    examples="""
    medconsent consent end hanbit/oncology --reason "the study has ended"
    """,
)
@click.argument("cohort", metavar="COHORT")
@click.option("--reason", required=True, metavar="TEXT", help="Why; every institution can read it.")
@pass_app
def end(app: App, cohort: str, reason: str) -> None:
    """See the help."""
    with app.changing("ending the consent") as client:
        written = client.consents.end(cohort, reason)
    show_written(app, written, lambda: output.fields([("ended", cohort), *record_lines(written.answer)]))


def _epoch(cohort: str, number: int, members_file: Path, key_file: Path, consent_file: Path) -> "NewEpoch":
    from medconsent.data.people.keys import CohortKey  # noqa: PLC0415
    from medconsent.data.people.members import read_members  # noqa: PLC0415
    from medconsent.documents.consent import read_epoch  # noqa: PLC0415

    return read_epoch(consent_file, CohortKey.load(key_file), cohort, number, read_members(members_file))


def _proof(file: Path) -> "Proof":
    from medconsent.data.people.commitment import read_proof  # noqa: PLC0415
    from medconsent.errors import UnexpectedAnswer  # noqa: PLC0415

    try:
        return read_proof(json.loads(read_file(file)))
    except (ValueError, UnexpectedAnswer):
        raise click.UsageError(f"{file} is no proof of somebody's consent.") from None


def _numbered(cohort: str) -> tuple[str, int | None]:
    name, mark, number = cohort.partition("~")
    if not mark:
        return name, None
    if not (number.isascii() and number.isdigit()):
        raise click.UsageError(f"{number!r} is no epoch: write a number, as in {name}~2.")
    return name, int(number)


def _recorded(found: Any) -> None:
    output.fields(
        [
            ("cohort", found.cohort.id),
            ("epoch", found.epoch.epoch),
            ("root", found.epoch.root),
            ("people", found.epoch.people),
            ("withdrawn", found.epoch.withdrawn),
        ]
    )


def _view(found: "ConsentView") -> None:
    from medconsent.documents.policies import words_of  # noqa: PLC0415

    cohort, latest = found.cohort, found.epoch
    output.line(output.strong(f"{cohort.id}: {cohort.title}"))
    output.fields(
        [
            ("status", cohort.status),
            ("epoch", f"{latest.epoch} of {cohort.latest_epoch}"),
            ("people", latest.people),
            ("withdrawn", latest.withdrawn),
            ("permitted", [words_of(alternative) for alternative in latest.use]),
            ("law", " ".join(filter(None, (latest.law.code, latest.law.article)))),
            ("wording", latest.wording.url),
            ("statement", latest.statement),
            ("root", latest.root),
            ("epochs at least", how_long(cohort.batch_seconds) + " apart"),
            ("drawn on by", list(found.datasets)),
            ("excluded from", [f"{it.dataset}@{it.version} as of epoch {it.epoch}" for it in found.exclusions]),
            *record_lines(latest),
        ]
    )
