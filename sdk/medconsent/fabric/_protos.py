"""The one place that imports Fabric's generated messages.

The package `hyperledger-fabric-protos` carries no type stubs: everything re-exported here is `Any` to a type
checker, so the modules that use it convert what they read to `bytes`, `str` or `int` at once.
"""

from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, ledger_pb2, policies_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import identities_pb2, msp_config_pb2, msp_principal_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_configuration_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as etcdraft_pb2
from fabric_protos.peer import (
    chaincode_pb2,
    events_pb2,
    policy_pb2,
    proposal_pb2,
    proposal_response_pb2,
    transaction_pb2,
)
from fabric_protos.peer import configuration_pb2 as peer_configuration_pb2
from fabric_protos.peer.lifecycle import chaincode_definition_pb2, db_pb2
from google.rpc import status_pb2

SerializedIdentity = identities_pb2.SerializedIdentity
FabricMSPConfig = msp_config_pb2.FabricMSPConfig
MSPConfig = msp_config_pb2.MSPConfig

ChannelHeader = common_pb2.ChannelHeader
SignatureHeader = common_pb2.SignatureHeader
Header = common_pb2.Header
Payload = common_pb2.Payload
Envelope = common_pb2.Envelope
Config = configtx_pb2.Config
ConfigEnvelope = configtx_pb2.ConfigEnvelope
ConfigGroup = configtx_pb2.ConfigGroup
ConfigUpdateEnvelope = configtx_pb2.ConfigUpdateEnvelope
Capabilities = configuration_pb2.Capabilities
Consenters = configuration_pb2.Orderers
OrdererAddresses = configuration_pb2.OrdererAddresses
AnchorPeers = peer_configuration_pb2.AnchorPeers
ACLs = peer_configuration_pb2.ACLs
ConsensusType = orderer_configuration_pb2.ConsensusType
RaftMetadata = etcdraft_pb2.ConfigMetadata
Policy = policies_pb2.Policy
SignaturePolicy = policies_pb2.SignaturePolicy
SignaturePolicyEnvelope = policies_pb2.SignaturePolicyEnvelope
ImplicitMetaPolicy = policies_pb2.ImplicitMetaPolicy
MSPPrincipal = msp_principal_pb2.MSPPrincipal
MSPRole = msp_principal_pb2.MSPRole
ApplicationPolicy = policy_pb2.ApplicationPolicy

Block = common_pb2.Block
Metadata = common_pb2.Metadata
IdentifierHeader = common_pb2.IdentifierHeader
OrdererBlockMetadata = common_pb2.OrdererBlockMetadata
BLOCK_SIGNATURES: int = int(common_pb2.SIGNATURES)
BLOCK_FLAGS: int = int(common_pb2.TRANSACTIONS_FILTER)
BLOCK_COMMIT_HASH: int = int(common_pb2.COMMIT_HASH)
CONFIG: int = int(common_pb2.CONFIG)
BlockchainInfo = ledger_pb2.BlockchainInfo
STATUS_SUCCESS: int = int(common_pb2.SUCCESS)
STATUS_FORBIDDEN: int = int(common_pb2.FORBIDDEN)
STATUS_NOT_FOUND: int = int(common_pb2.NOT_FOUND)
DELIVER_SEEK_INFO: int = int(common_pb2.DELIVER_SEEK_INFO)
ENDORSER_TRANSACTION: int = int(common_pb2.ENDORSER_TRANSACTION)

ChaincodeID = chaincode_pb2.ChaincodeID
ChaincodeInput = chaincode_pb2.ChaincodeInput
ChaincodeSpec = chaincode_pb2.ChaincodeSpec
ChaincodeInvocationSpec = chaincode_pb2.ChaincodeInvocationSpec
ChaincodeHeaderExtension = proposal_pb2.ChaincodeHeaderExtension
ChaincodeProposalPayload = proposal_pb2.ChaincodeProposalPayload
ChaincodeAction = proposal_pb2.ChaincodeAction
Proposal = proposal_pb2.Proposal
SignedProposal = proposal_pb2.SignedProposal
ProposalResponsePayload = proposal_response_pb2.ProposalResponsePayload
ChaincodeActionPayload = transaction_pb2.ChaincodeActionPayload
ProcessedTransaction = transaction_pb2.ProcessedTransaction
Transaction = transaction_pb2.Transaction
TxValidationCode = transaction_pb2.TxValidationCode

TxReadWriteSet = rwset_pb2.TxReadWriteSet
KVRWSet = kv_rwset_pb2.KVRWSet
HashedRWSet = kv_rwset_pb2.HashedRWSet
StateData = db_pb2.StateData
ChaincodeEndorsementInfo = chaincode_definition_pb2.ChaincodeEndorsementInfo
ChaincodeValidationInfo = chaincode_definition_pb2.ChaincodeValidationInfo

ChaincodeEventsRequest = gateway_pb2.ChaincodeEventsRequest
ChaincodeEventsResponse = gateway_pb2.ChaincodeEventsResponse
CommitStatusRequest = gateway_pb2.CommitStatusRequest
CommitStatusResponse = gateway_pb2.CommitStatusResponse
EndorseRequest = gateway_pb2.EndorseRequest
EndorseResponse = gateway_pb2.EndorseResponse
ErrorDetail = gateway_pb2.ErrorDetail
EvaluateRequest = gateway_pb2.EvaluateRequest
EvaluateResponse = gateway_pb2.EvaluateResponse
PreparedTransaction = gateway_pb2.PreparedTransaction
ProposedTransaction = gateway_pb2.ProposedTransaction
SignedChaincodeEventsRequest = gateway_pb2.SignedChaincodeEventsRequest
SignedCommitStatusRequest = gateway_pb2.SignedCommitStatusRequest
SubmitRequest = gateway_pb2.SubmitRequest

SeekInfo = ab_pb2.SeekInfo
SeekPosition = ab_pb2.SeekPosition
DeliverResponse = events_pb2.DeliverResponse

RpcStatus = status_pb2.Status


def delivery_status_name(status: int) -> str:
    """Name of a `common.Status`, with which a stream of blocks ends, for example `FORBIDDEN`."""
    try:
        return str(common_pb2.Status.Name(status))
    except ValueError:
        return f"STATUS_{status}"


def validation_code_name(code: int) -> str:
    """Name of a `peer.TxValidationCode`, for example `MVCC_READ_CONFLICT`;

    `CODE_<n>` for one that is not known here.
    """
    try:
        return str(TxValidationCode.Name(code))
    except ValueError:
        return f"CODE_{code}"
