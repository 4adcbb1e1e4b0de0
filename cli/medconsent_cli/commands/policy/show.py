"""`medconsent policy show`: as YAML that can be set again."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import DATASET, DatasetVersion

if TYPE_CHECKING:
    pass
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.policy.view import show_yaml


@click.command(
    "show",
    cls=Command,
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
    app.show(found.to_json(), lambda: show_yaml(found))
