"""What faces the network. It opens receipts for those who have signed that they ask, and sends ciphertext: no key.

Every request is signed (`medconsent.release.signing`). Files are called by their leaves, never by a path.
"""

import base64
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from medconsent.client import Client
from medconsent.errors import (
    ArchiveDiffers,
    HeaderRefused,
    MedconsentError,
    NotFound,
    NotSigned,
    Refused,
    ReleaseCut,
    Unreachable,
)
from medconsent.nouns.receipts import Outcome
from medconsent.release.judging import MOST_FILES
from medconsent.release.signing import HEADER, MOST_BODY, Verifier
from medconsent.release.stored import Archive
from medconsent.release.visas import KEY_SET, read_key_set
from medconsent.services.release import wire
from medconsent.services.release.drs import DRS, Drs, drs_error
from medconsent.services.release.kept import Kept
from medconsent.services.release.ledger import Keys, said
from medconsent.services.release.listening import CUT
from medconsent.services.release.transfers import IDLE, Transfer, Transfers, sentence
from medconsent.values.releases import Archive as ArchiveRecord
from medconsent.values.releases import Ask

_CHUNK = 1 << 18


class Server:
    """The application and what it works with."""

    def __init__(
        self,
        client: Client,
        archives: list[Path],
        keyholder: Path,
        *,
        idle: float = IDLE,
        key_set: Path | None = None,
    ) -> None:
        """
        Args:
            client: Acts with the role `gateway`.
            archives: Folders with archives: each is one, or has some in it. Those that come later are found.
            keyholder: The keyholder's socket.
            idle: Seconds after which a receipt that nobody fetches under is closed.
            key_set: The file with the public keys of the institution's visas, read at each request.

        Raises:
            DocumentError: A folder is none and has none in it; or the key set is none.
            ArchiveDiffers: One is damaged.
        """
        self._client, self._keyholder, self._key_set = client, keyholder, key_set
        self._kept = Kept(archives)
        if key_set is not None:
            read_key_set(key_set)
        self._verifier = Verifier(client.institution, Keys(client))
        self.transfers = Transfers(client.receipts.check, self._close, idle=idle)
        drs = Drs(client.institution, self.transfers)
        self.app = Starlette(
            routes=[
                Route("/release/v1/archives/{owner}/{slug}/{version:int}/files", self._signed(self._files)),
                Route("/release/v1/receipts", self._signed(self._open), methods=["POST"]),
                Route("/release/v1/receipts/{receipt}", self._signed(self._show)),
                Route("/release/v1/receipts/{receipt}/headers", self._signed(self._headers), methods=["POST"]),
                Route("/release/v1/receipts/{receipt}/segments", self._signed(self._many_segments), methods=["POST"]),
                Route("/release/v1/receipts/{receipt}/close", self._signed(self._done), methods=["POST"]),
                Route("/release/v1/receipts/{receipt}/files/{file}/segments", self._signed(self._segments)),
                Route("/release/v1/receipts/{receipt}/files/{file}/body", self._signed(self._body)),
                Route(KEY_SET, self._keys),
                Route(f"{DRS}/service-info", drs.info),
                Route(f"{DRS}/objects/{{file}}", self._signed(drs.object)),
                Route(f"{DRS}/objects/{{file}}/access/{{receipt}}", self._signed(drs.access)),
            ],
            exception_handlers={MedconsentError: _told, HTTPException: _plain},
        )

    def settle(self) -> int:
        """Say of receipts that an earlier run left open that they were aborted, and how many there were.

        They are those that this identity opened: another server of the institution, which has an identity of its own,
        may still send under others. How much had left is not known any more, so everything is said to have: more may be
        said than was, never less.
        """
        receipts = self._client.receipts
        left = [
            view.receipt
            for state in ("open", "unsettled")
            for view in receipts.iterate(owner=self._client.institution, state=state)
            if view.receipt.changes[0].by.id == self._client.enrollment_id
        ]
        for record in left:
            why = "the server ended; all of it may have left"
            receipts.close(record.id, "aborted", sent=record.files.bytes, reason=why)
        return len(left)

    def _close(self, transfer: Transfer, outcome: Outcome, reason: str) -> None:
        self._client.receipts.close(transfer.receipt, outcome, sent=transfer.sent, reason=reason or None)

    def _signed(
        self, endpoint: Callable[[Request, str, bytes], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint that is told who asks, after that was verified."""

        async def verified(request: Request) -> Response:
            body = await _bounded(request)
            target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            who = await run_in_threadpool(
                self._verifier.verify,
                request.headers.get(HEADER, ""),
                "GET" if request.method == "HEAD" else request.method,
                target,
                request.headers.get("range", ""),
                body,
            )
            return await endpoint(request, who, body)

        return verified

    def _archive(self, record: ArchiveRecord) -> Archive:
        """The archive on disk that the ledger means.

        Raises:
            ArchiveDiffers: There is none.
        """
        found = self._kept.find(record.dataset, record.files)
        if found is not None:
            return found
        raise ArchiveDiffers(
            f"the archive of {record.dataset} that stands on the ledger is not kept by this server",
            hint="its owner serves the folder that `medconsent release archive` made (medconsent release serve)",
        )

    async def _files(self, request: Request, who: str, _body: bytes) -> Response:
        """The list of an archive's files, for somebody who holds a grant on it."""
        dataset = f"{request.path_params['owner']}/{request.path_params['slug']}"
        grant = request.query_params.get("grant", "")

        def find() -> Archive:
            view = self._client.grants.get(grant)
            record = self._client.archives.get(dataset, version=request.path_params["version"]).archive
            holders = {f"{view.grant.institution}/{one}" for one in view.grant.grantees}
            if view.state != "active" or view.grant.dataset != dataset or who not in holders:
                raise NotFound(f"{who} has no grant {grant[:12]} on {dataset} that is in force")
            return self._archive(record)

        archive = await run_in_threadpool(find)
        text = "".join(json.dumps(file.to_json(), ensure_ascii=False) + "\n" for file in archive.files)
        return Response(text.encode(), media_type="application/x-ndjson")

    async def _open(self, _request: Request, who: str, body: bytes) -> Response:
        """Write the receipt of what somebody has signed that they ask for."""
        asked = _object(body)
        paths = asked.get("paths")
        if paths is not None and not (isinstance(paths, list) and all(isinstance(path, str) for path in paths)):
            raise ArchiveDiffers("`paths` is a list of the files' paths")
        ask = Ask.from_json(asked)
        if ask.person != who:
            raise NotSigned(f"{who} asks in the name of {ask.person}")
        if ask.asked is None:
            raise NotSigned("the ask itself is not signed")

        def open_() -> tuple[Transfer, int]:
            view = self._client.grants.get(ask.grant)
            archive = self._archive(self._client.archives.get(view.grant.dataset, version=view.grant.version).archive)
            chosen, places, files = archive.chosen(paths)
            if ask.files != files:
                raise ArchiveDiffers("what was signed for are other files than these paths")
            written = self._client.receipts.open(ask)
            known = {file.id: (file, place) for file, place in zip(chosen, places, strict=True)}
            transfer = Transfer(written.answer.id, who, archive, known)
            self.transfers.add(transfer)
            return transfer, written.block

        transfer, block = await run_in_threadpool(open_)
        return JSONResponse({"receipt": transfer.receipt, "block": block}, status_code=201)

    async def _headers(self, request: Request, who: str, body: bytes) -> Response:
        """Headers for the receipt's delivery key; the keyholder decides."""
        transfer, asked = self.transfers.of(who, request.path_params["receipt"]), _object(body)
        ids = asked.get("files")
        if not isinstance(ids, list) or not 0 < len(ids) <= MOST_FILES or not all(one in transfer.files for one in ids):
            raise ArchiveDiffers("these are not files of the receipt, or too many at once")
        files = [transfer.files[one] for one in ids]
        message = {
            "receipt": transfer.receipt,
            "delivery": asked.get("delivery"),
            "files": [{"file": file.to_json(), "place": place.to_json()} for file, place in files],
        }
        answer = await run_in_threadpool(wire.ask, self._keyholder, message)
        transfer.count(sum(len(base64.b64decode(header)) for header in answer["headers"]))
        return JSONResponse({"headers": answer["headers"]})

    async def _many_segments(self, request: Request, who: str, body: bytes) -> Response:
        """The SHA-256 of the segments of several small files, one after the other."""
        transfer, ids = self.transfers.of(who, request.path_params["receipt"]), _object(body).get("files")
        if not isinstance(ids, list) or not 0 < len(ids) <= MOST_FILES or not all(one in transfer.files for one in ids):
            raise ArchiveDiffers("these are not files of the receipt, or too many at once")
        paths = [transfer.archive.segments(transfer.files[one][0]) for one in ids]

        def read() -> bytes:
            if sum(path.stat().st_size for path in paths) > MOST_BODY:
                raise ArchiveDiffers("these files have too many segments to ask for them at once")
            return b"".join(path.read_bytes() for path in paths)

        return Response(await run_in_threadpool(read), media_type="application/octet-stream")

    async def _segments(self, request: Request, who: str, _body: bytes) -> Response:
        """The SHA-256 of a file's segments."""
        transfer = self.transfers.of(who, request.path_params["receipt"])
        file, _place = transfer.file(request.path_params["file"])
        text = await run_in_threadpool(transfer.archive.segments(file).read_bytes)
        return Response(text, media_type="application/octet-stream")

    async def _body(self, request: Request, who: str, _body: bytes) -> Response:
        """The ciphertext of a file, or a range of it."""
        transfer = self.transfers.of(who, request.path_params["receipt"])
        file, _place = transfer.file(request.path_params["file"])
        await run_in_threadpool(self.transfers.refresh, transfer)
        self._refuse_if_cut(transfer)
        first, last = _range(request.headers.get("range", ""), file.ciphertext_size)
        headers = {"Content-Length": str(last - first), "Accept-Ranges": "bytes"}
        status = 200
        if request.headers.get("range"):
            status = 206
            headers["Content-Range"] = f"bytes {first}-{max(first, last - 1)}/{file.ciphertext_size}"
        request.scope[CUT] = lambda: transfer.cut is not None
        pieces = self._pieces(transfer, transfer.archive.body(file), first, last)
        return StreamingResponse(pieces, status, headers, media_type="application/octet-stream")

    async def _pieces(self, transfer: Transfer, path: Path, first: int, last: int) -> AsyncIterator[memoryview]:
        transfer.begin()
        try:
            with await run_in_threadpool(path.open, "rb", buffering=0) as file:
                buffer = memoryview(bytearray(min(last - first, _CHUNK)))
                while first < last:
                    size = await _read(file.fileno(), buffer[: last - first], first)
                    # Looked at after the read and before anything of it leaves.
                    if transfer.cut is not None:
                        raise ReleaseCut("the transfer was cut")
                    if not size:
                        raise ReleaseCut("the file is shorter than it was")
                    first += size
                    transfer.count(size)
                    yield buffer[:size]
        finally:
            transfer.end()

    async def _show(self, request: Request, who: str, _body: bytes) -> Response:
        """How a receipt stands: whether it was cut, and why. Who asks uses it still."""
        transfer = self.transfers.of(who, request.path_params["receipt"])
        transfer.touch()
        return JSONResponse({"receipt": transfer.receipt, "sent": transfer.sent, "cut": transfer.cut})

    async def _done(self, request: Request, who: str, body: bytes) -> Response:
        """The person has everything, or does not go on."""
        transfer = self.transfers.of(who, request.path_params["receipt"])
        complete = _object(body).get("complete") is True and transfer.cut is None
        outcome: Outcome = "completed" if complete else "aborted"
        reason = "" if complete else sentence(transfer.cut) if transfer.cut else "who fetched did not go on"
        await run_in_threadpool(self.transfers.finish, transfer, outcome, reason)
        return JSONResponse({"receipt": transfer.receipt, "outcome": outcome, "sent": transfer.sent})

    async def _keys(self, _request: Request) -> Response:
        """The public keys of the institution's visas, for everybody."""
        if self._key_set is None:
            raise HTTPException(404, "this institution mints no visas")
        text = await run_in_threadpool(read_key_set, self._key_set)
        return Response(text, media_type="application/jwk-set+json")

    def _refuse_if_cut(self, transfer: Transfer) -> None:
        if transfer.cut is not None:
            raise HeaderRefused("nothing more is sent under this receipt", details=transfer.cut)


async def _read(descriptor: int, into: memoryview, at: int) -> int:
    """Read a piece of a file, and give how many bytes there were.

    What the kernel has in memory is taken at once, which costs less than a thread; a thread waits for a disk.
    """
    try:
        return os.preadv(descriptor, [into], at, os.RWF_NOWAIT)
    except OSError:
        return await run_in_threadpool(os.preadv, descriptor, [into], at)


async def _bounded(request: Request) -> bytes:
    """The body, when it is not too long.

    Raises:
        HTTPException: It is.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BODY:
            raise HTTPException(413, "the request is too long")
        parts.append(part)
    return b"".join(parts)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ArchiveDiffers("the request's body is no JSON object")
    return found


def _range(text: str, size: int) -> tuple[int, int]:
    """First byte and the one after the last, of one range (RFC 9110); several at once are not served.

    Raises:
        HTTPException: There is no such range.
    """
    if not text:
        return 0, size
    unit, _, span = text.partition("=")
    first, dash, last = span.partition("-")
    if unit.strip() != "bytes" or not dash or "," in span or not all(_digits(part) for part in (first, last)):
        raise HTTPException(416, "one range of bytes is served, as in bytes=0-99", {"Content-Range": f"bytes */{size}"})
    if not first:
        begin, end = max(0, size - int(last or 0)), size
    else:
        begin, end = int(first), min(size, int(last) + 1) if last else size
    if begin >= size or end <= begin:
        raise HTTPException(416, "the file has no such bytes", {"Content-Range": f"bytes */{size}"})
    return begin, end


def _digits(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) < 20)


def _status(error: MedconsentError) -> int:
    for kind, status in (
        (NotSigned, 401),
        (NotFound, 404),
        (HeaderRefused, 403),
        (Refused, 403),
        (ArchiveDiffers, 409),
        (Unreachable, 503),
    ):
        if isinstance(error, kind):
            return status
    return 500


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, MedconsentError)  # noqa: S101 - what it is registered for
    if request.url.path.startswith(DRS):
        return drs_error(_status(error), error.message)
    return JSONResponse(said(error), status_code=_status(error))


async def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    if request.url.path.startswith(DRS):
        return drs_error(error.status_code, error.detail)
    told: Mapping[str, Any] = {"error": {"code": "RELEASE", "message": error.detail}}
    return JSONResponse(told, status_code=error.status_code, headers=error.headers)
