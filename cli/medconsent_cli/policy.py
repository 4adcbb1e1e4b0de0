"""`medconsent policy`: what may be done with a dataset, who must agree, and for how long."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli import _output, _shape
from medconsent_cli._app import App, pass_app
from medconsent_cli._exit import Exit
from medconsent_cli._purpose import purpose_options
from medconsent_cli._render import record_lines, show_written
from medconsent_cli._values import DATASET, DatasetVersion, Word, duration_of, duration_options, own_dataset
from medconsent_cli.decision import explain_options, tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medconsent.decisions import Decision, Reason
    from medconsent.policies import Lint, Policy, PolicyDiff, PolicyRecord
    from medconsent.purposes import Purpose

policy = _shape.group(
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
    `--applies existing` those that the new policy does not permit end, and it must narrow. The file is YAML: see
    docs/use-conditions.md, and `medconsent policy show` for one that is in force.""",
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
    help="The policy, as YAML.",
)
@click.option(
    "--applies", type=Word("existing"), metavar="WHAT", help="`existing`: end the grants that it does not permit, too."
)
@pass_app
def set_(app: App, dataset: DatasetVersion, policy_file: Path, applies: str | None) -> None:
    """See the help."""
    if dataset.version is not None:
        raise click.UsageError("a policy holds for the dataset and not for one version: leave out the @.")
    from medconsent.policy_files import load_yaml  # noqa: PLC0415

    new = load_yaml(policy_file)
    with app.changing("writing the policy") as client:
        written = client.policies.set(dataset.dataset, new, applies=applies)
    show_written(app, written, lambda: _yaml(written.answer))


@policy.command(
    "lint",
    help="""Say in words what a policy file permits.

    And what in it contradicts itself, and whether the committees as they stand could ever meet it. The file is checked
    against its schema first, with the line; nothing is written. The exit code is 5 when it could not be set.""",
    examples="""
    medconsent policy lint policy.yaml
    """,
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@pass_app
@click.pass_context
def lint(ctx: click.Context, app: App, file: Path) -> None:
    """See the help."""
    from medconsent.policy_files import load_yaml  # noqa: PLC0415

    drafted = load_yaml(file)
    with app.asking("reading the policy over") as client:
        found = client.policies.lint(drafted)
    app.show(found.to_json(), lambda: _lint(found))
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
    from medconsent.policy_files import load_yaml  # noqa: PLC0415

    judged: Policy | str
    version = None
    if Path(subject).is_file():
        judged = load_yaml(Path(subject))
    else:
        judged, version = DATASET.convert(subject, None, ctx)
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
    the one before.""",
    examples="""
    medconsent policy diff hanbit/breast-cancer
    medconsent policy diff hanbit/breast-cancer 1 3
    """,
)
@click.argument("dataset", type=DATASET, metavar="DATASET")
@click.argument("before", type=click.IntRange(min=1), metavar="[A]", required=False)
@click.argument("after", type=click.IntRange(min=1), metavar="[B]", required=False)
@pass_app
def diff(app: App, dataset: DatasetVersion, before: int | None, after: int | None) -> None:
    """See the help."""
    if dataset.version is not None:
        raise click.UsageError("name the versions after the dataset, as in: policy diff hanbit/breast-cancer 1 3")
    with app.asking("comparing the policies") as client:
        found = client.policies.diff(dataset.dataset, before, after)
    app.show(found.to_json(), lambda: _diff(found))


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
    from medconsent.policy_files import load_yaml  # noqa: PLC0415

    drafted, version = None, None
    if Path(subject).is_file():
        if not named:
            raise click.UsageError("an offer names its dataset: give --dataset SLUG with a file.")
        drafted = load_yaml(Path(subject))
    elif named:
        raise click.UsageError(f"--dataset goes with a file, and there is no file {subject}.")
    else:
        named, version = DATASET.convert(subject, None, ctx)
    with app.asking("asking for the offer") as client:
        found = client.policies.offer(own_dataset(named, client.institution), drafted, version=version)
    app.show(found.to_json(), lambda: click.echo(_output.as_json(found.usage_info)))


def _lint(found: "Lint") -> None:
    for sentence in found.words:
        _output.line(_output.safe(sentence))
    _reasons("contradicts itself:", found.contradictions)
    _reasons("cannot be met by the committees as they stand:", found.unmeetable)
    if found.ontologies:
        _output.fields([("goes by", [_output.brief(f"{it.system} {it.digest}") for it in found.ontologies])])


def _diff(found: "PolicyDiff") -> None:
    _output.line(f"policy {found.to} of {_output.safe(found.dataset)}, compared with {found.from_}")
    for mark, sentences in (("-", found.removed), ("+", found.added)):
        for sentence in sentences:
            _output.line(f"{mark} {_output.safe(sentence)}")
    if not found.removed and not found.added:
        _output.line("they say the same")
    if found.narrower:
        _output.line("it narrows: it could apply to existing grants")
    _reasons("it is not narrower:", found.wider)


def _reasons(title: str, reasons: "Iterable[Reason]") -> None:
    for number, reason in enumerate(reasons):
        if number == 0:
            _output.line(title)
        _output.line(_output.safe(f"  - {reason.message} [{reason.clause}]"))


def _choices(decision: "Decision") -> None:
    """A row a reason, its sentence over as many lines as it takes."""
    rows: list[list[object]] = []
    for choice in decision.alternatives:
        says: object = choice.decision
        for reason in choice.reasons:
            for number, part in enumerate(textwrap.wrap(_output.safe(reason.message), 60)):
                first = number == 0
                rows.append([reason.clause if first else "", says if first else "", reason.code if first else "", part])
            says = ""
    _output.table(["clause", "says", "reason", "why"], rows)
    _output.line()


def _yaml(found: "PolicyRecord") -> None:
    from medconsent.policy_files import dump_yaml  # noqa: PLC0415

    _output.line(f"# policy {found.id}")
    for line in dump_yaml(found.policy).splitlines():
        _output.line(_output.safe(line))


def policy_lines(found: "PolicyRecord") -> None:
    """A policy within what else is shown of a dataset."""
    _yaml(found)
    _output.fields(record_lines(found))
