"""The channel's other nodes, as its configuration names them: where a transaction can go when one's own orderer fails.

The configuration is that of one's own peer, and the TLS roots stand in it, so nobody is trusted for this who is not
trusted already. The orderers take what a member signed (policy `/Channel/Writers`); their administration is elsewhere.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from medconsent.fabric import _protos as pb
from medconsent.fabric.decoding import answered
from medconsent.fabric.errors import FabricError
from medconsent.fabric.flow import Call, Flow, Node, RpcFailure
from medconsent.fabric.proposal import Proposal

if TYPE_CHECKING:
    from medconsent.fabric.contract import Caller

_EVALUATE = "/gateway.Gateway/Evaluate"
_SECONDS = 3.0
"""How long the peer has to answer, and how long it is not asked again when it did not."""


@dataclass(frozen=True)
class Nodes:
    """The nodes of a channel.

    Attributes:
        orderers: The orderers, those of one's own organization last: its Gateway has tried them.
        gateways: A peer of each other organization, by MSP id.
        organizations: How many organizations the channel has.
    """

    orderers: tuple[Node, ...] = ()
    gateways: Mapping[str, Node] = field(default_factory=dict)
    organizations: int = 0

    @property
    def majority(self) -> int:
        """More than half of the organizations."""
        return self.organizations // 2 + 1

    @classmethod
    def of(cls, config: bytes, own: str) -> Self:
        """Out of a serialized `common.Config`.

        Args:
            config: The channel's configuration.
            own: The MSP id of one's own organization.

        Raises:
            BlockError: It cannot be read.
        """
        # Loaded by whoever needs it: a question needs none of it.
        from medconsent.fabric.channel_config import APPLICATION, ORDERER, ChannelConfig  # noqa: PLC0415

        found = ChannelConfig.parse(config).organizations
        members = [one for one in found if one.section == APPLICATION]
        return cls(
            tuple(
                Node(address, one.tls_roots)
                for one in sorted(found, key=lambda one: one.msp_id == own)
                if one.section == ORDERER and one.tls_roots
                for address in one.orderers
            ),
            {
                one.msp_id: Node(one.anchor_peers[0], one.tls_roots)
                for one in members
                if one.anchor_peers and one.tls_roots and one.msp_id != own
            },
            len(members),
        )


def keep(kept: dict[str, Any], channel: str, config: bytes) -> None:
    """Remember a channel's configuration for `nodes`.

    Args:
        kept: What a driver keeps.
        channel: The channel's name.
        config: A serialized `common.Config`.
    """
    kept[f"config {channel}"] = config
    for name in [one for one in [*kept] if one.startswith(f"nodes {channel} ")]:  # each organization's own
        kept.pop(name, None)


def nodes(caller: "Caller[Any]") -> Flow[Nodes]:
    """The nodes of the caller's channel; none where they cannot be learnt, as by somebody who signs elsewhere.

    Args:
        caller: Who asks.
    """
    kept, channel, own = caller._driver.kept, caller.channel_name, caller.identity.msp_id
    if found := kept.get(f"nodes {channel} {own}"):
        return found  # type: ignore[no-any-return]
    if time.monotonic() < kept.get(f"no nodes {channel} {own}", 0.0):
        return Nodes()
    try:
        config = kept.get(f"config {channel}")
        if config is None:
            asked = Proposal.create(
                caller.identity,
                channel,
                "cscc",
                "GetChannelConfig",
                [channel],
                endorsing_organizations=[own],
                tls_client_certificate_hash=caller._driver.tls_client_certificate_hash,
            )
            answer = yield Call(_EVALUATE, asked.sign(caller.signer).evaluate_request(), _SECONDS)
            config = bytes(answered(pb.EvaluateResponse, answer).result.payload)
        made = Nodes.of(config, own)
    except (FabricError, RpcFailure):
        kept[f"no nodes {channel} {own}"] = time.monotonic() + _SECONDS
        return Nodes()
    kept[f"nodes {channel} {own}"] = made
    return made
