"""Make a Croissant 1.1 document for a folder of files.

Every file becomes a FileObject with its SHA-256, size and encoding format; a simple table (CSV, TSV with a header) a
record set besides.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from medconsent.data.manifest import files, formats, tables
from medconsent.data.manifest.croissant import CONFORMS_TO
from medconsent.data.manifest.files import FileEntry, Irregular
from medconsent.errors import DocumentError

MANIFEST_NAME = "croissant.json"
"""The name under which a manifest usually stands in the folder that it describes."""

# The context that Croissant 1.1 prescribes (its specification, appendix "JSON-LD context"); readers compare it with
# theirs.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_DELIMITERS = {formats.CSV: ",", formats.TSV: "\t"}
_NOT_ID = re.compile(r"[^a-zA-Z0-9_.-]+")
# What an IRI cannot hold, what begins another part of one, and what JSON-LD takes for a keyword of its own (`@id`).
_NOT_IRI = re.compile(r"""[\s%<>"{}|\\^`#?:@]""")


def describe(
    folder: str | Path,
    *,
    title: str,
    summary: str,
    publisher: str,
    contact: str,
    license: str | None = None,
    keywords: Sequence[str] = (),
    url: str | None = None,
    version: str = "1.0.0",
    published: date | None = None,
    records: int | None = None,
    usage_info: Mapping[str, Any] | None = None,
    exclude: Collection[str] = (MANIFEST_NAME,),
    tell: Callable[[str], object] | None = None,
) -> bytes:
    """The bytes of a Croissant document for the files in a folder. The same folder and arguments give the same bytes.

    Args:
        folder: The folder.
        title: The dataset's title.
        summary: What it is, in some sentences.
        publisher: The institution's name.
        contact: Its URL or a role mailbox.
        license: An SPDX id or a URL.
        keywords: What it is found by.
        url: The dataset's page.
        version: The dataset's version.
        published: When it was published; None: today.
        records: The number of records; None: that of the rows when there is one table.
        usage_info: The conditions of use, as `client.policies.offer(...)` gives them: what the contract compares with
            the policy.
        exclude: Paths that are no part of the dataset.
        tell: Called with a sentence for whatever was left out: what a desktop puts into folders (`.DS_Store`), and the
            columns of what is no simple table.

    Raises:
        DocumentError: The folder holds no files, or something that is no regular file.
    """
    folder = Path(folder)
    told = tell or (lambda _sentence: None)
    entries = list(_regular(folder, exclude, told))
    if not entries:
        raise DocumentError(f"the folder {folder} holds no files")
    places = files.locations(folder)
    media_types = {entry.path: formats.of(places[entry.path]) for entry in entries}
    read = {
        entry.path: table
        for entry in entries
        if media_types[entry.path] in _DELIMITERS and (table := _table(places[entry.path], entry.path, told))
    }
    # Croissant has no word for another delimiter than its format's: a reader would find one column.
    found = {path: table for path, table in read.items() if table.delimiter == _DELIMITERS[media_types[path]]}
    for path in read.keys() - found.keys():
        told(f"{path}: its columns are left out, because {read[path].delimiter!r} stands between two cells")
    if records is None and len(read) == 1:
        (records,) = (table.rows for table in read.values())
    agent = {"@type": "sc:Organization", "name": publisher} | _contact(contact)
    document: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": title,
        "description": summary,
        "license": license,
        "usageInfo": usage_info,
        "url": url,
        "creator": agent,
        "publisher": agent,
        "datePublished": (published or date.today()).isoformat(),
        "version": version,
        "keywords": [*keywords] or None,
        "size": None if records is None else {"@type": "sc:QuantitativeValue", "value": records, "unitText": "records"},
        "distribution": [_file_object(entry, media_types[entry.path]) for entry in entries],
        "recordSet": _record_sets(found) or None,
    }
    present = {name: member for name, member in document.items() if member is not None}
    return (json.dumps(present, indent=2, ensure_ascii=False) + "\n").encode()


def _regular(folder: Path, exclude: Collection[str], told: Callable[[str], object]) -> Iterator[FileEntry]:
    for entry in files.scan(folder, exclude=exclude):
        if files.is_litter(entry.path):
            told(f"{entry.path}: left out, because a desktop put it there and it is no data")
        elif isinstance(entry, Irregular):
            raise DocumentError(entry.why, source=str(folder))
        else:
            yield entry


def _table(location: Path, path: str, told: Callable[[str], object]) -> tables.Table | None:
    try:
        return tables.read(location)
    except DocumentError as error:
        line = f"line {error.line}: " if error.line else ""
        told(f"{path}: its columns and rows are left out: {line}{error.message}")
        return None


def _contact(contact: str) -> dict[str, str]:
    return {"email": contact} if "@" in contact and "://" not in contact else {"url": contact}


def _file_object(entry: FileEntry, media_type: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _iri(entry.path),
        "name": entry.path,
        "contentUrl": entry.path.replace("%", "%25"),  # an address, in which % begins a letter
        "contentSize": f"{entry.size} B",
        "encodingFormat": media_type,
        "sha256": entry.sha256,
    }


def _iri(path: str) -> str:
    """A path as an id that every reader takes: `my%20scan.csv`; a letter that is not ASCII stays."""
    return _NOT_IRI.sub(lambda found: quote(found[0], safe=""), path)


def _record_sets(found: dict[str, tables.Table]) -> list[dict[str, Any]]:
    names = _unique([path.rpartition(".")[0] for path in found])
    return [_record_set(name, path, table) for name, (path, table) in zip(names, found.items(), strict=True)]


def _record_set(name: str, path: str, table: tables.Table) -> dict[str, Any]:
    fields = _unique([column.name for column in table.columns])
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{identifier}",
                "name": column.name,
                "dataType": column.data_type,
                "source": {"fileObject": {"@id": _iri(path)}, "extract": {"column": column.header}},
            }
            for identifier, column in zip(fields, table.columns, strict=True)
        ],
    }


def _unique(names: Sequence[str]) -> list[str]:
    """An id for each name, of characters that no reader trips over, each once."""
    found: list[str] = []
    for name in names:
        base = _NOT_ID.sub("-", unicodedata.normalize("NFKD", name)).strip("-") or "column"
        number, identifier = 1, base
        while identifier in found:
            number += 1
            identifier = f"{base}-{number}"
        found.append(identifier)
    return found
