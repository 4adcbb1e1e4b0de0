"""The institution's CA: whether it is reached, and whether who has no role is a registrar there.

It is needed to enrol, to renew and to register, and for nothing else.
"""

from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from medconsent.doctor.certificates import lasting
from medconsent.doctor.connecting import reach, what_to_do
from medconsent.doctor.findings import Finding, finding
from medconsent.doctor.identity import roles_of
from medconsent.doctor.patient import Patient
from medconsent.errors import MedconsentError
from medconsent.fabric.errors import FabricError

_OPERATOR = "ask the operator to renew it: medconsent-network renew"


def check(patient: Patient) -> Iterator[Finding]:
    """Host, port and TLS certificate of the CA, and what somebody without a role is there."""
    reached = yield from _authority(patient)
    if patient.person is None or roles_of(patient.person[0]):
        return
    if reached and _registers(patient):
        yield finding("identity", "ok", "a registrar of the CA, who needs no role: it registers people and revokes")
        return
    mend = "the registrar gives one: medconsent identity roles, then enrol again"
    yield finding("identity", "warning", "the certificate has no role: it can ask, and change nothing", mend)


def _authority(patient: Patient) -> Generator[Finding, None, bool]:
    """Whether the CA is reached; its clock is kept for `medconsent.doctor.clock`."""
    context = patient.context
    if context is None:
        return False
    root = context.folder / "ca-tls-root.pem"
    if not context.ca_url or not root.is_file():
        mend = "make the context from a connection profile that names the CA"
        yield finding("CA", "warning", "the context names no CA: its certificate cannot be renewed from here", mend)
        return False
    found = reach(context.ca_url, root.read_bytes(), None, patient.timeout, page="/cainfo")
    if found.why:
        message, mend = what_to_do(found, "the CA")
        # Who has a certificate works without a CA.
        yield finding("CA", "warning" if patient.person else "wrong", message, mend)
        return False
    yield finding("CA", "ok", f"the CA at {found.endpoint} is reached")
    if found.certificate is not None:
        yield lasting("CA", "its TLS certificate", found.certificate, patient.now, _OPERATOR)
    if "date" in found.headers:
        patient.skew = (parsedate_to_datetime(found.headers["date"]) - datetime.now(UTC)).total_seconds()
    return True


def _registers(patient: Patient) -> bool:
    """Whether the CA lets one look into its register, which it lets nobody but a registrar."""
    if patient.context is None:
        return False
    try:
        with patient.context.ca() as ca:
            own = ca.identity(patient.context.registrar(), patient.context.enrollment_id)
    except (MedconsentError, FabricError, OSError):
        return False
    return bool(own.attributes.get("hf.Registrar.Roles"))
