"""The values in a Fabric CA's answers."""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from cryptography import x509

from medconsent.fabric.ca.values import Affiliation, Enrollment, IssuedCertificate, RegisteredIdentity
from medconsent.fabric.errors import CAError, IdentityError
from medconsent.fabric.identity import Identity, PrivateKeySigner

T = TypeVar("T")


@contextmanager
def _as_told() -> Iterator[None]:
    """What is not there, or of another kind, is the CA's mistake."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as cause:
        raise CAError("the CA's answer is malformed: a member is missing, or of another kind") from cause


def listed(result: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> list[T]:
    """Values in a list of an answer; none when it has no such list.

    Args:
        result: The answer.
        name: The list's name.
        read: Makes a value of an entry.

    Raises:
        CAError: The answer is malformed.
    """
    with _as_told():
        return [read(one) for one in result.get(name) or ()]


def revoked(result: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Serial and authority key id of the certificates that were revoked, in hex."""
    return tuple(listed(result, "RevokedCerts", lambda one: (str(one["Serial"]), str(one["AKI"]))))


def enrollment(enrollment_id: str, signer: PrivateKeySigner, result: dict[str, Any]) -> Enrollment:
    """What a certificate that was issued is with its key.

    Args:
        enrollment_id: To whom it was issued.
        signer: The key that was to be certified.
        result: The CA's answer.

    Raises:
        CAError: The answer is malformed.
        IdentityError: The certificate is for another key.
    """
    with _as_told():
        server = result.get("ServerInfo") or {}
        enrollment = Enrollment(enrollment_id, decoded(result, "Cert"), decoded(server, "CAChain"), signer)
    signer.require_match(enrollment.identity(""))
    return enrollment


def registered(told: Mapping[str, Any]) -> RegisteredIdentity:
    """An identity in the registry."""
    with _as_told():
        return RegisteredIdentity(
            enrollment_id=str(told["id"]),
            type=str(told["type"]),
            affiliation=str(told["affiliation"]),
            attributes={str(pair["name"]): str(pair["value"]) for pair in told.get("attrs") or ()},
            max_enrollments=int(told.get("max_enrollments") or 0),  # left out in an answer about one identity
        )


def issued(pem: str) -> IssuedCertificate:
    """A certificate as the CA tells of it; whether it is revoked is for the caller to say."""
    try:
        identity = Identity("", pem.encode())
        certificate = identity.certificate
        issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier or b""
    except (ValueError, IdentityError, x509.ExtensionNotFound) as cause:
        raise CAError("the CA's answer is malformed: a certificate in it cannot be read") from cause
    return IssuedCertificate(
        enrollment_id=identity.common_name,
        serial=f"{certificate.serial_number:x}",
        authority_key_id=issuer.hex().lstrip("0"),
        attributes=identity.attributes,
        ends=certificate.not_valid_after_utc,
        revoked=False,
    )


def affiliation(told: Mapping[str, Any]) -> Affiliation:
    """An affiliation, with those below it."""
    with _as_told():
        below = tuple(affiliation(one) for one in told.get("affiliations") or ())
        people = tuple(str(one["id"]) for one in told.get("identities") or ())
        return Affiliation(str(told.get("name", "")), below, people)


def decoded(result: Mapping[str, Any], name: str) -> bytes:
    """Bytes in an answer; none when it has no such member.

    Args:
        result: The answer.
        name: Its member, in base64.

    Raises:
        CAError: It is not base64.
    """
    try:
        return base64.b64decode(str(result.get(name) or ""), validate=True)
    except ValueError as cause:
        raise CAError(f"the CA's answer is malformed: {name} is not base64") from cause
