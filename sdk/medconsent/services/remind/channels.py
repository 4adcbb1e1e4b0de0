"""Where a digest goes: a log, a webhook, a mail.

Each raises `NotDelivered` when it could not be told; what it says names no more of a webhook's address than its host,
because the rest is often a secret.
"""

import json
import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, TextIO
from urllib.parse import urlsplit

from medconsent import times
from medconsent.desk.reminders import Digest
from medconsent.errors import MedconsentError

TIMEOUT = 20.0
"""Seconds to wait for a webhook or a mail server."""


class NotDelivered(MedconsentError):  # noqa: N818
    """A channel did not take a digest; it is tried again the next time."""


class Channel(Protocol):
    """A way to tell a digest; `name` is what it is remembered by."""

    @property
    def name(self) -> str: ...

    def send(self, digest: Digest) -> None:
        """Tell it.

        Raises:
            NotDelivered: It could not be told.
        """


@dataclass(frozen=True)
class Log:
    """Lines at the end of a file, or on a stream."""

    target: Path | TextIO

    @property
    def name(self) -> str:
        return f"log {self.target.resolve()}" if isinstance(self.target, Path) else "log -"

    def send(self, digest: Digest) -> None:
        at = times.format_time(digest.at)
        text = "".join(f"{at} {digest.institution} {line}\n" for line in digest.lines())
        try:
            if isinstance(self.target, Path):
                with self.target.open("a", encoding="utf-8") as stream:
                    stream.write(text)
            else:
                self.target.write(text)
                self.target.flush()
        except OSError as error:
            raise NotDelivered(f"the log cannot be written: {error.strerror}") from error


@dataclass(frozen=True)
class Webhook:
    """A POST of the digest as JSON; any answer but 2xx, a redirection too, is a failure."""

    url: str

    @property
    def name(self) -> str:
        # The store is as private as the contexts are, but an address may be a secret all the same.
        import hashlib  # noqa: PLC0415

        return f"webhook {self._host} {hashlib.sha256(self.url.encode()).hexdigest()[:16]}"

    @property
    def _host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def send(self, digest: Digest) -> None:
        import requests  # noqa: PLC0415  (takes a while to load, and few need it)

        body = {"text": "\n".join([digest.title, *digest.lines()]), **digest.to_json()}
        try:
            answer = requests.post(
                self.url,
                data=json.dumps(body, ensure_ascii=False).encode(),
                headers={"Content-Type": "application/json"},
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError) as error:
            raise NotDelivered(
                f"the webhook at {self._host} was not reached ({type(error).__name__})",
                hint="it is tried again the next time",
            ) from None  # the error's own words have the whole address
        if not 200 <= answer.status_code < 300:
            raise NotDelivered(
                f"the webhook at {self._host} answered {answer.status_code}", hint="it is tried again the next time"
            )


@dataclass(frozen=True)
class Mail:
    """A mail in plain text, over STARTTLS where the server offers it; a certificate that does not hold is a failure."""

    to: str
    sender: str
    host: str
    port: int

    @property
    def name(self) -> str:
        return f"mail {self.to}"

    def send(self, digest: Digest) -> None:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = digest.title, self.sender, self.to
        message.set_content("\n".join([*digest.lines(), ""]))
        try:
            # Not `with SMTP`: whatever ends it early, Ctrl-C too, it says QUIT first, and the answer to that (another
            # command's, mostly) is an error that takes the place of what happened.
            with closing(smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)) as server:
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=ssl.create_default_context())
                    server.ehlo()
                server.send_message(message)
                with suppress(OSError, smtplib.SMTPException):  # it is delivered
                    server.quit()
        except (OSError, smtplib.SMTPException) as error:
            raise NotDelivered(
                f"the mail server at {self.host}:{self.port} did not take the mail: {error}",
                hint="it is tried again the next time",
            ) from error
