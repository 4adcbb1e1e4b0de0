"""Croissant documents (MLCommons Croissant 1.0 and 1.1, JSON-LD): what the ledger wants to know of one.

Only the spelling that Croissant's own documents have is read (the compact form with its standard `@context`), not
JSON-LD at large. The document that counts is the author's, byte for byte: it is hashed as it is and never written
again.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from medconsent._internal import extras, strict_json
from medconsent._internal.text import decode
from medconsent.data.manifest import formats, merkle
from medconsent.data.manifest.files import FileEntry
from medconsent.errors import DocumentError, MedconsentError

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"

_WHAT = "the manifest"
_SIZE = re.compile(r"(\d{1,19})(?:\s*(?:B|bytes?))?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
# What the contract takes (chaincode/contract/catalog/dataset.go): a default that it would refuse helps nobody.
MAX_BYTES = 256 * 1024**2  # of one that its owner serves; the contract keeps much smaller ones
_MAX_SUMMARY = 2000  # characters
_MAX_KEYWORDS, _MAX_SLUG = 32, 63


@dataclass(frozen=True)
class Document:
    """A Croissant document: the author's bytes, and what was found in them.

    Of a document that an editor saved as UTF-16 or with a byte order mark, `data` is the same text in plain UTF-8: that
    is what is published.
    """

    data: bytes = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)
    files: tuple[FileEntry, ...] = field(repr=False)

    @property
    def text(self) -> str:
        """The author's text."""
        return self.data.decode()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the author's bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def jcs_sha256(self) -> str:
        """SHA-256 of the document's RFC 8785 form.

        Raises:
            DocumentError: It has none.
        """
        return strict_json.canonical_sha256(self.content, _WHAT)

    @cached_property
    def root(self) -> str:
        """Merkle root over the files (see `medconsent.data.manifest.merkle`)."""
        return merkle.root(self.files)

    @cached_property
    def usage_info_sha256(self) -> str | None:
        """SHA-256 of the RFC 8785 form of its conditions of use (`usageInfo`), None when it states none.

        `policies.offer` gives what it should be.

        Raises:
            DocumentError: It has no such form.
        """
        if "usageInfo" not in self.content:
            return None
        return strict_json.canonical_sha256(self.content["usageInfo"], "the manifest's usageInfo")

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(entry.size for entry in self.files)

    @property
    def title(self) -> str | None:
        """The dataset's name."""
        return _text(self.content.get("name")) or None

    @property
    def summary(self) -> str | None:
        """The description on one line, when it is short enough to stand on the ledger."""
        line = " ".join(_text(self.content.get("description")).split())
        return line if 0 < len(line) <= _MAX_SUMMARY else None

    @property
    def keywords(self) -> tuple[str, ...]:
        """The first 32 keywords as the ledger's grammar has them (`breast-cancer`).

        Those without ASCII letters or digits, and those that are too long, are left out.
        """
        found = self.content.get("keywords") or ()
        texts = found.split(",") if isinstance(found, str) else [_text(one) for one in _list(found)]
        slugs = (_NOT_SLUG.sub("-", text.lower()).strip("-") for text in texts)
        return tuple(dict.fromkeys(slug for slug in slugs if 0 < len(slug) <= _MAX_SLUG))[:_MAX_KEYWORDS]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of data as far as files tell them: `tabular`, `text` ... Of images only a person knows (`images`)."""
        return tuple(sorted({form["says"] for form in self._forms if form.get("says")}))

    @property
    def images(self) -> tuple[str, ...]:
        """The forms of files that are images, as `DICOM`: which modality they are has to be said."""
        return tuple(sorted({form["name"] for form in self._forms if form.get("fits") and not form.get("says")}))

    @cached_property
    def _forms(self) -> tuple[Mapping[str, Any], ...]:
        found = (
            formats.form(_text(one.get("name")), str(media_type))
            for one in _file_objects(self.content)
            for media_type in _list(one.get("encodingFormat")) or [""]
        )
        return tuple(form for form in found if form)

    @property
    def records(self) -> int | None:
        """The number of records, from schema.org's `size` with the unit "records"."""
        for size in _list(self.content.get("size")):
            if isinstance(size, Mapping) and _text(size.get("unitText")) == "records":
                value = next(iter(_list(size.get("value"))), None)
                return value if isinstance(value, int) and not isinstance(value, bool) else None
        return None

    @property
    def contact(self) -> str | None:
        """A mailbox or address of the publisher, or else of the creator."""
        for role in ("publisher", "creator"):
            for agent in _list(self.content.get(role)):
                found = _contact(agent) if isinstance(agent, Mapping) else None
                if found:
                    return found
        return None


def read(data: bytes) -> Document:
    """Read a Croissant document.

    Raises:
        DocumentError: It is none, or its files cannot be told apart or checked.
    """
    text = decode(data, _WHAT)
    content = strict_json.loads(text, _WHAT)
    if isinstance(content, list) or (isinstance(content, dict) and "@graph" in content):
        raise DocumentError(
            "the manifest is a list of things, and a Croissant document is one dataset",
            hint="write the dataset's own object alone, with its context (JSON-LD calls that framed, or compacted)",
        )
    if not isinstance(content, dict) or not any(
        "http://mlcommons.org/croissant/" in str(one) for one in _list(content.get("conformsTo"))
    ):
        raise DocumentError(
            "the manifest is not a Croissant document: its conformsTo should be that of Croissant 1.0 or 1.1",
            hint="medconsent dataset describe FOLDER makes one",
        )
    files = tuple(_entry(one) for one in _file_objects(content) if not _ids(one.get("containedIn")))
    _require_containers(content, files)
    document = Document(text.encode(), content, files)
    try:
        _ = document.root
    except ValueError as error:
        raise DocumentError(f"the manifest's files: {error}") from error
    return document


def validate(data: bytes) -> tuple[str, ...]:
    """What MLCommons' own library says against a document; nothing when it is valid.

    Needs the extra `manifest` (mlcroissant).

    Raises:
        MedconsentError: The extra is not installed.
        DocumentError: The bytes are not JSON.
    """
    content = strict_json.load(data, _WHAT)
    try:
        import mlcroissant  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise MedconsentError("validating needs mlcroissant", hint=extras.hint("manifest")) from error
    try:
        found = mlcroissant.Dataset(jsonld=content).metadata.ctx.issues
    except Exception as error:
        # mlcroissant raises ValidationError for what it finds, and all sorts of errors for what it did not expect.
        return tuple(line.strip(" -") for line in str(error).splitlines() if line.strip(" -")) or (repr(error),)
    return tuple(str(issue) for issue in found.errors)


def _file_objects(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The entries of `distribution` that are files.

    Raises:
        DocumentError: An entry is neither a file nor a set of files: what it stands for would be left out.
    """
    elsewhere = [name for name in content if name != "distribution" and _local(name) == "distribution"]
    if elsewhere:
        raise DocumentError(f"the manifest's files stand in {elsewhere[0]!r}: only the spelling `distribution` is read")
    for number, one in enumerate(_list(content.get("distribution"))):
        types = {_local(kind) for kind in _list(one.get("@type"))} if isinstance(one, Mapping) else set()
        if "FileObject" in types:
            yield one
        elif "FileSet" not in types:
            name = _text(one.get("name") or one.get("@id")) if isinstance(one, Mapping) else ""
            raise DocumentError(
                f"the manifest's distribution[{number}]{f' ({name!r})' if name else ''} is neither a FileObject nor a "
                "FileSet: what it stands for would be no part of the dataset"
            )


def _require_containers(content: Mapping[str, Any], files: Sequence[FileEntry]) -> None:
    """See that whatever is no file of its own is of files that are.

    Raises:
        DocumentError: A file or a set is in something that the manifest does not have, or a set fits none of its files.
    """
    entries = [one for one in _list(content.get("distribution")) if isinstance(one, Mapping)]
    known = {_text(one.get("@id")) or _text(one.get("name")) for one in entries}
    for one in entries:
        name, inside = _text(one.get("name") or one.get("@id")), _ids(one.get("containedIn"))
        if missing := [where for where in inside if where not in known]:
            raise DocumentError(
                f"the manifest's {name!r} is in {missing[0]!r}, which the manifest does not have: it would be no part "
                "of the dataset"
            )
        patterns = [_text(pattern) for pattern in _list(one.get("includes"))]
        fits = any(fnmatch(file.path, pattern) for file in files for pattern in patterns)
        if not inside and not fits and "FileSet" in {_local(kind) for kind in _list(one.get("@type"))}:
            raise DocumentError(
                f"the manifest's FileSet {name!r} has none of its files: they would be no part of the dataset"
            )


def _ids(value: Any) -> list[str]:
    """The ids that a reference gives: `{"@id": …}`, or an id alone, or several."""
    found = [one.get("@id") if isinstance(one, Mapping) else one for one in _list(value)]
    return [str(one) for one in found if one]


def _local(kind: Any) -> str:
    """A type without its vocabulary: `FileObject` of `cr:FileObject`."""
    return str(kind).rpartition(":")[2].rpartition("/")[2].rpartition("#")[2]


def _entry(one: Mapping[str, Any]) -> FileEntry:
    name = _text(one.get("name"))
    url = _only(one, "contentUrl", name)
    # A file that stands elsewhere is known by its name here; otherwise the address is the path in the dataset's folder.
    path = name if "://" in url or not url else _path(url, name)
    size = _SIZE.fullmatch(_only(one, "contentSize", path).strip())
    sha256 = _only(one, "sha256", path).strip()
    if not size:
        raise DocumentError(f'the file {path!r} needs a contentSize in whole bytes, such as "1234 B"')
    if not _SHA256.fullmatch(sha256):
        raise DocumentError(f"the file {path!r} needs its sha256, 64 hex digits")
    return FileEntry(unicodedata.normalize("NFC", path), int(size[1]), sha256.lower())


def _path(url: str, name: str) -> str:
    """The path that an address within the folder means: `my%20scan.nii` is `my scan.nii`."""
    try:
        return unquote(url, errors="strict").removeprefix("./")
    except UnicodeDecodeError:
        raise DocumentError(f"the contentUrl of the file {name or url!r} is not percent-encoded UTF-8") from None


def _only(one: Mapping[str, Any], member: str, name: str) -> str:
    """The text of a member that has one value, which JSON-LD may write as a list; empty for none.

    Raises:
        DocumentError: It has several.
    """
    values = [value.get("@value") if isinstance(value, Mapping) else value for value in _list(one.get(member))]
    texts = [str(value) for value in values if value is not None and not isinstance(value, bool)]
    if len(set(texts)) > 1:
        raise DocumentError(f"the file {name!r} has several values of {member}")
    return texts[0] if texts else ""


def _contact(agent: Mapping[str, Any]) -> str | None:
    points = [one for one in _list(agent.get("contactPoint")) if isinstance(one, Mapping)]
    for source in (*points, agent):
        for name in ("email", "url"):
            if found := _text(source.get(name)):
                return found.removeprefix("mailto:")
    return None


def _text(value: Any) -> str:
    """The text of a member that may be given by language (`{"en": …}` or `{"@value": …}`)."""
    for one in _list(value):
        if isinstance(one, str):
            return one
        if isinstance(one, Mapping):
            return str(one.get("@value") or one.get("en") or next(iter(one.values()), ""))
    return ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
