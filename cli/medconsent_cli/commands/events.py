"""`medconsent events`: what changes on the ledger, as it happens."""

import json
import sys
from typing import TYPE_CHECKING

import click

from medconsent._internal import streams
from medconsent_cli.app import output
from medconsent_cli.app.render import when
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.commands.grant.view import BREAK_GLASS

if TYPE_CHECKING:
    from medconsent.fabric.events import FileCheckpointer
    from medconsent.nouns.events import Event


@click.command(
    "events",
    cls=Command,
    help="""Follow what changes on the ledger.

    One line for each transaction, until stopped (Ctrl-C). With --json, one JSON object a line. With --checkpoint a
    file remembers what was printed, and a later run goes on there.""",
    examples="""
    medconsent events
    medconsent events --from-block 0 --count 10
    medconsent events --json --checkpoint events.position
    """,
)
@click.option(
    "--from-block", type=click.IntRange(min=0), metavar="N", help="Begin with block N. Default: what comes now."
)
@click.option(
    "--checkpoint",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Remember there what was printed; goes before --from-block.",
)
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="Stop after N events.")
@pass_app
def events(app: App, from_block: int | None, checkpoint: str | None, count: int | None) -> None:
    """See the help."""
    keeper = _keeper(checkpoint) if checkpoint else None
    with app.connect() as client:
        begins = keeper.block_number if keeper and keeper.block_number is not None else from_block
        if begins is None:
            begins = client.events.height()
        if not app.json:
            click.echo(f"following from block {begins} at {client.institution}'s peer; Ctrl-C stops", err=True)
        following = client.events.follow(start_block=begins, checkpointer=keeper)
        seen = 0
        try:
            for event in following:
                _print(app, event)
                seen += 1
                if streams.gone(sys.stdout):
                    break  # what was not seen is not recorded as handled
                if count is not None and seen == count:
                    _handled(keeper, event)
                    break
        except KeyboardInterrupt:
            pass


def _keeper(path: str) -> "FileCheckpointer":
    """What remembers in a file how far one has come.

    Raises:
        DocumentError: The file is no checkpoint.
    """
    from medconsent.errors import DocumentError  # noqa: PLC0415
    from medconsent.fabric.errors import FabricError  # noqa: PLC0415
    from medconsent.fabric.events import FileCheckpointer  # noqa: PLC0415

    try:
        return FileCheckpointer(path)
    except FabricError as error:
        hint = "if it is damaged, remove it and say with --from-block N where to go on (0: everything again)"
        raise DocumentError(str(error), hint=hint) from error


def _handled(keeper: "FileCheckpointer | None", event: "Event") -> None:
    """Record the last event of a run: the SDK records one when the next is asked for, and there is no next."""
    if keeper is not None:
        from medconsent.fabric.events import ChaincodeEvent  # noqa: PLC0415

        keeper.checkpoint_event(ChaincodeEvent(event.block, event.tx, "", event.name, b""))


def _print(app: App, event: "Event") -> None:
    if app.json:
        click.echo(json.dumps(event.to_json(), separators=(",", ":")))
        return
    changes = "; ".join(f"{change.action} {change.owner} {_name(change.id)}" for change in event.changes)
    told = output.safe(f"{when(event.at)}  block {event.block}  {event.name}  {output.short(event.tx)}  {changes}")
    marked = any(change.type == "breakglass" for change in event.changes)
    output.line(f"{told}  {output.word(BREAK_GLASS)}" if marked else told)


def _name(identifier: str) -> str:
    return identifier if "/" in identifier else output.short(identifier)
