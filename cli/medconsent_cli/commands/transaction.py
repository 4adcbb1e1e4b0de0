"""`medconsent transaction`: what became of a transaction, the question after exit code 7."""

import click

from medconsent_cli.app import output, shape
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.state import App, pass_app
from medconsent_cli.app.values import TXID

transaction = shape.group(
    "transaction",
    help="What became of a transaction.",
    examples="""
    medconsent transaction status 5f0c...
    """,
)

_OUTCOMES = {
    "committed": (Exit.DONE, "committed: it is on the ledger and valid"),
    "invalid": (
        Exit.REFUSED,
        "not committed: it was ordered and found invalid, and changed nothing; it may be repeated",
    ),
    "unknown": (Exit.UNKNOWN, "not known: it is in no block of this peer so far; ask again before repeating it"),
}


@transaction.command(
    "status",
    help="""What became of a transaction.

    As one's own institution's peer has it; answered at once. The exit code is 0 when it is committed, 5 when it was
    found invalid and changed nothing, and 7 when it is in no block yet: one that was sent may still be committed.
    TXID is the whole id, which `--json` and the line `committed in block ...` have.""",
    examples="""
    medconsent transaction status 5f0c0f6ea2a1f3e3fbd6f2e8f3a3b1b4f8f7e8b0a1a6d1d1b2c3d4e5f6a7b8c9
    """,
)
@click.argument("transaction_id", type=TXID, metavar="TXID")
@click.pass_context
@pass_app
def status(app: App, ctx: click.Context, transaction_id: str) -> None:
    """See the help."""
    with app.asking("asking about the transaction") as client:
        found = client.transactions.status(transaction_id)
    code, sentence = _OUTCOMES[found.outcome]
    app.show(
        found.to_json(),
        lambda: output.fields(
            [
                ("transaction", found.transaction_id),
                ("outcome", sentence),
                ("code", found.code),
                ("block", "" if found.block is None else found.block),
            ]
        ),
    )
    ctx.exit(code)
