"""Asking the discovery service of the peer that the client is connected to."""

from collections.abc import Callable
from typing import Any, TypeVar

import grpc

from medconsent.fabric.contract import Caller
from medconsent.fabric.discovery import messages
from medconsent.fabric.discovery.values import ChaincodeCall, DiscoveredPeer, Endorsement, Membership
from medconsent.fabric.errors import EvaluateError, FabricError, gateway_error
from medconsent.fabric.flow import Call, Flow, RpcFailure, operation

M = TypeVar("M")
T = TypeVar("T")

DISCOVER = "/discovery.Discovery/Discover"


class Discovery(Caller[M]):
    """Who is in a channel, and who may endorse what: the peer's own view, made of what peers tell each other.

    The Gateway uses the same view when it chooses endorsers. Nothing in it is signed by the channel: what a peer says
    of the others' heights is hearsay.
    """

    @operation
    def peers(self, *calls: str | ChaincodeCall, timeout: float | None = None) -> Flow[tuple[DiscoveredPeer, ...]]:
        """The peers of the channel, the asked one among them, by organization and endpoint.

        Args:
            calls: Only those that can endorse these chaincodes, which are defined and installed there; none: all.
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or refuses.
            FabricError: The peer's answer cannot be read.
        """
        asked = messages.peers(self.channel_name, _calls(calls))
        return (yield from _ask(self, asked, "members", messages.read_peers, timeout))

    @operation
    def endorsement(self, *calls: str | ChaincodeCall, timeout: float | None = None) -> Flow[Endorsement]:
        """Who can endorse together a transaction that calls these chaincodes, and is then valid.

        Args:
            calls: What is called, in this order: the first by the transaction, the others by chaincode.
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            ValueError: No chaincode is named.
            EvaluateError: The peer does not answer, refuses, or knows of no peers that would be enough.
            FabricError: The peer's answer cannot be read.
        """
        if not calls:
            raise ValueError("name at least one chaincode")
        asked = messages.endorsers(self.channel_name, _calls(calls))
        return (yield from _ask(self, asked, "cc_query_res", messages.read_endorsement, timeout))

    @operation
    def membership(self, *, timeout: float | None = None) -> Flow[Membership]:
        """The organizations of the channel, their root certificates and orderers, by the channel's configuration.

        Args:
            timeout: In seconds; None: that of the gateway (`Timeouts.evaluate`).

        Raises:
            EvaluateError: The peer does not answer, or refuses.
            FabricError: The peer's answer cannot be read.
        """
        asked = messages.membership(self.channel_name)
        return (yield from _ask(self, asked, "config_result", messages.read_membership, timeout))


def _calls(calls: tuple[str | ChaincodeCall, ...]) -> tuple[ChaincodeCall, ...]:
    return tuple(ChaincodeCall(one) if isinstance(one, str) else one for one in calls)


def _ask(
    caller: Discovery[Any], fill: Callable[[Any], None], of: str, read: Callable[[Any], T], timeout: float | None
) -> Flow[T]:
    unsigned = messages.DiscoveryRequest.create(caller.identity, fill, caller._driver.tls_client_certificate_hash)
    request = caller._signed(unsigned, EvaluateError)
    try:
        answer = yield Call(DISCOVER, request.to_bytes(), caller.timeouts.evaluate if timeout is None else timeout)
        told = messages.result(answer, of)
    except RpcFailure as failure:
        raise gateway_error(EvaluateError, failure) from failure
    except LookupError as refused:
        reason = f"the peer's discovery service refused: {refused}"
        raise gateway_error(EvaluateError, RpcFailure(grpc.StatusCode.FAILED_PRECONDITION, reason)) from None
    try:
        return read(told)
    except ValueError as cause:
        raise FabricError("the peer's answer is not what was asked of its discovery service") from cause
