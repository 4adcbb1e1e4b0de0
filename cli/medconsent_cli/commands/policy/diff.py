"""`medconsent policy diff`: what two versions say differently."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app.files import read_policy
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DATASET, DatasetVersion
from medconsent_cli.commands.policy.comparison import compare, show_diff

if TYPE_CHECKING:
    pass
from medconsent_cli.app.shape import Command


@click.command(
    "diff",
    cls=Command,
    help="""Say in words how two versions of a policy differ.

    And whether the later one narrows, as `policy set --applies existing` needs. By default the latest is compared with
    the one before. FILE is a policy that is not set yet: it is compared with the latest, or with A, and the grants that
    it would end, or suspend, if it applied to them are listed. `-` reads stdin.""",
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
    """The number of a policy.

    Raises:
        click.UsageError: it is none.
    """
    if not version.isdecimal() or int(version) < 1:
        raise click.UsageError(f"{version} is no number of a policy; a file comes last.")
    return int(version)
