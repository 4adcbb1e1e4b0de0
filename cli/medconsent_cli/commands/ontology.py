"""`medconsent ontology`: the hierarchies that disease terms are judged by."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent._internal.words import counted
from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.lists import show_list
from medconsent_cli.app.options import list_options
from medconsent_cli.app.progress import working
from medconsent_cli.app.render import committed, show_next, show_written, when, written_json
from medconsent_cli.app.state import App, pass_app

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.desk.steps import Step
    from medconsent.nouns.ontologies import OntologyState, Term
    from medconsent.values.records import ForgedRecord

ontology = shape.group(
    "ontology",
    help="""Hierarchies of disease terms: MONDO and DOID.

    A version is loaded from a file, and its digest is its name. It is in force, so that policies can use it, once
    more than half of the institutions, and at least two, have adopted it. See docs/ontologies.md.""",
    examples="""
    medconsent ontology load doid.obo
    medconsent ontology list
    medconsent ontology term DOID:1612
    """,
)


@ontology.command(
    "load",
    help="""Bring a version to the ledger and adopt it (role: steward).

    FILE is .obo, .json (OBO Graphs) or .tsv (one row an edge: id, parent_id, label), also with .gz. Only what is not
    on the ledger yet is sent: a load that was interrupted is taken up by the same command, and another institution
    that loads the same file adopts the same version.""",
    examples="""
    medconsent ontology load doid.obo
    medconsent ontology load mondo-rare.tsv.gz --version 2026-08-04 --licence "CC BY 4.0"
    """,
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--system", metavar="SYSTEM", help="MONDO or DOID, where the file does not say.")
@click.option("--version", metavar="LABEL", help="The version, as in 2026-07-31, where the file does not say.")
@click.option("--source", metavar="TEXT", help="Where it is from; else the file's release, or its name.")
@click.option("--licence", metavar="TEXT", help="Its licence, where the file does not say.")
@pass_app
def load(
    app: App, *, file: Path, system: str | None, version: str | None, source: str | None, licence: str | None
) -> None:
    """See the help."""
    from medconsent.nouns.ontologies import read  # noqa: PLC0415

    with app.working(f"reading {file.name}"):
        hierarchy = read(file, system=system, version=version, source=source, licence=licence)
        digest = hierarchy.digest
    label = f"{hierarchy.system} {hierarchy.version}"
    with app.connect() as client:
        app.change = f"loading {label}"
        app.change_hint = "the same command can be repeated safely: it sends only what is not on the ledger yet."
        with _bar(label, len(hierarchy.terms), quiet=app.json) as tell:
            written = client.ontologies.load(hierarchy, on_progress=tell)
        app.change = None
        with app.working("reading how it stands"):
            client.wait_for_block(written.block)
            state = client.ontologies.get(hierarchy.system, digest)

    def people() -> None:
        _fields(state)
        for note in hierarchy.notes:
            output.line(output.safe(f"left out: {note}"))
        committed(written)
        show_next(_then(state))

    value = {**written_json(written), "state": state.to_json(), "left_out": list(hierarchy.notes)}
    app.show(value, people)


@contextmanager
def _bar(label: str, terms: int, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr, counted in terms; where that is no terminal, a word when it takes long."""
    if quiet:
        yield lambda done, total: None
    elif not sys.stderr.isatty():
        with working(f"loading {label}"):
            yield lambda done, total: None
    else:
        with click.progressbar(length=terms, label=label, file=sys.stderr, show_pos=True) as bar:
            yield lambda done, total: bar.update(done - bar.pos)


@ontology.command(
    "adopt",
    help="""Adopt a version that another institution published (role: steward).

    The contract verifies that it is a hierarchy; whether it is a good one is for people. `ontology load` of one's own
    copy of the file adopts too, and proves that it is the same. DIGEST may be cut to six characters or more.""",
    examples="""
    medconsent ontology adopt DOID fd364a6e680f
    """,
)
@click.argument("system", metavar="SYSTEM")
@click.argument("digest", metavar="DIGEST")
@pass_app
def adopt(app: App, *, system: str, digest: str) -> None:
    """See the help."""
    with app.changing("adopting the version") as client:
        whole = _whole(client, system, digest)
        written = client.ontologies.adopt(system, whole)
        client.wait_for_block(written.block)
        state = client.ontologies.get(system, whole)
    show_written(app, written, lambda: _fields(state), then=_then(state))


@ontology.command(
    "show",
    help="""Show a version: the one in force, or that of DIGEST.

    DIGEST may be cut to six characters or more.""",
    examples="""
    medconsent ontology show DOID
    medconsent ontology show DOID fd364a6e680f
    """,
)
@click.argument("system", metavar="SYSTEM")
@click.argument("digest", metavar="[DIGEST]", required=False)
@pass_app
def show(app: App, *, system: str, digest: str | None) -> None:
    """See the help."""
    with app.asking("reading the version") as client:
        found = client.ontologies.get(system, digest and _whole(client, system, digest))
    app.show(found.to_json(), lambda: _fields(found))


@ontology.command(
    "list",
    help="List the versions, and who adopted them.",
    examples="""
    medconsent ontology list
    medconsent ontology list --system MONDO
    """,
)
@click.option("--system", metavar="SYSTEM", help="Only this system's.")
@list_options
@pass_app
def list_(app: App, *, system: str | None, limit: int) -> None:
    """See the help."""
    forged: list[ForgedRecord] = []
    with app.asking("reading the versions") as client:
        show_list(
            app,
            client.ontologies.iterate(system=system, on_forged=forged.append),
            limit=limit,
            forged=forged,
            headers=["system", "version", "digest", "terms", "in force", "adopted by"],
            row=lambda it: [
                it.system,
                it.version,
                output.short(it.digest),
                it.terms,
                _force(it),
                ", ".join(it.adopted_by),
            ],
        )


@ontology.command(
    "term",
    help="""Show a term and what lies above it.

    In the version in force, or in that of --digest, which may be cut to six characters or more.""",
    examples="""
    medconsent ontology term DOID:1612
    medconsent ontology term DOID:1612 --digest fd364a6e680f
    """,
)
@click.argument("term", metavar="TERM")
@click.option("--digest", metavar="DIGEST", help="In this version, in force or not.")
@pass_app
def term(app: App, *, term: str, digest: str | None) -> None:
    """See the help."""
    system, colon, code = term.partition(":")
    if not colon:
        raise click.UsageError(f"{term!r} is no term: write SYSTEM:CODE, as in DOID:1612.")
    with app.asking("reading the term") as client:
        found = client.ontologies.term(system, code, digest and _whole(client, system, digest))

    def people() -> None:
        output.fields(_term_lines(system, found.term))
        if found.replacement:
            output.fields([("replaced by", f"{system}:{found.replacement.code} {found.replacement.name}")])
        force = "in force" if found.in_force else "not in force"
        output.fields([("version", f"{found.version} ({force})"), ("digest", found.digest)])

    app.show(found.to_json(), people)


def _term_lines(system: str, found: "Term") -> list[tuple[str, object]]:
    return [
        ("term", f"{system}:{found.code}"),
        ("name", found.name),
        ("obsolete", "yes" if found.obsolete else ""),
        ("parents", ", ".join(f"{system}:{code}" for code in found.parents)),
        ("ancestors", ", ".join(f"{system}:{code}" for code in found.ancestors)),
    ]


def _whole(client: "Client", system: str, digest: str) -> str:
    """The digest of which the user typed the beginning; the contract takes whole ones, as nothing short pins anything.

    Raises:
        click.UsageError: no version, or several, begin so.
    """
    if len(digest) >= 64:
        return digest
    if len(digest) < 6:
        raise click.UsageError(f"{digest!r} is too short: six characters of the digest or more.")
    found = [it.digest for it in client.ontologies.iterate(system=system) if it.digest.startswith(digest)]
    if len(found) != 1:
        raise click.UsageError(f"{len(found) or 'no'} versions of {system} begin with {digest}: see `ontology list`.")
    return found[0]


def _force(state: "OntologyState") -> str:
    return "yes" if state.in_force else "no"


def _then(state: "OntologyState") -> "Step":
    """Others adopt it, until it is in force; then it can be pinned."""
    if state.in_force:
        who, does = "a steward", "names it in a policy, under `ontologies`: it is in force"
        return steps.step(who, does, f"ontology show {state.system} {output.short(state.digest)}")
    who, does = "a steward of another institution", "adopts it too, for it is not in force yet"
    return steps.step(who, does, f"ontology adopt {state.system} {output.short(state.digest)}")


def _fields(state: "OntologyState") -> None:
    first = min(state.records, key=lambda record: record.created_at, default=None)
    output.fields(
        [
            ("ontology", f"{state.system} {state.version}"),
            ("digest", state.digest),
            ("terms", state.terms),
            (
                "in force",
                f"{_force(state)}: adopted by {len(state.adopted_by)} of {counted(state.institutions, 'institution')}",
            ),
            ("adopted by", ", ".join(state.adopted_by)),
            ("source", first.source if first else None),
            ("licence", first.licence if first else None),
            ("since", when(first.created_at) if first else None),
        ]
    )
