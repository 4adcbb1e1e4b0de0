"""What hfc has and this package has not, with what to do instead."""

from medconsent.fabric.errors import FabricError


class NotHere(FabricError, NotImplementedError):  # noqa: N818 - it says what it is
    """A call of hfc that is not there. `call` is its name, `instead` what to do."""

    def __init__(self, call: str, instead: str) -> None:
        super().__init__(f"{call} of hfc is not there: {instead}")
        self.call = call
        self.instead = instead


_LIFECYCLE = (
    "chaincode is packaged, installed, approved and committed with `peer lifecycle chaincode` (Fabric 2 and newer); "
    "the way of Fabric 1.4 is gone from Fabric 3"
)
_CHANNELS = "channels are made and joined with `osnadmin channel join` and `peer channel join`"
_UPDATES = "a channel's configuration is changed with `configtxlator` and `peer channel update`"

INSTEAD = {
    "channel_create": _CHANNELS,
    "channel_join": _CHANNELS,
    "channel_update": _UPDATES,
    "channel_signconfigtx": _UPDATES,
    "generate_channel_tx": _CHANNELS,
    "get_channel_config": "ask `AsyncGateway(...).channel(name).application_organizations()` who is in it, or read it "
    "with `peer channel fetch config`",
    "get_channel_config_with_orderer": "read it from a peer, with `peer channel fetch config`",
    "chaincode_install": _LIFECYCLE,
    "chaincode_instantiate": _LIFECYCLE,
    "chaincode_upgrade": _LIFECYCLE,
    "query_channels": "`peer channel list` tells it; the Gateway answers within a channel",
    "query_installed_chaincodes": "`peer lifecycle chaincode queryinstalled` tells it",
    "query_peers": "the Gateway peer finds the others by itself",
    "init_with_discovery": "the Gateway peer finds the others by itself: give a connection profile with one peer",
    "set_tls_client_cert_and_key": "Gateway peers that ask for a client's TLS certificate are not supported yet",
    "export_net_profile": "the connection profile is the file that you gave",
}
"""Methods of hfc's `Client` that are not there, and what to do instead."""
