"""Private texts that go with a request: read from files, sent after the request is on the ledger, and never lost.

Until a text has been kept by both institutions, it stands with its salt in a file of the caller's own (0600), from
which `medconsent text keep` sends it again.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app.files import read_file
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.nouns.requests import RequestView, TextReference
    from medconsent.nouns.texts import PrivateText


def text_options(function: Any) -> Any:
    """--description and --ethics-letter: the private texts of a request."""
    file = click.Path(path_type=Path, dir_okay=False)
    letter = click.option(
        "--ethics-letter", type=file, metavar="FILE", help="The ethics board's letter, for the data's owner alone."
    )
    description = click.option(
        "--description",
        type=file,
        metavar="FILE",
        help="A description for the data's owner alone: only a salted hash of it is public.",
    )
    return description(letter(function))


def read(files: Mapping[str, Path | None]) -> "list[tuple[str, Path, PrivateText]]":
    """Read the files that were given.

    Args:
        files: Kind of the text -> its file, or None where none was given.

    Returns:
        Kind, file and text of each.

    Raises:
        click.UsageError: a file is no text.
    """
    return [(kind, file, text_of(file)) for kind, file in files.items() if file is not None]


def text_of(file: Path) -> "PrivateText":
    """The text in a file, with a fresh salt.

    Raises:
        click.UsageError: it is empty, no UTF-8 or too long.
    """
    from medconsent._internal.text import decode  # noqa: PLC0415
    from medconsent.errors import DocumentError  # noqa: PLC0415
    from medconsent.nouns.texts import MAX_BYTES, PrivateText  # noqa: PLC0415

    data = read_file(file, MAX_BYTES)
    if not data.strip():
        raise click.UsageError(f"{file} is empty: there is nothing to keep.")
    try:
        return PrivateText(decode(data))
    except DocumentError:
        raise click.UsageError(f"{file} is no text in UTF-8: send the hash of a document instead.") from None


def references(private: "Sequence[tuple[str, Path, PrivateText]]") -> "list[TextReference]":
    """What stands for the texts in the request."""
    from medconsent.nouns.requests import TextReference  # noqa: PLC0415

    return [TextReference(kind, text.commitment) for kind, _, text in private]


def send(
    app: App, client: "Client", request: str, private: "Sequence[tuple[str, Path, PrivateText]]"
) -> list[dict[str, Any]]:
    """Send the texts of a request that is on the ledger.

    Args:
        app: What is being changed is set in it, for when the user interrupts it.
        client: A connected client.
        request: Id of the request.
        private: What `read` gave.

    Returns:
        What each text became, for JSON and for `demand_kept`; one that was not kept raises nothing here.
    """
    return [{"kind": kind, **_keep(app, client, request, file, text)} for kind, file, text in private]


class NotKept(click.ClickException):
    """A change is on the ledger, and private texts that belong to it were not kept.

    Attributes:
        hint: How to send them again.
        details: Which they are, and why.
        transaction_id: Of the change that is committed.
    """

    def __init__(self, request: str, lost: Sequence[Mapping[str, Any]], transaction_id: str) -> None:
        many = "a private text of it was" if len(lost) == 1 else f"{len(lost)} private texts of it were"
        super().__init__(f"the change to request {request[:12]} is committed, and {many} not kept.")
        again = "; ".join(_again(request, text) for text in lost)
        self.hint = f"do not repeat the change, but send the text again: {again}"
        self.details = [f"{text['kind']} {text['commitment'][:12]}: {text['why']}" for text in lost]
        self.transaction_id = transaction_id


def _again(request: str, text: Mapping[str, Any]) -> str:
    """The command that sends a text again; where it is nowhere with its salt, another takes its place."""
    if "file" in text:
        return f"medconsent text keep {request[:12]} {shlex.quote(text['file'])}"
    if text["kind"] == "remark":
        return f"medconsent request remark {request[:12]} --private FILE"
    return f"medconsent request amend {request[:12]} --{text['kind']} FILE"


def demand_kept(request: str, kept: Sequence[Mapping[str, Any]], transaction_id: str) -> None:
    """End the command as failed where a text was not kept, once its result has been shown.

    Args:
        request: The request's id.
        kept: The texts, each with `kept` and, where that is false, why.
        transaction_id: The change that stands.

    Raises:
        NotKept: A text of the request was not kept; the change of `transaction_id` stands.
    """
    lost = [text for text in kept if not text["kept"]]
    if lost:
        raise NotKept(request, lost, transaction_id)


def _keep(app: App, client: "Client", request: str, file: Path, text: "PrivateText") -> dict[str, Any]:
    from medconsent.errors import MedconsentError  # noqa: PLC0415

    safe = _saved(file, text)
    app.change = "sending a private text"
    app.change_hint = "the request stands"
    if safe is not None:
        app.change_hint += f"; medconsent text keep {request[:12]} {safe} sends the text again"
    try:
        written = client.texts.keep(request, text)
    except MedconsentError as error:
        where = {} if safe is None else {"file": str(safe)}
        return {"commitment": text.commitment, "kept": False, **where, "why": error.message}
    if safe is not None:
        safe.unlink()
    return {
        "commitment": text.commitment,
        "kept": True,
        "transaction_id": written.transaction_id,
        "block": written.block,
    }


def _saved(file: Path, text: "PrivateText") -> Path | None:
    """Where the text stands with its salt; None beside a file whose folder cannot be written in: it is sent anyway."""
    safe = file.with_name(f"{file.name}.{text.commitment[:12]}.private.json")
    try:
        save(safe, text)
    except OSError:
        return None
    return safe


def load(file: Path) -> "PrivateText":
    """The text with its salt that `save` kept in a file.

    Raises:
        click.UsageError: it is another kind of file.
    """
    from medconsent.nouns.texts import PrivateText  # noqa: PLC0415

    try:
        document = json.loads(read_file(file))
        return PrivateText(str(document["text"]), bytes.fromhex(document["salt"]))
    except (ValueError, KeyError, TypeError):
        raise click.UsageError(f"{file} is no private text with its salt.") from None


def save(file: Path, found: "PrivateText") -> None:
    """Keep a text with its salt in a new file that only its owner can read (mode 0600).

    Raises:
        OSError: The file exists, or cannot be made.
    """
    from medconsent.private_files import create_private  # noqa: PLC0415

    with create_private(file) as stream:
        stream.write(json.dumps({"text": found.text, "salt": found.salt.hex()}).encode())


def commitments(found: "RequestView", *, replaced: bool = True) -> list[str]:
    """What stands for the private texts of a request, without those that were `replaced`, and of the remarks on it."""
    named = [text.commitment for text in found.request.texts or () if replaced or not text.replaced]
    return named + [remark.commitment for remark in found.remarks if remark.commitment]
