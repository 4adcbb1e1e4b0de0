"""The one place that imports Fabric's generated messages.

The package ``hyperledger-fabric-protos`` carries no type stubs: everything re-exported here is ``Any`` to a type
checker, so the modules that use it convert what they read to ``bytes``, ``str`` or ``int`` at once.
"""

from fabric_protos.common import common_pb2, configtx_pb2, ledger_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.msp import identities_pb2, msp_config_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import chaincode_pb2, events_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2
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
BlockchainInfo = ledger_pb2.BlockchainInfo
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


def validation_code_name(code: int) -> str:
    """Name of a ``peer.TxValidationCode``, for example ``MVCC_READ_CONFLICT``;

    ``CODE_<n>`` for one that is not known here.
    """
    try:
        return str(TxValidationCode.Name(code))
    except ValueError:
        return f"CODE_{code}"
