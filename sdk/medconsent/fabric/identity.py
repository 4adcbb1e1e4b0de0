"""Who signs: an identity (MSP id and certificate) and a signer (the private key, wherever it is).

Fabric's peers hash every message with SHA-256 before ECDSA, whatever the curve, and accept only signatures in low-S
form; Ed25519 (Fabric 3 with capability V3_0) signs the message itself. Other hashes (`Hash`) are for peers that are
built otherwise.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any, Protocol, Self, runtime_checkable

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.x509.oid import NameOID

from ._pem import certificates, private_keys
from ._protos import SerializedIdentity
from .errors import CertificateEnded, IdentityError

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

#: Certificate extension in which Fabric CA writes a person's attributes.
ATTRIBUTES_OID = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")

# Orders of the NIST curves (SEC 2, FIPS 186-5): (r, s) and (r, n - s) are both valid, Fabric takes only the smaller.
_CURVE_ORDERS = {
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "secp384r1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
}


class Hash(Enum):
    """What a message is hashed with before it is signed, by the names of the official clients."""

    NONE = "none"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA3_256 = "sha3_256"
    SHA3_384 = "sha3_384"

    def digest(self, message: bytes) -> bytes:
        """The hash of a message; of `NONE` the message itself."""
        return message if self is Hash.NONE else hashlib.new(self.value, message).digest()

    @property
    def algorithm(self) -> hashes.HashAlgorithm:
        """As the cryptography library calls it.

        Raises:
            IdentityError: It is `NONE`: there is nothing that ECDSA could sign.
        """
        if self is Hash.NONE:
            raise IdentityError("ECDSA signs a hash: name one, such as SHA256")
        made: hashes.HashAlgorithm = getattr(hashes, self.name)()
        return made


_AHEAD = timedelta(minutes=15)  # a CA's clock may be so much before ours: Fabric's own window


@dataclass(frozen=True)
class Identity:
    """An MSP id and an X.509 certificate in PEM. Knows no private key."""

    msp_id: str
    certificate_pem: bytes

    @classmethod
    def from_pem(cls, msp_id: str, pem: bytes, signer: "PrivateKeySigner") -> Self:
        """The identity of a key, out of a file that may have a whole chain in any order, and comments.

        Args:
            msp_id: The MSP id of the organization.
            pem: The file's bytes.
            signer: The key whose certificate is looked for.

        Raises:
            IdentityError: No certificate in it is that of the key.
        """
        found = [cls(msp_id, block) for block in certificates(pem)]
        if not found:
            raise IdentityError(f"the certificate of the identity at {msp_id} is not PEM X.509")
        if len(found) == 1:
            signer.require_match(found[0])
        own = [one for one in found if signer.matches(one)]
        if not own:
            raise IdentityError(f"none of the {len(found)} certificates is that of the private key")
        return own[0]

    @cached_property
    def creator(self) -> bytes:
        """`msp.SerializedIdentity`, as it stands in every message that this identity creates."""
        return bytes(SerializedIdentity(mspid=self.msp_id, id_bytes=self.certificate_pem).SerializeToString())

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The parsed certificate.

        Raises:
            IdentityError: It is none.
        """
        try:
            return x509.load_pem_x509_certificate(self.certificate_pem)
        except ValueError as cause:
            raise IdentityError(
                f"the certificate of the identity at {self.msp_id} is not PEM X.509: {cause}"
            ) from cause

    @property
    def common_name(self) -> str:
        """The subject's common name: with Fabric CA, the enrolment id. Empty when there is none."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""

    @property
    def attributes(self) -> Mapping[str, str]:
        """The attributes that Fabric CA put into the certificate, for example `hf.EnrollmentID`.

        Empty when there are none.
        """
        return certificate_attributes(self.certificate)

    @property
    def expires(self) -> datetime:
        """End of the certificate's validity, UTC."""
        return self.certificate.not_valid_after_utc


def certificate_attributes(certificate: x509.Certificate) -> Mapping[str, str]:
    """Fabric CA's attributes (extension 1.2.3.4.5.6.7.8.1, JSON `{"attrs": {name: value}}`) of a certificate."""
    try:
        extension = certificate.extensions.get_extension_for_oid(ATTRIBUTES_OID).value
    except x509.ExtensionNotFound:
        return {}
    if not isinstance(extension, x509.UnrecognizedExtension):
        return {}
    try:
        attributes = json.loads(extension.value).get("attrs", {})
        return {str(name): str(value) for name, value in attributes.items()}
    except (ValueError, AttributeError, RecursionError) as cause:
        raise IdentityError("the certificate's attribute extension is not the JSON that Fabric CA writes") from cause


@runtime_checkable
class Signer(Protocol):
    """Signs message bytes; whatever hashing the scheme needs happens inside."""

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`: DER with low S for ECDSA, 64 bytes for Ed25519."""


class PrivateKeySigner:
    """Signs with a private key in memory: ECDSA on P-256 or P-384, or Ed25519."""

    def __init__(self, key: PrivateKey, hash: Hash | None = None) -> None:
        """
        Args:
            key: The key.
            hash: What ECDSA signs: the message's hash by this; None: SHA-256, the one that Fabric's peers verify with.
                Ed25519 signs the message itself (`NONE`).

        Raises:
            IdentityError: The key is on another curve, or of another kind, or the hash is not for it.
        """
        self.private_key = key
        self._order = 0
        if isinstance(key, ec.EllipticCurvePrivateKey):
            if key.curve.name not in _CURVE_ORDERS:
                raise IdentityError(f"private key on curve {key.curve.name}: Fabric signs with P-256 or P-384")
            self._order = _CURVE_ORDERS[key.curve.name]
            self._scheme = ec.ECDSA((hash or Hash.SHA256).algorithm)
        elif hash not in (None, Hash.NONE):
            raise IdentityError(f"Ed25519 signs the message itself, and not its hash by {hash.name}")

    @classmethod
    def generate(cls) -> Self:
        """A new P-256 key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pem(cls, pem: bytes, password: bytes | None = None, *, hash: Hash | None = None) -> Self:
        """Read PKCS #8 or SEC 1 PEM; other blocks, such as parameters, may stand before it.

        Args:
            pem: The file's bytes.
            password: What an encrypted PKCS #8 key was encrypted with; None: it is not encrypted.
            hash: As in `PrivateKeySigner`.

        Raises:
            IdentityError: It cannot be read, or there are several; the error never quotes the key.
        """
        found = cls.all_from_pem(pem, password)
        if len(found) > 1:
            raise IdentityError(f"the file has {len(found)} private keys, and should have one")
        return found[0] if hash is None else cls(found[0].private_key, hash)

    @classmethod
    def all_from_pem(cls, pem: bytes, password: bytes | None = None) -> list[Self]:
        """The keys in a file that may have several, each once in whatever form it is written.

        Args:
            pem: The file's bytes.
            password: What encrypted PKCS #8 keys were encrypted with; None: they are not encrypted.

        Raises:
            IdentityError: There is none, or one cannot be read; the error never quotes a key.
        """
        found: dict[bytes, Self] = {}
        for block in private_keys(pem):
            try:
                key = serialization.load_pem_private_key(block, password)
            except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
                raise IdentityError(
                    "the private key cannot be read: no unencrypted PEM, or a wrong password"
                ) from cause
            if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
                raise IdentityError(f"a private key of type {type(key).__name__}: Fabric signs with ECDSA or Ed25519")
            signer = cls(key)
            found.setdefault(signer.to_pem(), signer)
        return list(found.values())

    def to_pem(self) -> bytes:
        """PKCS #8 PEM, unencrypted: for files of mode 0600 only."""
        return self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, message: bytes) -> bytes:
        """See `Signer.sign`."""
        key = self.private_key
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(message)
        return low_s(key.sign(message, self._scheme), self._order)

    def require_match(self, identity: Identity) -> None:
        """See that this key is that of the identity's certificate.

        Raises:
            IdentityError: It is another.
        """
        if not self.matches(identity):
            raise IdentityError(
                f"the private key does not belong to the certificate of {identity.common_name!r} at {identity.msp_id}"
            )

    def matches(self, identity: Identity) -> bool:
        """Whether this key is that of the identity's certificate.

        Raises:
            IdentityError: The certificate is none.
        """
        encoding = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        try:
            theirs = identity.certificate.public_key().public_bytes(*encoding)
        except (ValueError, UnsupportedAlgorithm) as cause:
            raise IdentityError(f"the certificate at {identity.msp_id} has a key that cannot be read") from cause
        return self.private_key.public_key().public_bytes(*encoding) == theirs

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # never the key


class _Checked:
    """The signer of an identity that was checked once, and signs nothing after the certificate's end.

    Of a key that is elsewhere (an HSM, a service) the first signature shows whether it is the identity's.
    """

    def __init__(self, signer: Signer, identity: Identity) -> None:
        self._signer = signer
        self._identity = identity
        self._ends = identity.expires.timestamp()
        self._known = isinstance(signer, PrivateKeySigner)

    def sign(self, message: bytes) -> bytes:
        """See `Signer.sign`.

        Raises:
            CertificateEnded: The certificate has ended since: nothing was sent.
            IdentityError: The signature is not one of the identity's key: nothing was sent.
        """
        if time.time() >= self._ends:
            raise _ended(self._identity, datetime.now(UTC))
        signature = self._signer.sign(message)
        if not self._known:
            if not _signed_by(self._identity.certificate, signature, message):
                raise IdentityError(
                    f"the signer does not sign with the key of {self._identity.common_name!r} at "
                    f"{self._identity.msp_id}: its signature does not fit the certificate"
                )
            self._known = True
        return signature

    def __getattr__(self, name: str) -> Any:
        return getattr(self._signer, name)


def checked(identity: Identity, signer: Signer, *, now: datetime | None = None) -> Signer:
    """The signer of an identity, checked against it before anything is sent, and by the clock whenever it signs.

    Args:
        identity: Who asks.
        signer: Its signer; one that is no `PrivateKeySigner` is checked with its first signature.
        now: The moment at which the certificate is to be good; None: now.

    Raises:
        IdentityError: The certificate cannot be read, has ended (`CertificateEnded`) or does not count yet, or the key
            is another's.
    """
    now = now or datetime.now(UTC)
    if not isinstance(identity.msp_id, str) or not identity.msp_id:
        raise IdentityError(f"the identity's MSP id is no name: {identity.msp_id!r}")
    certificate = identity.certificate
    if now >= certificate.not_valid_after_utc:
        raise _ended(identity, now)
    if now + _AHEAD < certificate.not_valid_before_utc:
        raise IdentityError(
            f"{_whose(identity)} counts from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on, and it is now "
            f"{now:%Y-%m-%d %H:%M}: set this machine's clock"
        )
    if isinstance(signer, PrivateKeySigner):
        signer.require_match(identity)
    elif not isinstance(signer, Signer):
        raise IdentityError(f"a signer has a method `sign`, and a {type(signer).__name__} has none")
    return _Checked(signer, identity)


def in_memory(signer: Signer) -> PrivateKeySigner | None:
    """The signer that has the private key, or the token's, of one that may have been `checked`; None: it is another."""
    inner = signer._signer if isinstance(signer, _Checked) else signer
    return inner if isinstance(inner, PrivateKeySigner) else None


def _whose(identity: Identity) -> str:
    return f"the certificate of {identity.common_name!r} at {identity.msp_id}"


def _ended(identity: Identity, now: datetime) -> CertificateEnded:
    return CertificateEnded(
        f"{_whose(identity)} has ended at {identity.expires:%Y-%m-%d %H:%M} UTC, and it is now "
        f"{now:%Y-%m-%d %H:%M}: enrol again, or set this machine's clock"
    )


def _signed_by(certificate: x509.Certificate, signature: bytes, message: bytes) -> bool:
    """Whether the certificate's key made the signature. A key of a kind that is not known here is believed."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        schemes = [(ec.ECDSA(one.algorithm),) for one in Hash if one is not Hash.NONE]
        return any(_verifies(key, signature, message, *scheme) for scheme in schemes)
    return not isinstance(key, ed25519.Ed25519PublicKey) or _verifies(key, signature, message)


def _verifies(key: Any, *signed: Any) -> bool:
    try:
        key.verify(*signed)
    except InvalidSignature:
        return False
    return True


def low_s(signature: bytes, order: int) -> bytes:
    """The DER signature with `s` at most half the curve's order; unchanged when it is already.

    Args:
        signature: An ECDSA signature, DER.
        order: The order of the curve's base point.
    """
    r, s = decode_dss_signature(signature)
    return signature if s <= order >> 1 else encode_dss_signature(r, order - s)
