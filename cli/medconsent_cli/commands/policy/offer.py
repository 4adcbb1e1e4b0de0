"""`medconsent policy offer`: the conditions of use for a manifest."""

from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.files import is_file, read_policy
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import own_dataset

if TYPE_CHECKING:
    pass
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.policy.subject import as_dataset


@click.command(
    "offer",
    cls=Command,
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
        named, version = as_dataset(subject, ctx)
    with app.asking("asking for the offer") as client:
        found = client.policies.offer(own_dataset(named, client.institution), drafted, version=version)
    app.show(found.to_json(), lambda: output.json_document(found.usage_info))
