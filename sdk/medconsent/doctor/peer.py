"""The institution's peer: whether it is reached, and who answers there."""

from collections.abc import Iterator

from medconsent.doctor.certificates import lasting
from medconsent.doctor.connecting import reach, what_to_do
from medconsent.doctor.findings import Finding, finding
from medconsent.doctor.patient import Patient

_OPERATOR = "ask the operator to renew it: medconsent-network renew"


def check(patient: Patient) -> Iterator[Finding]:
    """Host, port and TLS certificate of the peer."""
    context = patient.context
    if context is None:
        return
    found = reach(context.endpoint, context.tls_root, context.server_name, patient.timeout)
    if found.why:
        message, mend = what_to_do(found, "the peer")
        yield finding("peer", "wrong", message, mend)
        return
    yield finding("peer", "ok", f"the peer at {found.endpoint} is reached")
    if context.tls_root is None:
        mend = "make the context anew from a profile with the peer's TLS root"
        yield finding("peer", "warning", "it is reached without TLS: others can read and change what is asked", mend)
    if found.certificate is not None:
        yield lasting("peer", "its TLS certificate", found.certificate, patient.now, _OPERATOR)
