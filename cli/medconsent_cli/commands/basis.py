"""`medconsent basis` and `medconsent ground`: legal bases, and what a dataset's version rests on."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.files import sha256_of
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import dataset_argument, list_options
from medconsent_cli.app.render import ASK_OPTION, ask_first, record_lines, show_written, then_of_dataset, when
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DATASET, SLUG, TIME, DatasetVersion

if TYPE_CHECKING:
    from medconsent.nouns.bases import Basis
    from medconsent.nouns.grounds import Ground
    from medconsent.values.records import ForgedRecord

_FILE = click.Path(path_type=Path, dir_okay=False)

basis = shape.group(
    "basis",
    help="""Legal bases: what processing rests on where it is not consent.

    A privacy officer attests the law, the document, the public notice and the way to object. Without notice and a way
    to object nothing is granted on it.""",
    examples="""
    medconsent basis set pipa-research --code KR-PIPA-28-2 --document plan.pdf --title "Plan 2026-3" \\
        --notice notice.html --notice-url https://hanbit.example/notice --notice-since 2026-10-01T00:00:00Z \\
        --objection-url https://hanbit.example/object
    medconsent basis list
    """,
)

ground = shape.group(
    "ground",
    help="""What a dataset's version rests on.

    Consent of the people in it (a cohort), a legal basis, or both: all of it has to hold.""",
    examples="""
    medconsent ground set hanbit/breast-cancer --basis hanbit/pipa-research
    medconsent ground show hanbit/breast-cancer
    """,
)


@basis.command(
    "set",
    help="""Record a legal basis, or change it (role: privacy).

    The document is named by its hash, which is computed here. CODE is one of docs/contract.md, "Legal grounds".""",
    examples="""
    medconsent basis set pipa-research --code KR-PIPA-28-2 --document plan.pdf --title "Plan 2026-3"
    """,
)
@click.argument("slug", type=SLUG, metavar="SLUG")
@click.option("--code", required=True, metavar="CODE", help="Which law.")
@click.option("--article", metavar="TEXT", help="Which article, where there are several.")
@click.option("--document", required=True, type=_FILE, metavar="FILE", help="The document that it rests on.")
@click.option("--title", required=True, metavar="TEXT", help="The document's title.")
@click.option("--document-url", metavar="URL", help="Where the document can be read.")
@click.option("--notice", type=_FILE, metavar="FILE", help="The notice to the people in the data, as it is published.")
@click.option("--notice-url", metavar="URL", help="Where it is published.")
@click.option("--notice-since", type=TIME, metavar="TIME", help="Since when.")
@click.option("--objection-url", metavar="URL", help="Where people can object.")
@click.option("--statement", metavar="TEXT", help="One line more; every institution can read it.")
@pass_app
def set_basis(
    app: App,
    *,
    slug: str,
    code: str,
    article: str | None,
    document: Path,
    title: str,
    document_url: str | None,
    notice: Path | None,
    notice_url: str | None,
    notice_since: datetime | None,
    objection_url: str | None,
    statement: str | None,
) -> None:
    """See the help."""
    from medconsent.nouns.bases import Document, NewBasis, Notice, Objection  # noqa: PLC0415

    published = None
    if notice is not None and notice_url is not None and notice_since is not None:
        published = Notice(notice_url, sha256_of(notice), notice_since)
    elif notice is not None or notice_url is not None or notice_since is not None:
        raise click.UsageError("a notice is --notice FILE, --notice-url URL and --notice-since TIME together.")
    new = NewBasis(
        code=code,
        document=Document(title, sha256_of(document), document_url),
        article=article,
        notice=published,
        objection=Objection(objection_url) if objection_url else None,
        statement=statement,
    )
    with app.changing("recording the basis") as client:
        written = client.bases.set(slug, new)
    lacks = [word for word, given in (("a notice", published), ("a way to object", objection_url)) if not given]
    if lacks:
        does = f"adds {' and '.join(lacks)}, for without it nothing is granted on this"
        then = steps.step("a privacy officer", does, f"basis set {slug} --notice FILE --objection-url URL ...")
    else:
        does = "says which versions rest on it"
        then = steps.step("a privacy officer", does, f"ground set DATASET --basis {client.institution}/{slug}")
    show_written(app, written, lambda: _basis(written.answer), then=then)


@basis.command(
    "show",
    help="Show a legal basis.",
    examples="""
    medconsent basis show hanbit/pipa-research
    """,
)
@click.argument("name", metavar="BASIS")
@pass_app
def show_basis(app: App, name: str) -> None:
    """See the help."""
    with app.asking("reading the basis") as client:
        found = client.bases.get(name)
    app.show(found.to_json(), lambda: _basis(found))


@basis.command(
    "list",
    help="List the legal bases.",
    examples="""
    medconsent basis list --institution hanbit
    """,
)
@click.option("--institution", metavar="INSTITUTION", help="Only this institution's.")
@list_options
@pass_app
def list_bases(app: App, *, institution: str | None, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the bases") as client:
        show_list(
            app,
            client.bases.iterate(institution=institution, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["basis", "status", "law", "notice since", "document"],
            row=lambda it: [
                it.id,
                it.status,
                it.code,
                when(it.notice.published_at) if it.notice else "none",
                it.document.title,
            ],
        )


@basis.command(
    "end",
    help="""End a legal basis (role: privacy).

    Nothing that rests on it is given any more, from now on. What does is shown first.""",
    examples="""
    medconsent basis end hanbit/pipa-research --reason "the plan has ended"
    """,
)
@click.argument("name", metavar="BASIS")
@click.option("--reason", required=True, metavar="TEXT", help="Why; every institution can read it.")
@ASK_OPTION
@pass_app
def end_basis(app: App, *, name: str, reason: str, yes: bool) -> None:
    """See the help."""
    from medconsent.desk.endings import basis_plan  # noqa: PLC0415

    ask_first(app, lambda client: basis_plan(client, name), yes=yes)
    with app.changing("ending the basis") as client:
        written = client.bases.end(name, reason)
    then = steps.step("a privacy officer", "says what the versions rest on now", "ground set DATASET --cohort COHORT")
    show_written(app, written, lambda: _basis(written.answer), then=then)


@ground.command(
    "set",
    help="""Say what a version of one's own dataset rests on (role: privacy).

    By default the latest version. It can be changed later, and what it was stays in the record. A change that lets
    more be done waits for a second officer.""",
    examples="""
    medconsent ground set hanbit/breast-cancer --cohort hanbit/oncology
    medconsent ground set hanbit/breast-cancer@1 --basis hanbit/pipa-research
    """,
)
@dataset_argument
@click.option("--cohort", "cohorts", multiple=True, metavar="COHORT", help="Consent; may be repeated.")
@click.option("--basis", "bases", multiple=True, metavar="BASIS", help="A legal basis; may be repeated.")
@pass_app
def set_ground(app: App, dataset: DatasetVersion, cohorts: tuple[str, ...], bases: tuple[str, ...]) -> None:
    """See the help."""
    if not cohorts and not bases:
        raise click.UsageError("on what? Give --cohort COHORT or --basis BASIS.")
    with app.changing("writing the ground") as client:
        written = client.grounds.set(dataset.dataset, version=dataset.version, cohorts=cohorts, bases=bases)
        then = None if written.proposal else then_of_dataset(app, client, dataset.dataset, dataset.version)
    show_written(app, written, lambda: _ground(written.answer), then=then)


@ground.command(
    "show",
    help="Show what a version rests on.",
    examples="""
    medconsent ground show hanbit/breast-cancer
    """,
)
@click.argument("dataset", type=DATASET, metavar="DATASET[@VERSION]")
@pass_app
def show_ground(app: App, dataset: DatasetVersion) -> None:
    """See the help."""
    with app.asking("reading the ground") as client:
        found = client.grounds.get(dataset.dataset, dataset.version)
    app.show(found.to_json(), lambda: _ground(found))


def _basis(found: "Basis") -> None:
    output.line(output.strong(f"basis {found.id}"))
    output.fields(
        [
            ("status", found.status),
            ("law", " ".join(filter(None, (found.code, found.article)))),
            ("document", f"{found.document.title} ({found.document.sha256})"),
            ("notice", f"{found.notice.url}, since {when(found.notice.published_at)}" if found.notice else "none"),
            ("objection", found.objection.url if found.objection else "none"),
            ("statement", found.statement),
            *record_lines(found),
        ]
    )


def _ground(found: "Ground") -> None:
    output.fields(
        [
            ("dataset", f"{found.dataset}@{found.version}"),
            ("cohorts", list(found.cohorts)),
            ("bases", list(found.bases)),
            *record_lines(found),
        ]
    )
