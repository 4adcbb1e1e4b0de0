"""Encoding formats (media types) of files, and the forms that the contract knows."""

import mimetypes
from pathlib import Path
from typing import Any

from medconsent.contract import document

CSV, TSV = "text/csv", "text/tab-separated-values"
DICOM = "application/dicom"
NIFTI = "application/x-nifti"  # not registered with IANA; the name in use

_BY_SUFFIX = {
    ".csv": CSV,
    ".tsv": TSV,
    ".dcm": DICOM,
    ".nii": NIFTI,
    ".nii.gz": NIFTI,
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
}
_GENERAL = mimetypes.MimeTypes(filenames=())  # Python's own table: the machine's would make documents differ
_DICOM_MAGIC, _DICOM_OFFSET = b"DICM", 128  # DICOM PS3.10, section 7.1


def of(location: Path) -> str:
    """The media type of a file, by its name or, for DICOM, which often has no suffix, by its first bytes."""
    name = location.name.lower()
    for suffix, media_type in _BY_SUFFIX.items():
        if name.endswith(suffix):
            return media_type
    with location.open("rb") as file:
        if file.read(_DICOM_OFFSET + len(_DICOM_MAGIC)).endswith(_DICOM_MAGIC):
            return DICOM
    return _GENERAL.guess_type(name)[0] or "application/octet-stream"


def form(name: str, media_type: str) -> dict[str, Any] | None:
    """What the contract's table of files (`contract.json`, `files`) says of a file; None when the table does not have
    it.

    Args:
        name: The file's name; endings such as `.gz` are passed over.
        media_type: Its media type, with parameters or without; may be empty.
    """
    name = name.lower().strip()
    while (shorter := name.removesuffix(".gz").removesuffix(".bz2").removesuffix(".xz").removesuffix(".zst")) != name:
        name = shorter
    media_type = media_type.partition(";")[0].strip().lower()
    for one in document()["files"]:
        if name.endswith(tuple(one["endings"])):
            return dict(one)
        for known in one["media_types"] or ():
            if media_type == known or (known.endswith("/") and media_type.startswith(known)):
                return dict(one)
    return None
