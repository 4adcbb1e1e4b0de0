"""A general client of Hyperledger Fabric: the Gateway, identities, and Fabric CA. It knows no medicine.

Start with `Gateway` (blocking) or `AsyncGateway` (asyncio):

    with Gateway("peer.example:7051", identity, signer, tls_root=pem) as gateway:
        contract = gateway.channel("mychannel").contract("basic")
        contract.evaluate("ReadAsset", b"a1")
        contract.submit("TransferAsset", b"a1", b"Kim")
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .aio import AsyncGateway
    from .aio_connection import AsyncConnection
    from .blocks import BlocksRequest
    from .channel import ChainInfo, Channel
    from .commit import Commit, Sent, Submitted, TransactionStatus
    from .connection import Connection
    from .contract import Contract, Timeouts
    from .driving.limits import Limits
    from .driving.peers import TLSClientCertificate
    from .errors import (
        BlockError,
        BlocksError,
        BlockTimeoutError,
        CAError,
        CertificateEnded,
        ClosedError,
        CommitError,
        CommitStatusError,
        EndorseError,
        EvaluateError,
        EventsError,
        FabricError,
        GatewayError,
        IdentityError,
        ProfileError,
        SubmitError,
        WalletError,
    )
    from .events import ChaincodeEvent, ChaincodeEventsRequest, FileCheckpointer, InMemoryCheckpointer
    from .flow import Asyncio, AsyncStream, Blocking, EndorserDetail, Flow, Stream, operation, stream, subscription
    from .gateway import Gateway
    from .identity import Hash, Identity, PrivateKeySigner, Signer
    from .ledger.decoded import DecodedTransaction
    from .ledger.delivered import BlockAndPrivateData, FilteredBlock, FilteredEvent, FilteredTransaction, PrivateWrite
    from .ledger.lifecycle import ChaincodeDefinition
    from .ledger_blocks import LedgerBlock, LedgerTransaction
    from .profile import PeerEndpoint
    from .proposal import Proposal
    from .transaction import Transaction

__all__ = [
    "AsyncConnection",
    "AsyncGateway",
    "AsyncStream",
    "Asyncio",
    "BlockAndPrivateData",
    "BlockError",
    "BlockTimeoutError",
    "Blocking",
    "BlocksError",
    "BlocksRequest",
    "CAError",
    "CertificateEnded",
    "ChainInfo",
    "ChaincodeDefinition",
    "ChaincodeEvent",
    "ChaincodeEventsRequest",
    "Channel",
    "ClosedError",
    "Commit",
    "CommitError",
    "CommitStatusError",
    "Connection",
    "Contract",
    "DecodedTransaction",
    "EndorseError",
    "EndorserDetail",
    "EvaluateError",
    "EventsError",
    "FabricError",
    "FileCheckpointer",
    "FilteredBlock",
    "FilteredEvent",
    "FilteredTransaction",
    "Flow",
    "Gateway",
    "GatewayError",
    "Hash",
    "Identity",
    "IdentityError",
    "InMemoryCheckpointer",
    "LedgerBlock",
    "LedgerTransaction",
    "Limits",
    "PeerEndpoint",
    "PrivateKeySigner",
    "PrivateWrite",
    "ProfileError",
    "Proposal",
    "Sent",
    "Signer",
    "Stream",
    "SubmitError",
    "Submitted",
    "TLSClientCertificate",
    "Timeouts",
    "Transaction",
    "TransactionStatus",
    "WalletError",
    "operation",
    "stream",
    "subscription",
]

_WHERE = {
    "aio": ("AsyncGateway",),
    "aio_connection": ("AsyncConnection",),
    "channel": (
        "ChainInfo",
        "Channel",
    ),
    "commit": (
        "Commit",
        "Sent",
        "Submitted",
        "TransactionStatus",
    ),
    "connection": ("Connection",),
    "contract": (
        "Contract",
        "Timeouts",
    ),
    "errors": (
        "BlockError",
        "BlockTimeoutError",
        "BlocksError",
        "CAError",
        "CertificateEnded",
        "ClosedError",
        "CommitError",
        "CommitStatusError",
        "EndorseError",
        "EvaluateError",
        "EventsError",
        "FabricError",
        "GatewayError",
        "IdentityError",
        "ProfileError",
        "SubmitError",
        "WalletError",
    ),
    "events": (
        "ChaincodeEvent",
        "ChaincodeEventsRequest",
        "FileCheckpointer",
        "InMemoryCheckpointer",
    ),
    "driving.limits": ("Limits",),
    "driving.peers": ("TLSClientCertificate",),
    "flow": (
        "AsyncStream",
        "Asyncio",
        "Blocking",
        "EndorserDetail",
        "Flow",
        "Stream",
        "operation",
        "stream",
        "subscription",
    ),
    "gateway": ("Gateway",),
    "identity": (
        "Hash",
        "Identity",
        "PrivateKeySigner",
        "Signer",
    ),
    "blocks": ("BlocksRequest",),
    "ledger.decoded": ("DecodedTransaction",),
    "ledger.lifecycle": ("ChaincodeDefinition",),
    "ledger.delivered": (
        "BlockAndPrivateData",
        "FilteredBlock",
        "FilteredEvent",
        "FilteredTransaction",
        "PrivateWrite",
    ),
    "ledger_blocks": (
        "LedgerBlock",
        "LedgerTransaction",
    ),
    "profile": ("PeerEndpoint",),
    "proposal": ("Proposal",),
    "transaction": ("Transaction",),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import on first use: a program that asks one question needs a few of them."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
