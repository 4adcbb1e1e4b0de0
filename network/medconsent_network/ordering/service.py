"""What differs between types of ordering service. Nothing outside of this folder knows which one it is."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from fabric_protos.common import configtx_pb2

from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.spec import Spec


class OrderingService(ABC):
    """One type of ordering service, with one orderer an institution."""

    channel_capability: ClassVar[str]
    """The capability that the channel needs for it."""

    @abstractmethod
    def profile(self, spec: Spec, homes: Sequence[Home]) -> dict[str, Any]:
        """Its part of configtxgen's profile of the Orderer group: `OrdererType`, and what this type wants to know.

        Args:
            spec: The consortium.
            homes: Of all institutions, with their certificates.
        """

    @abstractmethod
    def node_settings(self) -> dict[str, Any]:
        """The key `Consensus` of orderer.yaml; paths are relative to the orderer's folder."""

    @abstractmethod
    def can_order(self, home: Home) -> bool:
        """Whether the home's orderer has what it needs, from the others, to order transactions."""

    @abstractmethod
    def remove(self, config: configtx_pb2.Config, host: str, port: int) -> None:
        """Take the orderer at `host:port` out of the configuration `config`, which is changed in place.

        Args:
            config: The channel's configuration.
            host: The orderer's host name, as the channel has it.
            port: Its port.

        Raises:
            NetworkError: CHANNEL_FAILED when there is none there.
        """

    def add(self, config: configtx_pb2.Config, wanted: configtx_pb2.Config, host: str, port: int) -> None:
        """Put the orderer at `host:port`, as the configuration `wanted` has it, into `config`, which is changed in
        place.

        Args:
            config: The channel's configuration.
            wanted: A configuration with the orderer, made from the bundles.
            host: The orderer's host name, as `wanted` has it.
            port: Its port.

        Raises:
            NetworkError: CHANNEL_FAILED when `wanted` has none there, or `config` has one, or this type cannot.
        """
        raise NetworkError("CHANNEL_FAILED", "this type of ordering service cannot be given another orderer yet")
