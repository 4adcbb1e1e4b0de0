"""hfc's CA service on top of `CAClient`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from medconsent.fabric.ca import CAClient, RegisteredIdentity
from medconsent.fabric.ca import Enrollment as Issued
from medconsent.fabric.errors import CAError, FabricError

from .people import Enrollment
from .refused import NotHere

_TARGET = "https://127.0.0.1:7054"


def ca_service(
    target: str = _TARGET, ca_certs_path: str | Path | None = None, crypto: Any = None, ca_name: str = ""
) -> "CAService":
    """A client of a Fabric CA.

    Args:
        target: `https://host:port`. Plain HTTP is refused: secrets travel over it.
        ca_certs_path: The PEM file of the root that is trusted; there is no way without one.
        crypto: Not used: keys are P-256, as hfc makes them.
        ca_name: The CA's name within its server; empty: the server's only one.

    Raises:
        CAError: The root is missing, cannot be read, or the address is not HTTPS.
    """
    del crypto
    if ca_certs_path is None:
        raise CAError(
            "ca_certs_path is missing: name the PEM file of the CA's TLS root, or whoever answers gets the secret"
        )
    try:
        root = Path(ca_certs_path).read_bytes()
    except OSError as cause:
        raise CAError(f"the CA's TLS root {ca_certs_path} cannot be read: {cause.strerror or cause}") from cause
    return CAService(CAClient(target, ca_name=ca_name or None, tls_root=root))


class CAService:
    """Enrolments at one CA. Every request raises `CAError` when refused or not answered."""

    def __init__(self, client: CAClient) -> None:
        self.client = client

    def enroll(
        self,
        enrollment_id: str,
        enrollment_secret: str,
        csr: Any = None,
        profile: str = "",
        attr_reqs: Iterable[Mapping[str, Any]] | None = None,
    ) -> Enrollment:
        """Trade a secret for a certificate.

        Args:
            enrollment_id: Whose.
            enrollment_secret: What the CA handed out.
            csr: None: the key is made here, and never leaves.
            profile: A signing profile of the CA, such as `tls`.
            attr_reqs: Hfc's list of `{"name"}`: what to put into the certificate; None: what is registered to be there.

        Raises:
            NotHere: With a request for certification of one's own.
        """
        if csr is not None:
            raise NotHere("enroll with a csr", "give `CAClient.enroll` the key: it makes the request")
        names = None if attr_reqs is None else [str(one["name"]) for one in attr_reqs]
        return self._ours(
            self.client.enroll(enrollment_id, enrollment_secret, profile=profile or None, attributes=names)
        )

    def reenroll(self, currentUser: Enrollment, attr_reqs: Iterable[Any] | None = None) -> Enrollment:
        """A new certificate, with a new key, for the holder of a valid one.

        Args:
            currentUser: The holder.
            attr_reqs: As in `enroll`.
        """
        names = None if attr_reqs is None else [str(one["name"]) for one in attr_reqs]
        return self._ours(self.client.reenroll(currentUser, attributes=names))

    def register(
        self,
        enrollmentID: str,
        enrollmentSecret: str | None,
        role: str | None,
        affiliation: str,
        maxEnrollments: int,
        attrs: Any,
        registrar: Enrollment,
    ) -> str:
        """See `Enrollment.register`; `registrar` is who does so."""
        return self.client.register(
            registrar,
            enrollmentID,
            type=role or "client",
            secret=enrollmentSecret or None,
            attributes=attributes(attrs),
            max_enrollments=maxEnrollments,
            affiliation=affiliation,
        )

    def revoke(
        self,
        enrollmentID: str | None,
        aki: str | None,
        serial: str | None,
        reason: str | None,
        gencrl: bool,
        registrar: Enrollment,
    ) -> tuple[list[dict[str, str]], bytes]:
        """See `Enrollment.revoke`; `registrar` is who does so."""
        revoked = self.client.revoke(
            registrar,
            enrollmentID,
            serial=serial,
            authority_key_id=aki,
            reason=reason or "unspecified",
            gencrl=gencrl,
        )
        return [{"Serial": number, "AKI": key} for number, key in revoked.certificates], revoked.crl_pem

    def newIdentityService(self) -> "IdentityService":
        """Who is registered."""
        return IdentityService(self.client)

    def newAffiliationService(self) -> Any:
        """Not there.

        Raises:
            NotHere: Always.
        """
        raise NotHere("newAffiliationService", "`fabric-ca-client affiliation` does it")

    def newCertificateService(self) -> Any:
        """Not there.

        Raises:
            NotHere: Always.
        """
        raise NotHere("newCertificateService", "`CAClient.certificates` lists what was issued")

    def _ours(self, issued: Issued) -> Enrollment:
        return Enrollment(issued.private_key, issued.certificate_pem, issued.ca_chain_pem, self)


class IdentityService:
    """Who is registered at a CA. Answers are dictionaries, as Fabric CA's REST API has them."""

    def __init__(self, client: CAClient) -> None:
        self._client = client

    def create(
        self,
        registrar: Enrollment,
        enrollmentID: str,
        enrollmentSecret: str | None = None,
        role: str | None = None,
        affiliation: str | None = None,
        maxEnrollments: int = 1,
        attrs: Any = None,
    ) -> str:
        """Register somebody; the secret. The arguments are those of `Enrollment.register`."""
        return CAService(self._client).register(
            enrollmentID, enrollmentSecret, role, affiliation or "", maxEnrollments, attrs, registrar
        )

    def getOne(self, enrollmentID: str, registrar: Enrollment) -> dict[str, Any]:
        """Somebody.

        Args:
            enrollmentID: Whom.
            registrar: Who asks.
        """
        return _answer(_told(self._client.identity(registrar, enrollmentID)))

    def getAll(self, registrar: Enrollment) -> dict[str, Any]:
        """Everybody whom the registrar may see.

        Args:
            registrar: Who asks.
        """
        return _answer({"identities": [_told(one) for one in self._client.identities(registrar)]})

    def update(
        self,
        enrollmentID: str,
        registrar: Enrollment,
        type: str | None = None,
        affiliation: str | None = None,
        maxEnrollments: int | None = None,
        attrs: Any = None,
        enrollmentSecret: str | None = None,
        caname: str | None = None,
    ) -> dict[str, Any]:
        """Change somebody.

        Args:
            enrollmentID: Whom.
            registrar: Who does so.
            type: Cannot be changed here.
            affiliation: Cannot be changed here.
            maxEnrollments: How often they can enrol, counted from their registration.
            attrs: Attributes, which take the place of those of the same names.
            enrollmentSecret: The secret from now on.
            caname: Cannot be given here: name it to `ca_service`.

        Raises:
            NotHere: For what cannot be changed here.
        """
        if type or affiliation or caname:
            raise NotHere("update of type, affiliation or caname", "`fabric-ca-client identity modify` does it")
        changed = self._client.modify(
            registrar,
            enrollmentID,
            secret=enrollmentSecret,
            attributes=None if attrs is None else attributes(attrs),
            max_enrollments=maxEnrollments,
        )
        return _answer(_told(changed))

    def delete(self, enrollmentID: str, registrar: Enrollment, force: bool = False) -> Any:
        """Not there. The arguments are those of hfc.

        Raises:
            NotHere: Always.
        """
        del enrollmentID, registrar, force
        raise NotHere("delete of an identity", "revoke it: a CA that forgets whom it certified cannot revoke them")


def attributes(told: Any) -> dict[str, str]:
    """Attributes as a mapping, out of one or of hfc's list of `{"name", "value"}`.

    Args:
        told: What the caller gave; None: none.

    Raises:
        FabricError: It is neither.
    """
    if told is None:
        return {}
    if isinstance(told, Mapping):
        return {str(name): str(value) for name, value in told.items()}
    try:
        return {str(one["name"]): str(one["value"]) for one in told}
    except (TypeError, KeyError) as cause:
        raise FabricError("attrs is a list of objects with name and value, or a mapping") from cause


def _told(one: RegisteredIdentity) -> dict[str, Any]:
    return {
        "id": one.enrollment_id,
        "type": one.type,
        "affiliation": one.affiliation,
        "attrs": [{"name": name, "value": value} for name, value in one.attributes.items()],
        "max_enrollments": one.max_enrollments,
    }


def _answer(result: dict[str, Any]) -> dict[str, Any]:
    return {"result": result, "errors": [], "messages": [], "success": True}
