"""`medconsent policy`: what may be done with a dataset, who must agree, and for how long."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli import _output, _shape
from medconsent_cli._app import App, pass_app
from medconsent_cli._render import record_lines, show_written
from medconsent_cli._values import DATASET, DatasetVersion

if TYPE_CHECKING:
    from medconsent.policies import PolicyRecord

policy = _shape.group(
    "policy",
    help="Conditions of use, approvals needed, limits.",
    examples="""
    medconsent policy show hanbit/breast-cancer
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

    Grants that were given stay as they are; requests that are not decided yet lapse and can be made again. The file
    is YAML: see docs/sdk.md, and `medconsent policy show` for one that is in force.""",
    examples="""
    medconsent policy set hanbit/breast-cancer --policy policy.yaml
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
@pass_app
def set_(app: App, dataset: DatasetVersion, policy_file: Path) -> None:
    """See the help."""
    if dataset.version is not None:
        raise click.UsageError("a policy holds for the dataset and not for one version: leave out the @.")
    from medconsent.policy_files import load_yaml  # noqa: PLC0415

    new = load_yaml(policy_file)
    with app.changing("writing the policy") as client:
        written = client.policies.set(dataset.dataset, new)
    show_written(app, written, lambda: _yaml(written.answer))


def _yaml(found: "PolicyRecord") -> None:
    from medconsent.policy_files import dump_yaml  # noqa: PLC0415

    _output.line(f"# policy {found.id}")
    for line in dump_yaml(found.policy).splitlines():
        _output.line(_output.safe(line))


def policy_lines(found: "PolicyRecord") -> None:
    """A policy within what else is shown of a dataset."""
    _yaml(found)
    _output.fields(record_lines(found))
