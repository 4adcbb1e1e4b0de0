"""The ethics board's approval that a vote attests: its options, or a file that says the same."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from medconsent_cli.app.values import TIME

if TYPE_CHECKING:
    from datetime import datetime

    from medconsent import Ethics

ATTESTATION_OPTIONS = (
    click.option(
        "--attest",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The ethics board's approval as YAML: board, number, document or sha256, valid_until.",
    ),
    click.option(
        "--attest-board", metavar="NAME", help="The ethics board; with the three that follow, without a file."
    ),
    click.option("--attest-number", metavar="TEXT", help="The number of its approval."),
    click.option(
        "--attest-document",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Its letter, which is hashed here and not sent.",
    ),
    click.option("--attest-until", type=TIME, metavar="TIME", help="Until when the approval is valid."),
)


def read_attestation(
    file: Path | None,
    board: str | None,
    number: str | None,
    document: Path | None,
    until: "datetime | None",
) -> "Ethics | None":
    """What --attest, or the four other options, say.

    Raises:
        click.UsageError: both do, or the four do in part.
    """
    from medconsent.documents.attestations import hash_of, load_attestation  # noqa: PLC0415
    from medconsent.values.purposes import Ethics  # noqa: PLC0415

    parts = (board, number, document, until)
    if file is not None:
        if any(parts):
            raise click.UsageError("--attest FILE says it all: leave the other --attest options out.")
        return load_attestation(file)
    if board is not None and number is not None and document is not None and until is not None:
        return Ethics(board, number, hash_of(document), until)
    if any(parts):
        raise click.UsageError(
            "an attestation has all of --attest-board, --attest-number, --attest-document and --attest-until."
        )
    return None
