"""What the two drivers share of gRPC: addresses, credentials, options, and the reading of failures."""

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import grpc
from cryptography import x509
from google.protobuf.message import DecodeError

from ._pem import certificates
from ._protos import ErrorDetail, RpcStatus
from .errors import IdentityError
from .flow import EndorserDetail, RpcFailure

if TYPE_CHECKING:
    from .driving.peers import TLSClientCertificate

_MESSAGE_LIMIT = 100 * 1024 * 1024  # what peers accept and send
_DETAILS_KEY = "grpc-status-details-bin"

_CONNECT_SECONDS = 30  # five round trips of a link on which each takes 6 s

_NEARLY = 0.95  # of its time: gRPC's clock and ours do not agree to the millisecond
_LATE = "Deadline Exceeded"  # gRPC's own; a peer that waits for others has a sentence of its own
_LOST = "Stream removed"  # gRPC's words for a stream whose end it was not told

_PROXY = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


def proxy_for(endpoint: str, obeyed: bool = True) -> str | None:
    """The address of the proxy for `host:port`, as `http://proxy:3128`; None where one goes there directly.

    The CA goes the same way (`medconsent.fabric.ca`): gRPC and requests each read the environment in their own way, so
    neither is left to. `no_proxy` lists hosts, domains, addresses and networks (`10.0.0.0/8`) without one, or is `*`.
    Unless they are `obeyed`, none of these variables counts.
    """
    if not obeyed:
        return None
    proxy = next((found for name in _PROXY if (found := os.environ.get(name))), None)
    if proxy is None:
        return None
    # Which hosts go without a proxy is requests' to say; without a proxy it is not loaded, as it takes long.
    from requests.utils import should_bypass_proxies  # noqa: PLC0415

    if should_bypass_proxies(f"https://{endpoint}", no_proxy=None):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def target(endpoint: str) -> str:
    """`host:port` out of an address that may be written as a URL (`grpcs://host:port`)."""
    return urlsplit(endpoint).netloc if "://" in endpoint else endpoint


def credentials(tls_root: bytes | None, client: "TLSClientCertificate | None" = None) -> grpc.ChannelCredentials | None:
    """TLS credentials that trust exactly the PEM certificates given; None means no TLS.

    Args:
        tls_root: At least one of them; None: no TLS.
        client: What is shown to a server that asks who connects.

    Raises:
        IdentityError: There is none among them: gRPC would then trust whomever the machine trusts.
    """
    if tls_root is None:
        return None
    roots = certificates(tls_root)
    if not roots:
        raise IdentityError("the TLS root for the peer holds no certificate in PEM: nobody could be trusted")
    for root in roots:
        try:
            x509.load_pem_x509_certificate(root)
        except ValueError as cause:
            raise IdentityError(f"the TLS root for the peer is no certificate: {cause}") from cause
    return grpc.ssl_channel_credentials(
        b"".join(roots), client.key_pem if client else None, client.certificate_pem if client else None
    )


def options(endpoint: str, server_name: str | None, proxies: bool = True) -> list[tuple[str, Any]]:
    """Options of the channel to `host:port`. Peers disconnect clients whose keepalive is quicker than 60 s."""
    proxy = proxy_for(endpoint, proxies)
    settings: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
        ("grpc.max_send_message_length", _MESSAGE_LIMIT),
        ("grpc.keepalive_time_ms", 120_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.max_pings_without_data", 0),
        # A peer that restarts is found again soon: gRPC's own waits grow to two minutes. Its "min_reconnect_backoff" is
        # no pause: it is the time that one attempt has, for TCP, TLS and HTTP/2 together (src/core/client_channel).
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", _CONNECT_SECONDS * 1000),
        ("grpc.max_reconnect_backoff_ms", 2_000),
        # Each gateway has a connection of its own, so that closing one does not disturb another.
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.enable_retries", 0),
        ("grpc.http_proxy", proxy) if proxy else ("grpc.enable_http_proxy", 0),
    ]
    if server_name:
        settings.append(("grpc.ssl_target_name_override", server_name))
    return settings


def failure(error: grpc.RpcError, method: str = "", timeout: float | None = None, seconds: float = 0.0) -> RpcFailure:
    """What a failed gRPC call says, with the word of each node behind the gateway.

    Args:
        error: What gRPC raised.
        method: The full name of the method.
        timeout: How long the call was given, in seconds; None: any time.
        seconds: How long it took.
    """
    status = error.code() if hasattr(error, "code") else grpc.StatusCode.UNKNOWN
    message = (error.details() if hasattr(error, "details") else "") or str(error)
    metadata = error.trailing_metadata() if hasattr(error, "trailing_metadata") else ()
    told = details(metadata or ())
    asked = _words(method)
    late = timeout is not None and seconds >= timeout * _NEARLY
    if asked and not told and (message == _LATE or (_LOST in message and late)):
        return RpcFailure(grpc.StatusCode.DEADLINE_EXCEEDED, f"no answer to {asked} in {timeout:g} s", seconds=seconds)
    if asked and not told and _LOST in message:
        broken = f"the connection broke off after {seconds:.3g} s without an answer to {asked}"
        return RpcFailure(grpc.StatusCode.UNAVAILABLE, broken, seconds=seconds)
    return RpcFailure(status, message, told, seconds=seconds)


def _words(method: str) -> str:
    """`commit status` for `/gateway.Gateway/CommitStatus`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", method.rpartition("/")[2]).lower()


def details(metadata: Iterable[Any]) -> tuple[EndorserDetail, ...]:
    """The `gateway.ErrorDetail` messages in `grpc-status-details-bin` (`google.rpc.Status`).

    Others are left out.
    """
    found = []
    for key, value in metadata:
        if key != _DETAILS_KEY or not isinstance(value, bytes):
            continue
        try:
            for packed in RpcStatus.FromString(value).details:
                detail = ErrorDetail()
                if packed.Unpack(detail):
                    found.append(EndorserDetail(str(detail.address), str(detail.msp_id), str(detail.message)))
        except DecodeError:
            continue
    return tuple(found)
