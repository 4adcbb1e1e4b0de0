"""The calls of hfc (`fabric-sdk-py`) on top of this package: a program written for it runs with its imports changed.

    from medconsent.fabric.hfc import Client  # instead of: from hfc.fabric import Client

    client = Client(net_profile="network.json")
    kim = client.get_user("org1.example.com", "User1")
    answer = await client.chaincode_query(kim, "mychannel", ["peer0.org1.example.com"], ["a"], "basic", fcn="read")

Names and arguments are hfc's. What differs is in docs/hfc.md, call by call: above all, a failure is raised, where hfc
gave the error's text back as though it were the answer; and what an administrator does (channels, installing chaincode)
is refused with what to do instead (`NotHere`).
"""

from medconsent.fabric.errors import GatewayError as ChaincodeExecutionError

from .authority import CAService, IdentityService, ca_service
from .client import Client
from .events import ChannelEventHub
from .network import Contract, Gateway, Network
from .people import Enrollment, User, create_user
from .refused import NotHere
from .wallet import FileSystenWallet, Identity, InMemoryWalletStore

__all__ = [
    "CAService",
    "ChaincodeExecutionError",
    "ChannelEventHub",
    "Client",
    "Contract",
    "Enrollment",
    "FileSystenWallet",
    "Gateway",
    "Identity",
    "IdentityService",
    "InMemoryWalletStore",
    "Network",
    "NotHere",
    "User",
    "ca_service",
    "create_user",
]
