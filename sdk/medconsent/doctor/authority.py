"""The institution's CA: whether it is reached. It is needed to enrol and to renew, and for nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from medconsent.doctor.certificates import lasting
from medconsent.doctor.connecting import reach, what_to_do
from medconsent.doctor.findings import Finding, finding
from medconsent.doctor.patient import Patient

_OPERATOR = "ask the operator to renew it: medconsent-network renew"


def check(patient: Patient) -> Iterator[Finding]:
    """Host, port and TLS certificate of the CA; its clock is kept for `medconsent.doctor.clock`."""
    context = patient.context
    if context is None:
        return
    root = context.folder / "ca-tls-root.pem"
    if not context.ca_url or not root.is_file():
        mend = "make the context from a connection profile that names the CA"
        yield finding("CA", "warning", "the context names no CA: its certificate cannot be renewed from here", mend)
        return
    found = reach(context.ca_url, root.read_bytes(), None, patient.timeout, page="/cainfo")
    if found.why:
        message, mend = what_to_do(found, "the CA")
        # Who has a certificate works without a CA.
        yield finding("CA", "warning" if patient.person else "wrong", message, mend)
        return
    yield finding("CA", "ok", f"the CA at {found.endpoint} is reached")
    if found.certificate is not None:
        yield lasting("CA", "its TLS certificate", found.certificate, patient.now, _OPERATOR)
    if "date" in found.headers:
        patient.skew = (parsedate_to_datetime(found.headers["date"]) - datetime.now(UTC)).total_seconds()
