"""A PKCS #11 token (OASIS PKCS #11 2.40): finds keys, makes them, and has them sign."""

from pathlib import Path
from threading import Lock
from types import ModuleType, TracebackType
from typing import Any, NoReturn, Self, cast

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from medconsent.fabric.errors import IdentityError
from medconsent.fabric.identity import PrivateKeySigner

_CURVE = "secp256r1"


class Token:
    """A token that is logged in to, until it is closed. Use it as a context manager.

    From any thread: its one session takes one call at a time. A process that was forked opens one of its own.
    """

    def __init__(self, library: str | Path, label: str, pin: str) -> None:
        """Log in.

        Args:
            library: The vendor's PKCS #11 library (`.so`).
            label: The token's label.
            pin: The user PIN. It is kept nowhere.

        Raises:
            IdentityError: `python-pkcs11` is not installed, there is no such library or token, or the PIN is wrong.
        """
        self._pkcs11 = _pkcs11()
        self.label = label
        self._lock = Lock()
        try:
            self._session = self._pkcs11.lib(str(library)).get_token(token_label=label).open(user_pin=pin, rw=True)
        except self._pkcs11.PKCS11Error as cause:
            raise IdentityError(f"the token {label!r} cannot be opened by {library}: {_said(cause)}") from cause

    def signer(self, *, label: str | None = None, key_id: bytes | None = None) -> PrivateKeySigner:
        """Signs with a key of the token.

        Args:
            label: The key's label (CKA_LABEL).
            key_id: Its id (CKA_ID); Fabric's own tools put the subject key identifier there.

        Raises:
            IdentityError: There is no such key, there are several, or Fabric does not sign with its kind.
        """
        wanted = {"label": label, "id": key_id}
        named = {name: value for name, value in wanted.items() if value is not None}
        if not named:
            raise IdentityError("name the key: its label, its id, or both")
        kinds = self._pkcs11.ObjectClass
        private = self._found(named, kinds.PRIVATE_KEY)
        return PrivateKeySigner(_TokenKey(self, private, self._public(self._found(named, kinds.PUBLIC_KEY))))

    def generate(self, *, label: str, key_id: bytes | None = None) -> PrivateKeySigner:
        """Make a P-256 key in the token, which stays there and cannot be read out.

        Args:
            label: Its label.
            key_id: Its id; None: none.

        Raises:
            IdentityError: The token has a key of that label, or refuses.
        """
        p11 = self._pkcs11
        with self._lock:
            if list(
                self._session.get_objects(
                    {p11.Attribute.CLASS: p11.ObjectClass.PRIVATE_KEY, p11.Attribute.LABEL: label}
                )
            ):
                raise IdentityError(f"the token {self.label!r} has a key {label!r}: take another label, or that key")
            try:
                curve = self._session.create_domain_parameters(
                    p11.KeyType.EC,
                    {p11.Attribute.EC_PARAMS: p11.util.ec.encode_named_curve_parameters(_CURVE)},
                    local=True,
                )
                public, private = curve.generate_keypair(store=True, label=label, id=key_id)
            except p11.PKCS11Error as cause:
                raise IdentityError(f"the token {self.label!r} makes no P-256 key: {_said(cause)}") from cause
        return PrivateKeySigner(_TokenKey(self, private, self._public(public)))

    def close(self) -> None:
        """Log out. Its signers sign no more."""
        with self._lock:
            self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def sign(self, key: Any, digest: bytes) -> bytes:
        """An ECDSA signature over a digest (mechanism CKM_ECDSA), DER.

        Args:
            key: A private key object of the token.
            digest: What is signed.

        Raises:
            IdentityError: The token refuses, or is closed.
        """
        try:
            with self._lock:
                raw = bytes(key.sign(digest, mechanism=self._pkcs11.Mechanism.ECDSA))
        except self._pkcs11.PKCS11Error as cause:
            raise IdentityError(f"the token {self.label!r} does not sign: {_said(cause)}") from cause
        half = len(raw) // 2
        return utils.encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def _found(self, named: dict[str, Any], kind: Any) -> Any:
        p11 = self._pkcs11
        words = ", ".join(f"{name} {value!r}" for name, value in named.items())
        template = {p11.Attribute.CLASS: kind}
        template |= {p11.Attribute[name.upper()]: value for name, value in named.items()}
        with self._lock:
            found = list(self._session.get_objects(template))
        what = "private key" if kind == p11.ObjectClass.PRIVATE_KEY else "public key"
        if len(found) != 1:
            raise IdentityError(f"the token {self.label!r} has {len(found)} {what}s with {words}, and should have one")
        if found[0].key_type != p11.KeyType.EC:
            raise IdentityError(f"the {what} with {words} is of type {found[0].key_type.name}: Fabric signs with ECDSA")
        return found[0]

    def _public(self, key: Any) -> ec.EllipticCurvePublicKey:
        with self._lock:
            encoded = bytes(self._pkcs11.util.ec.encode_ec_public_key(key))
        return cast("ec.EllipticCurvePublicKey", serialization.load_der_public_key(encoded))


class _TokenKey(ec.EllipticCurvePrivateKey):
    """A key of a token as `cryptography` knows keys, so that requests for certificates are signed with it too."""

    def __init__(self, token: Token, key: Any, public: ec.EllipticCurvePublicKey) -> None:
        self._token, self._key, self._public = token, key, public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    def sign(
        self, data: bytes | bytearray | memoryview, signature_algorithm: ec.EllipticCurveSignatureAlgorithm
    ) -> bytes:
        algorithm = signature_algorithm.algorithm
        if isinstance(algorithm, utils.Prehashed):
            return self._token.sign(self._key, bytes(data))
        digest = hashes.Hash(algorithm)
        digest.update(data)
        return self._token.sign(self._key, digest.finalize())

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        self._stays()

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        self._stays()

    def private_bytes(
        self,
        encoding: serialization.Encoding,
        format: serialization.PrivateFormat,
        encryption_algorithm: serialization.KeySerializationEncryption,
    ) -> bytes:
        self._stays()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def _stays(self) -> NoReturn:
        raise IdentityError(f"the key is in the token {self._token.label!r}, and does not leave it")


def _pkcs11() -> ModuleType:
    try:
        import pkcs11.util.ec  # noqa: PLC0415 - an extra: only who has a token needs it
    except ImportError as cause:
        raise IdentityError("PKCS #11 needs an extra: pip install 'medconsent[pkcs11]'") from cause
    return pkcs11


def _said(error: Exception) -> str:
    """The token's word: the errors of the library mostly have nothing but their kind."""
    return f"{type(error).__name__}{': ' if str(error) else ''}{error}"
