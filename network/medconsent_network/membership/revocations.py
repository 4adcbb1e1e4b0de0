"""An institution's revoked certificates in the channel: its CA's list, which its own administrator hands in.

Until then a revoked certificate is taken by every peer: Fabric knows of no other way than a certificate revocation list
(CRL, RFC 5280) in the channel's configuration.
"""

from dataclasses import dataclass

from fabric_protos.common import configtx_pb2

from medconsent.fabric.errors import CAError, FabricError
from medconsent_network import identities
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.membership import changes, updates
from medconsent_network.membership.updates import Administrator
from medconsent_network.waiting import wait_for

_IN_FORCE_SECONDS = 30


@dataclass(frozen=True)
class Published:
    """What the channel knows now.

    Attributes:
        revoked: How many certificates of the institution are revoked.
        added: How many of them the channel did not know before.
    """

    revoked: int
    added: int


def publish(home: Home) -> Published:
    """Put what the home's CA has revoked into the channel, unless it is there; return when the home's peer has it.

    The institution's administrator alone signs, because it is a change of the institution's own group.

    Raises:
        NetworkError: CA_FAILED when the CA gives no list; CHANNEL_FAILED when the peer or the orderer does not answer,
            or refuses it; TIMEOUT when the peer does not get the block; TOOL_MISSING.
    """
    listed = _list_of(home)
    revoked = changes.serials(listed)
    known = _known(home)
    if revoked <= known:
        return Published(len(known), 0)
    answer = updates.propose(home, changes.revoked(home.name, listed), [Administrator.of(home)])
    if answer.status != "SUCCESS":
        raise NetworkError("CHANNEL_FAILED", f"the orderer of {home.name}: {answer.status}: {answer.sentence}")
    wait_for(
        lambda: revoked <= _known(home),
        f"the peer of {home.name} has the block with the revoked certificates",
        _IN_FORCE_SECONDS,
        lambda: f"`medconsent-network logs {home.name} peer` shows what it does; then run this again.",
    )
    return Published(len(revoked | known), len(revoked - known))


def _list_of(home: Home) -> bytes:
    """The list of the home's enrolment CA (PEM)."""
    try:
        with identities.client(home, "ca") as ca:
            return ca.gencrl(identities.registrar(home))
    except CAError as error:
        raise NetworkError(
            "CA_FAILED", f"the CA of {home.name} gave no list of revoked certificates: {error}"
        ) from error


def _known(home: Home) -> frozenset[int]:
    """The serial numbers that all parts of the channel's configuration know as revoked, at the home's own peer."""
    try:
        config: configtx_pb2.Config = updates.current(home)
    except FabricError as error:
        raise NetworkError("CHANNEL_FAILED", f"the peer of {home.name} does not show the channel: {error}") from error
    return changes.known_revoked(config, home.name)
