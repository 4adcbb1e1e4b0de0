"""Visas of GA4GH Passports 1.2: an institution's word, for minutes, that somebody may use its data.

A visa opens nothing here, where the ledger alone decides. It tells other systems what a check said a moment ago: a JWT
of the type ControlledAccessGrants, signed with ES256 by a key of the institution, whose public half stands in a JWK set
at the address in the visa's header.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from medconsent._internal import extras
from medconsent._internal.codec import Value
from medconsent.errors import DocumentError, ReleaseError
from medconsent.private_files import create_private
from medconsent.values.grants import Grant

LASTS = timedelta(minutes=10)
"""For how long a visa is good at most."""
KEY_SET = "/.well-known/jwks.json"
"""Where the JWK set is, below the issuer's address (RFC 8615)."""
_TYPE = "vnd.ga4gh.visa+jwt"


@dataclass(frozen=True)
class Visa(Value):
    """A visa.

    Attributes:
        token: The JWT.
        person: Of whom, as `nuri/kim`.
        grant: The id of the grant that it is about.
        until: Until when it is good (UTC).
    """

    token: str
    person: str
    grant: str
    until: datetime


class Issuer:
    """Who mints visas: an address and a key."""

    def __init__(self, address: str, key: Any) -> None:
        """
        Args:
            address: The institution's address as an issuer, as `https://release.hanbit.example:7443`.
            key: The secret key.

        Raises:
            DocumentError: That is no such address.
        """
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment:
            raise DocumentError(f"{address!r} is no address of an issuer: it begins with https://")
        self.address = address.rstrip("/")
        self._key = key

    @classmethod
    def of(cls, address: str, path: Path) -> Self:
        """The one with the key in a file, which is made when it is not there.

        Args:
            address: As above.
            path: The file: a JWK (RFC 7517) with a secret P-256 key, readable by its owner alone.

        Raises:
            DocumentError: That is no such address, or the file is no such key.
            ReleaseError: The library is not installed.
        """
        jwk, _jwt = _library()
        from joserfc.errors import JoseError  # noqa: PLC0415 - an extra

        if not path.exists():
            made = jwk.ECKey.generate_key("P-256", private=True, auto_kid=True)
            with create_private(path) as stream:
                stream.write(json.dumps(made.as_dict(private=True)).encode() + b"\n")
        try:
            key = jwk.ECKey.import_key(json.loads(path.read_bytes()))
            if key.as_dict(private=True).get("crv") != "P-256" or not key.is_private:
                raise ValueError("it is no secret key of P-256")
        except (OSError, ValueError, TypeError, AttributeError, RecursionError, JoseError) as error:
            raise DocumentError(f"{path} is no key for visas: {error}") from error
        key.ensure_kid()
        return cls(address, key)

    def key_set(self, before: bytes = b'{"keys": []}') -> bytes:
        """The JWK set that verifiers read, without any secret.

        Args:
            before: The set that stood before, as `read_key_set` gives it; its keys stay, so that visas of an older key
                are good until they end.
        """
        own = {**self._key.as_dict(private=False), "use": "sig", "alg": "ES256"}
        others = [one for one in json.loads(before)["keys"] if one.get("kid") != own["kid"]]
        return json.dumps({"keys": [own, *others]}, indent=2).encode() + b"\n"

    def mint(self, grant: Grant, person: str, *, at: datetime) -> Visa:
        """A visa on a grant. Whether it is in force was asked just before.

        Args:
            grant: The grant.
            person: Whose visa it is, as `nuri/kim`.
            at: Now (UTC).
        """
        until = min(at + LASTS, grant.until).replace(microsecond=0)
        said = {
            "type": "ControlledAccessGrants",
            "value": f"{self.address}/datasets/{grant.dataset}/{grant.version}",
            "source": self.address,
            "by": "dac" if grant.votes else "so",
            "asserted": int(grant.created_at.timestamp()),
        }
        claims = {
            "iss": self.address,
            "sub": person,
            "iat": int(at.timestamp()),
            "exp": int(until.timestamp()),
            "jti": secrets.token_hex(16),
            "ga4gh_visa_v1": said,
        }
        head = {"alg": "ES256", "typ": _TYPE, "kid": self._key.kid, "jku": f"{self.address}{KEY_SET}"}
        return Visa(str(_library()[1].encode(head, claims, self._key)), person, grant.id, until)


def read_key_set(path: Path) -> bytes:
    """A JWK set as it stands in a file.

    Raises:
        DocumentError: It is none, or has a secret in it.
    """
    try:
        text = path.read_bytes()
        keys = json.loads(text)["keys"]
        if not isinstance(keys, list) or not all(isinstance(one, dict) for one in keys):
            raise TypeError("its member `keys` is no list of keys")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DocumentError(f"{path} is no JWK set: {error}") from error
    if any(one.get("kty") not in ("EC", "OKP", "RSA") or "d" in one for one in keys):
        raise DocumentError(f"{path} has a secret key in it", hint="`medconsent release visa --key-set FILE` writes it")
    return text


def _library() -> tuple[Any, Any]:
    try:
        from joserfc import jwk, jwt  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ReleaseError("the library for signatures is not installed", hint=extras.hint("release")) from error
    return jwk, jwt
