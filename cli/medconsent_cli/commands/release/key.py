"""`medconsent release key`: the key that data for oneself is encrypted to."""

import click

from medconsent_cli.app import output
from medconsent_cli.app.shape import Command
from medconsent_cli.app.state import App, pass_app


@click.command(
    "key",
    cls=Command,
    help="""Make one's own delivery key, or show it.

    Data is encrypted to it, and `medconsent fetch` decrypts with it. It is kept in the context's folder, as Crypt4GH
    has it and readable by its owner alone. Announce its public half beside your own key; it has to stand on the ledger
    before you state a request, so that whoever approves it approves the key too.""",
    examples="""
    medconsent release key
    """,
)
@pass_app
def key(app: App) -> None:
    """See the help."""
    from medconsent.contexts import Contexts  # noqa: PLC0415
    from medconsent.release import keys  # noqa: PLC0415

    folder = Contexts().get(app.context).folder
    made = keys.delivery(folder)
    public = (folder / keys.DELIVERY).with_suffix(".pub")
    value = {"fingerprint": made.fingerprint, "public_key_file": str(public)}

    def people() -> None:
        output.fields([("fingerprint", made.fingerprint)])
        output.line(output.safe(f"next: medconsent person announce --delivery {public}"))

    app.show(value, people)
