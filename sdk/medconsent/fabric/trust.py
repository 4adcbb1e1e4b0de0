"""Whose certificate it is, by root certificates that somebody has pinned.

As Fabric's MSP does (`msp/mspimplvalidate.go`): a chain to a root, through authorities only, whatever the dates say,
because a block of last year stays what it was when certificates end. The kind of node is the organizational unit that
Fabric CA writes into the subject (NodeOUs).

Certificates and signatures are others' to write. Where Fabric, written in Go, is more tolerant than Python's libraries,
so is this: else somebody could make a valid transaction look forged.
"""

from base64 import b64decode
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID
from google.protobuf.message import DecodeError

from . import _protos as pb
from .decoding import decode
from .errors import IdentityError

_ECDSA = ec.ECDSA(hashes.SHA256())
_LONGEST_CHAIN = 4
_REMEMBERED = 4096
_SEQUENCE, _INTEGER = 0x30, 0x02  # DER
_LONGEST_NUMBER = 72  # bytes of one of the two numbers of an ECDSA signature; the largest curve needs 67


@dataclass(frozen=True)
class Member:
    """A holder of a certificate that leads to the roots. `units` are the subject's organizational units."""

    certificate: x509.Certificate
    units: frozenset[str]

    @cached_property
    def key(self) -> object:
        """The public key; None when it is of no kind that is known here."""
        try:
            return self.certificate.public_key()
        except Exception:  # others made the certificate
            return None

    @property
    def name(self) -> str:
        """The subject's common name."""
        return next(iter(_of_subject(self.certificate, NameOID.COMMON_NAME)), "")

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature is this member's (ECDSA with SHA-256, or Ed25519).

        Args:
            message: What is said to be signed.
            signature: The signature: DER for ECDSA, 64 bytes for Ed25519.
        """
        try:
            if isinstance(self.key, ec.EllipticCurvePublicKey):
                self.key.verify(_as_fabric_reads(signature), message, _ECDSA)
            elif isinstance(self.key, ed25519.Ed25519PublicKey):
                self.key.verify(signature, message)
            else:
                return False
        except Exception:  # others made the signature: whatever is odd about it, it is not this member's
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

        Args:
            msp_id: The MSP id of the organization.
            roots: The bytes of PEM files with its root certificates.
            others: The same with its intermediate certificates.

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
        digest = sha256(identity).digest()  # an identity may be megabytes long: those are not kept
        if digest in self._known:
            self._known.move_to_end(digest)
            return self._known[digest]
        found = self._find(identity)
        self._known[digest] = found
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return found

    def issued(self, certificate: x509.Certificate) -> bool:
        """Whether a certificate leads to one of the roots."""
        return self._leads(certificate, _LONGEST_CHAIN)

    def _find(self, identity: bytes) -> Member | None:
        try:
            told = decode(pb.SerializedIdentity, identity)
            if str(told.mspid) != self.msp_id:
                return None
            certificate = _first_certificate(bytes(told.id_bytes))
        except Exception:  # others wrote it: the parser has many ways to refuse a certificate, and each is nobody
            return None
        if not self.issued(certificate):
            return None
        return Member(certificate, frozenset(_of_subject(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)))

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
        return str(decode(pb.SerializedIdentity, identity).mspid)
    except DecodeError:
        return ""


def certificates(pems: Iterable[bytes]) -> list[x509.Certificate]:
    """The certificates in PEM texts.

    Raises:
        IdentityError: A certificate cannot be read.
    """
    try:
        return [one for pem in pems for one in x509.load_pem_x509_certificates(pem)]
    except Exception as cause:  # the parser has errors of its own that are no ValueError, as for an unknown version
        raise IdentityError(
            "a root certificate is damaged, or not in PEM (openssl x509 -inform der makes PEM of DER)"
        ) from cause


def readable(pems: Iterable[bytes]) -> tuple[list[x509.Certificate], list[bytes]]:
    """The certificates in PEM texts, and those texts that are none or cannot be read here."""
    found, strange = [], []
    for pem in pems:
        try:
            found.append(_first_certificate(pem))
        except Exception:  # as above; one must not take the others with it
            strange.append(pem)
    return found, strange


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _first_certificate(pem: bytes) -> x509.Certificate:
    """Out of the first block of a PEM text, whatever its label and whatever stands around it, as in Go's
    `encoding/pem`. Raises whatever the parser raises.
    """
    _, begun, rest = pem.partition(b"-----BEGIN ")
    label, _, rest = rest.partition(b"-----")
    text, ended, _ = rest.partition(b"-----END " + label + b"-----")
    if not (begun and ended):
        raise ValueError("it has no PEM block")
    if b":" in text:  # headers end with an empty line
        text = text.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    return x509.load_der_x509_certificate(b64decode(text))


def _of_subject(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> list[str]:
    try:
        return [str(one.value) for one in certificate.subject.get_attributes_for_oid(oid)]
    except Exception:  # the subject is parsed only now
        return []


def _as_fabric_reads(signature: bytes) -> bytes:
    """An ECDSA signature without what Go's `encoding/asn1` passes over: whatever follows the two numbers, inside
    their sequence or after it (`bccsp/utils/ecdsa.go`). Anybody can add that to somebody's signature.
    """
    begin, end = _element(signature, 0, _SEQUENCE)
    numbers = []
    for _ in range(2):
        first, begin = _element(signature[:end], begin, _INTEGER)
        if begin - first > _LONGEST_NUMBER:
            raise ValueError("the number is too large for any curve")
        numbers.append(int.from_bytes(signature[first:begin], "big", signed=True))
    return encode_dss_signature(*numbers)


def _element(data: bytes, place: int, tag: int) -> tuple[int, int]:
    """Where the content of the DER element at a place begins and ends. Raises `ValueError` or `IndexError`."""
    if data[place] != tag:
        raise ValueError("this is not the element that was expected")
    length, begin = data[place + 1], place + 2
    if length & 0x80:
        count = length & 0x7F
        length, begin = int.from_bytes(data[begin : begin + count], "big"), begin + count
    if begin + length > len(data):
        raise ValueError("the element is cut short")
    return begin, begin + length


def _issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        if not authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        certificate.verify_directly_issued_by(authority)
    except Exception:  # others made these certificates: whatever is odd about one, it counts for nothing
        return False
    return True
