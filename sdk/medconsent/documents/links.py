"""Documents that a policy binds by hash: whether what stands behind their links today is still what was accepted.

A link was written by some institution and leads anywhere. So it is fetched only when somebody asks, without anybody's
credentials, and what comes back is hashed and dropped.
"""

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from medconsent._internal.codec import Value
from medconsent.values.policies import Policy

if TYPE_CHECKING:
    import requests

MOST_BYTES = 50 << 20
REDIRECTIONS = 5
SILENCE = 10.0
"""Seconds without a byte."""
PATIENCE = 120.0
"""Seconds for a whole document."""


@dataclass(frozen=True)
class LinkedDocument(Value):
    """A document that a policy names, and the SHA-256 (lower-case hex) of the bytes that it means."""

    title: str
    url: str
    sha256: str


@dataclass(frozen=True)
class LinkCheck(Value):
    """What stands behind a link now.

    Attributes:
        document: What the policy binds.
        state: `same`, `changed` or `unreachable`.
        found: The SHA-256 (lower-case hex) of what came back.
        why: What was wrong when nothing did.
    """

    document: LinkedDocument
    state: str
    found: str | None = None
    why: str | None = None


def documents_of(policy: Policy) -> tuple[LinkedDocument, ...]:
    """The terms of a policy and its attachments."""
    terms = [LinkedDocument("terms", policy.terms.url, policy.terms.sha256)] if policy.terms else []
    return (*terms, *(LinkedDocument(it.title, it.url, it.sha256) for it in policy.attachments))


def check_link(document: LinkedDocument) -> LinkCheck:
    """Fetch a document and compare its bytes with its hash.

    At most 50 MiB are read and five redirections followed, in two minutes. Certificates are verified, against
    `REQUESTS_CA_BUNDLE` where the environment has it.
    """
    try:
        found = _sha256(document.url)
    except _NotFetchedError as problem:
        return LinkCheck(document, "unreachable", why=str(problem))
    return LinkCheck(document, "same" if found == document.sha256 else "changed", found=found)


class _NotFetchedError(Exception):
    pass


def _sha256(url: str) -> str:
    import requests  # noqa: PLC0415  (takes a while to load, and few need it)
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    # Compressed on the way only if the server insists: what is hashed is what was compressed.
    headers = {"Accept-Encoding": "identity"}
    try:
        # Followed here: requests takes credentials out of .netrc for the host that it is led to.
        for _ in range(REDIRECTIONS + 1):
            with requests.get(
                url, headers=headers, auth=_nobody, timeout=SILENCE, stream=True, allow_redirects=False
            ) as answer:
                if not answer.is_redirect:
                    return _digest(answer)
                url = urljoin(url, answer.headers["Location"])
    except (requests.RequestException, HTTPError, ValueError) as error:
        raise _NotFetchedError(f"it could not be fetched ({type(error).__name__})") from None
    raise _NotFetchedError(f"it leads on more than {REDIRECTIONS} times")


def _nobody(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    """Instead of the credentials that .netrc has for the host."""
    return request


def _digest(answer: "requests.Response") -> str:
    if not answer.ok:
        raise _NotFetchedError(f"it answers {answer.status_code}")
    digest, size, until = hashlib.sha256(), 0, time.monotonic() + PATIENCE
    # What has come, and not so many bytes: a server that sends one now and then would be waited for without end.
    while part := answer.raw.read1(64 << 10, decode_content=True):
        digest.update(part)
        size += len(part)
        if size > MOST_BYTES:
            raise _NotFetchedError(f"it has more than {MOST_BYTES >> 20} MiB")
        if time.monotonic() > until:
            raise _NotFetchedError(f"it had not come whole after {PATIENCE:.0f} s")
    return digest.hexdigest()
