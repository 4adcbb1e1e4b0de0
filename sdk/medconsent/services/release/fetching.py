"""Fetching what was granted: asks, opens, downloads side by side, checks everything, and writes it.

The owner's server is believed nothing. Which files there are, and what is in each of their segments, is compared with
the archive that one's own peer holds; what was decrypted with the content that the dataset's version has.
"""

import base64
import hashlib
import json
import queue
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3

from medconsent._internal.codec import Value
from medconsent.client import Client
from medconsent.contexts import Context
from medconsent.errors import (
    BY_CODE,
    ArchiveDiffers,
    DocumentError,
    HeaderRefused,
    MedconsentError,
    NotFound,
    NotSigned,
    Refused,
    ReleaseCut,
    ReleaseError,
    UnexpectedAnswer,
    Unreachable,
)
from medconsent.release import keys, leaves
from medconsent.release.container import MOST_HEADER_BYTES, SEALED, SessionKey, open_header
from medconsent.release.judging import MOST_FILES
from medconsent.release.leaves import ArchivedFile
from medconsent.release.receiving import PlainFile, RawFile, Sink, receive, within
from medconsent.release.signing import HEADER, Request, sign
from medconsent.values.grants import GrantView
from medconsent.values.releases import Archive, Ask

_PIECE = 1 << 18
_TRIES = 5
_PAUSE = 0.5  # seconds before a file is gone on with; doubled each time


@dataclass(frozen=True)
class Progress:
    """How far it is: files and bytes of plaintext, those that were there already among them."""

    files: int
    of_files: int
    bytes: int
    of_bytes: int


@dataclass(frozen=True)
class Fetched(Value):
    """What came of it.

    Attributes:
        dataset: The dataset.
        version: Its version.
        grant: The grant that it was fetched under.
        receipt: The receipt; empty when everything was there already.
        files: How many files were fetched.
        there: How many were there already, as the version has them.
        bytes: Bytes of plaintext that were fetched.
        content: The root of the version's content when the whole version is there now; empty otherwise.
    """

    dataset: str
    version: int
    grant: str
    receipt: str
    files: int
    there: int
    bytes: int
    content: str


class _Server:
    """The owner's server, asked in the name of a person."""

    def __init__(self, url: str, audience: str, context: Context, *, ca: Path | None, workers: int) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.netloc:
            raise DocumentError(f"{url!r} is no address of a release's server: it begins with https://")
        identity, self._signer = context.load()
        self._url, self._audience = f"https://{parts.netloc}", audience
        self._person = f"{context.institution}/{context.enrollment_id}"
        self._kid = _fingerprint(identity.certificate)
        trust = ssl.create_default_context(cafile=str(ca) if ca else None)
        self._pool = urllib3.PoolManager(
            maxsize=workers + 2, ssl_context=trust, retries=False, timeout=urllib3.Timeout(connect=10, read=60)
        )

    @property
    def person(self) -> str:
        """Who asks, as `nuri/kim`."""
        return self._person

    def close(self) -> None:
        """Leave no connection open."""
        self._pool.clear()

    @property
    def kid(self) -> str:
        """SHA-256 of their public key, in hex."""
        return self._kid

    def sign(self, message: bytes) -> bytes:
        """Their signature over a message, as their key signs transactions."""
        return self._signer.sign(message)

    def ask(self, method: str, target: str, body: Any = None) -> Any:
        """The JSON that is answered.

        Raises:
            MedconsentError: What the server says no with.
        """
        response = self._request(method, target, body, "", stream=False)
        try:
            return json.loads(response.data)
        except (ValueError, RecursionError) as error:
            raise UnexpectedAnswer(f"the server at {self._url} answers with something else than JSON") from error

    def read(self, target: str) -> bytes:
        """The bytes that are answered."""
        return self._request("GET", target, None, "", stream=False).data

    def stream(self, target: str, first: int) -> Iterator[bytes]:
        """The bytes of a body from one on, as they come.

        Raises:
            Unreachable: The connection ended before the body did.
        """
        response = self._request("GET", target, None, f"bytes={first}-" if first else "", stream=True)
        try:
            if first and response.status != 206:
                raise UnexpectedAnswer(f"the server at {self._url} does not go on where it is asked to")
            yield from response.stream(_PIECE)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(f"the server at {self._url} ended a transfer: {error}") from error
        finally:
            response.close()

    def _request(
        self, method: str, target: str, body: Any, byte_range: str, *, stream: bool
    ) -> urllib3.BaseHTTPResponse:
        text = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = Request(method, target, self._audience, byte_range)
        signature = sign(request, text, person=self._person, kid=self._kid, signer=self._signer)
        headers = {HEADER: signature, "Content-Type": "application/json"}
        if byte_range:
            headers["Range"] = byte_range
        try:
            response = self._pool.request(
                method, self._url + target, body=text or None, headers=headers, preload_content=not stream,
                redirect=False,
            )  # fmt: skip
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(
                f"the server of the release at {self._url} does not answer: {error}",
                hint="where its certificate is of an institution's own CA, name that CA's file (--ca FILE)",
            ) from error
        if response.status >= 300:
            raise _error(response, self._url)
        return response


class Fetching:
    """One fetch; `run` does it."""

    def __init__(
        self,
        client: Client,
        context: Context,
        dataset: str,
        url: str,
        out: Path,
        *,
        version: int | None = None,
        paths: Sequence[str] | None = None,
        grant: str | None = None,
        ca: Path | None = None,
        key: Path | None = None,
        raw: bool = False,
        workers: int = 4,
        progress: Callable[[Progress], None] = lambda _progress: None,
    ) -> None:
        """
        Args:
            client: Asks one's own peer.
            context: Whose identity signs, and whose delivery key opens.
            dataset: The dataset.
            url: The owner's server, as `https://release.hanbit.example:7443`.
            out: The folder that the files come to.
            version: The version; None: that of the grant.
            paths: The files; None: all of them.
            grant: The grant; None: the one of this dataset that is in force.
            ca: The file with the CA that the server's certificate is of; None: those that the system trusts.
            key: The file with the secret delivery key; None: the one in the context's folder.
            raw: Keep files encrypted, as Crypt4GH has them.
            workers: How many files are fetched side by side.
            progress: Told of how far it is, in the caller's thread.
        """
        owner = dataset.partition("/")[0]
        self._client, self._context, self._dataset, self._out = client, context, dataset, out
        self._version, self._paths, self._grant = version, paths, grant
        self._raw, self._workers, self._progress = raw, workers, progress
        self._server = _Server(url, owner, context, ca=ca, workers=workers)
        self._key = _delivery_key(context, key)
        self._stop = threading.Event()
        self._told: queue.SimpleQueue[int] = queue.SimpleQueue()

    def run(self) -> Fetched:
        """Fetch.

        Raises:
            NotFound: There is no grant, no archive or no such file.
            Refused: The contract says no, with its reasons.
            HeaderRefused: The keyholder says no, with its reasons.
            ReleaseCut: It was permitted and is not any more; what is there stays.
            DamagedCiphertext: What came is not what the ledger has.
            DiskFull: There is no room; run it again when there is.
            Unreachable: The owner's server, or one's own peer, does not answer.
        """
        with closing(self._server):
            return self._run()

    def _run(self) -> Fetched:
        grant = self._find_grant()
        archive = self._client.archives.get(self._dataset, version=grant.grant.version).archive
        every = self._list(archive, grant)
        chosen = self._chosen(every)
        todo = [file for file in chosen if self._raw or not self._is_there(file)]
        total = sum(file.size for file in chosen)
        there = total - sum(file.size for file in todo)
        self._progress(Progress(len(chosen) - len(todo), len(chosen), there, total))
        receipt = ""
        if todo:
            receipt = self._open(grant, archive, todo, whole=len(todo) == len(every))
            self._download(receipt, todo, Progress(len(chosen) - len(todo), len(chosen), there, total))
        content = archive.content.root if len(chosen) == len(every) and not self._raw else ""
        fetched = sum(file.size for file in todo)
        return Fetched(
            self._dataset, archive.version, grant.id, receipt, len(todo), len(chosen) - len(todo), fetched, content
        )

    def _find_grant(self) -> GrantView:
        if self._grant is not None:
            return self._client.grants.get(self._grant)
        seen: list[GrantView] = []
        for view in self._client.grants.iterate(holder=self._server.person, dataset=self._dataset):
            if view.state == "active" and self._version in (None, view.grant.version):
                return view
            seen.append(view)
        states = ", ".join(sorted({view.state for view in seen}))
        raise NotFound(
            f"{self._server.person} has no grant on {self._dataset} that is in force"
            + (f"; what there is, is: {states}" if states else ""),
            hint=f"ask for one: medconsent request submit {self._dataset}",
        )

    def _list(self, archive: Archive, grant: GrantView) -> list[ArchivedFile]:
        """The files of the archive, which are those of the ledger."""
        target = f"/release/v1/archives/{self._dataset}/{archive.version}/files?grant={grant.id}"
        lines = self._server.read(target).splitlines()
        try:
            every = [ArchivedFile.from_json(json.loads(line)) for line in lines]
        except (ValueError, AttributeError, RecursionError) as error:
            raise UnexpectedAnswer("the server's list of files cannot be read") from error
        if leaves.ordered(every) != every:
            raise ArchiveDiffers("the server's list of files is not in order")
        leaves.require_files(every, archive.files)
        if leaves.content_root(every) != archive.content.root:
            raise ArchiveDiffers("the archive on the ledger does not have the files of the version's content")
        return every

    def _chosen(self, every: list[ArchivedFile]) -> list[ArchivedFile]:
        if self._paths is None:
            return every
        wanted = set(self._paths)
        if odd := sorted(wanted - {file.path for file in every}):
            raise NotFound(f"{self._dataset} has no file {odd[0]!r}")
        return [file for file in every if file.path in wanted]

    def _is_there(self, file: ArchivedFile) -> bool:
        location = within(self._out, file.path)
        try:
            if location.is_symlink() or location.stat().st_size != file.size:
                return False
            with location.open("rb") as found:
                return hashlib.file_digest(found, "sha256").hexdigest() == file.sha256
        except OSError:
            return False

    def _open(self, grant: GrantView, archive: Archive, todo: list[ArchivedFile], *, whole: bool) -> str:
        """The receipt that was written for this; one's own peer has it too."""
        ask = Ask(grant.id, self._server.person, self._key.fingerprint, archive.id, leaves.whole(todo))
        signed = ask.signed(self._server.kid, self._server.sign, datetime.now(UTC))
        body = {**signed.to_json(), "paths": None if whole else [file.path for file in todo]}
        answer = self._server.ask("POST", "/release/v1/receipts", body)
        return str(answer["receipt"])

    def _download(self, receipt: str, todo: list[ArchivedFile], begun: Progress) -> None:
        done, got, complete = begun.files, begun.bytes, False
        try:
            headers = self._headers(receipt, todo)
            with ThreadPoolExecutor(self._workers) as pool:
                waiting = {pool.submit(self._one, receipt, file, headers[file.id]) for file in todo}
                try:
                    while waiting:
                        with suppress(TimeoutError):
                            for one in as_completed(waiting, timeout=0.5):
                                one.result()
                                waiting.discard(one)
                                done += 1
                                break
                        while not self._told.empty():
                            got += self._told.get()
                        self._progress(Progress(done, begun.of_files, min(got, begun.of_bytes), begun.of_bytes))
                except BaseException:
                    self._stop.set()
                    pool.shutdown(cancel_futures=True)
                    raise
            complete = True
        finally:
            # Should this fail, the server says by itself that it was aborted.
            with suppress(MedconsentError):
                self._server.ask("POST", f"/release/v1/receipts/{receipt}/close", {"complete": complete})

    def _headers(self, receipt: str, todo: list[ArchivedFile]) -> Mapping[str, bytes]:
        found: dict[str, bytes] = {}
        for start in range(0, len(todo), MOST_FILES):
            some = todo[start : start + MOST_FILES]
            body = {
                "delivery": base64.b64encode(self._key.public).decode(),
                "files": [file.id for file in some],
            }
            answer = self._server.ask("POST", f"/release/v1/receipts/{receipt}/headers", body)
            for file, header in zip(some, answer["headers"], strict=True):
                found[file.id] = base64.b64decode(header)
                if len(found[file.id]) > MOST_HEADER_BYTES:
                    raise UnexpectedAnswer(f"the header of {file.path!r} is too long")
        return found

    def _one(self, receipt: str, file: ArchivedFile, header: bytes) -> None:
        """One file; after a connection that ended it is gone on with, unless it was cut."""
        key = open_header(header, self._key.secret)
        target = f"/release/v1/receipts/{receipt}/files/{quote(file.id)}"
        digests = self._server.read(f"{target}/segments")
        for attempt in range(_TRIES):
            try:
                self._transfer(f"{target}/body", file, header, key, digests)
                return
            except Unreachable:
                self._refuse_if_cut(receipt)
                if attempt == _TRIES - 1 or self._stop.wait(_PAUSE * 2**attempt):
                    raise
            except HeaderRefused as error:
                raise ReleaseCut(
                    f"the release was ended while it ran: {_sentence(error.details)}",
                    hint="what has arrived stays; it goes on when a grant permits it again",
                ) from error

    def _transfer(self, target: str, file: ArchivedFile, header: bytes, key: SessionKey, digests: bytes) -> None:
        sink: Sink = RawFile(self._out, file, header) if self._raw else PlainFile(self._out, file, key)
        with sink:
            first = sink.first * SEALED
            self._told.put(min(sink.first * 65_536, file.size))
            pieces = self._server.stream(target, first) if first < file.ciphertext_size else iter(())
            for size in receive(file, digests, sink, pieces):
                self._told.put(size)
                if self._stop.is_set():
                    raise Unreachable("it was stopped")

    def _refuse_if_cut(self, receipt: str) -> None:
        """See whether the connection ended because the transfer was cut.

        Raises:
            ReleaseCut: It was.
        """
        if self._stop.is_set():
            return
        try:
            reasons = self._server.ask("GET", f"/release/v1/receipts/{receipt}").get("cut")
        except NotFound:
            reasons = [one.to_json() for one in self._client.receipts.check(receipt).reasons]
        except Unreachable:
            return
        if reasons:
            raise ReleaseCut(
                f"the release was ended while it ran: {_sentence(reasons)}",
                hint="what has arrived stays; it goes on when a grant permits it again",
            )


def fetch(client: Client, context: Context, dataset: str, url: str, out: Path, **how: Any) -> Fetched:
    """Fetch what was granted, as `Fetching` has it."""
    return Fetching(client, context, dataset, url, out, **how).run()


def _delivery_key(context: Context, given: Path | None) -> keys.SecretKey:
    path = given or context.folder / keys.DELIVERY
    if given is None and not path.exists():
        raise ReleaseError(
            f"there is no delivery key in the context {context.name}",
            hint="`medconsent release key` makes one; it stands on the ledger before the request is stated",
        )
    return keys.load(path)


def _fingerprint(certificate: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    der = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def _sentence(reasons: Sequence[Any]) -> str:
    return "; ".join(str(one.get("message", one)) if isinstance(one, Mapping) else str(one) for one in reasons)


def _error(response: urllib3.BaseHTTPResponse, url: str) -> MedconsentError:
    """The error that the server's answer stands for."""
    try:
        told = json.loads(response.data)["error"]
        code, message = str(told["code"]), str(told["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Unreachable(f"the server of the release at {url} answers {response.status}")
    hint, details = str(told.get("hint", "")), told.get("details", [])
    details = details if isinstance(details, list) else []
    if code == HeaderRefused.code:
        return HeaderRefused(message, details=details, hint=hint)
    for kind in (NotSigned, ArchiveDiffers, ReleaseCut, Unreachable):
        if code == kind.code:
            return kind(message, hint=hint)
    if code in BY_CODE:
        return BY_CODE[code](message, hint=hint, details=details, code=code)
    return Refused(message, hint=hint, details=details, code=code)
