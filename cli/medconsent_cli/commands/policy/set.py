"""`medconsent policy set`: a new policy, and what it ends."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app.files import read_policy
from medconsent_cli.app.render import ASK_OPTION, confirm, counted_before, show_written, then_of_dataset
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DATASET, DatasetVersion, Word
from medconsent_cli.commands.policy.comparison import compare

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.policies import Policy
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.policy.view import show_set, warn_unpinned


@click.command(
    "set",
    cls=Command,
    help="""Give a dataset a new policy (role: steward).

    Requests that are not decided yet lapse and can be made again. Grants that were given stay as they are; with
    `--applies existing` those that the new policy does not permit end, and it must narrow. What it changes and what
    ends by it is shown first, as `medconsent policy diff DATASET FILE` does without setting it. The file is YAML: see
    docs/use-conditions.md, and `medconsent policy show` for one that is in force.""",
    examples="""
    medconsent policy set hanbit/breast-cancer --policy policy.yaml
    medconsent policy set hanbit/breast-cancer --policy narrower.yaml --applies existing --yes
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
@ASK_OPTION
@pass_app
def set_(app: App, *, dataset: DatasetVersion, policy_file: Path, applies: str | None, yes: bool) -> None:
    """See the help."""
    if dataset.version is not None:
        raise click.UsageError("a policy holds for the dataset and not for one version: leave out the @.")
    new = read_policy(policy_file)
    if yes:
        app.ends = counted_before(app, lambda client: _lapsing(client, dataset.dataset))
    shown = None if yes else _ask_first(app, dataset.dataset, str(policy_file), new, applies=applies)
    with app.changing("writing the policy") as client:
        written = client.policies.set(dataset.dataset, new, applies=applies, shown=shown)
        then = None if written.proposal else then_of_dataset(app, client, dataset.dataset)
    show_written(app, written, lambda: show_set(written.answer), then=then)
    if written.proposal is None:
        warn_unpinned(app, new, written.answer.ontologies or ())


def _lapsing(client: "Client", dataset: str) -> tuple[str, ...]:
    from medconsent.desk.policies import of_lapsed, undecided  # noqa: PLC0415

    return of_lapsed(undecided(client, dataset))


def _ask_first(app: App, dataset: str, file: str, new: "Policy", *, applies: str | None) -> str | None:
    """Say what a policy changes, and what ends by it, and ask.

    Returns:
        The digest of the policy that it was compared with; None when the contract refuses it, with every reason.

    Raises:
        click.UsageError: nobody can be asked.
        click.Abort: the answer was no.
    """
    if app.json and not sys.stdin.isatty():
        confirm("", yes=False)
    compared = compare(app, dataset, file, new)
    if applies and compared.change.ends is None:
        return None
    with redirect_stdout(sys.stderr):
        compared.tell()
    app.ends = compared.change.told_after()
    confirm("Set it, and end the grants that it does not permit?" if applies else "Set it?", yes=False)
    return compared.change.digest
