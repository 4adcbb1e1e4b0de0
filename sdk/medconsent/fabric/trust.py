"""Whose certificate it is, by root certificates that somebody has pinned.

As Fabric's MSP does (`msp/mspimplvalidate.go`): a chain to a root, through authorities only, whatever the dates say,
because a block of last year stays what it was when certificates end. The kind of node is the organizational unit that
Fabric CA writes into the subject (NodeOUs).
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from google.protobuf.message import DecodeError

from . import _protos as pb
from .errors import IdentityError

_ECDSA = ec.ECDSA(hashes.SHA256())
_LONGEST_CHAIN = 4
_REMEMBERED = 4096


@dataclass(frozen=True)
class Member:
    """A holder of a certificate that leads to the roots. `units` are the subject's organizational units."""

    certificate: x509.Certificate
    units: frozenset[str]

    @cached_property
    def key(self) -> object:
        """The public key."""
        return self.certificate.public_key()

    @property
    def name(self) -> str:
        """The subject's common name."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature over `message` is this member's (ECDSA with SHA-256, or Ed25519)."""
        try:
            if isinstance(self.key, ec.EllipticCurvePublicKey):
                self.key.verify(signature, message, _ECDSA)
            elif isinstance(self.key, ed25519.Ed25519PublicKey):
                self.key.verify(signature, message)
            else:
                return False
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True


class Authority:
    """The root certificates of one organization (MSP id), and who is a member by them. Remembers what it was asked."""

    def __init__(self, msp_id: str, roots: Sequence[x509.Certificate], others: Iterable[x509.Certificate] = ()) -> None:
        """`others` are authorities between a member and a root; they count only if they lead to a root."""
        self.msp_id = msp_id
        self.roots = tuple(roots)
        self._others = tuple(others)
        self._known: OrderedDict[bytes, Member | None] = OrderedDict()

    @classmethod
    def from_pem(cls, msp_id: str, roots: Iterable[bytes], others: Iterable[bytes] = ()) -> Self:
        """Out of PEM files, each with one or several certificates.

        Raises:
            IdentityError: A certificate cannot be read.
        """
        return cls(msp_id, certificates(roots), certificates(others))

    @property
    def fingerprints(self) -> frozenset[str]:
        """SHA-256 of the roots, hex."""
        return frozenset(fingerprint(root) for root in self.roots)

    def member(self, identity: bytes) -> Member | None:
        """The holder of a serialized identity (`msp.SerializedIdentity`); None for anybody else's."""
        if identity in self._known:
            self._known.move_to_end(identity)
            return self._known[identity]
        found = self._find(identity)
        self._known[identity] = found
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return found

    def issued(self, certificate: x509.Certificate) -> bool:
        """Whether a certificate leads to one of the roots."""
        return self._leads(certificate, _LONGEST_CHAIN)

    def _find(self, identity: bytes) -> Member | None:
        try:
            named = pb.SerializedIdentity.FromString(identity)
            certificate = x509.load_pem_x509_certificate(bytes(named.id_bytes))
        except (DecodeError, ValueError):
            return None
        if str(named.mspid) != self.msp_id or not self.issued(certificate):
            return None
        units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return Member(certificate, frozenset(str(unit.value) for unit in units))

    def _leads(self, certificate: x509.Certificate, steps: int) -> bool:
        if any(_issued_by(certificate, root) for root in self.roots):
            return True
        return steps > 0 and any(
            _issued_by(certificate, other) and self._leads(other, steps - 1)
            for other in self._others
            if other != certificate
        )


def named(identity: bytes) -> str:
    """The MSP id that a serialized identity claims; empty when it is none."""
    try:
        return str(pb.SerializedIdentity.FromString(identity).mspid)
    except DecodeError:
        return ""


def certificates(pems: Iterable[bytes]) -> list[x509.Certificate]:
    """The certificates in PEM texts.

    Raises:
        IdentityError: A certificate cannot be read.
    """
    try:
        return [one for pem in pems for one in x509.load_pem_x509_certificates(pem)]
    except ValueError as cause:
        raise IdentityError(f"a root certificate is not PEM X.509: {cause}") from cause


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def pem_of(certificate: x509.Certificate) -> str:
    """The certificate as PEM."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        if not authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        certificate.verify_directly_issued_by(authority)
    except Exception:  # others made these certificates: whatever is odd about one, it counts for nothing
        return False
    return True
