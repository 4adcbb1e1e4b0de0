"""Is a local copy the dataset that stands on the ledger? Which files are not?"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from medconsent._internal.codec import Value
from medconsent.data.manifest import croissant, files, merkle
from medconsent.data.manifest.files import FileEntry, Irregular
from medconsent.errors import DocumentError


@dataclass(frozen=True)
class ChangedFile(Value):
    """A file that is not what the manifest says; sizes in bytes, digests in lower-case hex."""

    path: str
    expected_size: int
    expected_sha256: str
    found_size: int
    found_sha256: str


@dataclass(frozen=True)
class Verification(Value):
    """What came of the comparison.

    Attributes:
        manifest_matches: Whether the manifest is the one on the ledger, by its SHA-256 or, when that is not known, by
            the root of the files that it names.
        root_matches: Whether the local files have the ledger's root.
        files: How many files were compared.
        changed: Files that are there and different.
        missing: Files that the manifest names and that are not there.
        extra: Files that the manifest does not name.
        irregular: What is no regular file.
        litter: What a desktop put into the folder (`.DS_Store`), which is no part of a copy.
    """

    manifest_matches: bool
    root_matches: bool
    files: int
    changed: tuple[ChangedFile, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    irregular: tuple[Irregular, ...] = ()
    litter: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the copy is the dataset: the same manifest, every file as it says, and no other."""
        return (
            self.manifest_matches
            and self.root_matches
            and not (self.changed or self.missing or self.extra or self.irregular)
        )


def verify(folder: str | Path, manifest: bytes, *, root: str, manifest_sha256: str | None = None) -> Verification:
    """Compare the files in a folder with a manifest, and both with the ledger.

    Args:
        folder: The local copy; a copy of the manifest itself, under whatever name, may stand in it.
        manifest: The manifest's bytes.
        root: The content's root on the ledger (`view.version.content.root`).
        manifest_sha256: The manifest's hash on the ledger (`view.version.manifest.sha256`); None: not known.

    Raises:
        DocumentError: The manifest or the folder cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DocumentError(f"{folder} is not a folder")
    document = croissant.read(manifest)
    expected = {entry.path: entry for entry in document.files}
    own_digest = document.sha256
    copies = {own_digest, hashlib.sha256(manifest).hexdigest()}  # one may have a byte order mark
    found: dict[str, FileEntry] = {}
    irregular: list[Irregular] = []
    litter: list[str] = []
    for entry in files.scan(folder):
        if entry.path not in expected and files.is_litter(entry.path):
            litter.append(entry.path)
        elif isinstance(entry, Irregular):
            irregular.append(entry)
        elif entry.path in expected or entry.sha256 not in copies:
            found[entry.path] = entry
    same_document = own_digest == manifest_sha256 if manifest_sha256 else document.root == root
    unusual = {one.path for one in irregular}
    return Verification(
        manifest_matches=same_document and document.root == root,
        root_matches=not irregular and merkle.root(found.values()) == root,
        files=len(found),
        changed=tuple(
            ChangedFile(path, entry.size, entry.sha256, found[path].size, found[path].sha256)
            for path, entry in sorted(expected.items())
            if path in found and found[path] != entry
        ),
        missing=tuple(sorted(path for path in expected if path not in found and path not in unusual)),
        extra=tuple(sorted(path for path in found if path not in expected)),
        irregular=tuple(irregular),
        litter=tuple(litter),
    )
