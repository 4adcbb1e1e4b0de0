"""Requests that are signed: a detached JWS (RFC 7515, appendix F) by the key that stands on the ledger for the person.

The protected header has what the request is: who asks (`iss`), the SHA-256 of their public key (`kid`), whom (`aud`),
when (`iat`), once (`jti`), the method and the target (`htm`, `htu`) and the range of bytes (`range`). The payload is
the request's body, which is not sent twice. There is no token that could be stolen and used for something else.
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from medconsent._internal import extras
from medconsent.errors import NotSigned, ReleaseError
from medconsent.fabric.identity import PrivateKeySigner

HEADER = "Medconsent-Signature"
"""The HTTP header that has the signature."""
WINDOW = 60.0
"""Seconds by which the clocks of two institutions may differ."""
MOST_BYTES = 4096
"""Characters that a signature has at most."""
MOST_BODY = 8 << 20
"""Bytes that a request's body has at most."""
_ALGORITHMS = ("ES256", "ES384", "Ed25519")
_MEMBERS = ("iss", "kid", "aud", "jti", "htm", "htu", "range")


@dataclass(frozen=True)
class Request:
    """What is signed besides the body.

    Attributes:
        method: `GET` or `POST`.
        target: Path and query.
        audience: The institution that is asked.
        range: The value of the header `Range`; empty when there is none.
    """

    method: str
    target: str
    audience: str
    range: str = ""


def sign(request: Request, body: bytes, *, person: str, kid: str, signer: PrivateKeySigner) -> str:
    """The signature of a request.

    Args:
        request: What is asked.
        body: The request's body; empty for `GET`.
        person: Who asks, as `nuri/kim`.
        kid: The SHA-256 of their public key, in hex.
        signer: Their key.
    """
    protected = {
        "alg": _algorithm(signer.private_key),
        "iss": person,
        "kid": kid,
        "aud": request.audience,
        "iat": int(time.time()),
        "jti": secrets.token_hex(16),
        "htm": request.method,
        "htu": request.target,
        "range": request.range,
    }
    # By hand, because the key may be in a token that it does not leave: the library exports a key to sign with it.
    head = _encoded(json.dumps(protected, ensure_ascii=False, separators=(",", ":")).encode())
    signature = _signature(signer.private_key, head + b"." + _encoded(body))
    return (head + b".." + _encoded(signature)).decode()


def _signature(key: Any, message: bytes) -> bytes:
    """A JWS's signature: of ECDSA the two numbers, one after the other (RFC 7518, section 3.4)."""
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return bytes(key.sign(message))
    digest = hashes.SHA384() if key.curve.name == "secp384r1" else hashes.SHA256()
    size = (key.key_size + 7) // 8
    return b"".join(part.to_bytes(size, "big") for part in decode_dss_signature(key.sign(message, ec.ECDSA(digest))))


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Verifier:
    """Verifies requests; remembers those of the last minutes, so that none is taken twice."""

    def __init__(
        self,
        audience: str,
        keys: Callable[[str, str], ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | None],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            audience: The institution that is asked.
            keys: Gives the public key of a person that stands on the ledger, by `nuri/kim` and its SHA-256; None: that
                is none of theirs.
            clock: Seconds since 1970.
        """
        self._audience, self._keys, self._clock = audience, keys, clock
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def verify(self, signature: str, method: str, target: str, byte_range: str, body: bytes) -> str:
        """Who asks, as `nuri/kim`.

        Args:
            signature: The JWS of the request's header.
            method: The HTTP method that came.
            target: The path that came, with its query.
            byte_range: The `Range` header that came; empty for none.
            body: The bytes that came.

        Raises:
            NotSigned: It is not signed, or by nobody who is known, or is another request, or came before.
        """
        header = self._claimed(signature)
        asked = Request(method, target, self._audience, byte_range)
        claimed = Request(header["htm"], header["htu"], header["aud"], header["range"])
        if claimed != asked:
            raise NotSigned("the signature is of another request")
        if abs(self._clock() - header["iat"]) > WINDOW:
            raise NotSigned("the signature's time is more than a minute off: compare the clocks")
        public = self._keys(header["iss"], header["kid"])
        if public is None:
            raise NotSigned(
                f"the key {header['kid'][:16]} is none that stands on the ledger for {header['iss']}",
                hint="its holder announces it (person.announce), and an officer admits it (person.admit)",
            )
        jws, key, registry = _jose(public)
        try:
            jws.deserialize_compact(signature, key, algorithms=[_algorithm(public)], registry=registry, payload=body)
        except (ValueError, TypeError, self._jose_error) as error:
            raise NotSigned("the signature is not right") from error
        self._remember(header["jti"])
        return str(header["iss"])

    @property
    def _jose_error(self) -> type[Exception]:
        from joserfc.errors import JoseError  # noqa: PLC0415

        kind: type[Exception] = JoseError
        return kind

    def _claimed(self, signature: str) -> Mapping[str, Any]:
        """The protected header, which is believed once the signature was verified.

        Raises:
            NotSigned: It cannot be read.
        """
        if not signature or len(signature) > MOST_BYTES:
            raise NotSigned(f"the request is not signed: the header {HEADER} has a detached JWS")
        parts = signature.split(".")
        try:
            first = base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
            header = json.loads(first)
            well = (
                len(parts) == 3
                and not parts[1]
                and isinstance(header.get("iat"), int)
                and all(isinstance(header.get(name), str) for name in _MEMBERS)
            )
        except (ValueError, AttributeError, RecursionError) as error:
            raise NotSigned("the signature cannot be read") from error
        if not well:
            raise NotSigned("the signature lacks what it has to say of the request")
        return dict(header)

    def _remember(self, once: str) -> None:
        now = self._clock()
        with self._lock:
            for old in [name for name, when in self._seen.items() if now - when > 2 * WINDOW + 1]:
                del self._seen[old]
            if once in self._seen:
                raise NotSigned("the same request came before")
            self._seen[once] = now


def _algorithm(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return "ES384" if key.curve.name == "secp384r1" else "ES256"
    return "Ed25519"


def _jose(key: Any) -> tuple[Any, Any, Any]:
    try:
        from joserfc import jwk, jws  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ReleaseError("the library for signatures is not installed", hint=extras.hint("release")) from error
    kind = jwk.ECKey if "Curve" in type(key).__name__ or hasattr(key, "curve") else jwk.OKPKey
    registry = jws.JWSRegistry(algorithms=list(_ALGORITHMS), strict_check_header=False)
    # The library's own bounds are for small tokens: a long target, or the ids of many files, would be refused.
    registry.max_header_length, registry.max_payload_length = MOST_BYTES, 2 * MOST_BODY
    return jws, kind.import_key(key), registry
