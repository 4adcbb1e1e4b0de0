"""What the SDK reads from files that anybody may have written: it ends in a value, or in the error of a document.

Bytes are made of files that are right, changed in places, and of nothing in particular. `make test` tries the same few
every time; `make fuzz` tries further ones for MEDCONSENT_FUZZ_SECONDS each, from MEDCONSENT_FUZZ_SEED on.
"""

import contextlib
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile_bytes import for_many

from medconsent.contexts import Contexts, read_profile
from medconsent.data.deid.images import read_headers
from medconsent.data.deid.tables import measure
from medconsent.data.manifest import describe, tables, verify
from medconsent.data.manifest import read as read_manifest
from medconsent.data.people.commitment import read_proof
from medconsent.data.people.exclusions import list_commitment
from medconsent.data.people.keys import CohortKey
from medconsent.data.people.members import lines_of, read_members
from medconsent.desk.cohorts import compare
from medconsent.desk.names import StaffNames
from medconsent.documents.attestations import load_attestation
from medconsent.documents.consent import read_epoch
from medconsent.documents.drafts import parse_draft
from medconsent.documents.mappings import load_mapping
from medconsent.documents.policies import load_yaml
from medconsent.errors import ContextError, DocumentError
from medconsent.fabric import FabricError, wallet
from medconsent.fabric.identity import PrivateKeySigner
from medconsent.fabric.trust import Authority
from medconsent.ontology.files import read as read_ontology
from medconsent.services.remind.sent import Sent
from medconsent.services.watch.checkpoint import CHECKPOINT, Checkpoint
from medconsent.services.watch.journal import FINDINGS, Journal
from medconsent.services.watch.status import read as read_status

COHORT_KEY = CohortKey(bytes(32))

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
    + bytes(36)
    + b"\3\0\2\0\2\0\2\0"
    + bytes(60)
    + b"\0\0\xc0\x43"
    + bytes(232)
    + b"n+1\0\1\0\0\0\x20\0\0\0\x06\0\0\0Hong"
    + bytes(60)
)
BARE_DICOM = DICOM[132:]
KEY = PrivateKeySigner.generate().to_pem()
ATTESTATION = (
    b'board: "IRB of Hanbit"\nnumber: "2026-114"\nsha256: "' + b"0" * 64 + b'"\nvalid_until: 2027-11-01T00:00:00Z\n'
)
EPOCH = (
    b"use:\n  - permission: HMB\n    limits: [NCU]\nlaw: {code: KR-BIOETHICS-CONSENT, article: '16'}\n"
    b"wording: {url: 'https://hanbit.example/form', sha256: '" + b"0" * 64 + b"'}\nstatement: Form 3\n"
)
DRAFT = (
    b"dataset: hanbit/ct@2\npurpose:\n  kind: disease\n  diseases: [ICD10:C50]\n  training: true\nmode: enclave\n"
    b"duration: 90d\nproject: 'x'\nresearchers: [kim, lee]\nrenews: 7c01be\n"
)
CONTEXT = json.dumps(
    {
        "institution": "hanbit",
        "enrollment_id": "kim",
        "endpoint": "127.0.0.1:7051",
        "server_name": None,
        "channel": "medconsent",
        "chaincode": "medconsent",
        "ca_url": "https://127.0.0.1:7054",
    }
).encode()
WATCHED = json.dumps(
    {
        "format": "medconsent/watch/2",
        "institution": "hanbit",
        "channel": "medconsent",
        "chaincode": "medconsent",
        "next": 7,
        "last_hash": "00",
        "config": "AAAA",
        "approvals": {"a": "b"},
        "definition": {"a": "AAAA"},
        "guards_bytes": 0,
        "guards_secret": "00",
    }
).encode()
FOUND = (
    b'{"found":{"id":"x","code":"FORGED","sentence":"x","block":7,"transaction":"","about":"","scope":["hanbit"]},'
    b'"at":"2026-11-24T10:50:10Z"}\n{"accepted":"x","by":"lee","at":"2026-11-24T10:50:10Z","reason":"x"}\n'
)


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


def as_context(folder: Path, data: bytes) -> Any:
    """The bytes as the settings of a context, its certificate, its key, and which one is chosen."""
    kept = folder / "contexts" / "hanbit" / "kim"
    kept.mkdir(parents=True, exist_ok=True)
    for file in (kept / "context.json", kept / "cert.pem", kept / "key.pem", folder / "current"):
        file.write_bytes(data)
    contexts = Contexts(folder)
    contexts.list(), contexts.damaged()
    with contextlib.suppress(ContextError):
        contexts.get()
    return contexts.get("hanbit/kim").load()


def as_names(folder: Path, data: bytes) -> Any:
    """The bytes as the names of an institution's people."""
    names = StaffNames("hanbit", folder)
    names.path.parent.mkdir(parents=True, exist_ok=True)
    names.path.write_bytes(data)
    return names.read()


def as_key(folder: Path, data: bytes) -> Any:
    """The bytes as a cohort's key, and as the salt of a list."""
    file = folder / "key"
    file.write_bytes(data)
    file.chmod(0o600)
    with contextlib.suppress(DocumentError):
        list_commitment(file, file)
    return CohortKey.load(file)


def as_watched(folder: Path, data: bytes) -> Any:
    """The bytes as what a watcher keeps."""
    (folder / CHECKPOINT).write_bytes(data)
    read_status(folder)
    return Checkpoint(folder, "hanbit", "medconsent", "medconsent").load()


def as_journal(folder: Path, data: bytes) -> Any:
    """The bytes as what a watcher found."""
    (folder / FINDINGS).write_bytes(data)
    read_status(folder)
    return Journal(folder).entries()


def as_dataset(folder: Path, data: bytes) -> Any:
    """The bytes as each file of a dataset and as its manifest."""
    within = folder / "dataset"
    within.mkdir(exist_ok=True)
    for name in ("t.csv", "t.tsv", "x"):
        (within / name).write_bytes(data)
    made = describe(within, title="x", summary="x", publisher="x", contact="x@hanbit.example")
    assert verify(within, made, root=read_manifest(made).root).root_matches
    return verify(within, data, root="0" * 64)


def as_members(folder: Path, data: bytes) -> Any:
    """The bytes as who is in a cohort."""
    file = folder / "m.csv"
    file.write_bytes(data)
    with contextlib.suppress(DocumentError):
        lines_of(file)
    return compare(file, read_members(file))


READERS: dict[str, tuple[Callable[[Path, bytes], Any], bytes]] = {
    "a table to measure": (as_file("t.csv", lambda file: measure(file, ["id"], ["state"])), TABLE),
    "a table to describe": (as_file("t.csv", tables.read), TABLE),
    "members": (as_members, b"id,state\nP-1,in\nP-2,out\n"),
    "a dataset": (as_dataset, TABLE),
    "OBO": (as_file("d.obo", read_ontology), OBO),
    "OBO in gzip": (as_file("d.obo.gz", read_ontology), gzip.compress(OBO)),
    "OBO Graphs": (as_file("d.json", read_ontology), GRAPHS),
    "a table of terms": (as_file("d.tsv", read_ontology), b"id\tparent_id\tlabel\nDOID:4\t\tx\nDOID:5\tDOID:4\ty\n"),
    "a manifest": (as_manifest, MANIFEST),
    "a policy": (as_file("p.yaml", load_yaml), YAML),
    "a statement": (as_file("s.yaml", load_mapping), YAML),
    "a proof": (lambda _folder, data: read_proof(data).holds("0" * 64), PROOF),
    "DICOM": (as_file("x.dcm", lambda file: read_headers([file])), DICOM),
    "DICOM without a preamble": (as_file("x.dcm", lambda file: read_headers([file])), BARE_DICOM),
    "NIfTI": (as_file("x.nii", lambda file: read_headers([file])), NIFTI),
    "NIfTI in gzip": (as_file("x.nii.gz", lambda file: read_headers([file])), gzip.compress(NIFTI)),
    "a connection profile (JSON)": (as_file("c.json", read_profile), PROFILE),
    "a connection profile (YAML)": (as_file("c.yaml", read_profile), PROFILE.replace(b'"', b"'")),
    "an identity": (as_identity, b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" + KEY),
    "roots of an identity": (
        lambda _folder, data: Authority.from_pem("hanbit", [data]),
        KEY.replace(b"PRIVATE KEY", b"CERTIFICATE"),
    ),
    "a context": (as_context, CONTEXT),
    "names of people": (as_names, b'kim: "Kim Minji"\nlee: "Lee"\n'),
    "a key of a cohort": (as_key, b"0" * 64 + b"\n"),
    "an attestation": (as_file("a.yaml", load_attestation), ATTESTATION),
    "an epoch": (as_file("e.yaml", lambda file: read_epoch(file, COHORT_KEY, "hanbit/a", 1, {"P-1": "in"})), EPOCH),
    "a draft": (as_file("d.yaml", parse_draft), DRAFT),
    "what was told": (as_file("sent.json", Sent), b'{"log":{"x":"2026-11-24T10:50:10Z"}}'),
    "a watcher's checkpoint": (as_watched, WATCHED),
    "a watcher's journal": (as_journal, FOUND),
}
"""By what it is: how it is read, and one that is right or nearly."""


OTHER: dict[str, tuple[type[Exception], ...]] = {
    "a connection profile (JSON)": (FabricError,),
    "a connection profile (YAML)": (FabricError,),
    "an identity": (FabricError,),
    "roots of an identity": (FabricError,),
    "a context": (ContextError,),
}
"""Errors of a kind of their own: of the Fabric client, which knows no documents, and of contexts, which names one."""


def tried(folder: Path, name: str, data: bytes) -> None:
    """One file: whatever it is, reading ends in a value or in one kind of error."""
    reader, _ = READERS[name]
    with contextlib.suppress(DocumentError, *OTHER.get(name, ())):
        reader(folder, data)


@pytest.mark.parametrize("name", READERS)
def test_a_file_ends_in_a_value_or_in_the_error_of_a_document(tmp_path: Path, name: str) -> None:
    for_many(READERS[name][1], lambda data: tried(tmp_path, name, data))
