"""Papers: the files that institutions give each other, by any mail. Each says what it is, and has a digest.

The digest finds what was damaged on the way. Who wrote a paper is found by comparing its fingerprint with them, over
the telephone. No paper has a key in it.
"""

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from medconsent import private_files
from medconsent_network.errors import NetworkError

FORMAT = 1
MOST_BYTES = 4 * 1024 * 1024
"""No paper is larger. The largest has a channel's first block and its configuration in it."""

_READABLE = 0o644
_GROUP, _GROUPS = 4, 8  # 128 bits, as they are read aloud


@dataclass(frozen=True)
class Paper:
    """A paper that was read.

    Attributes:
        kind: What it is: `bundle`, `first-block`, `invitation`, `update` or `signature`.
        content: What it says.
        digest: SHA-256 of that, in hexadecimal.
    """

    kind: str
    content: Mapping[str, Any]
    digest: str

    @property
    def fingerprint(self) -> str:
        """The digest as two people compare it over the telephone: eight groups of four letters."""
        return fingerprint(self.digest)

    def text(self, name: str) -> str:
        """A member of the content that is a text.

        Raises:
            NetworkError: PAPER_INVALID when it is not there, or is no text.
        """
        value = self.content.get(name)
        if not isinstance(value, str):
            raise invalid(f"the {self.kind} has no text {name!r}")
        return value

    def data(self, name: str) -> bytes:
        """A member of the content that is bytes (base64).

        Raises:
            NetworkError: PAPER_INVALID when it is not there, or is not base64.
        """
        try:
            return base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError) as error:
            raise invalid(f"{name!r} of the {self.kind} is not base64") from error


def fingerprint(digest: str) -> str:
    """The first 128 bits of a digest, in groups."""
    return " ".join(digest[start : start + _GROUP] for start in range(0, _GROUP * _GROUPS, _GROUP))


def same_fingerprint(one: str, other: str) -> bool:
    """Whether two fingerprints are the same, however they are grouped and whatever the case.

    Args:
        one: A fingerprint, perhaps as somebody read it out.
        other: Another; nothing is the same as an empty one.
    """
    plain, wanted = ("".join(text.split()).replace("-", "").replace(":", "").lower() for text in (one, other))
    return bool(plain) and plain == wanted


def packed(data: bytes) -> str:
    """Bytes as they stand in a paper."""
    return base64.b64encode(data).decode()


def write(path: Path, kind: str, content: Mapping[str, Any]) -> Paper:
    """Write a paper, readable by everybody: there is nothing secret in it.

    Args:
        path: The file, replaced when it is there.
        kind: What the paper is, as `update`.
        content: What it says; all of it is JSON.

    Raises:
        NetworkError: PAPER_INVALID when the file cannot be written.
    """
    paper = Paper(kind, content, digest(kind, content))
    document = {"medconsent": kind, "format": FORMAT, **content, "sha256": paper.digest}
    try:
        private_files.write_private(path, json.dumps(document, indent=1).encode() + b"\n", mode=_READABLE)
    except OSError as error:
        raise NetworkError("PAPER_INVALID", f"cannot write {path}: {error.strerror or error}") from error
    return paper


def read(path: Path, *kinds: str, most: int = MOST_BYTES) -> Paper:
    """Read a paper of one of `kinds`, strictly.

    Args:
        path: The file.
        kinds: What it may be.
        most: The most bytes that it may have.

    Raises:
        NetworkError: KEY_INSIDE when there is a private key in it; PAPER_INVALID when it is too large, damaged, or
            another thing.
    """
    data = _bytes_of(path, most)
    if b"PRIVATE KEY" in data:
        raise NetworkError(
            "KEY_INSIDE",
            f"there is a private key in {path}",
            "Whoever sent it has to take that key out of use: others have seen it.",
        )
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
        return _paper(document, path, kinds)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise invalid(f"{path} is damaged, or no file of medconsent-network: {error}") from error


def invalid(what: str) -> NetworkError:
    """The refusal PAPER_INVALID."""
    return NetworkError("PAPER_INVALID", what, "Ask for the file again. Compare its fingerprint over the telephone.")


def _paper(document: Any, path: Path, kinds: Collection[str]) -> Paper:
    if not isinstance(document, dict) or not isinstance(document.get("medconsent"), str):
        raise invalid(f"{path} is no file of medconsent-network")
    kind = document["medconsent"]
    if kind not in kinds:
        raise invalid(f"{path} is of the kind {kind[:40]!r}, and wanted is {' or '.join(kinds)}")
    if document.get("format") != FORMAT:
        raise invalid(f"{path} has the format {document.get('format')!r}; this version reads {FORMAT}")
    content = {name: value for name, value in document.items() if name not in ("medconsent", "format", "sha256")}
    found = digest(kind, content)
    if document.get("sha256") != found:
        raise invalid(f"{path} is damaged: its content is not what its digest says")
    return Paper(kind, content, found)


def _bytes_of(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise invalid(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > most:
        raise invalid(f"{path} is larger than {most} bytes, which no such file is")
    return data


def digest(kind: str, content: Mapping[str, Any]) -> str:
    """SHA-256 over the content in one form: sorted, without spaces.

    Args:
        kind: What the paper is, as `update`.
        content: What it says, without its digest.
    """
    document = {"medconsent": kind, "format": FORMAT, **content}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
