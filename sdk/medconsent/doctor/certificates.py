"""Whether certificates hold, and for how long."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography import x509

from medconsent.doctor.findings import Finding, finding
from medconsent.times import format_time

SOON = timedelta(days=30)
"""What ends within that time is told before it does."""


def lasting(about: str, what: str, certificate: x509.Certificate, now: datetime, mend: str) -> Finding:
    """Whether a certificate holds now, and still for a while.

    Args:
        about: The part of the set-up, in a word, as `certificate`.
        what: The certificate, as the beginning of a sentence.
        certificate: The one that is looked at.
        now: The time that it has to hold at, with a time zone.
        mend: How a new one is got.
    """
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now < begins:
        clock = "is this machine's clock right? It begins later than now; otherwise wait, or " + mend
        return finding(about, "wrong", f"{what} holds from {format_time(begins)} on", clock)
    if ends <= now:
        return finding(about, "wrong", f"{what} ended at {format_time(ends)}", mend)
    if ends - now < SOON:
        return finding(about, "warning", f"{what} ends in {(ends - now).days} days, at {format_time(ends)}", mend)
    return finding(about, "ok", f"{what} holds until {format_time(ends)}")


def roots(about: str, what: str, pem: bytes | None, now: datetime, mend: str) -> Iterator[Finding]:
    """Whether each certificate of a file of roots holds; nothing where all do.

    Args:
        about: The part of the set-up, in a word.
        what: The file, as the beginning of a sentence.
        pem: The file's bytes; None where there is no file, and then nothing is said.
        now: The time that the roots have to hold at, with a time zone.
        mend: How a right file is got.
    """
    if pem is None:
        return
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        yield finding(about, "wrong", f"{what} cannot be read: {error}", mend)
        return
    for certificate in found:
        told = lasting(about, what, certificate, now, mend)
        if told.state != "ok":
            yield told
