"""The program `medconsent`: its list of nouns, each loaded when it is used, and how it ends."""

import importlib
import logging
import os
import sys
import warnings
from typing import Any

import click

from medconsent._internal import streams
from medconsent_cli.app import shape, startup
from medconsent_cli.app.exit_codes import MEANINGS
from medconsent_cli.app.state import App

_NOUNS = {
    "context": "context",
    "identity": "identity",
    "institution": "institution",
    "person": "person",
    "proposal": "proposal",
    "committee": "committee",
    "dataset": "dataset",
    "policy": "policy",
    "consent": "consent",
    "basis": "basis",
    "ground": "basis",
    "deid": "deid",
    "inbox": "inbox",
    "request": "request",
    "text": "text",
    "grant": "grant",
    "breakglass": "breakglass",
    "archive": "archive",
    "receipt": "receipt",
    "ontology": "ontology",
    "check": "decision",
    "explain": "decision",
    "release": "release",
    "fetch": "fetch",
    "audit": "audit",
    "transaction": "transaction",
    "events": "events",
    "watch": "watch",
    "remind": "remind",
    "doctor": "doctor",
    "completion": "completion",
    "version": "version",
}
"""Name of each command and the module that has it, in the order of a first use."""


class _Program(shape.Group):
    """The root: its help also has the exit codes, and its nouns are imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _NOUNS:
            return None
        module = importlib.import_module(f"medconsent_cli.commands.{_NOUNS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in MEANINGS.items()])


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    """`--version` is `medconsent version`, for those who try that first."""
    if value and not ctx.resilient_parsing:
        from medconsent._version import __version__  # noqa: PLC0415

        click.echo(f"medconsent {__version__}")
        ctx.exit()


program = _Program(
    "medconsent",
    help="""Consent and access policy for medical data that institutions share.

    Who holds which dataset, what may be done with it, who asked, who approved and what was granted stands on a
    ledger that every institution's own peer checks. This program asks and tells; the contract on the ledger
    decides.

    Begin with `medconsent identity enroll`, which makes a context: one identity at one institution.""",
    examples="""
    medconsent identity enroll kim --profile nuri/connection.json
    medconsent dataset list
    medconsent check hanbit/breast-cancer --for nuri/kim --purpose disease --disease ICD10:C50 --mode download
    medconsent --json request list --state in-review
    """,
)
program.params.append(
    click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
    )
)


def run(arguments: list[str]) -> int:
    """Run the program and give its exit code (`medconsent_cli.app.exit_codes`); what went wrong is told on stderr."""
    app = App()
    try:
        code: Any = program.main(arguments, prog_name="medconsent", standalone_mode=False, obj=app)
        sys.stdout.flush()
        _complain(app)
    except Exception as error:
        from medconsent_cli.app import failures  # noqa: PLC0415  (imports the SDK's errors)

        if os.environ.get("MEDCONSENT_DEBUG") == "1" and not isinstance(error, click.ClickException | click.Abort):
            raise
        return int(failures.report(error, app, as_json=app.json or "--json" in arguments))
    return code if isinstance(code, int) else 0


def _complain(app: App) -> None:
    """Say that output is lost, as to a full disk. What was done is done, so it changes no exit code."""
    told = streams.complaint()
    if told and not app.json:
        click.echo(told, err=True)


def _quiet_libraries() -> None:
    """stderr has what this program says, and nothing that a library logs: with --json it is one object or nothing."""
    if os.environ.get("MEDCONSENT_DEBUG") == "1":
        return
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # read when gRPC is imported, which is later
    logging.getLogger().addHandler(logging.NullHandler())
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def main() -> None:
    """The console script."""
    startup.spare()
    streams.prepare()
    _quiet_libraries()
    startup.leave(run(sys.argv[1:]))
