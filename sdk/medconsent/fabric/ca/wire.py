"""One request to a Fabric CA, and its answer, over HTTPS that trusts one root."""

import json
import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from medconsent.fabric._pem import certificates
from medconsent.fabric._rpc import proxy_for
from medconsent.fabric.ca.signing import token
from medconsent.fabric.ca.values import Registrar
from medconsent.fabric.errors import CAError

_API = "/api/v1/"
_TIMEOUT = (20.0, 30.0)  # seconds for TCP, and for each answer of the TLS handshake; and to wait for bytes


class Wire:
    """The way to one CA; any number of threads may use it at once."""

    def __init__(self, url: str, ca_name: str | None, tls_root: bytes, proxies: bool) -> None:
        """Opens nothing yet.

        Args:
            url: `https://host:port`.
            ca_name: Which of the server's CAs; None: its default.
            tls_root: The PEM that is trusted, and nothing else is.
            proxies: Whether `https_proxy` and its like are obeyed.

        Raises:
            CAError: The address is not one of HTTPS, or the root holds no certificate.
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

    def close(self) -> None:
        """Close the connections that are kept."""
        self._session.close()

    def post(
        self, endpoint: str, body: dict[str, Any], registrar: Registrar | None = None, authorization: str = ""
    ) -> dict[str, Any]:
        """Send a request whose body names the CA. See `send`.

        Args:
            endpoint: What is asked, as `enroll`.
            body: What is sent, as JSON.
            registrar: Who asks; None: nobody who has a certificate.
            authorization: The header of that name, when nobody who has one asks.
        """
        if self.ca_name:
            body = {**body, "caname": self.ca_name}
        content = json.dumps(body).encode()
        return self.send("POST", endpoint, content, registrar=registrar, authorization=authorization)

    def send(
        self, method: str, endpoint: str, body: bytes, *, registrar: Registrar | None = None, authorization: str = ""
    ) -> dict[str, Any]:
        """Send a request, and give the `result` of the answer.

        Args:
            method: `GET`, `POST`, `PUT` or `DELETE`.
            endpoint: What is asked, with its query, as it goes over the wire.
            body: The body, as JSON; empty when there is none.
            registrar: Who asks; None: nobody who has a certificate.
            authorization: The header of that name, when nobody who has one asks.

        Raises:
            CAError: The CA refuses, does not answer, or is not the one that the root vouches for.
        """
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


def _result(status: int, content: bytes) -> dict[str, Any]:
    """The `result` of an answer of the CA; raises what it says went wrong."""
    try:
        answer = json.loads(content)
        errors = answer.get("errors") or []
        message = "; ".join(str(error.get("message", "")) for error in errors)
        code = int(errors[0].get("code") or 0) if errors else 0
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as cause:
        raise CAError(f"the answer (HTTP {status}) is not that of a Fabric CA", status=status) from cause
    if errors:
        raise CAError(message, status=status, code=code)
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
