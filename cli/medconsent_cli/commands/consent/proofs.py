"""`medconsent consent prove`, `verify`: what one person can show without the others."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.files import read_file, write_file
from medconsent_cli.app.state import App, pass_app

if TYPE_CHECKING:
    from medconsent.data.people.commitment import Proof
from medconsent_cli.app.shape import Command
from medconsent_cli.commands.consent.epochs import commitment_options
from medconsent_cli.commands.consent.values import FILE, numbered


@click.command(
    "prove",
    cls=Command,
    help="""Make a person's own proof that they are in, or out.

    For the person, and for nobody else. The ledger is asked for the epoch alone; nothing is sent about the person.""",
    examples="""
    medconsent consent prove hanbit/oncology P-000123 --members members.csv --key oncology.key --out proof.json
    """,
)
@click.argument("cohort", metavar="COHORT[~EPOCH]")
@click.argument("person", metavar="ID")
@commitment_options
@click.option("--out", default="-", metavar="FILE", help="Where to write it. Default: stdout.")
@click.option("--replace", is_flag=True, help="Replace the file when it exists.")
@pass_app
def prove(app: App, *, cohort: str, person: str, members_file: Path, key_file: Path, out: str, replace: bool) -> None:
    """See the help."""
    from medconsent.data.people.commitment import Commitment  # noqa: PLC0415
    from medconsent.data.people.keys import CohortKey  # noqa: PLC0415
    from medconsent.data.people.members import person as identified  # noqa: PLC0415
    from medconsent.data.people.members import read_members  # noqa: PLC0415

    name, number = numbered(cohort)
    secret, members = CohortKey.load(key_file), read_members(members_file)
    with app.asking("reading the epoch") as client:
        found = client.consents.get(name, number).epoch
    commitment = Commitment(secret, name, found.epoch, members)
    if commitment.root != found.root:
        raise click.UsageError(
            f"key and members are not those that {name}~{found.epoch} was recorded with: give the members' file as it "
            "was then."
        )
    person = identified(person)
    if person not in members:
        raise click.UsageError("this person never was in the cohort: there is nothing to prove.")
    proof = commitment.proof(person)
    write_file(out, (output.as_json(proof.to_json()) + "\n").encode(), replace=replace)
    if out != "-":
        app.show({"proof": out, "state": proof.state}, lambda: output.line(f"{proof.state}: {out}"))


@click.command(
    "verify",
    cls=Command,
    help="""Check a person's proof against the ledger, or against a root.

    With --root nothing is asked and no identity is needed. The exit code is 8 when it does not hold.""",
    examples="""
    medconsent consent verify proof.json
    medconsent consent verify proof.json --root 5f0c...
    """,
)
@click.argument("proof_file", metavar="PROOF", type=FILE)
@click.option("--root", metavar="HEX", help="The epoch's root, as the ledger has it.")
@pass_app
@click.pass_context
def verify(ctx: click.Context, app: App, *, proof_file: Path, root: str | None) -> None:
    """See the help."""
    proof = _proof(proof_file)
    claimed = f"{proof.cohort}~{proof.epoch}"
    given = root is not None
    if root is None:
        with app.asking("reading the epoch") as client:
            root = client.consents.get(proof.cohort, proof.epoch).epoch.root
    holds = proof.holds(root)
    # A root binds the state alone: of which cohort and epoch it is the ledger says, and under --root the file alone.
    known: dict[str, Any] = {"cohort": proof.cohort, "epoch": proof.epoch} if holds and not given else {}
    told = {**known, **({"state": proof.state} if holds else {}), "root": root, "holds": holds}
    told["claimed"] = {"cohort": proof.cohort, "epoch": proof.epoch, "state": proof.state}
    words = "this proof does not lead to the epoch's root"
    if holds:
        words = (
            f"{proof.state} {claimed}"
            if not given
            else f"{proof.state}, under that root; it says that it is of {claimed}"
        )
    app.show(told, lambda: output.line(output.safe(words)))
    ctx.exit(Exit.DONE if holds else Exit.DIFFERS)


def _proof(file: Path) -> "Proof":
    """The proof in a file.

    Raises:
        DocumentError: It holds none.
    """
    from medconsent.data.people.commitment import read_proof  # noqa: PLC0415
    from medconsent.errors import DocumentError  # noqa: PLC0415

    try:
        return read_proof(read_file(file))
    except DocumentError as error:
        error.source = str(file)
        raise
