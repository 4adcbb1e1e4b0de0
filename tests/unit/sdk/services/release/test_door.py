"""The whole door in one process: a real server over TLS, a real keyholder at its socket, a real fetch; the ledger is a
stand-in, which says what a test wants.
"""

import base64
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import urllib3
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from medconsent.client import Client
from medconsent.contexts import Context
from medconsent.data.manifest import merkle
from medconsent.data.manifest.files import FileEntry
from medconsent.errors import (
    ArchiveDiffers,
    DamagedCiphertext,
    HeaderRefused,
    NotFound,
    NotSigned,
    Refused,
    ReleaseCut,
    Unreachable,
)
from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent.nouns.receipts import ReleaseCheck
from medconsent.release import keys
from medconsent.release.archive import Subject, build
from medconsent.release.headers import HeaderStore
from medconsent.release.judging import Receipt
from medconsent.release.receiving import PlainFile
from medconsent.release.signing import HEADER, Request, sign
from medconsent.release.stored import Archive, body
from medconsent.services.release import transfers
from medconsent.services.release.fetching import Fetched, Fetching
from medconsent.services.release.keyholder import Keyholder, key_of
from medconsent.services.release.keyholder import Server as Holding
from medconsent.services.release.server import Server

FILES = {
    "a.csv": b"1,2\n",
    "scans/둘.bin": os.urandom(200_000),
    "empty": b"",
    "large.bin": os.urandom(1 << 20) * 8,
}
GRANT = "9" * 64


def certified(names: list[x509.GeneralName], key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kim")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=8))
    made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@dataclass
class Somebody:
    """A person at their computer, as `Context` has them."""

    folder: Path
    enrollment_id: str
    institution: str = "nuri"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def name(self) -> str:
        return f"{self.institution}/{self.enrollment_id}"

    def load(self) -> tuple[Identity, PrivateKeySigner]:
        return Identity(self.institution, certified([x509.DNSName("kim")], self.key)), PrivateKeySigner(self.key)

    @property
    def der(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def kid(self) -> str:
        return hashlib.sha256(self.der).hexdigest()


@dataclass
class Ledger:
    """What every peer says, and what was written."""

    archive: Archive
    people: list[Somebody]
    permitted: bool = True
    answers: bool = True
    written: dict[str, Any] = field(default_factory=dict)
    closed: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    refuse: str = ""

    def client(self) -> Client:
        receipts = SimpleNamespace(open=self.open, close=self.close, check=self.check, iterate=lambda **_how: iter(()))
        archives = SimpleNamespace(get=lambda _dataset, version=None: SimpleNamespace(archive=self.record))
        grants = SimpleNamespace(get=lambda _grant: self.grant, iterate=lambda **_how: iter([self.grant]))
        persons = SimpleNamespace(iterate=self.keys)
        fake = SimpleNamespace(
            receipts=receipts, archives=archives, grants=grants, persons=persons, institution="hanbit"
        )
        return cast("Client", fake)

    @property
    def record(self) -> Any:
        of = self.archive.description
        return SimpleNamespace(
            id="8" * 64, dataset=of.dataset, version=1, files=of.files, content=SimpleNamespace(root=of.content)
        )

    @property
    def grant(self) -> Any:
        inner = SimpleNamespace(dataset="hanbit/bc", version=1, institution="nuri", grantees=("kim",))
        return SimpleNamespace(id=GRANT, state="active" if self.permitted else "revoked", grant=inner)

    def keys(self, institution: str, person: str, state: str) -> Iterator[Any]:
        assert state == "active"
        for one in self.people:
            if (one.institution, one.enrollment_id) == (institution, person):
                yield SimpleNamespace(fingerprint=one.kid, public_key=base64.b64encode(one.der).decode())

    def open(self, ask: Any) -> Any:
        if self.refuse:
            raise Refused("nothing is released", code="RELEASE_DENIED", details=[{"code": "X", "message": self.refuse}])
        receipt = hashlib.sha256(str(len(self.written)).encode()).hexdigest()
        self.written[receipt] = (ask, datetime.now(UTC))
        return SimpleNamespace(answer=SimpleNamespace(id=receipt), block=7)

    def close(self, receipt: str, outcome: str, sent: int, reason: str | None = None) -> None:
        self.closed[receipt] = (outcome, sent, reason or "")

    def check(self, _receipt: str) -> ReleaseCheck:
        if not self.answers:
            raise Unreachable("the peer is down")
        reason = [] if self.permitted else [{"code": "REVOKED", "message": "the grant was revoked"}]
        said = {"answer": "permit" if self.permitted else "deny", "state": "open", "at": "2026-12-01T09:00:00Z"}
        return ReleaseCheck.from_json({**said, "reasons": reason})

    def facts(self, receipt: str) -> Receipt:
        if receipt not in self.written:
            raise NotFound("there is no such receipt")
        ask, at = self.written[receipt]
        status = self.closed[receipt][0] if receipt in self.closed else "open"
        return Receipt(receipt, "hanbit", True, status, at, ask.files, ask.delivery, self.permitted)


@dataclass
class Door:
    ledger: Ledger
    server: Server
    url: str
    ca: Path
    kim: Somebody
    lee: Somebody
    folder: Path

    def fetching(self, out: Path, who: Somebody | None = None, **how: Any) -> Fetching:
        context = cast("Context", who or self.kim)
        return Fetching(self.ledger.client(), context, "hanbit/bc", self.url, out, ca=self.ca, **how)

    def fetch(self, out: Path, who: Somebody | None = None, **how: Any) -> Fetched:
        return self.fetching(out, who, **how).run()

    def request(self, method: str, target: str, *, who: Somebody | None = None, **more: Any) -> Any:
        who = who or self.kim
        byte_range = more.get("headers", {}).get("Range", "")
        asked = Request(method, target, "hanbit", byte_range)
        signer = PrivateKeySigner(who.key)
        signature = sign(asked, more.get("body", b"") or b"", person=who.name, kid=who.kid, signer=signer)
        headers = {HEADER: signature, **more.pop("headers", {})}
        with urllib3.PoolManager(ca_certs=str(self.ca), retries=False) as pool:
            return pool.request(method, self.url + target, headers=headers, redirect=False, **more)


@contextmanager
def listening(app: Any, cert: Path, key: Path) -> Iterator[str]:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        ssl_certfile=str(cert),
        ssl_keyfile=str(key),
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


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


def test_everything_arrives_as_it_was_and_the_receipt_says_so(door: Door, tmp_path: Path) -> None:
    done = door.fetch(tmp_path / "out")
    assert {path: (tmp_path / "out" / path).read_bytes() for path in FILES} == FILES
    assert done.content == door.ledger.archive.description.content
    outcome, sent, _reason = door.ledger.closed[done.receipt]
    assert outcome == "completed"
    assert sent >= sum(file.ciphertext_size for file in door.ledger.archive.files)
    assert door.fetch(tmp_path / "out").receipt == ""


def test_some_files_are_a_receipt_of_their_own(door: Door, tmp_path: Path) -> None:
    done = door.fetch(tmp_path / "out", paths=["scans/둘.bin"])
    ask, _at = door.ledger.written[done.receipt]
    assert (ask.files.count, ask.files.bytes) == (1, 200_000)
    assert [one.name for one in (tmp_path / "out").rglob("*") if one.is_file()] == ["둘.bin"]
    with pytest.raises(NotFound):
        door.fetch(tmp_path / "out", paths=["none"])


def test_who_has_no_grant_gets_nothing_not_even_names(door: Door, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="in force"):
        door.fetch(tmp_path / "out", door.lee, grant=GRANT)
    assert not door.ledger.written


def test_what_the_ledger_refuses_is_told_with_its_reasons(door: Door, tmp_path: Path) -> None:
    door.ledger.refuse = "people have withdrawn"
    with pytest.raises(Refused) as refused:
        door.fetch(tmp_path / "out")
    assert (refused.value.code, refused.value.details[0]["message"]) == ("RELEASE_DENIED", "people have withdrawn")


def test_a_key_that_is_not_on_the_ledger_opens_nothing(door: Door, tmp_path: Path) -> None:
    stranger = replace(door.kim, key=ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(NotSigned):
        door.fetch(tmp_path / "out", stranger, grant=GRANT)


def test_ciphertext_that_was_changed_on_the_servers_disk_is_refused(door: Door, tmp_path: Path) -> None:
    with body(door.folder / "archive", "large.bin").open("r+b") as file:
        file.seek(3_000_000)
        file.write(b"changed")
    with pytest.raises(DamagedCiphertext):
        door.fetch(tmp_path / "out")
    assert not (tmp_path / "out" / "large.bin").exists()
    assert [outcome for outcome, _sent, _reason in door.ledger.closed.values()] == ["aborted"]


def slow(monkeypatch: pytest.MonkeyPatch, then: Any) -> None:
    """Lets a fetch take its time, and does something after its first segments."""
    real, taken = PlainFile.take, []

    def take(self: PlainFile, segment: bytes) -> None:
        real(self, segment)
        taken.append(len(segment))
        if len(taken) == 3:
            then()
        time.sleep(0.03)

    monkeypatch.setattr(PlainFile, "take", take)


def test_a_transfer_that_runs_is_cut_when_the_grant_ends(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medconsent.services.release.server._CHUNK", 65_536)
    slow(monkeypatch, lambda: setattr(door.ledger, "permitted", False))
    with pytest.raises(ReleaseCut, match="revoked"):
        door.fetch(tmp_path / "out", paths=["large.bin"], grant=GRANT)
    assert not (tmp_path / "out" / "large.bin").exists()
    _wait(lambda: bool(door.ledger.closed))
    ((outcome, sent, reason),) = door.ledger.closed.values()
    assert (outcome, reason) == ("aborted", "the grant was revoked")
    assert sent < len(FILES["large.bin"])


def test_a_peer_that_says_nothing_cuts_it_too(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "UNKNOWN", 0.2)
    monkeypatch.setattr("medconsent.services.release.server._CHUNK", 65_536)
    slow(monkeypatch, lambda: setattr(door.ledger, "answers", False))
    with pytest.raises((ReleaseCut, Unreachable)):
        door.fetch(tmp_path / "out", paths=["large.bin"])
    assert not (tmp_path / "out" / "large.bin").exists()


def test_it_goes_on_where_it_was_interrupted(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        slow(patched, interrupt)
        with pytest.raises(KeyboardInterrupt):
            door.fetch(tmp_path / "out", paths=["large.bin"])
    assert not (tmp_path / "out" / "large.bin").exists()
    assert next(iter(door.ledger.closed.values()))[0] == "aborted"
    before = door.ledger.closed.copy()
    done = door.fetch(tmp_path / "out", paths=["large.bin"])
    assert (tmp_path / "out" / "large.bin").read_bytes() == FILES["large.bin"]
    assert door.ledger.closed[done.receipt][1] < len(FILES["large.bin"]) - 100_000
    assert done.receipt not in before


def test_a_server_with_another_list_of_files_is_refused(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del door.ledger.archive.files[0]
    door.server._archives[0].files.pop(0)
    with pytest.raises(ArchiveDiffers):
        door.fetch(tmp_path / "out")


@pytest.mark.parametrize(
    ("span", "status", "first", "size"),
    [
        ("bytes=0-9", 206, 0, 10), ("bytes=100-", 206, 100, None), ("bytes=-7", 206, None, 7),
        ("bytes=0-9,20-29", 416, 0, 0), ("bytes=99999999-", 416, 0, 0), ("bytes=x-", 416, 0, 0),
        ("bytes=5-2", 416, 0, 0),
        ("lines=0-1", 416, 0, 0), ("bytes=" + "9" * 400 + "-", 416, 0, 0),
    ],
)  # fmt: skip
def test_ranges(door: Door, span: str, status: int, first: int | None, size: int | None) -> None:
    receipt, file = opened(door)
    target = f"/release/v1/receipts/{receipt}/files/{file}/body"
    answer = door.request("GET", target, headers={"Range": span})
    assert answer.status == status, answer.data
    if status == 206:
        whole = body(door.folder / "archive", "scans/둘.bin").read_bytes()
        begin = len(whole) - (size or 0) if first is None else first
        assert answer.data == whole[begin : begin + size if size else None]


def opened(door: Door) -> tuple[str, str]:
    """A receipt of kim's for the archive, and the id of one of its files; nothing was fetched."""
    fetching = door.fetching(door.folder / "none")
    record, files = door.ledger.record, door.ledger.archive.files
    receipt = fetching._open(door.ledger.grant, record, files, whole=True)
    fetching._server.close()
    return receipt, door.ledger.archive.by_path["scans/둘.bin"].id


def test_another_persons_receipt_is_not_there(door: Door) -> None:
    receipt, file = opened(door)
    for target in (f"{receipt}", f"{receipt}/files/{file}/body", f"{receipt}/files/{file}/segments"):
        assert door.request("GET", f"/release/v1/receipts/{target}", who=door.lee).status == 404
    asked = json.dumps({"files": [file], "delivery": ""}).encode()
    answer = door.request("POST", f"/release/v1/receipts/{receipt}/headers", who=door.lee, body=asked)
    assert answer.status == 404


def test_headers_for_another_key_than_the_receipts_are_refused(door: Door) -> None:
    receipt, file = opened(door)
    other = base64.b64encode(keys.SecretKey.generate().public).decode()
    asked = json.dumps({"files": [file], "delivery": other}).encode()
    answer = door.request("POST", f"/release/v1/receipts/{receipt}/headers", body=asked)
    assert answer.status == 403
    assert answer.json()["error"]["code"] == HeaderRefused.code
    assert [one["code"] for one in answer.json()["error"]["details"]] == ["KEY_NOT_IN_RECEIPT"]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/release/v1/receipts/../../etc/passwd", 404), ("/release/v1/receipts/x/files/..%2f..%2fkeyholder/body", 404),
        ("/", 404), ("/ga4gh/drs/v1/objects/" + "a" * 64, 404),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_there(door: Door, target: str, status: int) -> None:
    assert door.request("GET", target).status == status


def test_drs_objects_are_those_of_ones_open_receipts(door: Door) -> None:
    receipt, file = opened(door)
    found = door.request("GET", f"/ga4gh/drs/v1/objects/{file}").json()
    assert found["size"] == door.ledger.archive.by_id[file].ciphertext_size
    assert found["access_methods"] == [{"type": "https", "access_id": receipt}]
    access = door.request("GET", f"/ga4gh/drs/v1/objects/{file}/access/{receipt}").json()
    assert access["url"].endswith(f"/receipts/{receipt}/files/{file}/body")
    assert door.request("GET", f"/ga4gh/drs/v1/objects/{file}", who=door.lee).status == 404
    assert door.request("GET", "/ga4gh/drs/v1/service-info").json()["type"]["artifact"] == "drs"


def test_a_body_that_is_too_long_is_not_read(door: Door) -> None:
    assert door.request("POST", "/release/v1/receipts", body=b"x" * (9 << 20)).status == 413


def _wait(until: Any) -> None:
    for _ in range(200):
        if until():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")
