"""What listens in a home: the name of each port, and how it is given.

The ten services that every home had from the beginning have fixed places: the institution's base port plus the place.
Bases of existing networks are as little as ten apart, so there is no eleventh place. A service that came later has no
place: its port stands in the consortium file (`institutions[].ports`), where `up` writes a free one when it is missing.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """One listener of a home.

    Attributes:
        purpose: What it is for, in the words of docs/network.md.
        place: Its distance from the institution's base port; None for what came after the first ten.
        loopback: Whether it is for the home itself alone, and never listens to other hosts.
    """

    purpose: str
    place: int | None = None
    loopback: bool = False


SERVICES: dict[str, Service] = {
    "ca": Service("enrolment CA", 0),
    "tlsca": Service("TLS CA", 1, loopback=True),
    "peer": Service("peer and gateway", 2),
    "chaincode": Service("chaincode, for the peer", 3, loopback=True),
    "orderer": Service("orderer", 4),
    "orderer-admin": Service("channel participation of the orderer", 5, loopback=True),
    "peer-operations": Service("health and metrics of the peer", 6, loopback=True),
    "orderer-operations": Service("health and metrics of the orderer", 7, loopback=True),
    "ca-operations": Service("health and metrics of the enrolment CA", 8, loopback=True),
    "tlsca-operations": Service("health and metrics of the TLS CA", 9, loopback=True),
    "chaincode-2": Service("the chaincode's second place, for a change of its version", loopback=True),
    "metrics": Service("what `status` says, for Prometheus", loopback=True),
}
"""Every service, by its name. docs/network.md lists them; a test compares the two."""

RANGE = 10
"""How many ports from the base port on an institution takes. It never grows: see the top of this file."""
