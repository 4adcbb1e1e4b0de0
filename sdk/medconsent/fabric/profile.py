"""Fabric's common connection profile: where an organization's peers and CAs are, and what TLS roots they have.

JSON or YAML, as the Fabric SDKs of old (and hfc) read it. Certificates stand inline (`pem`) or in a file (`path`,
relative to the profile or, as hfc reads it, to the working folder). An entry `_default` holds what the others of its
section do not say. `client.organization` may be a name, an MSP id, or either as people shorten it (`Org1` for
`org1.example.com` and `Org1MSP`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from medconsent.encodings import encoding_of

from ._pem import certificates
from ._rpc import target
from .errors import ProfileError

_MAX_BYTES = 1024**2
_DEFAULT = "_default"
_NO_PROFILE = "a connection profile is an object with organizations, peers and certificateAuthorities"
_SERVER_NAMES = (
    "ssl-target-name-override",
    "grpc.ssl_target_name_override",
    "hostnameOverride",
    "grpc.default_authority",
)
"""How the SDKs call the name in a peer's certificate, where it is not the address's."""


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

        Args:
            path: The file.
            organization: A name or MSP id in it; None: `client.organization`, or the only one there is.

        Raises:
            ProfileError: It cannot be read, or lacks what is needed.
        """
        return cls.parse(read(path), organization, base=Path(path).parent)

    @classmethod
    def parse(cls, document: Any, organization: str | None = None, *, base: Path = Path()) -> Self:
        """A profile out of its decoded document.

        Args:
            document: The document: mappings, lists and texts.
            organization: A name or MSP id in it; None: `client.organization`, or the only one there is.
            base: The folder that relative paths in it start from.

        Raises:
            ProfileError: It cannot be read, or lacks what is needed.
        """
        if not isinstance(document, Mapping):
            raise ProfileError(_NO_PROFILE)
        organizations = _section(document, "organizations")
        name = _choose(organizations, organization or _section(document, "client").get("organization"))
        chosen = _section(organizations, name)
        msp_id = chosen.get("mspid")
        if not isinstance(msp_id, str) or not msp_id:
            raise ProfileError(f"organizations.{name} has no mspid")
        _require_value(msp_id, f"organizations.{name}.mspid")
        peers, authorities = _section(document, "peers"), _section(document, "certificateAuthorities")
        return cls(
            organization=name,
            msp_id=msp_id,
            peers=tuple(_peer(peer, _entry(peers, "peers", peer), base) for peer in _names(chosen, "peers")),
            certificate_authorities=tuple(
                _authority(ca, _entry(authorities, "certificateAuthorities", ca), base)
                for ca in _names(chosen, "certificateAuthorities")
            ),
            channels=tuple(_require_value(name, "channels") for name in _names(document, "channels")),
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
        return _inline(roots, f"{section}.rootCerts")

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


def read(path: str | Path) -> Mapping[str, Any]:
    """A decoded profile, with what is there of all organizations.

    Args:
        path: A `.json`, `.yaml` or `.yml` file.

    Raises:
        ProfileError: It cannot be read, or is no object.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # opening a pipe would wait for somebody at its other end
            raise ProfileError(f"the connection profile {path} is not a regular file")
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ProfileError(f"the connection profile {path} is longer than {_MAX_BYTES // 1024**2} MiB")
        encoding, mark = encoding_of(data)
        text = data[mark:].decode(encoding)
    except OSError as cause:
        raise ProfileError(f"the connection profile {path} cannot be read: {cause.strerror or cause}") from cause
    except UnicodeDecodeError as cause:
        line = 1 + cause.object[: cause.start].decode(encoding).count("\n")
        raise ProfileError(
            f"the connection profile {path} cannot be read: line {line} is not {encoding.upper()}: save it as UTF-8"
        ) from cause
    as_json = path.suffix == ".json" or text.lstrip().startswith("{")
    document = _json(path, text) if as_json else _yaml(path, text)
    if not isinstance(document, Mapping):
        raise ProfileError(_NO_PROFILE)
    return document


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as cause:
        raise _unreadable(path, cause) from cause


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose members each stand there once: of two, a reader takes the one or the other (RFC 8259, 4).

    Raises:
        ValueError: One stands there twice.
    """
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands there twice in one object")
    return found


def _yaml(path: Path, text: str) -> Any:
    from ruamel.yaml import YAML  # noqa: PLC0415 - takes longer than all the rest, and most profiles are JSON
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415

    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as cause:  # its text quotes a line of the profile, which may have a registrar's secret
        mark = cause.problem_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise ProfileError(
            f"the connection profile {path} is neither JSON nor YAML: {cause.problem or cause.context}{where}"
        ) from cause
    except (ValueError, YAMLError, RecursionError) as cause:
        raise _unreadable(path, cause) from cause
    except Exception as cause:
        # The library has errors of its own for odd values (a date that is none, a key that is a list).
        raise ProfileError(f"the connection profile {path} cannot be read: {type(cause).__name__}") from cause


def _unreadable(path: Path, cause: Exception) -> ProfileError:
    return ProfileError(f"the connection profile {path} is neither JSON nor YAML: {cause}")


def _choose(organizations: Mapping[str, Any], wanted: Any) -> str:
    """The organization that is meant: the one wanted, the only one, or the only one that has peers."""
    known = {str(name): _section(organizations, name) for name in organizations if name != _DEFAULT}
    if wanted:
        for fits in (_called, _short):
            found = [name for name, one in known.items() if fits(wanted, name, one)]
            if len(found) == 1:
                return found[0]
        raise ProfileError(f"the connection profile has no organization {wanted!r}; it has: {', '.join(known)}")
    with_peers = [name for name, one in known.items() if one.get("peers")]
    for candidates in ([*known], with_peers):
        if len(candidates) == 1:
            return candidates[0]
    raise ProfileError(f"name one of the profile's organizations: {', '.join(known) or 'it has none'}")


def _called(wanted: Any, name: str, organization: Mapping[str, Any]) -> bool:
    """Whether an organization has that name, or that MSP id."""
    return wanted in (name, organization.get("mspid"))


def _short(wanted: Any, name: str, organization: Mapping[str, Any]) -> bool:
    """Whether people shorten an organization's name or MSP id so."""
    msp_id = str(organization.get("mspid", "")).casefold()
    return str(wanted).casefold() in (
        name.casefold(),
        name.casefold().partition(".")[0],
        msp_id,
        msp_id.removesuffix("msp"),
    )


def _names(document: Mapping[str, Any], member: str) -> list[str]:
    """The names in a list, or those of an object's members."""
    found = document.get(member) or ()
    if isinstance(found, str) or not isinstance(found, list | tuple | Mapping):
        raise ProfileError(f"{member} in the connection profile must be a list of names")
    return [str(name) for name in found if name != _DEFAULT]


def _section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = document.get(name) or {}
    if not isinstance(section, Mapping):
        raise ProfileError(f"{name} in the connection profile must be an object")
    return section


def _entry(section: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    if name not in section:
        raise ProfileError(f"the organization names {name!r}, and {kind} has no such entry")
    return _filled(_section(section, name), _section(section, _DEFAULT))


def _filled(entry: Mapping[str, Any], default: Mapping[str, Any]) -> Mapping[str, Any]:
    """An entry with what it does not say itself, also within its members (`grpcOptions`)."""
    inner = {
        name: _filled(value, default[name])
        for name, value in entry.items()
        if isinstance(value, Mapping) and isinstance(default.get(name), Mapping) and name != "tlsCACerts"
    }
    return {**default, **{name: value for name, value in entry.items() if value is not None}, **inner}


def _url(entry: Mapping[str, Any], kind: str, name: str) -> str:
    url = entry.get("url")
    if not isinstance(url, str) or not url:
        raise ProfileError(f"{kind}.{name} has no url")
    return _require_value(url, f"{kind}.{name}.url")


def _require_port(endpoint: str, where: str) -> None:
    """See that an address names a port that there can be: gRPC takes 443 for none, and of a larger one some other."""
    _, _, port = endpoint.rpartition("]")[2].rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16):
        raise ProfileError(f"{where} has no port from 1 to 65535: {endpoint!r}")


def _require_grpc(url: str, where: str) -> None:
    """See that a peer's URL is one: what another scheme or a user's name in it asks for is not done."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme not in ("grpc", "grpcs"):
        raise ProfileError(f"{where} begins with {scheme}://, and a peer's with grpcs:// (or grpc://, without TLS)")
    if "@" in rest:
        raise ProfileError(f"{where} has a user's name or a password in it, which no peer is asked with: take it out")


def _require_value(text: str, where: str) -> str:
    """The text, unless a template was filled in without a value for it."""
    if "<no value>" in text:
        raise ProfileError(f"{where} is '<no value>': what the profile was made with had no value there; write it in")
    return text


def _peer(name: str, entry: Mapping[str, Any], base: Path) -> PeerEndpoint:
    url = _url(entry, "peers", name)
    _require_grpc(url, f"peers.{name}.url")
    options = _section(entry, "grpcOptions")
    server_name = next((str(options[option]) for option in _SERVER_NAMES if options.get(option)), None)
    tls_root = None if url.startswith("grpc://") else _certificates(entry, "peers", name, base)
    try:
        endpoint = target(url)
    except ValueError as cause:
        raise ProfileError(f"peers.{name}.url is no address: {url!r}") from cause
    _require_port(endpoint, f"peers.{name}.url")
    if server_name is not None:
        _require_value(server_name, f"peers.{name}.grpcOptions")
    return PeerEndpoint(name, endpoint, tls_root, server_name)


def _authority(name: str, entry: Mapping[str, Any], base: Path) -> CAEndpoint:
    ca_name = entry.get("caName")
    return CAEndpoint(
        name,
        _url(entry, "certificateAuthorities", name),
        _require_value(str(ca_name), f"certificateAuthorities.{name}.caName") if ca_name else None,
        _certificates(entry, "certificateAuthorities", name, base),
    )


def _certificates(entry: Mapping[str, Any], kind: str, name: str, base: Path) -> bytes:
    """The TLS roots of an entry: `tlsCACerts.pem` (a string or a list of them) or `tlsCACerts.path`."""
    section = _section(entry, "tlsCACerts")
    where = f"{kind}.{name}.tlsCACerts"
    inline = _inline(section, where)
    if inline is not None:
        return inline
    path = section.get("path")
    if isinstance(path, str) and path:
        return _pem(_read(_require_value(path, where), base, where), f"the TLS root of {kind}.{name} ({path})")
    raise ProfileError(f"{kind}.{name} has no tlsCACerts.pem or tlsCACerts.path: a TLS connection cannot be checked")


def _read(path: str, base: Path, where: str) -> bytes:
    """A file that the profile names: relative to the profile or, when there is none, to the working folder."""
    places = (base / path, Path(path))
    try:
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            tried = " and ".join(dict.fromkeys(str(place) for place in places))
            raise ProfileError(f"the file of {where} is not there: tried {tried}")
        with found.open("rb") as stream:
            return stream.read(_MAX_BYTES)
    except (OSError, ValueError) as cause:
        raise ProfileError(f"the file of {where} cannot be read: {cause}") from cause


def _inline(section: Mapping[str, Any], where: str) -> bytes | None:
    """The certificates that stand in the profile itself: `pem`, a string or a list of them."""
    pem = section.get("pem")
    texts = [pem] if isinstance(pem, str) else pem if isinstance(pem, list) else []
    text = "\n".join(str(one) for one in texts)
    if not text:
        return None
    return _pem(_require_value(text, f"{where}.pem").encode(errors="replace"), f"{where}.pem")


def _pem(data: bytes, what: str) -> bytes:
    """The certificates alone, as every TLS library takes them."""
    found = certificates(data)
    if not found:
        raise ProfileError(f"{what} holds no certificate in PEM")
    return b"".join(found)
