"""Whom one asks as: users of a connection profile, and what a CA has certified."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medconsent.fabric.errors import IdentityError, ProfileError
from medconsent.fabric.identity import Identity, PrivateKeySigner

from .refused import NotHere

if TYPE_CHECKING:
    from .authority import CAService

_MOST = 1024**2


@dataclass(frozen=True)
class Enrollment:
    """A private key (of `cryptography`) and the certificate to it, PEM.

    Attributes:
        private_key: The key.
        cert: The certificate, PEM.
        caCert: The chain of the CA that issued it, PEM; empty where that is not known.
    """

    private_key: Any = field(repr=False)
    cert: bytes
    caCert: bytes = b""
    service: "CAService | None" = field(default=None, repr=False, compare=False)

    @property
    def certificate_pem(self) -> bytes:
        """The certificate, PEM."""
        return self.cert

    @property
    def signer(self) -> PrivateKeySigner:
        """Signs with the private key.

        Raises:
            IdentityError: It is of a kind that Fabric does not know.
        """
        return PrivateKeySigner(self.private_key)

    def register(
        self,
        enrollmentID: str,
        enrollmentSecret: str | None = None,
        role: str | None = None,
        affiliation: str | None = None,
        maxEnrollments: int = 1,
        attrs: Any = None,
    ) -> str:
        """Register somebody at the CA; the secret to enrol with.

        Args:
            enrollmentID: Whom.
            enrollmentSecret: The secret; None: the CA makes one.
            role: The type; None: `client`.
            affiliation: Where it belongs; None: nowhere.
            maxEnrollments: How often it can enrol; -1: any number.
            attrs: Attributes: a mapping, or hfc's list of `{"name", "value"}`.

        Raises:
            CAError: The CA refuses, or does not answer.
        """
        return self._ca().register(enrollmentID, enrollmentSecret, role, affiliation or "", maxEnrollments, attrs, self)

    def revoke(
        self,
        enrollmentID: str | None = None,
        aki: str | None = None,
        serial: str | None = None,
        reason: str | None = None,
        gencrl: bool = False,
    ) -> tuple[list[dict[str, str]], bytes]:
        """Revoke somebody with all certificates, or one certificate; what was revoked, and the CRL (PEM, or empty).

        Args:
            enrollmentID: Whom.
            aki: The authority key id, hex, of the one certificate.
            serial: Its serial number, hex.
            reason: One of RFC 5280's.
            gencrl: Whether the CRL is wanted.

        Raises:
            CAError: The CA refuses, or does not answer.
        """
        return self._ca().revoke(enrollmentID, aki, serial, reason, gencrl, self)

    def generateCRL(self, *limits: Any, **named: Any) -> bytes:
        """The CA's certificate revocation list, PEM.

        Raises:
            NotHere: For a part of the list.
            CAError: The CA refuses, or does not answer.
        """
        if any(one is not None for one in (*limits, *named.values())):
            raise NotHere("generateCRL with dates", "take the whole list, and choose in it")
        return self._ca().client.gencrl(self)

    def _ca(self) -> "CAService":
        if self.service is None:
            raise IdentityError("this enrolment knows no CA: get it from `ca_service(...).enroll`")
        return self.service


@dataclass(frozen=True)
class User:
    """Somebody of an organization: what hfc calls a requestor."""

    name: str
    org: str
    msp_id: str
    enrollment: Enrollment = field(repr=False)

    @property
    def identity(self) -> Identity:
        """As an identity of the Gateway's.

        Raises:
            IdentityError: No certificate is that of the key.
        """
        return Identity.from_pem(self.msp_id, self.enrollment.cert, self.enrollment.signer)

    @property
    def signer(self) -> PrivateKeySigner:
        """Signs with the private key."""
        return self.enrollment.signer


def create_user(
    name: str,
    org: str,
    state_store: Any,
    msp_id: str,
    key_pem: bytes,
    cert_pem: bytes,
    crypto_suite: Any = None,
) -> User:
    """A user out of a key and a certificate.

    Args:
        name: The user's name.
        org: The organization's name in the profile.
        state_store: Not used: nothing is written beside the wallet.
        msp_id: The organization's MSP id.
        key_pem: The private key, PEM.
        cert_pem: The certificate, PEM.
        crypto_suite: Not used: what Fabric signs with is known.

    Raises:
        IdentityError: They cannot be read, or do not fit together.
    """
    del state_store, crypto_suite
    signer = PrivateKeySigner.from_pem(key_pem)
    identity = Identity.from_pem(msp_id, cert_pem, signer)
    return User(name, org, msp_id, Enrollment(signer.private_key, identity.certificate_pem))


def user_of(profile: Mapping[str, Any], org: str, name: str, base: Path) -> User:
    """A user that a connection profile has.

    Args:
        profile: The decoded profile.
        org: The organization's name in it.
        name: The user's name.
        base: The folder of the profile.

    Raises:
        ProfileError: There is none of that name, or its files cannot be read.
        IdentityError: Key and certificate do not fit together.
    """
    organization = _within(profile, "organizations", org)
    user = _within(organization, "users", name)
    msp_id = organization.get("mspid")
    if not isinstance(msp_id, str) or not msp_id:
        raise ProfileError(f"organizations.{org} has no mspid")
    where = f"organizations.{org}.users.{name}"
    key = _credential(user.get("private_key"), f"{where}.private_key", base)
    return create_user(name, org, None, msp_id, key, _credential(user.get("cert"), f"{where}.cert", base))


def _within(document: Mapping[str, Any], section: str, name: str) -> Mapping[str, Any]:
    found = document.get(section)
    entries = found if isinstance(found, Mapping) else {}
    entry = entries.get(name)
    if not isinstance(entry, Mapping):
        known = ", ".join(map(str, entries)) or "none"
        raise ProfileError(f"{section} of the connection profile has no {name!r}; there is: {known}")
    return entry


def _credential(told: Any, where: str, base: Path) -> bytes:
    """A key or certificate by any of hfc's three ways: a path, `{"path"}`, or `{"pem"}` in base64 (or as it is)."""
    if isinstance(told, Mapping) and isinstance(told.get("pem"), str):
        text = str(told["pem"])
        if "-----BEGIN" in text:
            return text.encode()
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as cause:
            raise ProfileError(f"{where}.pem is neither PEM nor base64 of it") from cause
    path = told.get("path") if isinstance(told, Mapping) else told
    if not isinstance(path, str) or not path:
        raise ProfileError(f"{where} is neither a path nor an object with path or pem")
    places = (base / path, Path(path))  # hfc reads from the working folder
    try:
        found = next((one for one in places if one.is_file()), None)
        if found is None:
            raise ProfileError(f"the file of {where} is not there: {path}")
        with found.open("rb") as stream:
            return stream.read(_MOST)
    except (OSError, ValueError) as cause:
        raise ProfileError(f"the file of {where} cannot be read: {cause}") from cause
