"""What goes through the door, and what does not."""

import asyncio
import base64
import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3
from cryptography.hazmat.primitives.asymmetric import ec
from door_world import FILES, GRANT, Door

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
from medconsent.fabric.identity import PrivateKeySigner
from medconsent.release import keys
from medconsent.release.receiving import PlainFile
from medconsent.release.stored import body
from medconsent.services.release import server, transfers
from medconsent.values.releases import Ask


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


def slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the server take its time: what the kernels' buffers have taken has left, and they take megabytes at once."""
    real = server._read

    async def read(descriptor: int, into: memoryview, at: int) -> int:
        await asyncio.sleep(0.02)
        return await real(descriptor, into, at)

    monkeypatch.setattr(server, "_CHUNK", 65_536)
    monkeypatch.setattr(server, "_read", read)


def test_a_transfer_that_runs_is_cut_when_the_grant_ends(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_disk(monkeypatch)
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
    slow_disk(monkeypatch)
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
    [kept] = [archive for _at, archive in door.server._kept._known.values()]
    kept.files.pop(0)
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
    record, kim = door.ledger.record, door.kim
    delivery = keys.load(kim.folder / keys.DELIVERY).fingerprint
    ask = Ask(GRANT, kim.name, delivery, record.id, record.files)
    signed = ask.signed(kim.kid, PrivateKeySigner(kim.key).sign, datetime.now(UTC))
    body_ = json.dumps({**signed.to_json(), "paths": None}).encode()
    receipt = door.request("POST", "/release/v1/receipts", body=body_).json()["receipt"]
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


def test_drs_answers_are_those_of_ga4gh(door: Door) -> None:
    """What DRS 1.5's OpenAPI file requires: DrsObject, AccessMethod, AccessURL, Checksum, Error and service-info."""
    receipt, file = opened(door)
    base = "/ga4gh/drs/v1"
    info = door.request("GET", f"{base}/service-info").json()
    assert {"id", "name", "type", "organization", "version"} <= info.keys()
    assert (info["type"]["group"], info["type"]["artifact"]) == ("org.ga4gh", "drs")
    assert isinstance(info["maxBulkRequestLength"], int)
    found = door.request("GET", f"{base}/objects/{file}").json()
    assert {"id", "self_uri", "size", "created_time", "checksums", "access_methods"} <= found.keys()
    assert found["id"] == file
    assert found["self_uri"].startswith("drs://")
    assert re.fullmatch(r"[A-Za-z0-9._-]+", found["name"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["created_time"])
    assert all({"type", "checksum"} == one.keys() for one in found["checksums"])
    (method,) = found["access_methods"]
    assert method == {"type": "https", "access_id": receipt}
    access = door.request("GET", f"{base}/objects/{file}/access/{method['access_id']}").json()
    target = access["url"].removeprefix(door.url)
    assert len(door.request("GET", target).data) == found["size"]
    for missing, who, status in (
        (f"objects/{'0' * 64}", door.kim, 404),
        (f"objects/{file}/access/{receipt}", door.lee, 404),
    ):
        answer = door.request("GET", f"{base}/{missing}", who=who)
        assert (answer.status, answer.json().keys()) == (status, {"msg", "status_code"})
    with urllib3.PoolManager(ca_certs=str(door.ca), retries=False) as pool:
        unsigned = pool.request("GET", f"{door.url}{base}/objects/{file}")
    assert (unsigned.status, unsigned.json()["status_code"]) == (401, 401)
