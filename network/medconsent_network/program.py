"""How the program ends: what went wrong is told in one form, whoever found it."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from medconsent_network.errors import NetworkError


class Program(click.Group):
    """A group of commands that ends with `error CODE: sentence` and a hint on stderr.

    Exit codes: 1 for an error of the network, 2 for a wrong use (`USAGE`). MEDCONSENT_DEBUG=1 shows the traceback.
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and end the process; with `standalone_mode=False` as any other group of click."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except NetworkError as error:
            if os.environ.get("MEDCONSENT_DEBUG"):
                raise
            sys.exit(_tell(error))
        except click.ClickException as error:
            sys.exit(_tell(NetworkError("USAGE", _sentence(error), _help(error)), error.exit_code))
        except click.Abort:
            click.echo("Stopped.", err=True)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _tell(error: NetworkError, code: int = 1) -> int:
    click.echo(f"error {error.diagnostics()}", err=True)
    return code


def _sentence(error: click.ClickException) -> str:
    text = error.format_message().rstrip(".")
    return text[:1].lower() + text[1:]


def _help(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{context.command_path} --help` shows what there is." if context else ""
