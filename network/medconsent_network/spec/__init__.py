"""The consortium file: what it says, read strictly.

`docs/network.md` documents the file key by key. Everything about a network that it does not say is derived from it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Literal, get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from medconsent_network.errors import NetworkError
from medconsent_network.spec.ordering import Ordering
from medconsent_network.spec.ordering import parse as _ordering
from medconsent_network.spec.reading import integer, invalid, mapping, text, title
from medconsent_network.spec.services import RANGE, SERVICES

FabricVersion = Literal["3.1.1", "2.5.9"]
FABRIC_VERSIONS: tuple[str, ...] = get_args(FabricVersion)

CHAINCODE_PLACES = ("chaincode", "chaincode-2")
"""The chaincode's two places in a home, by the names of their services and processes."""

_LEAST_WITHIN = 10
_LEAST_AGE = 5
_PORTS = (1024, 65535)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CHANNEL = re.compile(r"[a-z][a-z0-9.-]*")
_CHAINCODE = re.compile(r"[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*")
_CHAINCODE_VERSION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


@dataclass(frozen=True)
class Institution:
    """One institution.

    Attributes:
        name: Its MSP ID.
        title: Its name for people.
        country: ISO 3166-1 alpha-2.
        host: Where the other institutions reach it: a name or an IPv4 address.
        port_base: The first of the ports of its first ten services.
        ports: Ports that are given by name: of every service that came after the first ten, and of any other that is
            to be elsewhere than its place says.
        chaincode_at: At which of its two places the chaincode serves, `chaincode` or `chaincode-2`: each change of its
            version begins at the other one.
    """

    name: str
    title: str
    country: str
    host: str
    port_base: int
    ports: Mapping[str, int] = field(default_factory=dict)
    chaincode_at: str = CHAINCODE_PLACES[0]

    def has_port(self, service: str) -> bool:
        """Whether it is known where `service` listens."""
        return service in self.ports or SERVICES[service].place is not None

    def port(self, service: str) -> int:
        """The port of `service`, one of `SERVICES`.

        Raises:
            NetworkError: CONSORTIUM_INVALID when the service came after this network was made and has no port yet.
        """
        if service in self.ports:
            return self.ports[service]
        place = SERVICES[service].place
        if place is None:
            raise NetworkError(
                "CONSORTIUM_INVALID",
                f"the consortium file gives {self.name} no port for {service}",
                "`medconsent-network down` and `up` choose one; or write it into institutions[].ports.",
            )
        return self.port_base + place

    @property
    def all_ports(self) -> dict[str, int]:
        """The port of every service that has one, by the service's name."""
        return {service: self.port(service) for service in SERVICES if self.has_port(service)}

    def address(self, service: str) -> str:
        """`host:port` of `service` as the other institutions reach it."""
        return f"{self.host}:{self.port(service)}"

    @property
    def listen(self) -> str:
        """The address that the services for others bind to: a loopback address only when the host is that one."""
        return loopback(self.host) or "0.0.0.0"  # noqa: S104 - peers and CAs serve other hosts

    def local(self, service: str) -> str:
        """The address at which the home itself reaches `service`."""
        return "127.0.0.1" if SERVICES[service].loopback else loopback(self.host) or "127.0.0.1"

    def to_mapping(self) -> dict[str, Any]:
        """As it stands in the file."""
        document = {**vars(self), "ports": dict(self.ports)}
        usual: dict[str, Any] = {"ports": {}, "chaincode_at": CHAINCODE_PLACES[0]}
        return {key: value for key, value in document.items() if key not in usual or value != usual[key]}

    @property
    def chaincode_free_at(self) -> str:
        """The place of the chaincode at which it does not serve."""
        return next(place for place in CHAINCODE_PLACES if place != self.chaincode_at)


@dataclass(frozen=True)
class Chaincode:
    """The chaincode definition that the institutions agree on.

    Attributes:
        name: Of the chaincode on the channel.
        version: Of the definition.
        sequence: Its number.
        next: The version that runs beside this one while the institutions change to it; empty when none does.
    """

    name: str = "medconsent"
    version: str = "0.2.0"
    sequence: int = 1
    next: str = ""

    def to_mapping(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {key: value for key, value in vars(self).items() if key != "next" or value}


@dataclass(frozen=True)
class Watch:
    """The watchers: whether each home runs one, for how many seconds one may be silent, and how old, in seconds, the
    ledger at a peer can be for a decision (0: for ever). And whether each home serves metrics of its own.
    """

    run: bool = False
    within: int = 0
    age: int = 0
    metrics: bool = False

    @property
    def beat(self) -> float:
        """Seconds from one beat of an institution to the next, which tell how old its ledger is; 0: none is sent."""
        return max(1.0, self.age / 4) if self.age else 0.0


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

    def with_bases(self, bases: Sequence[int]) -> "Spec":
        """The same consortium with other base ports, one an institution, and no port given by name."""
        moved = (replace(i, port_base=base, ports={}) for i, base in zip(self.institutions, bases, strict=True))
        return replace(self, institutions=tuple(moved))

    def with_ports(self, institution: str, ports: Mapping[str, int]) -> "Spec":
        """The same consortium where `ports` of an institution are given by name, beside those that are already.

        Args:
            institution: The institution whose ports they are.
            ports: A port for each service that is named.
        """
        one = self.institution(institution)
        return self.with_institution(replace(one, ports={**one.ports, **ports}))

    def with_institution(self, changed: Institution) -> "Spec":
        """The same consortium with another entry for an institution of it."""
        return replace(
            self, institutions=tuple(changed if one.name == changed.name else one for one in self.institutions)
        )

    def with_fabric(self, version: str) -> "Spec":
        """The same consortium on another version of Fabric.

        Raises:
            NetworkError: CONSORTIUM_INVALID when it is not one of `FABRIC_VERSIONS`.
        """
        return replace(self, fabric_version=_fabric_version(version, "FABRIC_VERSION"))

    def leaves_ports_of(self, other: "Spec") -> bool:
        """Whether this is the same consortium as `other`, but for ports that this one leaves open, and for where each
        home has its chaincode, which it changes for itself.
        """
        if self.names != other.names:
            return False
        filled = self
        for one in other.institutions:
            left = {name: port for name, port in one.ports.items() if not self.institution(one.name).has_port(name)}
            filled = filled.with_institution(replace(self.institution(one.name), chaincode_at=one.chaincode_at))
            filled = filled.with_ports(one.name, left)
        return filled == other

    def to_yaml(self) -> str:
        """The consortium as a file that `parse` reads back to an equal value."""
        document = {
            "channel": self.channel,
            "chaincode": self.chaincode.to_mapping(),
            "fabric": {"version": self.fabric_version},
            "membership": {"quorum": self.quorum},
            "ordering": self.ordering.to_mapping(),
            "watch": vars(self.watch).copy(),
            "institutions": [institution.to_mapping() for institution in self.institutions],
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
    return parse(_text_of(path), str(path))


def parse(text: str, source: str = "consortium.yaml") -> Spec:
    """The consortium that `text` describes.

    Args:
        text: The content of a consortium file (YAML).
        source: Names it in errors.

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


def read_institution(value: Any, where: str) -> Institution:
    """One institution, as it stands in a consortium file.

    Args:
        value: What YAML or JSON made of it.
        where: The key that it stands under, for a refusal.

    Raises:
        NetworkError: CONSORTIUM_INVALID with a sentence that names the key at fault.
    """
    return _institution(value, where)


def chaincode_version(value: str, where: str) -> str:
    """A version of the chaincode, as definitions and names of files take it.

    Args:
        value: The version.
        where: Names the place in errors.

    Raises:
        NetworkError: CONSORTIUM_INVALID with `where` it stands.
    """
    return text(value, where, _CHAINCODE_VERSION, 64)


def amended(path: Path, spec: Spec) -> str:
    """The consortium file `path` with the ports by name, the chaincode, its places and the Fabric version of `spec`.

    Everything else stays, comments too.

    Raises:
        NetworkError: CONSORTIUM_INVALID when the file cannot be read.
    """
    yaml = YAML()
    document = yaml.load(_text_of(path))
    for one in document["institutions"]:
        now = spec.institution(one["name"]).to_mapping()
        for key in ("ports", "chaincode_at"):
            one.pop(key, None)
            if key in now:
                one[key] = now[key]
    was = _spec(document)
    if was.chaincode != spec.chaincode:
        document["chaincode"] = spec.chaincode.to_mapping()
    if was.fabric_version != spec.fabric_version:
        document["fabric"] = {"version": spec.fabric_version}
    out = StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NetworkError("CONSORTIUM_INVALID", f"cannot read the consortium file {path}: {error}") from error


def _spec(document: Any) -> Spec:
    known = {"channel", "chaincode", "fabric", "membership", "ordering", "watch", "institutions"}
    top = mapping(document, "the file", known)
    fabric = mapping(top.get("fabric", {}), "fabric", {"version"})
    membership = mapping(top.get("membership", {}), "membership", {"quorum"})
    institutions = _institutions(top.get("institutions"))
    return Spec(
        institutions=institutions,
        channel=text(top.get("channel", "medconsent"), "channel", _CHANNEL, 249),
        chaincode=_chaincode(top.get("chaincode", {})),
        ordering=_ordering(top.get("ordering", {})),
        fabric_version=_fabric_version(fabric.get("version", FABRIC_VERSIONS[0]), "fabric.version"),
        quorum=_quorum(membership.get("quorum", "all"), len(institutions)),
        watch=_watch(top.get("watch", {})),
    )


def _chaincode(value: Any) -> Chaincode:
    keys = mapping(value, "chaincode", {"name", "version", "sequence", "next"})
    following = keys.get("next", Chaincode.next)
    return Chaincode(
        name=text(keys.get("name", Chaincode.name), "chaincode.name", _CHAINCODE, 64),
        version=text(keys.get("version", Chaincode.version), "chaincode.version", _CHAINCODE_VERSION, 64),
        sequence=integer(keys.get("sequence", Chaincode.sequence), "chaincode.sequence", 1, 2**31 - 1),
        next=text(following, "chaincode.next", _CHAINCODE_VERSION, 64) if following != "" else "",
    )


def _watch(value: Any) -> Watch:
    keys = mapping(value, "watch", {"run", "within", "age", "metrics"})
    run = keys.get("run", Watch.run)
    if not isinstance(run, bool):
        raise invalid("watch.run", f"must be true or false, not {run!r}")
    within = integer(keys.get("within", Watch.within), "watch.within", 0, 86_400)
    if within and not run:
        raise invalid("watch.within", "closes decisions when the watcher is silent, so it needs watch.run: true")
    if 0 < within < _LEAST_WITHIN:
        raise invalid("watch.within", f"must be 0 or at least {_LEAST_WITHIN} seconds, not {within}")
    age = integer(keys.get("age", Watch.age), "watch.age", 0, 86_400)
    if age and not run:
        raise invalid("watch.age", "is told by the watcher's beats, so it needs watch.run: true")
    if 0 < age < _LEAST_AGE:
        raise invalid("watch.age", f"must be 0 or at least {_LEAST_AGE} seconds, not {age}")
    metrics = keys.get("metrics", Watch.metrics)
    if not isinstance(metrics, bool):
        raise invalid("watch.metrics", f"must be true or false, not {metrics!r}")
    return Watch(run, within, age, metrics)


def _institutions(value: Any) -> tuple[Institution, ...]:
    if not isinstance(value, list) or not value:
        raise invalid("institutions", "must be a list of at least one institution")
    found = tuple(_institution(item, f"institutions[{index}]") for index, item in enumerate(value))
    for index, one in enumerate(found):
        if len(set(one.all_ports.values())) < len(one.all_ports):
            raise invalid(f"institutions[{index}].ports", "give two services one port")
        for other in found[:index]:
            together = one.host == other.host or bool(loopback(one.host) and loopback(other.host))
            if one.name == other.name:
                raise invalid("institutions", f"{one.name!r} is there twice")
            shared = sorted(set(one.all_ports.values()) & set(other.all_ports.values()))
            if together and shared:
                raise invalid(
                    f"institutions[{index}].port_base",
                    f"the ports of {one.name} and {other.name} overlap on {one.host}: each takes {RANGE} from its base "
                    f"on, and both have {', '.join(map(str, shared))}",
                )
    return found


def _institution(value: Any, where: str) -> Institution:
    keys = mapping(value, where, {"name", "title", "country", "host", "port_base", "ports", "chaincode_at"})
    for key in ("name", "host", "port_base"):
        if key not in keys:
            raise invalid(where, f"has no {key}")
    name = text(keys["name"], f"{where}.name", _NAME, 31)
    ports = mapping(keys.get("ports", {}), f"{where}.ports", SERVICES)
    place = keys.get("chaincode_at", Institution.chaincode_at)
    if place not in CHAINCODE_PLACES:
        raise invalid(f"{where}.chaincode_at", f"must be {' or '.join(CHAINCODE_PLACES)}, not {place!r}")
    return Institution(
        name=name,
        title=title(keys.get("title", name), f"{where}.title"),
        country=text(keys.get("country", "KR"), f"{where}.country", re.compile("[A-Z]{2}"), 2),
        host=text(keys["host"], f"{where}.host", _HOST, 253),
        port_base=integer(keys["port_base"], f"{where}.port_base", _PORTS[0], _PORTS[1] + 1 - RANGE),
        ports={service: integer(port, f"{where}.ports.{service}", *_PORTS) for service, port in ports.items()},
        chaincode_at=place,
    )


def loopback(host: str) -> str:
    """The loopback address that a host is (127.0.0.0/8, or `localhost`); empty for any other."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        return host if IPv4Address(host).is_loopback else ""
    except ValueError:
        return ""


def _quorum(value: Any, institutions: int) -> int | Literal["all"]:
    if value == "all":
        return "all"
    majority = institutions // 2 + 1
    if isinstance(value, bool) or not isinstance(value, int) or not majority <= value <= institutions:
        raise invalid("membership.quorum", f"must be all, or a number from {majority} (a majority) to {institutions}")
    return value


def _fabric_version(value: Any, where: str) -> str:
    if value not in FABRIC_VERSIONS:
        raise invalid(where, f"must be one of {', '.join(FABRIC_VERSIONS)}, not {value!r}")
    return str(value)
