"""Who is in a channel and who may endorse what, as a peer's discovery service tells it (`channel.discovery`)."""

from medconsent.fabric.discovery.client import Discovery
from medconsent.fabric.discovery.values import ChaincodeCall, DiscoveredPeer, Endorsement, Membership, Organization

__all__ = ["ChaincodeCall", "DiscoveredPeer", "Discovery", "Endorsement", "Membership", "Organization"]
