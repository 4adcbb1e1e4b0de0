"""Encoding formats (media types) of files, and the kinds of data that they stand for."""

import mimetypes
from pathlib import Path

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
_KINDS = {
    CSV: "tabular",
    TSV: "tabular",
    "application/vnd.apache.parquet": "tabular",
    DICOM: "dicom",
    NIFTI: "nifti",
    "application/fhir+json": "fhir",
}
_MAIN_TYPES = ("image", "audio", "video", "text")
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


def kind(media_type: str) -> str:
    """The kind of data, as a keyword of the ledger: `tabular`, `dicom`, `nifti`, `image` ..., otherwise `other`."""
    media_type = media_type.partition(";")[0].strip().lower()
    if media_type in _KINDS:
        return _KINDS[media_type]
    main = media_type.partition("/")[0]
    return main if main in _MAIN_TYPES else "other"
