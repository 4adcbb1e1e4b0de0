"""The identity that acts: its certificate, its key, who issued it, and its roles."""

from collections.abc import Iterator

from medconsent.doctor.certificates import lasting, roots
from medconsent.doctor.findings import Finding, finding
from medconsent.doctor.patient import Patient
from medconsent.errors import ANEW, ENROL_AGAIN, ContextError
from medconsent.fabric.errors import IdentityError
from medconsent.fabric.identity import Identity
from medconsent.fabric.trust import Authority

_RENEW = f"medconsent identity reenroll renews it while it holds; afterwards {ENROL_AGAIN}"


def check(patient: Patient) -> Iterator[Finding]:
    """The certificate and the key, and the roots that the context keeps."""
    context = patient.context
    if context is None:
        return
    try:
        identity, _signer = context.load()
    except ContextError as error:
        yield finding("identity", "wrong", error.message, error.hint or ANEW)
        return
    yield finding("identity", "ok", f"the key is that of the certificate of {identity.common_name}")
    yield lasting("identity", "the certificate", identity.certificate, patient.now, _RENEW)
    if identity.common_name != context.enrollment_id:
        told = f"the certificate is of {identity.common_name!r}, and the context of {context.enrollment_id!r}"
        yield finding("identity", "wrong", told, ANEW)
    yield from roots("identity", "a root of the peer's TLS certificate", context.tls_root, patient.now, ANEW)
    yield from roots("identity", "the root of the CA", context.ca_root, patient.now, ANEW)
    try:
        authority = Authority.from_pem(context.institution, [context.ca_root] if context.ca_root else [])
        if context.ca_root and authority.member(identity.creator) is None:
            told = f"the CA's root that the context {context.name} keeps did not issue its certificate"
            yield finding("identity", "warning", told, "add the CA's root to the profile. " + ANEW)
    except IdentityError as error:
        yield finding("identity", "warning", f"the CA's root cannot be read: {error}", ANEW)
    if roles := roles_of(identity):
        yield finding("identity", "ok", f"roles in the certificate: {', '.join(roles)}")


def roles_of(identity: Identity) -> list[str]:
    """The roles in a certificate; whether it needs one `medconsent.doctor.authority` says, which asks the CA."""
    return [role for role in identity.attributes.get("medconsent.roles", "").split(",") if role]
