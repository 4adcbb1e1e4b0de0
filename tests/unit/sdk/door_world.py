"""For tests: the whole door in one process. Server over TLS, keyholder at its socket and fetch are real; the ledger is
a stand-in, which says what a test wants.
"""

import base64
import copy
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import urllib3
import uvicorn
from contract_answers import GRANT_RECORD
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from fake_gateway import BlockingFake, FakeGateway, identity, view

from medconsent.client import Client, Nouns
from medconsent.errors import (
    Conflict,
    NotFound,
    Refused,
    Unreachable,
)
from medconsent.fabric.channel import Channel
from medconsent.fabric.flow import Blocking
from medconsent.fabric.identity import PrivateKeySigner, checked
from medconsent.nouns.receipts import ReleaseCheck
from medconsent.nouns.release import Fetched
from medconsent.release.delivery import Delivery
from medconsent.release.judging import Receipt
from medconsent.release.signing import HEADER, Request, sign
from medconsent.release.stored import Archive
from medconsent.services.release.listening import configured
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
    """A person at their computer."""

    folder: Path
    enrollment_id: str
    institution: str = "nuri"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def name(self) -> str:
        return f"{self.institution}/{self.enrollment_id}"

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

    def contract(self, function: str, argument: dict[str, Any]) -> Any:
        """What who fetches is told by their own peer, as the contract writes it."""
        state = "active" if self.permitted else "revoked"
        granted = copy.deepcopy(GRANT_RECORD)
        granted["record"]["id"] = GRANT
        granted["record"]["body"] |= {"version": 1}
        view_ = {"grant": granted, "state": state}
        record = self.record
        content = {"root": record.content.root, "files": record.files.count, "bytes": record.files.bytes}
        archive = view(
            "archive", record.id, "hanbit", "final", dataset="hanbit/bc", version=1, version_digest="7" * 64,
            content=content, files=record.files.to_json(),
        )  # fmt: skip
        answers: dict[str, Any] = {
            "grant.get": view_,
            "grant.list": {"items": [view_] if argument.get("holder") == "nuri/kim" else [], "bookmark": ""},
            "archive.get": {"archive": archive, "newest": True},
        }
        return self.check(argument["receipt"]).to_json() if function == "release.check" else answers[function]

    def keys(self, institution: str, person: str, state: str) -> Iterator[Any]:
        assert state == "active"
        for one in self.people:
            if (one.institution, one.enrollment_id) == (institution, person):
                yield SimpleNamespace(fingerprint=one.kid, public_key=base64.b64encode(one.der).decode())

    def open(self, ask: Any) -> Any:
        if self.refuse:
            raise Refused("nothing is released", code="RELEASE_DENIED", details=[{"code": "X", "message": self.refuse}])
        if any((ask.files, ask.asked.at) == (one.files, one.asked.at) for one, _at in self.written.values()):
            raise Conflict("hanbit has used the name receipt-of/... already", code="CONFLICT")
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

    def client(self, who: Somebody | None = None) -> Nouns[Blocking]:
        who = who or self.kim
        who_, signer = identity(who.institution, who.enrollment_id, key=PrivateKeySigner(who.key))
        channel = Channel(BlockingFake(FakeGateway(self.ledger.contract)), who_, checked(who_, signer), "medconsent")
        return Nouns(channel, "medconsent", who.folder)

    def fetch(self, out: Path, who: Somebody | None = None, **how: Any) -> Fetched:
        return self.client(who).release.fetch("hanbit/bc", self.url, out, ca=self.ca, **how)

    def open(self, **how: Any) -> Delivery[Blocking]:
        return self.client().release.open("hanbit/bc", self.url, ca=self.ca, **how)

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
    config = configured(app, "127.0.0.1", 0, cert, key)
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
