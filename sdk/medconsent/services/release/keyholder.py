"""The keyholder: holds an archive's key, and gives headers for what a receipt on its own peer says.

It listens at a Unix socket. Whoever asks is not believed: not what the receipt is, nor what is in it.
"""

import base64
import binascii
import os
import socket
import socketserver
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from medconsent.errors import MedconsentError, ReleaseError
from medconsent.private_files import private_folder
from medconsent.release import container
from medconsent.release.headers import HeaderStore
from medconsent.release.journal import Journal
from medconsent.release.judging import MOST_FILES, REASONS, Reason, Receipt, Wanted, judge
from medconsent.release.keys import SecretKey, check_public, create, fingerprint, load
from medconsent.release.leaves import ArchivedFile, Place
from medconsent.services.release import wire

KEY, SOCKET = "archive.sec", "keyholder.sock"
_PATIENCE = 10.0  # seconds that a client may say nothing
_AT_ONCE = 32  # connections


class Keyholder:
    """Decides. It may be asked from several threads."""

    def __init__(
        self,
        folder: Path,
        institution: str,
        facts: Callable[[str], Receipt],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """
        Args:
            folder: Where its key, its headers and its journal are.
            institution: Its institution.
            facts: What its own peer holds of a receipt now.
            clock: The time.

        Raises:
            DocumentError: The key cannot be read.
            ReleaseError: Another file cannot be used.
        """
        self._institution, self._facts, self._clock = institution, facts, clock
        self._key = load(folder / KEY)
        self._headers = HeaderStore(folder)
        self._journal = Journal(folder)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the archive's public key, in hex."""
        return self._key.fingerprint

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """What is said to somebody who asks: `headers`, or why there are none (`refused`)."""
        try:
            receipt, delivery, files = _read(message)
        except (MedconsentError, ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            return _refused([Reason("MALFORMED", "what was asked cannot be read")])
        if not 0 < len(files) <= MOST_FILES:
            return _refused([Reason("TOO_MANY_FILES", REASONS["TOO_MANY_FILES"])])
        try:
            held = self._facts(receipt)
        except MedconsentError as error:
            # No answer is no: what is missing denies.
            return _refused([Reason(error.code, f"one's own peer says nothing that counts: {error.message}")])
        return self._decide(held, delivery, files)

    def _decide(self, held: Receipt, delivery: bytes, files: list[tuple[ArchivedFile, Place]]) -> dict[str, Any]:
        found = [file.leaf for file, _place in files]
        try:
            given = self._journal.given(held.id, found)
            wanted = Wanted(fingerprint(delivery), files)
            against = judge(held, wanted, own=self._institution, now=self._clock(), given=given)
            if against:
                return _refused(against)
            # Made before they count as given, and given after that is on the disk.
            sender = container.Sender(delivery)
            headers = [sender.header(container.open_header(one, self._key.secret)) for one in self._headers.get(found)]
            if not self._journal.take(held.id, found):
                return _refused([Reason("HEADER_GIVEN", REASONS["HEADER_GIVEN"])])
        except ReleaseError as error:
            return _refused([Reason(error.code, error.message)])
        return {"headers": [base64.b64encode(header).decode() for header in headers]}

    def close(self) -> None:
        """Close its files."""
        self._headers.close()
        self._journal.close()


class Server:
    """Answers at a Unix socket while the body of the `with` statement runs."""

    def __init__(self, keyholder: Keyholder, path: Path, *, mode: int = 0o660) -> None:
        """
        Args:
            keyholder: Who decides.
            path: The socket; one that nobody listens at any more is replaced.
            mode: Its permissions: the server of the release is another user, of the same group.

        Raises:
            ReleaseError: Somebody listens there, or it cannot be made.
        """
        slots = threading.BoundedSemaphore(_AT_ONCE)

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with slots:
                    self.request.settimeout(_PATIENCE)
                    try:
                        while (message := wire.receive(self.request)) is not None:
                            wire.send(self.request, keyholder.answer(message))
                    except (OSError, ReleaseError):
                        return

        class Listening(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True
            request_queue_size = 64

        _clear(path)
        before = os.umask(0o777 & ~mode)
        try:
            self._server = Listening(str(path), Handler)
        except OSError as error:
            raise ReleaseError(f"the socket {path} cannot be made: {error.strerror or error}") from error
        finally:
            os.umask(before)
        self._path = path

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


def key_of(folder: Path) -> SecretKey:
    """The archive's key, made when there is none.

    Args:
        folder: The keyholder's folder; made when it is not there.
    """
    private_folder(folder)
    path = folder / KEY
    return load(path) if path.exists() else create(path)


def _read(message: dict[str, Any]) -> tuple[str, bytes, list[tuple[ArchivedFile, Place]]]:
    receipt = message["receipt"]
    if not isinstance(receipt, str) or len(receipt) != 64:
        raise ValueError("no whole id of a receipt")
    delivery = check_public(base64.b64decode(message["delivery"], validate=True))
    files = [(ArchivedFile.from_json(one["file"]), Place.from_json(one["place"])) for one in message["files"]]
    return receipt, delivery, files


def _refused(reasons: list[Reason]) -> dict[str, Any]:
    return {"refused": [reason.to_json() for reason in reasons]}


def _clear(path: Path) -> None:
    """Take away a socket that nobody listens at.

    Raises:
        ReleaseError: Somebody does.
    """
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise ReleaseError(f"a keyholder listens at {path} already")
