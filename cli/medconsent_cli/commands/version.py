"""`medconsent version`: which program this is, and which contract one's own peer runs."""

from typing import Any

import click

from medconsent_cli.app import output
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app


@click.command(
    "version",
    cls=Command,
    help="Show the version of this program.",
    examples="""
    medconsent version
    medconsent version --contract
    """,
)
@click.option("--contract", is_flag=True, help="Also ask one's own institution's peer which contract it runs.")
@pass_app
def version(app: App, contract: bool) -> None:
    """See the help."""
    from medconsent._version import __version__  # noqa: PLC0415

    told: dict[str, Any] = {"medconsent": __version__}
    shown = [("medconsent", __version__)]
    if contract:
        with app.asking("asking the peer for its contract's version") as client:
            found = client.contract_version()
        told["contract"] = found.to_json()
        shown.append(("contract", f"{found.name} {found.version}"))
        if not found.known:
            shown.append(("", "another contract than the one that this program was made for: update one of the two"))
    app.show(told, lambda: output.fields(shown))
