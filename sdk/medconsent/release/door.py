"""The owner's server, as whoever fetches asks it: every request is signed, and what it answers is believed nothing."""

import hashlib
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import urllib3
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from medconsent.errors import (
    BY_CODE,
    ArchiveDiffers,
    DocumentError,
    HeaderRefused,
    MedconsentError,
    NotSigned,
    Refused,
    ReleaseCut,
    ReleaseError,
    UnexpectedAnswer,
    Unreachable,
)
from medconsent.fabric.identity import Identity, PrivateKeySigner, Signer, in_memory
from medconsent.release.signing import HEADER, Request, sign

_PIECE = 1 << 18


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        person: As `nuri/kim`.
        kid: SHA-256 of their public key, in hex.
        signer: Their key.
    """

    person: str
    kid: str
    signer: PrivateKeySigner

    @classmethod
    def of(cls, identity: Identity, signer: Signer) -> Self:
        """The person with this identity.

        Args:
            identity: Whose certificate it is.
            signer: Its key, in memory.

        Raises:
            ReleaseError: Their key is in a program of one's own: requests cannot be signed with it.
        """
        own = in_memory(signer)
        if own is None:
            raise ReleaseError("requests for data are signed by a `PrivateKeySigner`, and this is another signer")
        der = identity.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(f"{identity.msp_id}/{identity.common_name}", hashlib.sha256(der).hexdigest(), own)


class Door:
    """The owner's server, asked in the name of a person; may be used from several threads."""

    def __init__(
        self, url: str, audience: str, caller: Caller, *, ca: Path | None = None, connections: int = 4
    ) -> None:
        """
        Args:
            url: Where it is, as `https://release.hanbit.example:7443`.
            audience: The institution whose server it is.
            caller: Who asks.
            ca: The file with the CA that its certificate is of; None: those that the system trusts.
            connections: How many are kept open at once.

        Raises:
            DocumentError: That is no such address, or the CA's file cannot be used.
        """
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.netloc:
            raise DocumentError(f"{url!r} is no address of a release's server: it begins with https://")
        self.caller = caller
        self._url, self._audience = f"https://{parts.netloc}", audience
        try:
            trust = ssl.create_default_context(cafile=str(ca) if ca else None)
        except (OSError, ssl.SSLError) as error:
            raise DocumentError(f"the CA of the release's server cannot be read from {ca}: {error}") from error
        self._pool = urllib3.PoolManager(
            maxsize=connections + 2, ssl_context=trust, retries=False, timeout=urllib3.Timeout(connect=10, read=60)
        )

    def close(self) -> None:
        """Leave no connection open."""
        self._pool.clear()

    def ask(self, method: str, target: str, body: Any = None) -> Any:
        """The JSON that is answered.

        Args:
            method: The HTTP method.
            target: The path at the server, with its query.
            body: What is sent as JSON; None sends nothing.

        Raises:
            MedconsentError: What the server says no with.
        """
        response = self._request(method, target, body, "", stream=False)
        try:
            return json.loads(response.data)
        except (ValueError, RecursionError) as error:
            raise UnexpectedAnswer(f"the server at {self._url} answers with something else than JSON") from error

    def read(self, target: str, body: Any = None) -> bytes:
        """The bytes that are answered, to a `POST` where there is a body.

        Args:
            target: The path at the server, with its query.
            body: What is sent as JSON; None sends nothing.
        """
        return self._request("GET" if body is None else "POST", target, body, "", stream=False).data

    def stream(self, target: str, begin: int, end: int, size: int) -> Iterator[bytes]:
        """The bytes of a body from `begin` to `end`, as they come.

        Args:
            target: Which body.
            begin: The first byte.
            end: The one after the last.
            size: How many it has.

        Raises:
            Unreachable: The connection ended before they were all there.
        """
        whole = (begin, end) == (0, size)
        response = self._request("GET", target, None, "" if whole else f"bytes={begin}-{end - 1}", stream=True)
        try:
            if not whole and response.status != 206:
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
        request, caller = Request(method, target, self._audience, byte_range), self.caller
        signature = sign(request, text, person=caller.person, kid=caller.kid, signer=caller.signer)
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
