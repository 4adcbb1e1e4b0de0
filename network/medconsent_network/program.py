"""How the program ends: what went wrong is told in one form, whoever found it."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from medconsent._internal import streams
from medconsent_network.errors import NetworkError


class Program(click.Group):
    """A group of commands that ends with `error CODE: sentence` and a hint on stderr.

    `--network` is taken before the command and after it, where people write it.

    Exit codes: 1 for an error of the network, 2 for a wrong use (`USAGE`). MEDCONSENT_DEBUG=1 shows the traceback.
    """

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """See `click.Group`."""
        super().add_command(cmd, name)
        for command in (cmd, *(cmd.commands.values() if isinstance(cmd, click.Group) else ())):
            if command.context_settings.get("allow_interspersed_args", True):  # else they are another program's
                command.params.append(_network_option())

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and end the process; with `standalone_mode=False` as any other group of click.

        The arguments are those of Click's `main`.
        """
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        words = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
        except NetworkError as error:
            if os.environ.get("MEDCONSENT_DEBUG"):
                raise
            sys.exit(_tell(error, 1, words))
        except click.ClickException as error:
            sys.exit(_tell(NetworkError("USAGE", _sentence(error), _help(error)), error.exit_code, words))
        except PermissionError as error:
            if os.environ.get("MEDCONSENT_DEBUG"):
                raise
            sys.exit(_tell(_denied(error), 1, words))
        except click.Abort:
            sys.exit(_tell(NetworkError("STOPPED", "stopped"), 1, words))
        if (told := streams.complaint()) and "--json" not in words:
            click.echo(told, err=True)
        sys.exit(code if isinstance(code, int) else 0)


def _network_option() -> click.Option:
    def set_folder(context: click.Context, _: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.obj = value.absolute()

    return click.Option(
        ["--network"],
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=set_folder,
        help="Folder of the network (default: .network, or MEDCONSENT_NETWORK).",
    )


def _tell(error: NetworkError, code: int, words: Sequence[str]) -> int:
    """Say on stderr what went wrong: lines for people, one object for programs (`--json`)."""
    if "--json" in words:
        told = {"code": error.code, "message": error.message, "hint": error.hint, "exit_code": code}
        click.echo(json.dumps({"error": {name: value for name, value in told.items() if value}}), err=True)
    else:
        click.echo(f"error {error.diagnostics()}", err=True)
    return code


def _denied(error: PermissionError) -> NetworkError:
    what = error.filename or "something"
    hint = "Run this as the user to whom the network's folder belongs, and let all in it be theirs (`chown -R`)."
    return NetworkError("PROCESS_FAILED", f"{what} is not for the user who runs this", hint)


def _sentence(error: click.ClickException) -> str:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):  # its message is the whole help
        return "a command is missing"
    text = error.format_message().rstrip(".")
    return text[:1].lower() + text[1:]


def _help(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{context.command_path} --help` shows what there is." if context else ""
