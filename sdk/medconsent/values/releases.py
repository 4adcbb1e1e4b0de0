"""What a release is made of: the archive that it is taken from, what somebody asks for, and the receipt."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from medconsent import times
from medconsent._internal.codec import Value, encode
from medconsent._internal.strict_json import canonical
from medconsent.values.purposes import Mode
from medconsent.values.records import Person, Record

ASK_DOMAIN = b"medconsent/ask/1\x00"
"""What stands before the bytes that a person signs to ask for files (docs/contract.md, "Releases")."""


@dataclass(frozen=True)
class Files(Value):
    """Some files of an archive.

    Attributes:
        root: The Merkle root over what is said of each (docs/contract.md, "Archives and receipts").
        count: How many files.
        bytes: Their size in bytes before they were encrypted.
    """

    root: str
    count: int
    bytes: int


@dataclass(frozen=True)
class ExcludedUntil(Value):
    """The newest epoch of a cohort whose withdrawn people are left out."""

    cohort: str
    epoch: int


@dataclass(frozen=True)
class ArchivedContent(Value):
    """What is in an archive, as the version or an exclusion says it: Merkle root, files, bytes."""

    root: str
    files: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Archive(Record):
    """A dataset version as its owner keeps it ready for release: encrypted, with the keys apart.

    Attributes:
        dataset: The dataset.
        version: The version of the dataset.
        version_digest: The digest of that version's record.
        content: What is in it: that of the version, or what an exclusion says is delivered instead.
        files: The files in it.
        exclusions: The epochs up to which those are left out who have withdrawn.
    """

    dataset: str
    version: int
    version_digest: str
    content: ArchivedContent
    files: Files
    exclusions: tuple[ExcludedUntil, ...] = ()


@dataclass(frozen=True)
class ArchiveView(Value):
    """An archive, and whether it is the one of its version that counts."""

    archive: Archive
    newest: bool

    @property
    def id(self) -> str:
        """The id of the transaction that published it."""
        return self.archive.id


@dataclass(frozen=True)
class Asked(Value):
    """A person's own word that they ask: when (UTC), by which key (its SHA-256), and the signature in base64."""

    at: datetime
    key: str
    signature: str


@dataclass(frozen=True)
class Ask(Value):
    """What a person asks for, to be signed by them.

    Attributes:
        grant: The whole id of their grant.
        person: Who asks: `nuri/kim`.
        delivery: The SHA-256 of their delivery key, in hex.
        archive: The whole id of the archive.
        files: The files; all of them by the archive's own root.
        mode: How the data is delivered.
        asked: Their word; None before they have signed.
    """

    grant: str
    person: str
    delivery: str
    archive: str
    files: Files
    mode: Mode = "download"
    asked: Asked | None = None

    def message(self, at: datetime) -> bytes:
        """What is signed for asking at a moment, which counts in whole seconds."""
        said = {
            name: encode(getattr(self, name)) for name in ("archive", "delivery", "files", "grant", "mode", "person")
        }
        return ASK_DOMAIN + canonical({**said, "at": times.format_time(at)}, "what is asked for")

    def signed(self, key: str, sign: Callable[[bytes], bytes], at: datetime) -> "Ask":
        """The same, signed.

        Args:
            key: The SHA-256 of the person's public key (`PersonKey.fingerprint`).
            sign: Signs as the person's transactions are signed (`PrivateKeySigner.sign`).
            at: When they ask (UTC): now. It is good for ten minutes, and for one receipt.
        """
        at = at.replace(microsecond=0)
        signature = base64.b64encode(sign(self.message(at))).decode()
        return Ask(
            self.grant, self.person, self.delivery, self.archive, self.files, self.mode, Asked(at, key, signature)
        )


@dataclass(frozen=True, kw_only=True)
class Receipt(Record):
    """The owner's word that data was released under a grant, written before anything left.

    Attributes:
        dataset: The dataset.
        version: The version of the dataset.
        version_digest: The digest of that version's record.
        grant: The id of the grant.
        person: Who got it.
        delivery: The SHA-256 of the key that the data was encrypted to.
        archive: The id of the archive that it was taken from.
        files: Which files.
        mode: How the data was delivered.
        asked: The person's own word that they asked.
        exclusions: Who is not in what was released: those who had withdrawn by these epochs.
        sent: How many bytes have left, as the owner says; None until it has said what came of it.
    """

    dataset: str
    version: int
    version_digest: str
    grant: str
    person: Person
    delivery: str
    archive: str
    files: Files
    mode: Mode
    asked: Asked
    exclusions: tuple[ExcludedUntil, ...] = ()
    sent: int | None = None


@dataclass(frozen=True)
class ReceiptView(Value):
    """A receipt and its state at the moment of the question: `open` (for ten minutes: data can leave), `unsettled`
    (what came of it was not said yet), `completed` or `aborted`.

    `unproven` is why the contract cannot have opened it, although its owner sealed it: then nobody obeys it.
    """

    receipt: Receipt
    state: str
    unproven: str | None = None

    @property
    def id(self) -> str:
        """The id of the transaction that opened it."""
        return self.receipt.id
