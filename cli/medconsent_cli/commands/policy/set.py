"""`medconsent policy set`: a new policy, and what it ends."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app.files import read_policy
from medconsent_cli.app.render import show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DATASET, DatasetVersion, Word
from medconsent_cli.commands.policy.comparison import compare

if TYPE_CHECKING:
    from medconsent.policies import Policy
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.policy.view import show_set, warn_unpinned


@click.command(
    "set",
    cls=Command,
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
    show_written(app, written, lambda: show_set(written.answer))
    if written.proposal is None:
        warn_unpinned(app, new, written.answer.ontologies or ())


def _ask_first(app: App, dataset: str, file: str, new: "Policy") -> None:
    """Say what a policy changes, and which grants it ends, and ask.

    Raises:
        click.Abort: the answer was no.
    """
    compared = compare(app, dataset, file, new)
    if compared.ends is None:
        return  # the contract refuses it, with every reason
    with redirect_stdout(sys.stderr):
        compared.tell()
    click.confirm("Set it, and end the grants that it does not permit?", abort=True, err=True)
