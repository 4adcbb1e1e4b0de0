"""Bytes: what was granted arrives and fits, and after a revocation nothing leaves, what runs neither."""

import asyncio
import base64
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import urllib3
from fhir.resources.R4B.bundle import Bundle
from people import DIFFERS, REFUSED, UNREACHABLE, USAGE, Person
from releasing import Door, give_delivery_key, opened_door
from scenario import Cast

from medconsent import connect, connect_async
from medconsent.contexts import Contexts
from medconsent.errors import HeaderRefused, ReleaseCut
from medconsent.release import keys
from medconsent.release.door import Caller
from medconsent.release.receiving import PlainFile
from medconsent.release.visas import Issuer
from medconsent.services.release import wire
from medconsent.services.release.keyholder import Keyholder
from medconsent.services.release.ledger import facts
from medconsent.values.releases import Ask

FILES = {
    "table.csv": b"id,age\n1,50\n2,61\n",
    "images/one.bin": bytes(range(256)) * 1024,
    "images/영상 둘.bin": b"\x07" * 100_001,
    "large.bin": b"0123456789abcdef" * (1 << 20),
}


ISSUER = "https://release.hanbit.example:7443"


@pytest.fixture(scope="module")
def door(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("release")
    source = folder / "version"
    for path, content in FILES.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(content)
    cast.publish("bytes", source)
    give_delivery_key(cast)
    (folder / "jwks.json").write_bytes(Issuer.of(ISSUER, folder / "visa.key").key_set())
    with opened_door(cast, "hanbit/bytes", source, folder, "--key-set", str(folder / "jwks.json")) as made:
        yield made


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
    for more in (("--grant", grant), ()):
        refused = door.fetch(tmp_path / "late", *more, exit_code=REFUSED)
        assert "is revoked (grant.revoked" in refused.error["message"]
        assert "The study has ended." in refused.error["message"]
    assert not (tmp_path / "late").exists()
    assert len(door.receipts(grant=grant)) == 3

    events = Bundle.model_validate(door.kim.run("audit", "export", grant, "--fhir").json).entry
    assert [one.resource.outcome for one in events if one.resource.get_resource_type() == "AuditEvent"] == ["0"] * 3
    (agreement,) = door.kim.run("audit", "export", grant, "--odrl").json["@graph"]
    assert "odrl:permission" not in agreement
    assert "revoked" in agreement["sc:name"]


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
        client.release.fetch(door.dataset, door.url, tmp_path, paths=["large.bin"], grant=grant, ca=door.ca)
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
    with connect(Contexts(door.cast.people["hanbit/keyholder"].home).get()) as client:
        later = Keyholder(
            door.ca.parent / "keyholder",
            "hanbit",
            lambda receipt_id: facts(client, receipt_id),
            clock=lambda: datetime.now(UTC) + timedelta(minutes=10),
        )
        late = {
            "receipt": receipt.id,
            "delivery": base64.b64encode(delivery).decode(),
            "files": [{"file": chosen[0].to_json(), "place": places[0].to_json()}],
        }
        assert "RECEIPT_TOO_OLD" in {reason["code"] for reason in later.answer(late)["refused"]}
        later.close()
    door.revoke(grant)
    assert "GRANT_NOT_IN_FORCE" in ask(receipt.id, delivery)


def test_where_a_server_is_stands_on_the_ledger_and_gives_nothing(door: Door, tmp_path: Path) -> None:
    """Its operator says it. A false address is one that does not answer, or whose answers do not fit."""
    grant, operator = door.grant(), door.cast.people["hanbit/operator-1"]
    fetch = ("--json", "fetch", door.dataset, "table.csv", "--ca", str(door.ca), "--grant", grant, "--out")
    described = ("institution", "set", *door.cast.described("hanbit"))
    assert door.kim.run(*fetch, str(tmp_path / "0"), exit_code=REFUSED).error["code"] == "NOT_FOUND"
    try:
        operator.run(*described, "--release", door.url)
        operator.refused("CONFLICT", *described)  # what is left out stays, so this would change nothing
        assert door.kim.run("--json", "institution", "show", "hanbit").json["record"]["body"]["release"] == door.url
        door.kim.run(*fetch, str(tmp_path / "1"))
        assert (tmp_path / "1" / "table.csv").read_bytes() == FILES["table.csv"]
        operator.refused("INVALID", *described, "--release", "http://release.hanbit.example")
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            away = f"https://127.0.0.1:{nobody.getsockname()[1]}"
        operator.run(*described, "--release", away)
        door.kim.run(*fetch, str(tmp_path / "2"), exit_code=UNREACHABLE)
        assert not (tmp_path / "2").exists()
    finally:
        operator.run(*described, "--release", "")
    assert door.kim.run(*fetch, str(tmp_path / "3"), exit_code=REFUSED).error["code"] == "NOT_FOUND"
    door.revoke(grant)


def test_a_visa_is_what_a_check_says_now_and_opens_nothing(door: Door) -> None:
    """Minted at the owner's, verified by another library with the keys that the server shows to everybody."""
    grant, gateway = door.grant(), door.cast.people["hanbit/gateway"]
    folder = door.ca.parent
    mint = ("--json", "release", "visa", grant, "--issuer", ISSUER, "--key", str(folder / "visa.key"))
    token = gateway.run(*mint).json["token"]
    with urllib3.PoolManager(ca_certs=str(door.ca), retries=False) as pool:
        shown = pool.request("GET", f"{door.url}/.well-known/jwks.json")
        key = jwt.PyJWKSet.from_dict(json.loads(shown.data))[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(token, key, algorithms=["ES256"], issuer=ISSUER)
        assert (claims["sub"], claims["ga4gh_visa_v1"]["type"]) == ("nuri/kim", "ControlledAccessGrants")
        assert 0 < claims["exp"] - claims["iat"] <= 600
        bearing = {"Authorization": f"Bearer {token}"}
        asked = pool.request("GET", f"{door.url}/ga4gh/drs/v1/objects/{door.archive.files[0].id}", headers=bearing)
        assert asked.status == 401
    theirs = door.kim.run(*mint[:-1], str(door.kim.home / "own.key"), exit_code=USAGE)
    assert "its owner mints" in theirs.error["message"]
    assert gateway.run(*mint, "--person", "nuri/lee", exit_code=REFUSED).error["code"] == "NOT_FOUND"
    door.revoke(grant)
    assert gateway.run(*mint, exit_code=REFUSED).error["code"] == "RELEASE_DENIED"


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


def test_a_program_reads_without_a_copy_on_disk(door: Door) -> None:
    """The example, and the same awaited; a task that is cancelled leaves a receipt with its outcome, too."""
    grant = door.grant()
    example = Path(__file__).parents[2] / "examples" / "read_granted.py"
    environment = {**os.environ, "MEDCONSENT_HOME": str(door.kim.home)}
    ran = subprocess.run(
        [sys.executable, example, door.dataset, "table.csv", "age", door.url, str(door.ca)],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "55.5\n"), ran.stderr
    asyncio.run(_awaited(door, grant))
    states = sorted(one.state for one in door.receipts(grant=grant))
    assert states == ["aborted", "completed", "completed"]
    door.revoke(grant)


async def _awaited(door: Door, grant: str) -> None:
    async with connect_async(_context(door)) as client:
        opening = client.release.open(door.dataset, door.url, paths=["large.bin"], ca=door.ca, grant=grant)
        async with await opening as delivery:
            parts = [piece async for piece in delivery.pieces("large.bin")]
        assert b"".join(parts) == FILES["large.bin"]
        begun = asyncio.Event()

        async def train() -> None:
            opening = client.release.open(door.dataset, door.url, paths=["large.bin"], ca=door.ca, grant=grant)
            async with await opening as delivery:
                async for _piece in delivery.pieces("large.bin"):
                    begun.set()
                    await asyncio.sleep(60)

        training = asyncio.create_task(train())
        await asyncio.wait_for(begun.wait(), 30)
        training.cancel()
        with suppress(asyncio.CancelledError):
            await training


def test_everybody_sees_who_took_what(door: Door, tmp_path: Path) -> None:
    """Two fetches and a receipt that its program never closed: each list tells of them, at each institution."""
    grant = door.grant()
    door.fetch(tmp_path / "whole")
    time.sleep(1.1)  # what is of one second stands in no order of time
    door.fetch(tmp_path / "some", "table.csv")
    time.sleep(1.1)
    large, table = sum(len(one) for one in FILES.values()), len(FILES["table.csv"])
    gateway = door.cast.people["hanbit/gateway"]
    with connect(_context(door)) as client:
        record = client.archives.get(door.dataset).archive
        caller = Caller.of(*_context(door).load())
        delivery = keys.load(_context(door).folder / keys.DELIVERY).fingerprint
        ask = Ask(grant, "nuri/kim", delivery, record.id, record.files)
        signed = ask.signed(caller.kid, caller.signer.sign, datetime.now(UTC))
    (tmp_path / "ask.json").write_text(json.dumps(signed.to_json()))
    third = gateway.json("receipt", "open", str(tmp_path / "ask.json"))["id"]
    gateway.json("receipt", "close", third, "aborted", "--sent", "0", "--reason", "The disk was full.", "--yes")
    gateway.refused("DECIDED", "receipt", "close", third, "completed", "--sent", "7", "--yes")
    block = str(door.cast.heights()["hanbit"] - 1)
    for name in ("hanbit/steward", "nuri/kim", "saerom/e-1"):
        _sees(door.cast.people[name], door, grant, third, block, sizes=(large, table, large))
    door.revoke(grant)


def _sees(person: Person, door: Door, grant: str, third: str, block: str, *, sizes: tuple[int, ...]) -> None:
    listed = person.json("--wait-block", block, "receipt", "list", "--grant", grant)["items"]
    bodies = [one["receipt"]["record"]["body"] for one in listed]
    assert [one["state"] for one in listed] == ["aborted", "completed", "completed"]
    assert [body["files"]["bytes"] for body in bodies] == [*sizes]
    assert [body["sent"] > size for body, size in zip(bodies, sizes, strict=True)] == [False, True, True]
    assert {(body["person"]["id"], body["grant"]) for body in bodies} == {("kim", grant)}
    assert not any(one.get("unproven") for one in listed)
    shown = person.json("receipt", "show", third)
    assert (shown["state"], shown["receipt"]["record"]["changes"][-1]["note"]) == ("aborted", "The disk was full.")
    assert [one["id"] for one in person.json("grant", "show", grant)["receipts"]] == [one["id"] for one in listed]
    told = person.json("dataset", "status", door.dataset)
    assert told["released"]["aborted"] >= 1
    assert told["released"]["completed"] >= 2
    trail = person.json("audit", "trail", door.dataset, "--kind", "receipt")["entries"]
    mine = [one for one in trail if one["grant"] == grant]
    assert [one["action"] for one in mine] == [
        "receipt.created", "receipt.completed", "receipt.created", "receipt.completed", "receipt.created",
        "receipt.aborted",
    ]  # fmt: skip
    assert [one["bytes"] for one in mine[::2]] == [*reversed(sizes)]
    assert {(*one["people"], one["files"]) for one in mine} == {("nuri/kim", len(FILES)), ("nuri/kim", 1)}
    report = person.json("audit", "report", "--institution", "hanbit")["entries"]
    (entry,) = [one for one in report if one["dataset"] == door.dataset]
    (use,) = [one for one in entry["uses"] if one["grant"] == grant]
    assert [(one["person"], one["bytes"], one["state"], one["sent"]) for one in use["released"]] == [
        ("nuri/kim", size, one["state"], body["sent"]) for one, size, body in zip(listed, sizes, bodies, strict=True)
    ]
