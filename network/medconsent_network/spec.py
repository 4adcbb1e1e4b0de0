"""The consortium file: what it says, read strictly.

`docs/network.md` documents the file key by key. Everything about a network that it does not say is derived from it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any, Literal, get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from medconsent._internal.words import odd_letter
from medconsent_network.errors import NetworkError

FabricVersion = Literal["3.1.1", "2.5.9"]
FABRIC_VERSIONS: tuple[str, ...] = get_args(FabricVersion)
PeersUse = Literal["own", "any"]

SERVICES = (
    "ca",
    "tlsca",
    "peer",
    "chaincode",
    "orderer",
    "orderer-admin",
    "peer-operations",
    "orderer-operations",
    "ca-operations",
    "tlsca-operations",
)
"""What listens in a home: the port of each is the institution's base port plus its place in this list."""

PORTS = len(SERVICES)
LOOPBACK = ("127.0.0.1", "localhost")
_LEAST_WITHIN = 10

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CHANNEL = re.compile(r"[a-z][a-z0-9.-]*")
_CHAINCODE = re.compile(r"[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*")
_CHAINCODE_VERSION = re.compile(r"[A-Za-z0-9_.+-]+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_DURATION = re.compile(r"[1-9][0-9]*(ms|s)")


@dataclass(frozen=True)
class Institution:
    """One institution. `name` is its MSP ID; its services listen on `host` from `port_base` on."""

    name: str
    title: str
    country: str
    host: str
    port_base: int

    def port(self, service: str) -> int:
        """The port of `service`, one of `SERVICES`."""
        return self.port_base + SERVICES.index(service)

    def address(self, service: str) -> str:
        """`host:port` of `service` as the other institutions reach it."""
        return f"{self.host}:{self.port(service)}"

    @property
    def listen(self) -> str:
        """The address that the services for others bind to: loopback only when the host is the loopback."""
        return "127.0.0.1" if self.host in LOOPBACK else "0.0.0.0"  # noqa: S104 - peers and CAs serve other hosts


@dataclass(frozen=True)
class Ordering:
    """The ordering service: Raft, one orderer an institution. Durations are Go durations ("200ms")."""

    batch_timeout: str = "200ms"
    max_messages: int = 500
    tick: str = "100ms"
    election_ticks: int = 20
    peers_use: PeersUse = "own"


@dataclass(frozen=True)
class Chaincode:
    """The chaincode definition that the institutions agree on."""

    name: str = "medconsent"
    version: str = "0.1.0"
    sequence: int = 1


@dataclass(frozen=True)
class Watch:
    """The watchers: whether each home runs one, and for how many seconds one may be silent (0: for ever)."""

    run: bool = False
    within: int = 0


@dataclass(frozen=True)
class Spec:
    """A consortium as its file describes it."""

    institutions: tuple[Institution, ...]
    channel: str
    chaincode: Chaincode
    ordering: Ordering
    fabric_version: str
    quorum: int | Literal["all"]
    watch: Watch = Watch()

    def institution(self, name: str) -> Institution:
        """The institution called `name`.

        Raises:
            NetworkError: CONSORTIUM_INVALID when there is none.
        """
        for institution in self.institutions:
            if institution.name == name:
                return institution
        known = ", ".join(self.names)
        raise NetworkError(
            "CONSORTIUM_INVALID", f"there is no institution {name!r} in this consortium (there are: {known})"
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names (MSP IDs) of all institutions, in the order of the file."""
        return tuple(institution.name for institution in self.institutions)

    def with_ports(self, bases: Sequence[int]) -> "Spec":
        """The same consortium with other base ports, one an institution."""
        moved = (replace(i, port_base=base) for i, base in zip(self.institutions, bases, strict=True))
        return replace(self, institutions=tuple(moved))

    def with_fabric(self, version: str) -> "Spec":
        """The same consortium on another version of Fabric.

        Raises:
            NetworkError: CONSORTIUM_INVALID when it is not one of `FABRIC_VERSIONS`.
        """
        return replace(self, fabric_version=_fabric_version(version, "FABRIC_VERSION"))

    def to_yaml(self) -> str:
        """The consortium as a file that `parse` reads back to an equal value."""
        document = {
            "channel": self.channel,
            "chaincode": vars(self.chaincode).copy(),
            "fabric": {"version": self.fabric_version},
            "membership": {"quorum": self.quorum},
            "ordering": {"type": "raft", **vars(self.ordering)},
            "watch": vars(self.watch).copy(),
            "institutions": [vars(institution).copy() for institution in self.institutions],
        }
        out = StringIO()
        yaml = YAML()
        yaml.default_flow_style = False
        yaml.dump(document, out)
        return out.getvalue()


def read(path: Path) -> Spec:
    """Read a consortium file.

    Raises:
        NetworkError: CONSORTIUM_INVALID with a sentence that names the key at fault.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NetworkError("CONSORTIUM_INVALID", f"cannot read the consortium file {path}: {error}") from error
    return parse(text, str(path))


def parse(text: str, source: str = "consortium.yaml") -> Spec:
    """The consortium that `text` describes; `source` names it in errors.

    Raises:
        NetworkError: CONSORTIUM_INVALID with a sentence that names the key at fault.
    """
    try:
        document = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise NetworkError("CONSORTIUM_INVALID", f"{source} is not YAML: {error}") from error
    try:
        return _spec(document)
    except NetworkError as error:
        raise NetworkError(error.code, f"{source}: {error.message}", error.hint) from error


def _spec(document: Any) -> Spec:
    known = {"channel", "chaincode", "fabric", "membership", "ordering", "watch", "institutions"}
    top = _mapping(document, "the file", known)
    fabric = _mapping(top.get("fabric", {}), "fabric", {"version"})
    membership = _mapping(top.get("membership", {}), "membership", {"quorum"})
    institutions = _institutions(top.get("institutions"))
    return Spec(
        institutions=institutions,
        channel=_text(top.get("channel", "medconsent"), "channel", _CHANNEL, 249),
        chaincode=_chaincode(top.get("chaincode", {})),
        ordering=_ordering(top.get("ordering", {})),
        fabric_version=_fabric_version(fabric.get("version", FABRIC_VERSIONS[0]), "fabric.version"),
        quorum=_quorum(membership.get("quorum", "all"), len(institutions)),
        watch=_watch(top.get("watch", {})),
    )


def _chaincode(value: Any) -> Chaincode:
    keys = _mapping(value, "chaincode", {"name", "version", "sequence"})
    return Chaincode(
        name=_text(keys.get("name", Chaincode.name), "chaincode.name", _CHAINCODE, 64),
        version=_text(keys.get("version", Chaincode.version), "chaincode.version", _CHAINCODE_VERSION, 64),
        sequence=_integer(keys.get("sequence", Chaincode.sequence), "chaincode.sequence", 1, 2**31 - 1),
    )


def _ordering(value: Any) -> Ordering:
    known = {"type", "batch_timeout", "max_messages", "tick", "election_ticks", "peers_use"}
    keys = _mapping(value, "ordering", known)
    if keys.get("type", "raft") != "raft":
        raise _invalid("ordering.type", f"must be raft, not {keys['type']!r}")
    peers_use = keys.get("peers_use", Ordering.peers_use)
    if peers_use not in get_args(PeersUse):
        raise _invalid("ordering.peers_use", f"must be own or any, not {peers_use!r}")
    return Ordering(
        batch_timeout=_text(keys.get("batch_timeout", Ordering.batch_timeout), "ordering.batch_timeout", _DURATION, 16),
        max_messages=_integer(keys.get("max_messages", Ordering.max_messages), "ordering.max_messages", 1, 10_000),
        tick=_text(keys.get("tick", Ordering.tick), "ordering.tick", _DURATION, 16),
        election_ticks=_integer(
            keys.get("election_ticks", Ordering.election_ticks), "ordering.election_ticks", 2, 1000
        ),
        peers_use=peers_use,
    )


def _watch(value: Any) -> Watch:
    keys = _mapping(value, "watch", {"run", "within"})
    run = keys.get("run", Watch.run)
    if not isinstance(run, bool):
        raise _invalid("watch.run", f"must be true or false, not {run!r}")
    within = _integer(keys.get("within", Watch.within), "watch.within", 0, 86_400)
    if within and not run:
        raise _invalid("watch.within", "closes decisions when the watcher is silent, so it needs watch.run: true")
    if 0 < within < _LEAST_WITHIN:
        raise _invalid("watch.within", f"must be 0 or at least {_LEAST_WITHIN} seconds, not {within}")
    return Watch(run, within)


def _institutions(value: Any) -> tuple[Institution, ...]:
    if not isinstance(value, list) or not value:
        raise _invalid("institutions", "must be a list of at least one institution")
    found = tuple(_institution(item, f"institutions[{index}]") for index, item in enumerate(value))
    for index, one in enumerate(found):
        for other in found[:index]:
            if one.name == other.name:
                raise _invalid("institutions", f"{one.name!r} is there twice")
            if one.host == other.host and abs(one.port_base - other.port_base) < PORTS:
                raise _invalid(
                    f"institutions[{index}].port_base",
                    f"the ports of {one.name} and {other.name} overlap on {one.host}: each takes {PORTS}",
                )
    return found


def _institution(value: Any, where: str) -> Institution:
    keys = _mapping(value, where, {"name", "title", "country", "host", "port_base"})
    for key in ("name", "host", "port_base"):
        if key not in keys:
            raise _invalid(where, f"has no {key}")
    name = _text(keys["name"], f"{where}.name", _NAME, 31)
    return Institution(
        name=name,
        title=_title(keys.get("title", name), f"{where}.title"),
        country=_text(keys.get("country", "KR"), f"{where}.country", re.compile("[A-Z]{2}"), 2),
        host=_text(keys["host"], f"{where}.host", _HOST, 253),
        port_base=_integer(keys["port_base"], f"{where}.port_base", 1024, 65536 - PORTS),
    )


def _quorum(value: Any, institutions: int) -> int | Literal["all"]:
    if value == "all":
        return "all"
    majority = institutions // 2 + 1
    if isinstance(value, bool) or not isinstance(value, int) or not majority <= value <= institutions:
        raise _invalid("membership.quorum", f"must be all, or a number from {majority} (a majority) to {institutions}")
    return value


def _fabric_version(value: Any, where: str) -> str:
    if value not in FABRIC_VERSIONS:
        raise _invalid(where, f"must be one of {', '.join(FABRIC_VERSIONS)}, not {value!r}")
    return str(value)


def _mapping(value: Any, where: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(where, "must be a mapping of keys to values")
    unknown = sorted(str(key) for key in value if key not in known)
    if unknown:
        raise _invalid(where, f"has unknown keys: {', '.join(unknown)} (known are: {', '.join(sorted(known))})")
    return value


def _text(value: Any, where: str, grammar: re.Pattern[str], longest: int) -> str:
    if not isinstance(value, str) or not grammar.fullmatch(value) or len(value) > longest:
        odd = odd_letter(value) if isinstance(value, str) else ""
        said = f"must match {grammar.pattern} and have at most {longest} characters, not {value!r}"
        raise _invalid(where, f"{said}; {odd}" if odd else said)
    return value


def _title(value: Any, where: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 100 or not value.isprintable():
        raise _invalid(where, "must be 1 to 100 printable characters")
    return value


def _integer(value: Any, where: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _invalid(where, f"must be a whole number from {least} to {most}, not {value!r}")
    return value


def _invalid(where: str, what: str) -> NetworkError:
    return NetworkError("CONSORTIUM_INVALID", f"{where} {what}")
