"""A door with an archive behind it, for tests."""

import hashlib
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from door_world import FILES, Door, Ledger, Somebody, certified, listening

from medconsent.data.manifest import merkle
from medconsent.data.manifest.files import FileEntry
from medconsent.release import keys
from medconsent.release.archive import Subject, build
from medconsent.release.headers import HeaderStore
from medconsent.services.release.keyholder import Keyholder, key_of
from medconsent.services.release.keyholder import Server as Holding
from medconsent.services.release.server import Server


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    source, holder = tmp_path / "version", tmp_path / "keyholder"
    entries = []
    for path, content in FILES.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(content)
        entries.append(FileEntry(path, len(content), hashlib.sha256(content).hexdigest()))
    public = key_of(holder).public
    store = HeaderStore(holder)
    archive = build(
        Subject("hanbit/bc", "1", merkle.root(entries), entries), source, tmp_path / "archive", store, public
    )
    store.close()
    people = []
    for name in ("kim", "lee"):
        (tmp_path / name).mkdir()
        keys.delivery(tmp_path / name)
        people.append(Somebody(tmp_path / name, name))
    ledger = Ledger(archive, people)
    tls = ec.generate_private_key(ec.SECP256R1())
    cert, key = tmp_path / "tls.pem", tmp_path / "tls.key"
    cert.write_bytes(certified([x509.IPAddress(IPv4Address("127.0.0.1"))], tls))
    plain = serialization.NoEncryption()
    key.write_bytes(tls.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    server = Server(ledger.client(), [tmp_path / "archive"], tmp_path / "k.sock")
    with (
        Holding(Keyholder(holder, "hanbit", ledger.facts), tmp_path / "k.sock"),
        listening(server.app, cert, key) as url,
    ):
        server.transfers.start()
        yield Door(ledger, server, url, cert, people[0], people[1], tmp_path)
        server.transfers.stop()
