"""`medconsent completion`: the script that makes a shell complete commands, contexts and the contract's words."""

import click
from click.shell_completion import get_completion_class

from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app

_SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    cls=Command,
    help="Print the script for completion in a shell.",
    examples="""
    medconsent completion bash > ~/.local/share/bash-completion/completions/medconsent
    medconsent completion zsh > ~/.zfunc/_medconsent
    medconsent completion fish > ~/.config/fish/completions/medconsent.fish
    """,
)
@click.argument("shell", type=click.Choice(_SHELLS), metavar="bash|zsh|fish")
@pass_app
def completion(app: App, shell: str) -> None:
    """See the help."""
    from medconsent_cli.main import program  # noqa: PLC0415  (which loads this module)

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}.")
    script = kind(program, {}, "medconsent", "_MEDCONSENT_COMPLETE").source()
    app.show({"shell": shell, "script": script}, lambda: click.echo(script))
