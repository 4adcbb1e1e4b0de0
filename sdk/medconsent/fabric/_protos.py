"""The one place that imports Fabric's generated messages, each module when a message of it is first used.

The package `hyperledger-fabric-protos` carries no type stubs: everything here is `Any` to a type checker, so the
modules that use it convert what they read to `bytes`, `str` or `int` at once.
"""

import importlib
from typing import Any

_MODULES = {
    "fabric_protos.msp.identities": """
        SerializedIdentity
    """,
    "fabric_protos.msp.msp_config": """
        FabricMSPConfig MSPConfig
    """,
    "fabric_protos.common.common": """
        ChannelHeader SignatureHeader Header Payload Envelope Block Metadata IdentifierHeader
        OrdererBlockMetadata BLOCK_SIGNATURES=SIGNATURES BLOCK_FLAGS=TRANSACTIONS_FILTER
        BLOCK_COMMIT_HASH=COMMIT_HASH CONFIG Status STATUS_SUCCESS=SUCCESS STATUS_FORBIDDEN=FORBIDDEN
        STATUS_NOT_FOUND=NOT_FOUND DELIVER_SEEK_INFO ENDORSER_TRANSACTION
    """,
    "fabric_protos.common.configtx": """
        Config ConfigEnvelope ConfigGroup ConfigUpdateEnvelope
    """,
    "fabric_protos.common.configuration": """
        Capabilities Consenters=Orderers OrdererAddresses
    """,
    "fabric_protos.peer.configuration": """
        AnchorPeers ACLs
    """,
    "fabric_protos.orderer.configuration": """
        ConsensusType
    """,
    "fabric_protos.orderer.etcdraft.configuration": """
        RaftMetadata=ConfigMetadata
    """,
    "fabric_protos.common.policies": """
        Policy SignaturePolicy SignaturePolicyEnvelope ImplicitMetaPolicy
    """,
    "fabric_protos.msp.msp_principal": """
        MSPPrincipal MSPRole
    """,
    "fabric_protos.peer.policy": """
        ApplicationPolicy
    """,
    "fabric_protos.common.ledger": """
        BlockchainInfo
    """,
    "fabric_protos.peer.chaincode": """
        ChaincodeID ChaincodeInput ChaincodeSpec ChaincodeInvocationSpec
    """,
    "fabric_protos.peer.proposal": """
        ChaincodeHeaderExtension ChaincodeProposalPayload ChaincodeAction Proposal SignedProposal
    """,
    "fabric_protos.peer.query": """
        ChaincodeInfo ChaincodeQueryResponse
    """,
    "fabric_protos.peer.chaincode_event": """
        ChaincodeEvent
    """,
    "fabric_protos.peer.proposal_response": """
        ProposalResponsePayload ChaincodeInterest
    """,
    "fabric_protos.peer.transaction": """
        ChaincodeActionPayload ProcessedTransaction Transaction TxValidationCode
    """,
    "fabric_protos.ledger.rwset.rwset": """
        TxReadWriteSet
    """,
    "fabric_protos.ledger.rwset.kvrwset.kv_rwset": """
        KVRWSet HashedRWSet
    """,
    "fabric_protos.peer.lifecycle.lifecycle": """
        QueryChaincodeDefinitionsArgs QueryChaincodeDefinitionsResult
    """,
    "fabric_protos.peer.lifecycle.db": """
        StateData
    """,
    "fabric_protos.peer.lifecycle.chaincode_definition": """
        ChaincodeEndorsementInfo ChaincodeValidationInfo
    """,
    "fabric_protos.gateway.gateway": """
        ChaincodeEventsRequest ChaincodeEventsResponse CommitStatusRequest CommitStatusResponse EndorseRequest
        EndorseResponse ErrorDetail EvaluateRequest EvaluateResponse PreparedTransaction ProposedTransaction
        SignedChaincodeEventsRequest SignedCommitStatusRequest SubmitRequest
    """,
    "fabric_protos.discovery.protocol": """
        DiscoveryRequest=Request DiscoveryResponse=Response DiscoverySignedRequest=SignedRequest
    """,
    "fabric_protos.gossip.message": """
        GossipMessage
    """,
    "fabric_protos.orderer.ab": """
        SeekInfo SeekPosition BroadcastResponse
    """,
    "fabric_protos.peer.events": """
        DeliverResponse
    """,
    "google.rpc.status": """
        RpcStatus=Status
    """,
}
"""Module of generated messages -> what is used of it; `NAME=ITS` where it is called something else there."""

_WHERE = {
    ours: (f"{module}_pb2", theirs or ours)
    for module, names in _MODULES.items()
    for ours, _, theirs in (name.partition("=") for name in names.split())
}


def __getattr__(name: str) -> Any:
    """Import on first use: a question needs a third of the messages, and the others take as long to load."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, theirs = _WHERE[name]
    found = globals()[name] = getattr(importlib.import_module(module), theirs)
    return found


def delivery_status_name(status: int) -> str:
    """Name of a `common.Status`, with which a stream of blocks ends, for example `FORBIDDEN`."""
    try:
        return str(__getattr__("Status").Name(status))
    except ValueError:
        return f"STATUS_{status}"


def validation_code_name(code: int) -> str:
    """Name of a `peer.TxValidationCode`, for example `MVCC_READ_CONFLICT`.

    `CODE_<n>` for one that is not known here.
    """
    try:
        return str(__getattr__("TxValidationCode").Name(code))
    except ValueError:
        return f"CODE_{code}"
