"""hfc's Gateway, Network and Contract (`hfc.fabric_network`)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from medconsent.fabric.errors import FabricError

from .client import Client
from .people import User


class Gateway:
    """Connects by a profile, and gives networks."""

    def __init__(self) -> None:
        self.client: Client | None = None
        self._user: User | None = None
        self._options: Mapping[str, Any] = {}

    async def connect(self, net_profile: str | Path, options: Mapping[str, Any]) -> None:
        """Read the connection profile.

        Args:
            net_profile: The profile's file.
            options: With `identity: {"org_name", "name"}`: who asks where nobody is named.

        Raises:
            ProfileError: It cannot be read, or has no such user.
        """
        self.client = Client(net_profile)
        self._options = options
        if identity := options.get("identity"):
            self._user = self.client.get_user(identity["org_name"], identity["name"])

    def get_current_identity(self) -> User | None:
        """Who asks where nobody is named."""
        return self._user

    def get_client(self) -> Client:
        """The client.

        Raises:
            FabricError: `connect` was not called.
        """
        if self.client is None:
            raise FabricError("the gateway is not connected: await gateway.connect(profile, options) first")
        return self.client

    def get_options(self) -> Mapping[str, Any]:
        """What `connect` was given."""
        return self._options

    async def get_network(self, network_name: str, requestor: User | None = None) -> "Network":
        """A channel of the network.

        Args:
            network_name: The channel.
            requestor: Who asks where nobody is named.

        Raises:
            FabricError: `connect` was not called.
        """
        return Network(self.get_client(), network_name, requestor or self._user)

    async def disconnect(self) -> None:
        """Close the connections of the running event loop."""
        if self.client is not None:
            await self.client.close_grpc_channels()


class Network:
    """A channel."""

    def __init__(self, client: Client, name: str, user: User | None) -> None:
        self._client, self._user = client, user
        self.name = name
        self.channel = client.new_channel(name)

    def get_contract(self, chaincode_id: str) -> "Contract":
        """A chaincode on the channel.

        Args:
            chaincode_id: Its name.
        """
        return Contract(self._client, self.name, chaincode_id, self._user)


class Contract:
    """A chaincode on a channel. `cc_name` is its name."""

    def __init__(self, client: Client, channel: str, chaincode: str, user: User | None) -> None:
        self._client, self._channel, self._user = client, channel, user
        self.cc_name = chaincode

    def get_cc_name(self) -> str:
        """The chaincode's name."""
        return self.cc_name

    async def submit_transaction(self, name: str, args: Iterable[str | bytes], requestor: User | None = None) -> str:
        """Have it endorsed by whoever is enough, and wait until it is committed; the chaincode's answer as text.

        hfc took the name, did not send it, and asked for `invoke`; here it is the function that is asked for.

        Args:
            name: The function.
            args: Its arguments.
            requestor: Who asks; None: whom the gateway or network was given.

        Raises:
            GatewayError: See `Client.chaincode_invoke`.
        """
        return await self._client.chaincode_invoke(
            self._asker(requestor), self._channel, [], args, self.cc_name, fcn=name, wait_for_event=True
        )

    async def evaluate_transaction(self, name: str, args: Iterable[str | bytes], requestor: User | None = None) -> str:
        """Ask a peer of the requestor's own organization; the chaincode's answer as text.

        Args:
            name: The function.
            args: Its arguments.
            requestor: Who asks; None: whom the gateway or network was given.

        Raises:
            EvaluateError: The peer does not answer, or refuses.
        """
        user = self._asker(requestor)
        own = [one for one in self._client.peers.values() if one.msp_id == user.msp_id]
        return await self._client.chaincode_query(user, self._channel, own[:1], args, self.cc_name, fcn=name)

    def _asker(self, requestor: User | None) -> User:
        user = requestor or self._user
        if user is None:
            raise FabricError("nobody asks: name a requestor, or an identity in the options of Gateway.connect")
        return user
