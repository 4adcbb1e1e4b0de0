"""Private texts that go with a request: read from files, sent after the request is on the ledger, and never lost.

Until a text has been kept by both institutions, it stands with its salt in a file of the caller's own (0600), from
which `medconsent text keep` sends it again.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli._app import App
from medconsent_cli._values import read_file

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.requests import TextReference
    from medconsent.texts import PrivateText


def read(files: Mapping[str, Path | None]) -> "list[tuple[str, Path, PrivateText]]":
    """Kind, file and text of each file that was given; a usage error for one that is no text."""
    return [(kind, file, text_of(file)) for kind, file in files.items() if file is not None]


def text_of(file: Path) -> "PrivateText":
    """The text in a file, with a fresh salt; a usage error when it is no UTF-8 or too long."""
    from medconsent.texts import MAX_BYTES, PrivateText  # noqa: PLC0415

    data = read_file(file)
    if len(data) > MAX_BYTES:
        raise click.UsageError(f"{file} has {len(data)} bytes: a private text has at most {MAX_BYTES // 1024} KiB.")
    if not data.strip():
        raise click.UsageError(f"{file} is empty: there is nothing to keep.")
    try:
        return PrivateText(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} is no text in UTF-8: send the hash of a document instead.") from None


def references(private: "Sequence[tuple[str, Path, PrivateText]]") -> "list[TextReference]":
    """What stands for the texts in the request."""
    from medconsent.requests import TextReference  # noqa: PLC0415

    return [TextReference(kind, text.commitment) for kind, _, text in private]


def send(
    app: App, client: "Client", request: str, private: "Sequence[tuple[str, Path, PrivateText]]"
) -> list[dict[str, Any]]:
    """Send the texts of a request that is on the ledger; what each became.

    One that fails is told on stderr with how to send it again, and the request stands.
    """
    return [{"kind": kind, **_keep(app, client, request, file, text)} for kind, file, text in private]


def _keep(app: App, client: "Client", request: str, file: Path, text: "PrivateText") -> dict[str, Any]:
    from medconsent.errors import MedconsentError  # noqa: PLC0415
    from medconsent_cli.text import save  # noqa: PLC0415

    safe = file.with_name(f"{file.name}.{text.commitment[:12]}.private.json")
    save(safe, text)
    app.change = "sending a private text"
    app.change_hint = f"the request stands; medconsent text keep {request[:12]} {safe} sends the text again"
    try:
        written = client.texts.keep(request, text)
    except MedconsentError as error:
        click.echo(f"the request stands, and its private text was not kept: {error}", err=True)
        click.echo(f"medconsent text keep {request[:12]} {safe} sends it again", err=True)
        return {"commitment": text.commitment, "kept": False, "file": str(safe)}
    safe.unlink()
    return {
        "commitment": text.commitment,
        "kept": True,
        "transaction_id": written.transaction_id,
        "block": written.block,
    }
