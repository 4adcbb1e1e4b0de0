"""Administrators of some of the institutions, who change the channel's configuration with the product's own builder."""

from dataclasses import dataclass

from actors import Actor
from colluders import administrator, configuration
from fabric_protos.common import configtx_pb2

from medconsent_network.consortium import Consortium
from medconsent_network.membership import updates
from medconsent_network.membership.updates import Administrator, Change


@dataclass(frozen=True)
class Administration:
    """Administrators of some institutions in front of the orderer of the first of them; `asking` sees the configuration
    as it stands.
    """

    network: Consortium
    asking: Actor

    @classmethod
    def by(cls, network: Consortium, institution: str) -> "Administration":
        """Asked at the institution's own peer, by its administrator."""
        return cls(network, Actor.at(network.home(institution), administrator(network, institution)))

    def hand_in(self, change: Change, *institutions: str) -> tuple[str, str]:
        """The change, signed by the administrators of `institutions`; the orderer's status and sentence."""
        spec, homes = self.network.spec, [self.network.home(name) for name in institutions]
        update = updates.compute(
            configuration(self.asking), change, channel=spec.channel, fabric_version=spec.fabric_version
        )
        signed = updates.signed(update, [Administrator.of(home) for home in homes], channel=spec.channel)
        answer = updates.broadcast(homes[0], signed)
        return answer.status, answer.sentence

    def enforce(self, change: Change, *institutions: str) -> None:
        """The same, accepted, and in force at the peer of whoever is asking."""
        height = self.asking.channel.height()
        assert self.hand_in(change, *institutions) == ("SUCCESS", "")
        self.asking.channel.wait_for_block(height)

    def group_of(self, institution: str) -> configtx_pb2.ConfigGroup:
        """A copy of an institution's group of the application."""
        group = configtx_pb2.ConfigGroup()
        group.CopyFrom(configuration(self.asking).channel_group.groups["Application"].groups[institution])
        return group
