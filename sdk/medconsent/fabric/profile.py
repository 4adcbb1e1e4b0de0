"""Fabric's common connection profile: where an organization's peers and CAs are, and what TLS roots they have.

JSON or YAML, as the Fabric SDKs of old (and hfc) read it. Certificates stand inline (`pem`) or in a file (`path`,
relative to the profile).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ._rpc import target
from .errors import ProfileError

_MAX_BYTES = 1024**2


@dataclass(frozen=True)
class PeerEndpoint:
    """A peer.

    Attributes:
        name: Its name in the profile.
        endpoint: `host:port`.
        tls_root: The PEM of its TLS CA; None for a peer without TLS.
        server_name: The name in its certificate, when it is another.
    """

    name: str
    endpoint: str
    tls_root: bytes | None
    server_name: str | None = None


@dataclass(frozen=True)
class CAEndpoint:
    """A Fabric CA. `ca_name` is the name of the CA within its server."""

    name: str
    url: str
    ca_name: str | None
    tls_root: bytes


@dataclass(frozen=True)
class Profile:
    """A connection profile, seen from one organization."""

    organization: str
    msp_id: str
    peers: tuple[PeerEndpoint, ...]
    certificate_authorities: tuple[CAEndpoint, ...]
    channels: tuple[str, ...]
    document: Mapping[str, Any]

    @classmethod
    def load(cls, path: str | Path, organization: str | None = None) -> Self:
        """Read a profile from a `.json`, `.yaml` or `.yml` file.

        `organization` is a name or MSP id in it; None takes `client.organization`, or the only one there is.

        Raises:
            ProfileError: It cannot be read, or lacks what is needed.
        """
        path = Path(path)
        try:
            if path.exists() and not path.is_file():  # opening a pipe would wait for somebody at its other end
                raise ProfileError(f"the connection profile {path} is not a regular file")
            with path.open("rb") as stream:
                data = stream.read(_MAX_BYTES + 1)
            if len(data) > _MAX_BYTES:
                raise ProfileError(f"the connection profile {path} is longer than {_MAX_BYTES // 1024**2} MiB")
            text = data.decode("utf-8")
        except (OSError, UnicodeDecodeError) as cause:
            raise ProfileError(f"the connection profile {path} cannot be read: {cause}") from cause
        document = _json(path, text) if path.suffix == ".json" else _yaml(path, text)
        return cls.parse(document, organization, base=path.parent)

    @classmethod
    def parse(cls, document: Any, organization: str | None = None, *, base: Path = Path()) -> Self:
        """A profile out of its decoded document; paths in it are relative to `base`.

        Raises:
            ProfileError: It cannot be read, or lacks what is needed.
        """
        if not isinstance(document, Mapping):
            raise ProfileError("a connection profile is an object with organizations, peers and certificateAuthorities")
        organizations = _section(document, "organizations")
        name = _choose(organizations, organization or _section(document, "client").get("organization"))
        chosen = _section(organizations, name)
        msp_id = chosen.get("mspid")
        if not isinstance(msp_id, str) or not msp_id:
            raise ProfileError(f"organizations.{name} has no mspid")
        peers, authorities = _section(document, "peers"), _section(document, "certificateAuthorities")
        return cls(
            organization=name,
            msp_id=msp_id,
            peers=tuple(_peer(peer, _entry(peers, "peers", peer), base) for peer in chosen.get("peers") or ()),
            certificate_authorities=tuple(
                _authority(ca, _entry(authorities, "certificateAuthorities", ca), base)
                for ca in chosen.get("certificateAuthorities") or ()
            ),
            channels=tuple(str(channel) for channel in document.get("channels") or ()),
            document=document,
        )

    def root_certificates(self, section: str) -> bytes | None:
        """The PEM of the roots that certify the organization's people, which an extension of the profile has as
        `rootCerts.pem`; None when it has none.

        Args:
            section: The extension's name, such as `x-medconsent`.

        Raises:
            ProfileError: The extension is of another shape.
        """
        roots = _section(_section(self.document, section), "rootCerts")
        return _inline(roots)

    @property
    def peer(self) -> PeerEndpoint:
        """The organization's first peer.

        Raises:
            ProfileError: It has none.
        """
        if not self.peers:
            raise ProfileError(f"organizations.{self.organization} names no peer")
        return self.peers[0]

    @property
    def certificate_authority(self) -> CAEndpoint:
        """The organization's first CA.

        Raises:
            ProfileError: It has none.
        """
        if not self.certificate_authorities:
            raise ProfileError(f"organizations.{self.organization} names no certificate authority")
        return self.certificate_authorities[0]


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as cause:
        raise _unreadable(path, cause) from cause


def _yaml(path: Path, text: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - takes longer than all the rest, and most profiles are JSON
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        return YAML(typ="safe", pure=True).load(text)
    except (ValueError, YAMLError) as cause:
        raise _unreadable(path, cause) from cause


def _unreadable(path: Path, cause: Exception) -> ProfileError:
    return ProfileError(f"the connection profile {path} is neither JSON nor YAML: {cause}")


def _choose(organizations: Mapping[str, Any], wanted: Any) -> str:
    for name, organization in organizations.items():
        if wanted == name or (wanted and isinstance(organization, Mapping) and organization.get("mspid") == wanted):
            return name
    if wanted:
        raise ProfileError(f"the connection profile has no organization {wanted!r}; it has: {', '.join(organizations)}")
    if len(organizations) != 1:
        raise ProfileError(f"name one of the profile's organizations: {', '.join(organizations) or 'it has none'}")
    return next(iter(organizations))


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name) or {}
    if not isinstance(section, Mapping):
        raise ProfileError(f"{name} in the connection profile must be an object")
    return section


def _entry(section: Mapping[str, Any], kind: str, name: Any) -> Mapping[str, Any]:
    if name not in section:
        raise ProfileError(f"the organization names {name!r}, and {kind} has no such entry")
    return _section(section, name)


def _url(entry: Mapping[str, Any], kind: str, name: str) -> str:
    url = entry.get("url")
    if not isinstance(url, str) or not url:
        raise ProfileError(f"{kind}.{name} has no url")
    return url


def _peer(name: str, entry: Mapping[str, Any], base: Path) -> PeerEndpoint:
    url = _url(entry, "peers", name)
    options = _section(entry, "grpcOptions")
    server_name = options.get("ssl-target-name-override") or options.get("grpc.ssl_target_name_override")
    tls_root = None if url.startswith("grpc://") else _certificates(entry, "peers", name, base)
    return PeerEndpoint(name, target(url), tls_root, str(server_name) if server_name else None)


def _authority(name: str, entry: Mapping[str, Any], base: Path) -> CAEndpoint:
    ca_name = entry.get("caName")
    return CAEndpoint(
        name,
        _url(entry, "certificateAuthorities", name),
        str(ca_name) if ca_name else None,
        _certificates(entry, "certificateAuthorities", name, base),
    )


def _certificates(entry: Mapping[str, Any], kind: str, name: str, base: Path) -> bytes:
    """The TLS roots of an entry: `tlsCACerts.pem` (a string or a list of them) or `tlsCACerts.path`."""
    section = _section(entry, "tlsCACerts")
    inline = _inline(section)
    if inline is not None:
        return inline
    path = section.get("path")
    if isinstance(path, str) and path:
        try:
            return (base / path).read_bytes()
        except OSError as cause:
            raise ProfileError(f"the TLS root of {kind}.{name} cannot be read: {cause}") from cause
    raise ProfileError(f"{kind}.{name} has no tlsCACerts.pem or tlsCACerts.path: a TLS connection cannot be checked")


def _inline(section: Mapping[str, Any]) -> bytes | None:
    """The certificates that stand in the profile itself: `pem`, a string or a list of them."""
    pem = section.get("pem")
    if isinstance(pem, str) and pem:
        return pem.encode()
    if isinstance(pem, list) and pem:
        return "\n".join(str(one) for one in pem).encode()
    return None
