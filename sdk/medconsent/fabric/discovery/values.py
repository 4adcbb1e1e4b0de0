"""What a peer's discovery service tells, as values."""

from collections.abc import Mapping
from dataclasses import dataclass

from medconsent.fabric.identity import Identity


@dataclass(frozen=True)
class DiscoveredPeer:
    """A peer, as the one that was asked has heard of it from the others.

    Attributes:
        msp_id: Its organization.
        endpoint: `host:port` at which other organizations reach it; empty when it tells them none.
        identity: Its certificate.
        ledger_height: How many blocks of the channel it had when it last said so; it says so every few seconds.
        chaincodes: Name -> version of the chaincodes that it has installed and that are defined on the channel.
    """

    msp_id: str
    endpoint: str
    identity: Identity
    ledger_height: int
    chaincodes: Mapping[str, str]


@dataclass(frozen=True)
class ChaincodeCall:
    """A chaincode that a transaction calls.

    Attributes:
        name: The chaincode.
        collections: The private data collections whose rules count besides, as those that it writes.
        no_private_reads: Whether it reads no private data, so that peers without those count too.
        no_public_writes: Whether it writes private data alone, so that the chaincode's own rule does not count.
    """

    name: str
    collections: tuple[str, ...] = ()
    no_private_reads: bool = False
    no_public_writes: bool = False


@dataclass(frozen=True)
class Endorsement:
    """Who can endorse together what calls these chaincodes.

    Attributes:
        chaincode: The first of them.
        groups: Name of a group -> the peers in it. The names have no meaning of their own.
        layouts: Each is enough: name of a group -> how many of its peers have to endorse.
    """

    chaincode: str
    groups: Mapping[str, tuple[DiscoveredPeer, ...]]
    layouts: tuple[Mapping[str, int], ...]

    def organizations(self) -> tuple[Mapping[str, int], ...]:
        """The layouts by organization: MSP id -> how many of its peers have to endorse.

        A group whose peers are of several organizations counts for the first of these, by name.
        """
        of = {name: min(peer.msp_id for peer in peers) for name, peers in self.groups.items() if peers}
        told = []
        for layout in self.layouts:
            counted: dict[str, int] = {}
            for group, quantity in layout.items():
                counted[of[group]] = counted.get(of[group], 0) + quantity
            told.append(counted)
        return tuple(told)


@dataclass(frozen=True)
class Organization:
    """A member of the channel, by its configuration.

    Attributes:
        msp_id: Its MSP id.
        roots: The certificates that certify its people and peers, PEM.
        tls_roots: Those that certify its TLS servers, PEM.
        orderers: `host:port` of each of its orderers that the channel names.
    """

    msp_id: str
    roots: tuple[bytes, ...]
    tls_roots: tuple[bytes, ...]
    orderers: tuple[str, ...]


@dataclass(frozen=True)
class Membership:
    """The organizations of a channel, peers' and orderers', by MSP id."""

    organizations: Mapping[str, Organization]
