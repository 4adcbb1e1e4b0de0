"""`medconsent text`: private text about a request, for the data's owner and whoever asks alone."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app import output, shape, steps
from medconsent_cli.app.files import write_file
from medconsent_cli.app.private_texts import commitments, load
from medconsent_cli.app.render import ASK_OPTION, ask_first, show_written
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import REQUEST

if TYPE_CHECKING:
    from medconsent.nouns.requests import RequestView
    from medconsent.nouns.texts import PrivateText

text = shape.group(
    "text",
    help="""Private text about a request.

    Descriptions, ethics letters and remarks that only the data's owner and the requester's institution keep. On the
    ledger stands a commitment: a salted hash.""",
    examples="""
    medconsent text show 5f0c21 --commitment 9a1b...
    medconsent text purge 5f0c21 --commitment 9a1b...
    """,
)

_COMMITMENT = click.option("--commitment", required=True, metavar="HEX", help="What stands for it on the ledger.")


@text.command(
    "keep",
    help="""Send a text whose commitment is on the ledger already.

    FILE is what `request submit`, `request amend` or `request remark` wrote beside the text (it has the salt): for when
    sending it failed the first time.""",
    examples="""
    medconsent text keep 5f0c21 description.private.json
    """,
)
@click.argument("request", type=REQUEST, metavar="REQUEST")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@pass_app
def keep(app: App, request: str, file: Path) -> None:
    """See the help."""
    found = load(file)
    with app.changing("sending the text") as client:
        written = client.texts.keep(request, found)
    file.unlink()  # it has the text in clear, and both institutions have it now
    then = steps.step(
        "who decides on the request",
        "can read it",
        f"text show {output.short(request)} --commitment {output.short(found.commitment)}",
    )
    show_written(
        app,
        written,
        lambda: output.fields([("kept", written.answer.commitment), ("removed", file)]),
        then=then,
    )


@text.command(
    "show",
    help="Show a private text, if it is for one's own institution.",
    examples="""
    medconsent text show 5f0c21 --commitment 9a1b...
    """,
)
@click.argument("request", type=REQUEST, metavar="REQUEST")
@click.option(
    "--commitment",
    metavar="HEX",
    help="Which, by what stands for it on the ledger, or its beginning. Default: the only one that stands.",
)
@click.option("--out", metavar="FILE", help="Write it to a file instead.")
@click.option("--replace", is_flag=True, help="Replace the file when it exists.")
@pass_app
def show(app: App, request: str, commitment: str | None, out: str | None, replace: bool) -> None:
    """See the help."""
    with app.asking("reading the text") as client:
        request, commitment = _chosen(client.requests.get(request), commitment or "")
        found = client.texts.get(request, commitment)
    if out:
        write_file(out, found.text.encode(), replace=replace)
        return
    app.show({"text": found.text, "commitment": commitment}, lambda: _lines(found))


@text.command(
    "purge",
    help="""Remove a private text from one's own side.

    From its collection, and what its peers kept of it. The other institution keeps its copy until its people purge it
    too; the commitment stays on the ledger. Asks first.""",
    examples="""
    medconsent text purge 5f0c21 --commitment 9a1b...
    """,
)
@click.argument("request", type=REQUEST, metavar="REQUEST")
@_COMMITMENT
@ASK_OPTION
@pass_app
def purge(app: App, *, request: str, commitment: str, yes: bool) -> None:
    """See the help."""
    from medconsent.desk.endings import text_plan  # noqa: PLC0415

    ask_first(app, lambda client: text_plan(client, request, commitment), yes=yes)
    with app.changing("purging the text") as client:
        written = client.texts.purge(request, commitment)
    show_written(app, written, lambda: output.fields([("purged", commitment)]), then=steps.of_purge(request))


def _chosen(found: "RequestView", begins: str) -> tuple[str, str]:
    """Which private text of a request is meant.

    Args:
        found: The request.
        begins: The beginning of a commitment; empty for the only text that was not replaced.

    Returns:
        The request's id, and the commitment in full.

    Raises:
        click.UsageError: none begins so, or more than one; it lists them.
    """
    named = commitments(found, replaced=bool(begins))
    fitting = [commitment for commitment in named if commitment.startswith(begins)]
    if len(fitting) != 1:
        these = ", ".join(named) or "it has none"
        raise click.UsageError(f"which private text of the request? Give --commitment with one of: {these}.")
    return found.id, fitting[0]


def _lines(found: "PrivateText") -> None:
    for line in found.text.splitlines():
        output.line(output.safe(line))
