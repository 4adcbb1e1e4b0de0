"""Fabric CA over REST: enrol, register, modify, re-enrol, revoke, and what it has issued.

Requests of an enrolled identity carry a token in the `authorization` header,
`base64(certificate).base64(signature)`. Since Fabric CA 1.4 the signature covers method, path and query, body and
certificate (`util.GenECDSAToken`); from 1.5.14 on the older form, over body and certificate only, is refused by
default.
"""

import base64
import ipaddress
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, Self
from urllib.parse import quote, urlencode

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

from ._pem import certificates
from ._rpc import proxy_for
from .errors import CAError, IdentityError
from .identity import Identity, PrivateKeySigner, Signer
from .proposal import names

_API = "/api/v1/"
_TIMEOUT = (20.0, 30.0)  # seconds for TCP, and for each answer of the TLS handshake; and to wait for bytes
_NO_ENROLLMENTS = -2  # what Fabric CA wants to hear for 0 (lib/serveridentities.go); 0 leaves it as it is


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


class CAClient:
    """A client of one Fabric CA.

    Every request raises `CAError` when refused or not answered.
    """

    def __init__(self, url: str, *, ca_name: str | None = None, tls_root: bytes, proxies: bool = True) -> None:
        """`url` is `https://host:port`; `tls_root` the PEM that is trusted, and nothing else is; `proxies` as in
        `Gateway`.
        """
        self.url = url.rstrip("/")
        self.ca_name = ca_name
        if not self.url.startswith("https://"):
            raise CAError(f"the CA's address must start with https:// and is {url!r}: secrets travel over it")
        self._session = requests.Session()
        self._session.trust_env = False  # no .netrc and no other CA bundle from the environment
        if proxy := proxy_for(self.url.removeprefix("https://"), proxies):
            self._session.proxies = {"https": proxy}
        self._session.mount("https://", _PinnedAdapter(tls_root))

    def info(self) -> CAInfo:
        """Name, certificate chain and version of the CA."""
        result = self._post("cainfo", {})
        return CAInfo(str(result.get("CAName", "")), _decoded(result, "CAChain"), str(result.get("Version", "")))

    def enroll(
        self,
        enrollment_id: str,
        secret: str,
        *,
        profile: str | None = None,
        hosts: Sequence[str] = (),
        attributes: Sequence[str] | None = None,
        key: PrivateKeySigner | None = None,
    ) -> Enrollment:
        """Trade a secret for a certificate.

        Args:
            enrollment_id: Whose.
            secret: What the CA, or whoever registered the identity, handed out.
            profile: A signing profile of the CA, such as `tls`.
            hosts: Names and IP addresses for a TLS certificate.
            attributes: Names of the attributes to put into the certificate (left out where the CA has no such attribute
                of this identity); None: those registered to be there always.
            key: An existing key; None: a new P-256 key is made here and never leaves.
        """
        if ":" in enrollment_id:
            raise CAError(f"the enrolment id {enrollment_id!r} has a colon, which cannot be sent (RFC 7617)")
        signer = key or PrivateKeySigner.generate()
        body = self._certificate_request(enrollment_id, signer, profile, hosts, attributes)
        basic = base64.b64encode(f"{enrollment_id}:{secret}".encode()).decode()
        result = self._post("enroll", body, authorization=f"Basic {basic}")
        return _enrollment(enrollment_id, signer, result)

    def reenroll(
        self,
        holder: Registrar,
        *,
        profile: str | None = None,
        hosts: Sequence[str] = (),
        attributes: Sequence[str] | None = None,
        key: PrivateKeySigner | None = None,
    ) -> Enrollment:
        """Get a new certificate for the holder of a valid one.

        Args:
            holder: Who holds it, with the key that belongs to it.
            profile: A signing profile of the CA, such as `tls`.
            hosts: Names and IP addresses for a TLS certificate.
            attributes: Names of the attributes to put into the certificate, as in `enroll`.
            key: An existing key; None: a new P-256 key is made here and never leaves.

        Raises:
            CAError: The CA refuses, or cannot be reached.
        """
        signer = key or PrivateKeySigner.generate()
        enrollment_id = Identity("", holder.certificate_pem).common_name
        body = self._certificate_request(enrollment_id, signer, profile, hosts, attributes)
        return _enrollment(enrollment_id, signer, self._post("reenroll", body, holder))

    def register(
        self,
        registrar: Registrar,
        enrollment_id: str,
        *,
        type: str = "client",
        secret: str | None = None,
        attributes: Mapping[str, str] | None = None,
        max_enrollments: int = 1,
        affiliation: str = "",
    ) -> str:
        """Make an identity known to the CA.

        Args:
            registrar: Who does so.
            enrollment_id: The new identity's name.
            type: Its type, as `client`.
            secret: The secret to enrol with; None: the CA makes one.
            attributes: They go into each of its enrolment certificates.
            max_enrollments: How often it can enrol with the secret; -1: any number.
            affiliation: Where it belongs, in the CA's tree.
        """
        body: dict[str, Any] = {
            "id": enrollment_id,
            "type": type,
            "max_enrollments": max_enrollments,
            "affiliation": affiliation,
            "attrs": _to_register(attributes or {}),
        }
        if secret is not None:
            body["secret"] = secret
        answer = self._post("register", body, registrar)
        if not answer.get("secret"):
            raise CAError(f"the CA registered {enrollment_id!r} and gave no secret")
        return str(answer["secret"])

    def revoke(
        self,
        registrar: Registrar,
        enrollment_id: str | None = None,
        *,
        serial: str | None = None,
        authority_key_id: str | None = None,
        reason: str = "unspecified",
        gencrl: bool = False,
    ) -> Revocation:
        """Revoke an identity with all its certificates, or one certificate.

        A peer learns of it only by a CRL in the channel's configuration.

        Args:
            registrar: Who does so.
            enrollment_id: The identity; None: `serial` and `authority_key_id` name one certificate.
            serial: The certificate's serial number, in hex.
            authority_key_id: The key identifier of the CA in the certificate, in hex.
            reason: One of RFC 5280's (section 5.3.1) in lower case, for example `keycompromise`.
            gencrl: Whether the answer brings the CA's revocation list, made anew.

        Raises:
            CAError: The CA refuses, or cannot be reached.
        """
        body = {"id": enrollment_id, "serial": serial, "aki": authority_key_id, "reason": reason, "gencrl": gencrl}
        result = self._post("revoke", {name: value for name, value in body.items() if value}, registrar)
        revoked = tuple((str(one["Serial"]), str(one["AKI"])) for one in result.get("RevokedCerts") or ())
        return Revocation(revoked, _decoded(result, "CRL"))

    def gencrl(self, registrar: Registrar) -> bytes:
        """The CA's certificate revocation list, PEM."""
        return _decoded(self._post("gencrl", {}, registrar), "CRL")

    def identities(self, registrar: Registrar) -> list[RegisteredIdentity]:
        """The identities that the registrar may see."""
        result = self._send("GET", f"identities{self._query()}", b"", registrar=registrar)
        return [_registered(one) for one in result.get("identities") or ()]

    def identity(self, registrar: Registrar, enrollment_id: str) -> RegisteredIdentity:
        """One identity that the registrar may see.

        Args:
            registrar: Who asks.
            enrollment_id: Whose.

        Raises:
            CAError: There is none that the registrar may see, or the CA cannot be reached.
        """
        return _registered(self._send("GET", self._place(enrollment_id), b"", registrar=registrar))

    def modify(
        self,
        registrar: Registrar,
        enrollment_id: str,
        *,
        secret: str | None = None,
        attributes: Mapping[str, str] | None = None,
        max_enrollments: int | None = None,
    ) -> RegisteredIdentity:
        """Change an identity; what is not given stays.

        Args:
            registrar: Who does so.
            enrollment_id: Whose.
            secret: The secret to enrol with from now on. The CA does not count anew: see `max_enrollments`.
            attributes: They take the place of those of the same names; an empty value removes one. Certificates that
                were issued before keep theirs.
            max_enrollments: How often it can enrol, counted from its registration; 0: not at all, -1: any number.
        """
        body: dict[str, Any] = {}
        if secret is not None:
            body["secret"] = secret
        if attributes is not None:
            body["attrs"] = _to_register(attributes)
        if max_enrollments is not None:
            body["max_enrollments"] = max_enrollments or _NO_ENROLLMENTS
        content = json.dumps(body).encode()
        return _registered(self._send("PUT", self._place(enrollment_id), content, registrar=registrar))

    def certificates(self, registrar: Registrar, enrollment_id: str = "") -> list[IssuedCertificate]:
        """The certificates that the CA has issued to somebody, or to everybody; those that end last come first.

        The CA gives certificates alone and not what became of them, so it is asked twice: for all of them, and for
        those that are not revoked.

        Args:
            registrar: Who asks.
            enrollment_id: Whose; empty: everybody's that the registrar may see.

        Raises:
            CAError: The CA refuses, or cannot be reached.
        """
        of = {"id": enrollment_id} if enrollment_id else {}
        good = {(one.serial, one.authority_key_id) for one in self._certificates(registrar, **of, notrevoked="true")}
        found = [
            replace(one, revoked=(one.serial, one.authority_key_id) not in good)
            for one in self._certificates(registrar, **of)
        ]
        return sorted(found, key=lambda one: one.ends, reverse=True)

    def _certificates(self, registrar: Registrar, **filters: str) -> list[IssuedCertificate]:
        result = self._send("GET", f"certificates{self._query(**filters)}", b"", registrar=registrar)
        return [_issued(str(one["PEM"])) for one in result.get("certs") or ()]

    def _place(self, enrollment_id: str) -> str:
        return f"identities/{quote(enrollment_id, safe='')}{self._query()}"

    def _query(self, **parameters: str) -> str:
        named = parameters | ({"ca": self.ca_name} if self.ca_name else {})
        return f"?{urlencode(named)}" if named else ""

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def _certificate_request(
        self,
        enrollment_id: str,
        signer: PrivateKeySigner,
        profile: str | None,
        hosts: Sequence[str],
        attributes: Sequence[str] | None,
    ) -> dict[str, Any]:
        body: dict[str, Any] = {"certificate_request": certificate_request(enrollment_id, signer, hosts).decode()}
        if profile:
            body["profile"] = profile
        if hosts:
            body["hosts"] = list(hosts)
        if attributes is not None:
            body["attr_reqs"] = [{"name": name, "optional": True} for name in names(attributes, "attributes")]
        return body

    def _post(
        self, endpoint: str, body: dict[str, Any], registrar: Registrar | None = None, authorization: str = ""
    ) -> dict[str, Any]:
        if self.ca_name:
            body = {**body, "caname": self.ca_name}
        content = json.dumps(body).encode()
        return self._send("POST", endpoint, content, registrar=registrar, authorization=authorization)

    def _send(
        self, method: str, endpoint: str, body: bytes, *, registrar: Registrar | None = None, authorization: str = ""
    ) -> dict[str, Any]:
        path = _API + endpoint
        if registrar is not None:
            authorization = token(method, path, body, registrar.certificate_pem, registrar.signer)
        headers = {"Content-Type": "application/json"}
        if authorization:
            headers["Authorization"] = authorization
        try:
            answer = self._session.request(
                method, self.url + path, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            )
        except requests.exceptions.SSLError as cause:
            raise CAError(
                f"the CA at {self.url} is not the one that the TLS root vouches for: {_innermost(cause)}",
                untrusted=True,
            ) from cause
        except requests.RequestException as cause:
            raise CAError(f"the CA at {self.url} does not answer: {_innermost(cause)}") from cause
        return _result(answer.status_code, answer.content)


def token(method: str, uri: str, body: bytes, certificate_pem: bytes, signer: Signer) -> str:
    """The value of the `authorization` header of a request to a Fabric CA.

    Args:
        method: `GET`, `POST`, `PUT` or `DELETE`.
        uri: Path and query as they go over the wire.
        body: The request's body as it is sent; empty when there is none.
        certificate_pem: The certificate of who asks, PEM.
        signer: The key that belongs to it.
    """
    certificate = base64.b64encode(certificate_pem).decode()
    return f"{certificate}.{base64.b64encode(signer.sign(token_payload(method, uri, body, certificate_pem))).decode()}"


def token_payload(method: str, uri: str, body: bytes, certificate_pem: bytes) -> bytes:
    """What a token signs: `method.b64(uri).b64(body).b64(certificate)`.

    Args:
        method: `GET`, `POST`, `PUT` or `DELETE`.
        uri: Path and query as they go over the wire.
        body: The request's body as it is sent; empty when there is none.
        certificate_pem: The certificate of who asks, PEM.
    """
    return b".".join((method.encode(), *map(base64.b64encode, (uri.encode(), body, certificate_pem))))


def certificate_request(enrollment_id: str, signer: PrivateKeySigner, hosts: Sequence[str] = ()) -> bytes:
    """A PKCS #10 request in PEM whose common name is the enrolment id.

    Args:
        enrollment_id: The enrolment id.
        signer: The key that is to be certified; it signs the request.
        hosts: Names and IP addresses, which become subject alternative names.
    """
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, enrollment_id)])
    )
    if names(hosts, "hosts"):
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False
        )
    key = signer.private_key
    request = builder.sign(key, hashes.SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) else None)
    return request.public_bytes(Encoding.PEM)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _enrollment(enrollment_id: str, signer: PrivateKeySigner, result: dict[str, Any]) -> Enrollment:
    server = result.get("ServerInfo") or {}
    enrollment = Enrollment(enrollment_id, _decoded(result, "Cert"), _decoded(server, "CAChain"), signer)
    signer.require_match(enrollment.identity(""))
    return enrollment


def _to_register(attributes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Attributes that go into each enrolment certificate (`ecert`)."""
    return [{"name": name, "value": value, "ecert": True} for name, value in attributes.items()]


def _registered(told: Mapping[str, Any]) -> RegisteredIdentity:
    return RegisteredIdentity(
        enrollment_id=str(told["id"]),
        type=str(told["type"]),
        affiliation=str(told["affiliation"]),
        attributes={str(pair["name"]): str(pair["value"]) for pair in told.get("attrs") or ()},
        max_enrollments=int(told.get("max_enrollments") or 0),  # left out in an answer about one identity
    )


def _issued(pem: str) -> IssuedCertificate:
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


def _decoded(result: Mapping[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(str(result.get(name) or ""), validate=True)
    except ValueError as cause:
        raise CAError(f"the CA's answer is malformed: {name} is not base64") from cause


def _result(status: int, content: bytes) -> dict[str, Any]:
    """The `result` of an answer of the CA; raises what it says went wrong."""
    try:
        answer = json.loads(content)
        errors = answer.get("errors") or []
    except (ValueError, AttributeError) as cause:
        raise CAError(f"the answer (HTTP {status}) is not that of a Fabric CA", status=status) from cause
    if errors:
        message = "; ".join(str(error.get("message", "")) for error in errors)
        raise CAError(message, status=status, code=int(errors[0].get("code") or 0))
    if status >= requests.codes.bad_request or not answer.get("success", False):
        raise CAError(f"the CA answered HTTP {status} and no reason", status=status)
    result = answer.get("result")
    return result if isinstance(result, dict) else {}


def _innermost(error: BaseException) -> str:
    reason: Any = error.args[0] if error.args else error
    return str(getattr(reason, "reason", reason))


class _PinnedAdapter(HTTPAdapter):
    """Trusts exactly the given roots: requests itself would add those that come with it."""

    def __init__(self, tls_root: bytes) -> None:
        self._roots = b"".join(certificates(tls_root)).decode("ascii", errors="replace")
        try:
            ssl.create_default_context(cadata=self._roots)
            if not self._roots:
                raise ValueError("no certificate")
        except (ssl.SSLError, ValueError) as cause:
            raise CAError("the TLS root for the CA holds no certificate in PEM") from cause
        super().__init__()

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """See `HTTPAdapter`."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"cert_reqs": "CERT_REQUIRED", "ca_cert_data": self._roots}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing: the pool is made with the roots already."""
