"""What a Fabric CA tells and issues, as values, and who asks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from medconsent.fabric.identity import Identity, PrivateKeySigner, Signer


class Registrar(Protocol):
    """Whoever asks the CA as somebody: a certificate that it issued, and the key to it."""

    @property
    def certificate_pem(self) -> bytes:
        """The certificate, PEM."""

    @property
    def signer(self) -> Signer:
        """Signs with the certificate's private key."""


@dataclass(frozen=True)
class Enrollment:
    """A certificate that the CA issued, with its key: an identity ready for use, and itself a `Registrar`."""

    enrollment_id: str
    certificate_pem: bytes
    ca_chain_pem: bytes
    signer: PrivateKeySigner = field(repr=False)

    @property
    def private_key(self) -> Any:
        """The private key object (`cryptography`)."""
        return self.signer.private_key

    @property
    def private_key_pem(self) -> bytes:
        """The private key, PKCS #8 PEM, unencrypted: for files of mode 0600 only."""
        return self.signer.to_pem()

    def identity(self, msp_id: str) -> Identity:
        """As an identity of this MSP."""
        return Identity(msp_id, self.certificate_pem)


@dataclass(frozen=True)
class CAInfo:
    """What the CA says of itself."""

    name: str
    chain_pem: bytes
    version: str


@dataclass(frozen=True)
class RegisteredIdentity:
    """An identity in the CA's registry.

    `max_enrollments` is -1 when unlimited, and 0 when it cannot enrol at all. How often it has enrolled, and whether it
    was revoked, the CA does not say.
    """

    enrollment_id: str
    type: str
    affiliation: str
    attributes: Mapping[str, str]
    max_enrollments: int


@dataclass(frozen=True)
class IssuedCertificate:
    """A certificate that the CA has issued.

    Attributes:
        enrollment_id: To whom.
        serial: Its serial number, hex without leading zeros.
        authority_key_id: The identifier of the CA's key, hex without leading zeros.
        attributes: Those that the certificate carries.
        ends: When it ends. Fabric CA rounds to minutes, so it does not tell which of two is the newer.
        revoked: Whether the CA has revoked it. A peer learns of that only by a CRL in the channel's configuration.
    """

    enrollment_id: str
    serial: str
    authority_key_id: str
    attributes: Mapping[str, str]
    ends: datetime
    revoked: bool

    def counts(self, at: datetime) -> bool:
        """Whether it is good at that moment: neither ended nor revoked."""
        return not self.revoked and at < self.ends


@dataclass(frozen=True)
class Revocation:
    """What was revoked: (serial, authority key id) in hex; and, when it was asked for, the CRL in PEM."""

    certificates: tuple[tuple[str, str], ...]
    crl_pem: bytes


@dataclass(frozen=True)
class Affiliation:
    """A place in the CA's tree of affiliations, such as `oncology.imaging`.

    Attributes:
        name: Its whole name, from the root of the tree on, with dots.
        affiliations: Those below it.
        identities: The enrolment ids of those who belong to it (and not to one below), where it was changed or removed.
    """

    name: str
    affiliations: tuple["Affiliation", ...] = ()
    identities: tuple[str, ...] = ()
