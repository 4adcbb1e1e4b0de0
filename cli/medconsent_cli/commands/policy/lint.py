"""`medconsent policy lint`: a policy in words, and whether it can be met."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.files import read_policy
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.commands.policy.comparison import show_reasons

if TYPE_CHECKING:
    from medconsent.policies import Lint
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.policy.view import goes_by, warn_unpinned


@click.command(
    "lint",
    cls=Command,
    help="""Say in words what a policy file permits.

    It also says what in it contradicts itself, and whether the committees with their present members could ever
    meet it. The file is checked against its schema first, with the line; nothing is written. The exit code is 5
    when it could not be set. `-` reads stdin.""",
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


def _lint(found: "Lint") -> None:
    for sentence in found.words:
        output.line(output.safe(sentence))
    show_reasons("contradicts itself:", found.contradictions)
    show_reasons("cannot be met by the committees as they stand:", found.unmeetable)
    show_reasons("worth a look:", found.warnings)
    goes_by(found.ontologies)
