"""A client of a Fabric CA, blocking and asyncio: enrol, register, modify, revoke, and what it has issued."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

from medconsent.fabric.ca import answers
from medconsent.fabric.ca.driving import AsyncioDriver, BlockingDriver
from medconsent.fabric.ca.signing import certificate_request
from medconsent.fabric.ca.values import (
    Affiliation,
    CAInfo,
    Enrollment,
    IssuedCertificate,
    RegisteredIdentity,
    Registrar,
    Revocation,
)
from medconsent.fabric.ca.wire import Wire
from medconsent.fabric.errors import CAError
from medconsent.fabric.flow import Asyncio, Blocking, Driver, Flow, Operations, aside, operation
from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent.fabric.proposal import names

M = TypeVar("M")

_NO_ENROLLMENTS = -2  # what Fabric CA wants to hear for 0 (lib/serveridentities.go); 0 leaves it as it is


class Authority(Operations[M]):
    """One Fabric CA, by its REST interface (docs: Fabric CA's swagger file, version 1.5).

    Every operation raises `CAError` when the CA refuses or does not answer.
    """

    def __init__(
        self, driver: Driver[M], url: str, *, ca_name: str | None = None, tls_root: bytes, proxies: bool = True
    ) -> None:
        """Opens nothing yet.

        Args:
            driver: Waits for the answers.
            url: `https://host:port`.
            ca_name: Which of the server's CAs; None: its default.
            tls_root: The PEM that is trusted, and nothing else is.
            proxies: As in `Gateway`.

        Raises:
            CAError: The address is not one of HTTPS, or the root holds no certificate.
        """
        super().__init__(driver)
        self._wire = Wire(url, ca_name, tls_root, proxies)

    @property
    def url(self) -> str:
        """The CA's address."""
        return self._wire.url

    @property
    def ca_name(self) -> str | None:
        """Which of the server's CAs; None: its default."""
        return self._wire.ca_name

    @operation
    def info(self) -> Flow[CAInfo]:
        """Name, certificate chain and version of the CA."""
        result = yield from self._post("cainfo", {})
        return CAInfo(str(result.get("CAName", "")), answers.decoded(result, "CAChain"), str(result.get("Version", "")))

    @operation
    def enroll(
        self,
        enrollment_id: str,
        secret: str,
        *,
        profile: str | None = None,
        hosts: Sequence[str] = (),
        attributes: Sequence[str] | None = None,
        key: PrivateKeySigner | None = None,
    ) -> Flow[Enrollment]:
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
        body = self._request(enrollment_id, signer, profile, hosts, attributes)
        basic = base64.b64encode(f"{enrollment_id}:{secret}".encode()).decode()
        result = yield from self._post("enroll", body, authorization=f"Basic {basic}")
        return answers.enrollment(enrollment_id, signer, result)

    @operation
    def reenroll(
        self,
        holder: Registrar,
        *,
        profile: str | None = None,
        hosts: Sequence[str] = (),
        attributes: Sequence[str] | None = None,
        key: PrivateKeySigner | None = None,
    ) -> Flow[Enrollment]:
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
        body = self._request(enrollment_id, signer, profile, hosts, attributes)
        return answers.enrollment(enrollment_id, signer, (yield from self._post("reenroll", body, holder)))

    @operation
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
    ) -> Flow[str]:
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
            "attrs": _attributes(attributes or {}),
        }
        if secret is not None:
            body["secret"] = secret
        answer = yield from self._post("register", body, registrar)
        if not answer.get("secret"):
            raise CAError(f"the CA registered {enrollment_id!r} and gave no secret")
        return str(answer["secret"])

    @operation
    def revoke(
        self,
        registrar: Registrar,
        enrollment_id: str | None = None,
        *,
        serial: str | None = None,
        authority_key_id: str | None = None,
        reason: str = "unspecified",
        gencrl: bool = False,
    ) -> Flow[Revocation]:
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
        result = yield from self._post("revoke", {name: value for name, value in body.items() if value}, registrar)
        return Revocation(answers.revoked(result), answers.decoded(result, "CRL"))

    @operation
    def gencrl(self, registrar: Registrar) -> Flow[bytes]:
        """The CA's certificate revocation list, PEM."""
        return answers.decoded((yield from self._post("gencrl", {}, registrar)), "CRL")

    @operation
    def identities(self, registrar: Registrar) -> Flow[list[RegisteredIdentity]]:
        """The identities that the registrar may see."""
        result = yield from self._send("GET", f"identities{self._query()}", registrar)
        return answers.listed(result, "identities", answers.registered)

    @operation
    def identity(self, registrar: Registrar, enrollment_id: str) -> Flow[RegisteredIdentity]:
        """One identity that the registrar may see.

        Args:
            registrar: Who asks.
            enrollment_id: Whose.

        Raises:
            CAError: There is none that the registrar may see, or the CA cannot be reached.
        """
        return answers.registered((yield from self._send("GET", self._place(enrollment_id), registrar)))

    @operation
    def modify(
        self,
        registrar: Registrar,
        enrollment_id: str,
        *,
        secret: str | None = None,
        attributes: Mapping[str, str] | None = None,
        max_enrollments: int | None = None,
    ) -> Flow[RegisteredIdentity]:
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
            body["attrs"] = _attributes(attributes)
        if max_enrollments is not None:
            body["max_enrollments"] = max_enrollments or _NO_ENROLLMENTS
        return answers.registered((yield from self._send("PUT", self._place(enrollment_id), registrar, body)))

    @operation
    def certificates(self, registrar: Registrar, enrollment_id: str = "") -> Flow[list[IssuedCertificate]]:
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
        unrevoked = yield from self._certificates(registrar, **of, notrevoked="true")
        good = {(one.serial, one.authority_key_id) for one in unrevoked}
        found = [
            replace(one, revoked=(one.serial, one.authority_key_id) not in good)
            for one in (yield from self._certificates(registrar, **of))
        ]
        return sorted(found, key=lambda one: one.ends, reverse=True)

    @operation
    def remove(self, registrar: Registrar, enrollment_id: str, *, force: bool = False) -> Flow[RegisteredIdentity]:
        """Take an identity out of the registry. Its certificates are revoked, and the CA never knows that id again.

        A CA does so only when it was started with `cfg.identities.allowremove`.

        Args:
            registrar: Who does so.
            enrollment_id: Whose.
            force: Whether a registrar may take out themselves.

        Raises:
            CAError: The CA refuses, or cannot be reached.
        """
        place = self._place(enrollment_id, **_forced(force))
        return answers.registered((yield from self._send("DELETE", place, registrar)))

    @operation
    def affiliations(self, registrar: Registrar) -> Flow[Affiliation]:
        """The tree of affiliations from where the registrar belongs on; above all others the name is empty.

        Raises:
            CAError: The CA refuses, as somebody without `hf.AffiliationMgr`, or has none.
        """
        return answers.affiliation((yield from self._send("GET", f"affiliations{self._query()}", registrar)))

    @operation
    def affiliation(self, registrar: Registrar, name: str) -> Flow[Affiliation]:
        """One affiliation, with those below it.

        Args:
            registrar: Who asks.
            name: Its whole name, as `oncology.imaging`.

        Raises:
            CAError: There is none, or the CA refuses.
        """
        return answers.affiliation((yield from self._send("GET", self._branch(name), registrar)))

    @operation
    def add_affiliation(self, registrar: Registrar, name: str, *, force: bool = False) -> Flow[Affiliation]:
        """Add an affiliation.

        Args:
            registrar: Who does so.
            name: Its whole name, as `oncology.imaging`.
            force: Whether those above it are added when they are missing.

        Raises:
            CAError: It is there, what is above it is not, or the CA refuses.
        """
        place = f"affiliations{self._query(**_forced(force))}"
        return answers.affiliation((yield from self._send("POST", place, registrar, {"name": name})))

    @operation
    def rename_affiliation(self, registrar: Registrar, name: str, to: str, *, force: bool = False) -> Flow[Affiliation]:
        """Give an affiliation another name, and those below it with it.

        Args:
            registrar: Who does so.
            name: Its whole name.
            to: The whole name from now on.
            force: Whether identities that belong there move with it; without it, such an affiliation stays.

        Raises:
            CAError: There is none, identities belong there, or the CA refuses.
        """
        return answers.affiliation((yield from self._send("PUT", self._branch(name, force), registrar, {"name": to})))

    @operation
    def remove_affiliation(self, registrar: Registrar, name: str, *, force: bool = False) -> Flow[Affiliation]:
        """Remove an affiliation. A CA does so only when it was started with `cfg.affiliations.allowremove`.

        Args:
            registrar: Who does so.
            name: Its whole name.
            force: Whether those below it, and the identities that belong there, are removed with it.

        Raises:
            CAError: There is none, others depend on it, or the CA refuses.
        """
        return answers.affiliation((yield from self._send("DELETE", self._branch(name, force), registrar)))

    def _certificates(self, registrar: Registrar, **filters: str) -> Flow[list[IssuedCertificate]]:
        result = yield from self._send("GET", f"certificates{self._query(**filters)}", registrar)
        return answers.listed(result, "certs", lambda one: answers.issued(str(one["PEM"])))

    def _branch(self, name: str, force: bool = False) -> str:
        return f"affiliations/{quote(name, safe='')}{self._query(**_forced(force))}"

    def _place(self, enrollment_id: str, **parameters: str) -> str:
        return f"identities/{quote(enrollment_id, safe='')}{self._query(**parameters)}"

    def _query(self, **parameters: str) -> str:
        named = parameters | ({"ca": self.ca_name} if self.ca_name else {})
        return f"?{urlencode(named)}" if named else ""

    def _post(
        self, endpoint: str, body: dict[str, Any], registrar: Registrar | None = None, authorization: str = ""
    ) -> Flow[dict[str, Any]]:
        return (yield from aside(lambda: self._wire.post(endpoint, body, registrar, authorization)))

    def _send(
        self, method: str, place: str, registrar: Registrar, body: Mapping[str, Any] | None = None
    ) -> Flow[dict[str, Any]]:
        content = b"" if body is None else json.dumps(body).encode()
        return (yield from aside(lambda: self._wire.send(method, place, content, registrar=registrar)))

    def _request(
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


def _attributes(attributes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Attributes that go into each enrolment certificate (`ecert`)."""
    return [{"name": name, "value": value, "ecert": True} for name, value in attributes.items()]


def _forced(force: bool) -> dict[str, str]:
    return {"force": "true"} if force else {}


class CAClient(Authority[Blocking]):
    """A blocking client of one Fabric CA; any number of threads may use it. Use as a context manager, or `close` it."""

    def __init__(self, url: str, *, ca_name: str | None = None, tls_root: bytes, proxies: bool = True) -> None:
        """Opens nothing yet. The arguments are those of `Authority`."""
        super().__init__(BlockingDriver(), url, ca_name=ca_name, tls_root=tls_root, proxies=proxies)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncCAClient(Authority[Asyncio]):
    """A client of one Fabric CA whose operations are awaited, each request in a thread of its own.

    Giving up waiting for an answer does not take the request back: the CA may do what it was asked.
    """

    def __init__(self, url: str, *, ca_name: str | None = None, tls_root: bytes, proxies: bool = True) -> None:
        """Opens nothing yet. The arguments are those of `Authority`."""
        super().__init__(AsyncioDriver(), url, ca_name=ca_name, tls_root=tls_root, proxies=proxies)

    async def close(self) -> None:
        """Close the connections that are kept."""
        self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
