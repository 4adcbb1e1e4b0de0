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
    from .blocks import BlocksRequest
    from .channel import ChainInfo, Channel
    from .commit import Commit, Sent, Submitted, TransactionStatus
    from .contract import Contract, Timeouts
    from .driving.limits import Limits
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
    from .identity import Identity, PrivateKeySigner, Signer
    from .ledger.decoded import DecodedTransaction
    from .ledger.delivered import BlockAndPrivateData, FilteredBlock, FilteredEvent, FilteredTransaction, PrivateWrite
    from .ledger.lifecycle import ChaincodeDefinition
    from .ledger_blocks import LedgerBlock, LedgerTransaction
    from .proposal import Proposal
    from .transaction import Transaction

__all__ = [
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
    "Identity",
    "IdentityError",
    "InMemoryCheckpointer",
    "LedgerBlock",
    "LedgerTransaction",
    "Limits",
    "PrivateKeySigner",
    "PrivateWrite",
    "ProfileError",
    "Proposal",
    "Sent",
    "Signer",
    "Stream",
    "SubmitError",
    "Submitted",
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
