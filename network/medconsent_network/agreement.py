"""Whether the consortium file and the channel say the same: who is in it, and where their peers and orderers are.

The file is what a home starts by, and the channel is what the others know. Where they differ nothing goes through, and
no process says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2

from medconsent.fabric.errors import FabricError
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.membership import updates

_MEND = (
    "Who is in the channel, and where, is changed by the institutions' signatures and not by the file: let the file "
    "say what the channel says."
)


@dataclass(frozen=True)
class Difference:
    """Something that file and channel say differently.

    Attributes:
        institution: About whom.
        sentence: What it is.
    """

    institution: str
    sentence: str

    def error(self) -> NetworkError:
        """The refusal: CONSORTIUM_INVALID."""
        return NetworkError("CONSORTIUM_INVALID", self.sentence, _MEND)


def require(homes: Iterable[Home]) -> None:
    """Refuse to go on where file and channel differ.

    Raises:
        NetworkError: CONSORTIUM_INVALID with every difference that one of the homes' peers shows.
    """
    found = {one.sentence: one for home in homes for one in differences(home)}
    if found:
        raise NetworkError("CONSORTIUM_INVALID", "; ".join(found), _MEND)


def differences(home: Home) -> list[Difference]:
    """Where the home's consortium file and the channel, as the home's own peer has it, differ; the peer serves.

    Empty as well when the peer does not show the channel: something else is wrong then.
    """
    try:
        config = updates.current(home)
    except FabricError:
        return []
    return compared(home, config)


def compared(home: Home, config: configtx_pb2.Config) -> list[Difference]:
    """As `differences`, for a configuration."""
    there, named = set(_members(config)), set(home.spec.names)
    found = [Difference(name, unknown(name, sorted(there)).message) for name in sorted(named - there)]
    found += [
        Difference(name, f"{name} is in the channel, and the consortium file does not name it")
        for name in sorted(there - named)
    ]
    for name in sorted(named & there):
        one = home.spec.institution(name)
        for what, service, known in (
            ("peer", "peer", _anchors(config, name)),
            ("orderer", "orderer", _endpoints(config, name)),
        ):
            if known and one.address(service) not in known:
                said = f"the consortium file has the {what} of {name} at {one.address(service)}, and the channel at "
                found.append(Difference(name, said + ", ".join(known)))
    return found


def institutions_of(block: bytes) -> list[str]:
    """The institutions in a configuration block, such as the channel's first."""
    inside = common_pb2.Block.FromString(block).data.data
    if not inside:
        return []
    envelope = common_pb2.Envelope.FromString(inside[0])
    payload = common_pb2.Payload.FromString(envelope.payload)
    return sorted(_members(configtx_pb2.ConfigEnvelope.FromString(payload.data).config))


def unknown(name: str, members: Iterable[str]) -> NetworkError:
    """The refusal for an institution that the file names and that is not in the channel.

    Args:
        name: The institution.
        members: Those that are in the channel, for the sentence.
    """
    said = f"the consortium file names {name}, which is not in the channel (in it are: {', '.join(members)})"
    return NetworkError("CONSORTIUM_INVALID", said, _MEND)


def _members(config: configtx_pb2.Config) -> Mapping[str, Any]:
    groups: Mapping[str, Any] = config.channel_group.groups["Application"].groups
    return groups


def _anchors(config: configtx_pb2.Config, name: str) -> list[str]:
    value = _members(config)[name].values["AnchorPeers"].value
    return [f"{peer.host}:{peer.port}" for peer in peer_pb2.AnchorPeers.FromString(value).anchor_peers]


def _endpoints(config: configtx_pb2.Config, name: str) -> list[str]:
    groups = config.channel_group.groups["Orderer"].groups
    if name not in groups:
        return []
    value = groups[name].values["Endpoints"].value
    return list(configuration_pb2.OrdererAddresses.FromString(value).addresses)
