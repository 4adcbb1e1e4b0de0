"""Bytes: what was granted arrives and fits, and after a revocation nothing leaves, what runs neither."""

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from people import DIFFERS, REFUSED, Person
from scenario import Cast

from medconsent import connect
from medconsent.contexts import Contexts
from medconsent.errors import HeaderRefused, ReleaseCut
from medconsent.release import keys
from medconsent.release.receiving import PlainFile
from medconsent.release.stored import Archive
from medconsent.services.release import wire
from medconsent.services.release.fetching import Fetching

FILES = {
    "table.csv": b"id,age\n1,50\n2,61\n",
    "images/one.bin": bytes(range(256)) * 1024,
    "images/영상 둘.bin": b"\x07" * 100_001,
    "large.bin": b"0123456789abcdef" * (1 << 20),
}


@contextmanager
def process(person: Person, *arguments: str, tells: str) -> Iterator[str]:
    """The program as a process that goes on; the line in which it says that it serves."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MEDCONSENT_")}
    environment |= {"MEDCONSENT_HOME": str(person.home), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "medconsent_cli", *arguments]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert running.stdout is not None
    said = []
    try:
        for line in running.stdout:
            said.append(line)
            if tells in line:
                yield line.strip()
                break
        else:
            raise AssertionError(f"{command} ended: {said}")
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A TLS certificate for 127.0.0.1 that certifies itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "release")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "tls.pem", folder / "tls.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, secret


@dataclass
class Door:
    """A dataset with its archive and both processes, and kim, who has a delivery key."""

    cast: Cast
    dataset: str
    url: str
    ca: Path
    socket: Path
    archive: Archive

    @property
    def kim(self) -> Person:
        return self.cast.people["nuri/kim"]

    def grant(self) -> str:
        request = self.cast.submit("nuri/kim", self.dataset)
        return str(self.cast.approve(request, "hanbit/d-1", "hanbit/d-2", "saerom/e-1")["grant"]["id"])

    def revoke(self, grant: str) -> None:
        self.cast.people["hanbit/steward"].run("grant", "revoke", grant, "--reason", "The study has ended.", "--yes")

    def fetch(self, out: Path, *more: str, exit_code: int = 0) -> Any:
        return self.kim.run(
            "--json", "fetch", self.dataset, *more, "--from", self.url, "--ca", str(self.ca), "--out", str(out),
            exit_code=exit_code,
        )  # fmt: skip

    def receipts(self, **filters: str) -> list[Any]:
        context = Contexts(self.kim.home).get()
        with connect(context) as client:
            return list(client.receipts.iterate(dataset=self.dataset, **filters))


@pytest.fixture(scope="module")
def door(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("release")
    source = folder / "version"
    for path, content in FILES.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(content)
    cast.publish("bytes", source)
    kim = cast.people["nuri/kim"]
    made = kim.json("release", "key")
    announced = kim.json("person", "announce", "--delivery", made["public_key_file"])["body"]
    cast.people["nuri/second"].run(
        "person", "admit", "kim", "--key", announced["fingerprint"], "--delivery", made["fingerprint"]
    )
    gateway = cast.enrol("hanbit/gateway", "gateway")
    holder = cast.enrol("hanbit/keyholder")
    archive, headers = folder / "archive", folder / "keyholder"
    gateway.run("release", "archive", "hanbit/bytes", str(source), "--out", str(archive), "--headers", str(headers))
    cert, secret = certificate(folder)
    socket = folder / "k.sock"
    holding = ("release", "keyholder", "--folder", str(headers), "--socket", str(socket))
    serving = (
        "release", "serve", str(archive), "--keyholder", str(socket), "--cert", str(cert), "--tls-key", str(secret),
        "--listen", "127.0.0.1:0",
    )  # fmt: skip
    with process(holder, *holding, tells="listens at"), process(gateway, *serving, tells="serving at") as line:
        yield Door(cast, "hanbit/bytes", line.rpartition(" ")[2], cert, socket, Archive(archive))


def test_what_was_granted_arrives_and_after_the_revocation_nothing(door: Door, tmp_path: Path) -> None:
    grant = door.grant()
    got = door.fetch(tmp_path / "data").json
    assert {path: (tmp_path / "data" / path).read_bytes() for path in FILES} == FILES
    assert got["content"] == door.archive.description.content
    door.kim.run("dataset", "verify", door.dataset, str(tmp_path / "data"))
    (receipt,) = door.receipts(grant=grant)
    assert receipt.state == "completed"
    assert receipt.receipt.sent >= sum(file.ciphertext_size for file in door.archive.files)
    again = door.fetch(tmp_path / "data").json
    assert (again["files"], again["there"], again["receipt"]) == (0, len(FILES), "")

    some = door.fetch(tmp_path / "some", "images/영상 둘.bin").json
    assert some["files"] == 1
    door.fetch(tmp_path / "raw", "table.csv", "--raw")
    decrypt = [sys.executable, "-m", "crypt4gh", "decrypt", "--sk", str(_context(door).folder / keys.DELIVERY)]
    raw = (tmp_path / "raw" / "table.csv.c4gh").read_bytes()
    assert subprocess.run(decrypt, input=raw, capture_output=True, check=True).stdout == FILES["table.csv"]

    door.revoke(grant)
    refused = door.fetch(tmp_path / "late", "--grant", grant, exit_code=REFUSED)
    assert "in force" in refused.error["message"]
    assert not (tmp_path / "late").exists()
    assert len(door.receipts(grant=grant)) == 3


def _context(door: Door) -> Any:
    return Contexts(door.kim.home).get()


def test_a_transfer_that_runs_is_cut_by_the_revocation(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = door.grant()
    real, begun = PlainFile.take, []

    def slowly(self: PlainFile, segment: bytes) -> None:
        if not begun:
            begun.append(time.monotonic())
            door.revoke(grant)
            begun.append(time.monotonic())
        real(self, segment)
        time.sleep(0.02)

    monkeypatch.setattr(PlainFile, "take", slowly)
    with connect(_context(door)) as client, pytest.raises(ReleaseCut) as cut:
        Fetching(
            client, _context(door), door.dataset, door.url, tmp_path, paths=["large.bin"], grant=grant, ca=door.ca
        ).run()
    assert "revoked" in str(cut.value)
    assert not (tmp_path / "large.bin").exists()
    for _ in range(100):
        (receipt,) = door.receipts(grant=grant)
        if receipt.state == "aborted":
            break
        time.sleep(0.1)
    assert receipt.state == "aborted"
    assert 0 < receipt.receipt.sent < len(FILES["large.bin"])


def test_the_keyholder_gives_nothing_to_a_server_that_was_rewritten(door: Door, tmp_path: Path) -> None:
    """Whatever faces the network may ask it anything: a receipt that was used, another key, another file, none."""
    grant = door.grant()
    door.fetch(tmp_path / "data", "table.csv")
    (receipt,) = door.receipts(grant=grant)
    delivery = keys.load(_context(door).folder / keys.DELIVERY).public
    chosen, places, _files = door.archive.chosen(["table.csv"])

    def ask(receipt_id: str, key: bytes, path: str = "table.csv") -> set[str]:
        file = door.archive.by_path[path]
        place = places[0] if path == "table.csv" else door.archive.chosen(None)[1][0]
        message = {
            "receipt": receipt_id,
            "delivery": base64.b64encode(key).decode(),
            "files": [{"file": file.to_json(), "place": place.to_json()}],
        }
        with pytest.raises(HeaderRefused) as refused:
            wire.ask(door.socket, message)
        return {reason["code"] for reason in refused.value.details}

    assert chosen[0].path == "table.csv"
    assert ask(receipt.id, delivery) >= {"HEADER_GIVEN", "RECEIPT_NOT_OPEN"}
    assert "KEY_NOT_IN_RECEIPT" in ask(receipt.id, keys.SecretKey.generate().public)
    assert "FILE_NOT_IN_RECEIPT" in ask(receipt.id, delivery, "large.bin")
    assert ask("0" * 64, delivery) == {"NOT_FOUND"}
    assert ask(grant, delivery) == {"NOT_FOUND"}
    door.revoke(grant)
    assert "GRANT_NOT_IN_FORCE" in ask(receipt.id, delivery)


def test_files_that_are_not_the_versions_are_not_archived(door: Door, tmp_path: Path) -> None:
    (tmp_path / "v" / "images").mkdir(parents=True)
    for path, content in FILES.items():
        (tmp_path / "v" / path).write_bytes(content)
    (tmp_path / "v" / "table.csv").write_bytes(b"id,age\n1,50\n2,62\n")
    refused = door.cast.people["hanbit/gateway"].run(
        "--json", "release", "archive", door.dataset, str(tmp_path / "v"),
        "--out", str(tmp_path / "a"), "--headers", str(tmp_path / "h"), exit_code=DIFFERS,
    )  # fmt: skip
    assert refused.error["code"] == "ARCHIVE_DIFFERS"
    assert "table.csv" in refused.error["message"]
