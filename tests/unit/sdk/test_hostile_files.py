"""What the SDK reads from files that anybody may have written: it ends in a value, or in the error of a document.

Bytes are made of files that are right, changed in places, and of nothing in particular. `make test` tries the same few
every time; `make fuzz` tries further ones for MEDCONSENT_FUZZ_SECONDS each.
"""

import contextlib
import gzip
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from medconsent.contexts import read_profile
from medconsent.data.deid.images import read_headers
from medconsent.data.deid.tables import measure
from medconsent.data.manifest import read as read_manifest
from medconsent.data.manifest import tables
from medconsent.data.people.commitment import read_proof
from medconsent.data.people.members import read_members
from medconsent.documents.mappings import load_mapping
from medconsent.documents.policies import load_yaml
from medconsent.errors import DocumentError
from medconsent.fabric import FabricError, wallet
from medconsent.fabric.identity import PrivateKeySigner
from medconsent.ontology.files import read as read_ontology

SECONDS = float(os.environ.get("MEDCONSENT_FUZZ_SECONDS", "0"))
EXAMPLES = 150

TABLE = b'id,state,"a, b"\nP-1,in,"x\ny"\nP-2,out,\'\n'
OBO = (
    b"format-version: 1.4\nontology: doid\ndata-version: 1\n[Term]\nid: DOID:4\nname: x\n\n"
    b"[Term]\nid: DOID:5\nis_a: DOID:4\nalt_id: DOID:6\n"
)
GRAPHS = json.dumps(
    {
        "graphs": [
            {
                "id": "http://purl.obolibrary.org/obo/doid.owl",
                "meta": {"version": "1", "basicPropertyValues": [{"pred": "license", "val": "x"}]},
                "nodes": [{"id": "DOID:4", "lbl": "x", "type": "CLASS", "meta": {"deprecated": True}}],
                "edges": [{"sub": "DOID:4", "pred": "is_a", "obj": "DOID:4"}],
            }
        ]
    }
).encode()
MANIFEST = json.dumps(
    {
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "x",
        "size": {"unitText": "records", "value": 3},
        "keywords": ["a", {"en": "b"}],
        "publisher": {"email": "a@b.example"},
        "distribution": [
            {
                "@type": ["cr:FileObject"],
                "name": "a.csv",
                "contentUrl": "a%20b.csv",
                "contentSize": "3 B",
                "sha256": "0" * 64,
                "encodingFormat": "text/csv",
            }
        ],
    }
).encode()
PROFILE = json.dumps(
    {
        "client": {"organization": "hanbit"},
        "channels": {"_default": {}, "medconsent": {}},
        "organizations": {"hanbit": {"mspid": "hanbit", "peers": ["p"], "certificateAuthorities": ["ca"]}},
        "peers": {
            "p": {"url": "grpcs://127.0.0.1:7051", "tlsCACerts": {"pem": "x"}, "grpcOptions": {"hostnameOverride": "p"}}
        },
        "certificateAuthorities": {
            "ca": {"url": "https://127.0.0.1", "tlsCACerts": {"path": "nowhere"}, "caName": "x"}
        },
    }
).encode()
YAML = (
    b"use:\n  - GRU: true\n    NPU: yes\nstages: [{role: dac, threshold: 2}]\n"
    b"valid: {from: 2026-11-24, 'a': [1, 2.0, ~]}\n"
)
PROOF = json.dumps(
    {
        "cohort": "hanbit/a",
        "epoch": 1,
        "state": "in",
        "pseudonym": "0" * 64,
        "index": 0,
        "count": 1024,
        "path": ["0" * 64],
    }
).encode()
DICOM = (
    b"\0" * 128
    + b"DICM\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0\x08\0\x60\0CS\x02\0CT"
    + b"\x10\0\x02\x10SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff"
    + b"\x10\0\x10\0PN\x04\0Hong\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    + b"\x18\0\x15\0CS\x04\0HEAD\xe0\x7f\x10\0OW\0\0\x04\0\0\0\0\0\0\0"
)
NIFTI = (
    (348).to_bytes(4, "little")
    + bytes(104)
    + b"\0\0\xc0\x43"
    + bytes(232)
    + b"n+1\0\1\0\0\0\x20\0\0\0\x06\0\0\0Hong"
    + bytes(60)
)
KEY = PrivateKeySigner.generate().to_pem()


def as_file(name: str, reader: Callable[[Path], Any]) -> Callable[[Path, bytes], Any]:
    """A reader of a file that has that name."""

    def read(folder: Path, data: bytes) -> Any:
        file = folder / name
        file.write_bytes(data)
        return reader(file)

    return read


def as_identity(folder: Path, data: bytes) -> Any:
    """The bytes as a certificate and its key."""
    for name in ("cert.pem", "key.pem"):
        (folder / name).write_bytes(data)
    return wallet.load(folder, "hanbit")


def as_manifest(_folder: Path, data: bytes) -> Any:
    """A manifest, and everything that is asked of one."""
    found = read_manifest(data)
    return (
        found.root,
        found.title,
        found.summary,
        found.keywords,
        found.kinds,
        found.records,
        found.contact,
        found.jcs_sha256,
    )


READERS: dict[str, tuple[Callable[[Path, bytes], Any], bytes]] = {
    "a table to measure": (as_file("t.csv", lambda file: measure(file, ["id"], ["state"])), TABLE),
    "a table to describe": (as_file("t.csv", tables.read), TABLE),
    "members": (as_file("m.csv", read_members), b"id,state\nP-1,in\nP-2,out\n"),
    "OBO": (as_file("d.obo", read_ontology), OBO),
    "OBO in gzip": (as_file("d.obo.gz", read_ontology), gzip.compress(OBO)),
    "OBO Graphs": (as_file("d.json", read_ontology), GRAPHS),
    "a table of terms": (as_file("d.tsv", read_ontology), b"id\tparent_id\tlabel\nDOID:4\t\tx\nDOID:5\tDOID:4\ty\n"),
    "a manifest": (as_manifest, MANIFEST),
    "a policy": (as_file("p.yaml", load_yaml), YAML),
    "a statement": (as_file("s.yaml", load_mapping), YAML),
    "a proof": (lambda _folder, data: read_proof(data).holds("0" * 64), PROOF),
    "DICOM": (as_file("x.dcm", lambda file: read_headers([file])), DICOM),
    "NIfTI": (as_file("x.nii", lambda file: read_headers([file])), NIFTI),
    "NIfTI in gzip": (as_file("x.nii.gz", lambda file: read_headers([file])), gzip.compress(NIFTI)),
    "a connection profile (JSON)": (as_file("c.json", read_profile), PROFILE),
    "a connection profile (YAML)": (as_file("c.yaml", read_profile), PROFILE.replace(b'"', b"'")),
    "an identity": (as_identity, b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" + KEY),
}
"""By what it is: how it is read, and one that is right or nearly."""


PIECES = (
    *(b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\n", b"\r", b"[", b"{", b"}", b"]"),
    *(b"-1", b"1e999", b"null", b"true", b"{}", b"[]", b"\\ud800", b"&a *a", b"9" * 400, b"[" * 3000),
    *("é".encode("latin-1"), "한".encode("cp949")),
)
"""What readers stumble over."""


def bytes_like(right: bytes) -> st.SearchStrategy[bytes]:
    """What is like a right file: with pieces changed, repeated, cut out or put in; or nothing like it."""
    pieces = st.one_of(st.binary(max_size=8), st.sampled_from(PIECES))
    places = st.integers(0, max(0, len(right)))
    changes = st.lists(st.tuples(places, places, pieces), min_size=1, max_size=4)

    def changed(changes: list[tuple[int, int, bytes]]) -> bytes:
        data = right
        for begin, length, piece in changes:
            data = data[:begin] + piece + data[begin + length % 12 :]
        return data

    return st.one_of(
        changes.map(changed), st.binary(max_size=200), st.integers(0, len(right)).map(lambda end: right[:end])
    )


def tried(folder: Path, name: str, data: bytes) -> None:
    """One file: whatever it is, reading ends in a value or in one kind of error."""
    reader, _ = READERS[name]
    expected = (DocumentError, FabricError) if "profile" in name or "identity" in name else (DocumentError,)
    with contextlib.suppress(*expected):
        reader(folder, data)


@pytest.mark.parametrize("name", READERS)
def test_a_file_ends_in_a_value_or_in_the_error_of_a_document(tmp_path: Path, name: str) -> None:
    def once(number: int, examples: int) -> None:
        @seed(number)
        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(bytes_like(READERS[name][1]))
        def run(data: bytes) -> None:
            tried(tmp_path, name, data)

        run()

    once(0, EXAMPLES)
    until, number = time.monotonic() + SECONDS, 1
    while time.monotonic() < until:
        once(number, 10 * EXAMPLES)
        number += 1
