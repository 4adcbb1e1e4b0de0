"""`medconsent policy`: what may be done with a dataset, who must agree, and for how long."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.files import is_file, read_policy
from medconsent_cli.app.options import duration_of, duration_options
from medconsent_cli.app.purpose import purpose_options
from medconsent_cli.app.render import record_lines, show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DATASET, DatasetVersion, Word, own_dataset
from medconsent_cli.commands.decision import explain_options, tell
from medconsent_cli.commands.policy.diff import compare, show_diff, show_reasons, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medconsent.documents.links import LinkCheck
    from medconsent.nouns.decisions import Decision
    from medconsent.policies import Lint, OntologyRef, Policy, PolicyRecord
    from medconsent.values.purposes import Purpose

policy = shape.group(
    "policy",
    help="Conditions of use, approvals needed, limits.",
    examples="""
    medconsent policy lint policy.yaml
    medconsent policy set hanbit/breast-cancer --policy policy.yaml
    """,
)


@policy.command(
    "show",
    help="""Show a dataset's policy.

    It is YAML that `policy set` reads back. @VERSION is a version of the policy here.""",
    examples="""
    medconsent policy show hanbit/breast-cancer
    medconsent policy show hanbit/breast-cancer@1 > policy.yaml
    """,
)
@click.argument("dataset", type=DATASET, metavar="DATASET[@VERSION]")
@pass_app
def show(app: App, dataset: DatasetVersion) -> None:
    """See the help."""
    with app.asking("reading the policy") as client:
        found = client.policies.get(dataset.dataset, dataset.version)
    app.show(found.to_json(), lambda: _yaml(found))


@policy.command(
    "set",
    help="""Give a dataset a new policy (role: steward).

    Requests that are not decided yet lapse and can be made again. Grants that were given stay as they are; with
    `--applies existing` those that the new policy does not permit end, and it must narrow; on a terminal, what changes
    is said and asked first. The file is YAML: see docs/use-conditions.md, and `medconsent policy show` for one that is
    in force.""",
    examples="""
    medconsent policy set hanbit/breast-cancer --policy policy.yaml
    medconsent policy set hanbit/breast-cancer --policy narrower.yaml --applies existing
    """,
)
@click.argument("dataset", type=DATASET, metavar="DATASET")
@click.option(
    "--policy",
    "policy_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The policy, as YAML (`-`: stdin).",
)
@click.option(
    "--applies", type=Word("existing"), metavar="WHAT", help="`existing`: end the grants that it does not permit, too."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_app
def set_(app: App, *, dataset: DatasetVersion, policy_file: Path, applies: str | None, yes: bool) -> None:
    """See the help."""
    if dataset.version is not None:
        raise click.UsageError("a policy holds for the dataset and not for one version: leave out the @.")
    new = read_policy(policy_file)
    if applies and not yes and sys.stdin.isatty():
        _ask_first(app, dataset.dataset, str(policy_file), new)
    with app.changing("writing the policy") as client:
        written = client.policies.set(dataset.dataset, new, applies=applies)
    show_written(app, written, lambda: _set(written.answer))
    warn_unpinned(app, new, written.answer.ontologies or ())


@policy.command(
    "lint",
    help="""Say in words what a policy file permits.

    And what in it contradicts itself, and whether the committees as they stand could ever meet it. The file is checked
    against its schema first, with the line; nothing is written. The exit code is 5 when it could not be set.
    `-` reads stdin.""",
    examples="""
    medconsent policy lint policy.yaml
    medconsent policy lint -
    """,
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@pass_app
@click.pass_context
def lint(ctx: click.Context, app: App, file: Path) -> None:
    """See the help."""
    drafted = read_policy(file)
    with app.asking("reading the policy over") as client:
        found = client.policies.lint(drafted)
    app.show(found.to_json(), lambda: _lint(found))
    warn_unpinned(app, drafted, found.ontologies)
    ctx.exit(Exit.DONE if found.sound else Exit.REFUSED)


@policy.command(
    "explain",
    help="""What would a policy say to such a request?

    FILE is a policy that is not set yet; where there is no such file, it is a dataset. A table shows what each
    alternative says and why. Nothing is written. The exit code is 0 for permit, 3 for deny, 4 for review.""",
    examples="""
    medconsent policy explain policy.yaml --purpose disease --disease ICD10:C50 --training --mode enclave
    medconsent policy explain hanbit/breast-cancer --purpose health-research --commercial --mode download --days 90
    """,
)
@click.argument("subject", metavar="FILE|DATASET")
@purpose_options
@duration_options(required=False)
@explain_options
@pass_app
@click.pass_context
def explain(
    ctx: click.Context,
    app: App,
    *,
    subject: str,
    purpose: "Purpose",
    mode: str,
    days: int | None,
    duration: int | None,
    institution: str | None,
    researchers: tuple[str, ...],
) -> None:
    """See the help."""
    judged: Policy | str
    version = None
    if is_file(subject):
        judged = read_policy(subject)
    else:
        judged, version = _dataset(subject, ctx)
    seconds = duration_of(days, duration, required=False)
    with app.asking("asking for a decision") as client:
        decision = client.decisions.explain(
            judged,
            version=version,
            purpose=purpose,
            mode=mode,
            duration=seconds,
            institution=institution,
            researchers=researchers or None,
        )
    if not app.json:
        _choices(decision)
    tell(app, ctx, decision)


@policy.command(
    "diff",
    help="""Say in words how two versions of a policy differ.

    And whether the later one narrows, as `policy set --applies existing` needs. By default the latest is compared with
    the one before. FILE is a policy that is not set yet: it is compared with the latest, or with A, and the grants that
    it would end if it applied to them are listed. `-` reads stdin.""",
    examples="""
    medconsent policy diff hanbit/breast-cancer
    medconsent policy diff hanbit/breast-cancer 1 3
    medconsent policy diff hanbit/breast-cancer narrower.yaml
    """,
)
@click.argument("dataset", type=DATASET, metavar="DATASET")
@click.argument("versions", nargs=-1, metavar="[A] [B|FILE]")
@pass_app
def diff(app: App, dataset: DatasetVersion, versions: tuple[str, ...]) -> None:
    """See the help."""
    if dataset.version is not None or len(versions) > 2:
        raise click.UsageError("name the versions after the dataset, as in: policy diff hanbit/breast-cancer 1 3")
    if not versions or versions[-1].isdecimal():
        numbers = [_number(it) for it in versions]
        with app.asking("comparing the policies") as client:
            found = client.policies.diff(dataset.dataset, *numbers)
        app.show(found.to_json(), lambda: show_diff(found))
        return
    *before, file = versions
    from_ = _number(before[0]) if before else None
    compared = compare(app, dataset.dataset, file, read_policy(file), from_)
    app.show(compared.to_json(), compared.tell)


def _number(version: str) -> int:
    if not version.isdecimal() or int(version) < 1:
        raise click.UsageError(f"{version} is no number of a policy; a file comes last.")
    return int(version)


@policy.command(
    "offer",
    help="""Print a policy as the conditions of use of a manifest.

    That is the `usageInfo` of Croissant: an ODRL offer with the terms of GA4GH DUO, made by the contract. FILE is a
    policy that is not set yet, and needs --dataset; where there is no such file, it is a dataset, and @VERSION a
    version of its policy. `dataset describe --dataset` puts the same into a manifest.""",
    examples="""
    medconsent policy offer policy.yaml --dataset breast-cancer
    medconsent policy offer hanbit/breast-cancer
    """,
)
@click.argument("subject", metavar="FILE|DATASET[@VERSION]")
@click.option("--dataset", "named", metavar="SLUG", help="The dataset that the policy in FILE is for.")
@pass_app
@click.pass_context
def offer(ctx: click.Context, app: App, *, subject: str, named: str | None) -> None:
    """See the help."""
    drafted, version = None, None
    if is_file(subject):
        if not named:
            raise click.UsageError("an offer names its dataset: give --dataset SLUG with a file.")
        drafted = read_policy(subject)
    elif named:
        raise click.UsageError(f"--dataset goes with a file, and there is no file {subject}.")
    else:
        named, version = _dataset(subject, ctx)
    with app.asking("asking for the offer") as client:
        found = client.policies.offer(own_dataset(named, client.institution), drafted, version=version)
    app.show(found.to_json(), lambda: click.echo(output.as_json(found.usage_info)))


@policy.command(
    "verify",
    help="""Fetch a policy's terms and attachments, and compare.

    Each is bound by the hash of its bytes: what was accepted stays what it was, and a page that changes behind its link
    is told here. FILE is a policy that is not set yet; where there is no such file, it is a dataset, and @VERSION a
    version of its policy. The links lead where their author wrote; no credentials are sent. The exit code is 8 when
    something changed, 6 when something could not be fetched.""",
    examples="""
    medconsent policy verify hanbit/breast-cancer
    medconsent policy verify policy.yaml
    """,
)
@click.argument("subject", metavar="FILE|DATASET[@VERSION]")
@pass_app
@click.pass_context
def verify(ctx: click.Context, app: App, subject: str) -> None:
    """See the help."""
    from medconsent.documents.links import check_link, documents_of  # noqa: PLC0415

    if is_file(subject):
        judged = read_policy(subject)
    else:
        dataset, version = _dataset(subject, ctx)
        with app.asking("reading the policy") as client:
            judged = client.policies.get(dataset, version).policy
    with app.working("fetching the documents"):
        found = [check_link(document) for document in documents_of(judged)]
    app.show({"documents": [it.to_json() for it in found]}, lambda: _links(found))
    states = {it.state for it in found}
    ctx.exit(Exit.DIFFERS if "changed" in states else Exit.UNREACHABLE if "unreachable" in states else Exit.DONE)


def _dataset(subject: str, ctx: click.Context) -> DatasetVersion:
    """What is no file is a dataset; a name without an institution was meant as a file."""
    if "/" not in subject:
        raise click.UsageError(f"there is no file {subject}, and a dataset is INSTITUTION/SLUG: hanbit/breast-cancer.")
    return DATASET.convert(subject, None, ctx)


def _links(found: "Sequence[LinkCheck]") -> None:
    if not found:
        output.line("the policy names no documents")
    for it in found:
        output.line(f"{output.word(it.state)}: {output.safe(it.document.title)}, {output.safe(it.document.url)}")
        if it.state == "changed":
            output.line(f"  the policy means {it.document.sha256}")
            output.line(f"  what stands there has {it.found}")
        elif it.why:
            output.line(f"  {it.why}")


def _lint(found: "Lint") -> None:
    for sentence in found.words:
        output.line(output.safe(sentence))
    show_reasons("contradicts itself:", found.contradictions)
    show_reasons("cannot be met by the committees as they stand:", found.unmeetable)
    show_reasons("worth a look:", found.warnings)
    _goes_by(found.ontologies)


def _set(found: "PolicyRecord") -> None:
    _yaml(found)
    _goes_by(found.ontologies or ())


def _goes_by(pinned: "Iterable[OntologyRef]") -> None:
    """The versions of the hierarchies that a policy pins."""
    output.fields([("goes by", [output.brief(f"{it.system} {it.digest}") for it in pinned])])


def warn_unpinned(app: App, judged: "Policy", pinned: "Iterable[OntologyRef]") -> None:
    """Say on stderr of which hierarchies a policy names diseases and no version is in force."""
    from medconsent.policies import unpinned  # noqa: PLC0415

    for system in () if app.json else unpinned(judged, pinned):
        click.echo(
            f"warning: no version of {system} is in force, so what the policy says of its diseases is left to people "
            "(review) where it takes the hierarchy to decide, until one is and the policy is set again: "
            f"medconsent ontology list --system {system}",
            err=True,
        )


def _ask_first(app: App, dataset: str, file: str, new: "Policy") -> None:
    """Say what a policy changes, and which grants it ends, and ask. Raises click.Abort."""
    compared = compare(app, dataset, file, new)
    if compared.ends is None:
        return  # the contract refuses it, with every reason
    with redirect_stdout(sys.stderr):
        compared.tell()
    click.confirm("Set it, and end the grants that it does not permit?", abort=True, err=True)


def _choices(decision: "Decision") -> None:
    """A row a reason, its sentence over as many lines as it takes."""
    rows: list[list[object]] = []
    for choice in decision.alternatives:
        says: object = choice.decision
        for reason in choice.reasons:
            for number, part in enumerate(wrapped(reason.message)):
                first = number == 0
                rows.append([reason.clause if first else "", says if first else "", reason.code if first else "", part])
            says = ""
    output.table(["clause", "says", "reason", "why"], rows)
    output.line()


def _yaml(found: "PolicyRecord") -> None:
    from medconsent.documents.policies import dump_yaml  # noqa: PLC0415

    output.line(f"# policy {found.id}" + (", which applies to existing grants too" if found.applies else ""))
    for line in dump_yaml(found.policy).splitlines():
        output.line(output.safe(line))


def policy_lines(found: "PolicyRecord") -> None:
    """A policy within what else is shown of a dataset."""
    _set(found)
    output.fields(record_lines(found))
