"""What a peer, a CA or a file gives the Fabric client ends in a value or in a `FabricError`, whatever the bytes are."""

import contextlib
import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.discovery import protocol_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.gossip import message_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import chaincode_event_pb2, events_pb2, policy_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2
from google.protobuf.any_pb2 import Any as PackedAny
from google.protobuf.message import DecodeError
from google.rpc import status_pb2
from hostile_bytes import for_many

from medconsent.fabric import (
    BlockError,
    BlocksError,
    CommitStatusError,
    EndorseError,
    EvaluateError,
    EventsError,
    FabricError,
    Gateway,
    Identity,
    PrivateKeySigner,
    _rpc,
)
from medconsent.fabric.ca import answers, wire
from medconsent.fabric.channel_config import ChannelConfig, policy_words
from medconsent.fabric.commit import Commit
from medconsent.fabric.discovery import messages
from medconsent.fabric.events import ChaincodeEventsRequest, FileCheckpointer, parse_events
from medconsent.fabric.flow import RpcFailure
from medconsent.fabric.ledger import lifecycle
from medconsent.fabric.ledger.decoded import DecodedTransaction
from medconsent.fabric.ledger.delivered import BlockAndPrivateData, FilteredBlock
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.fabric.proposal import Proposal
from medconsent.fabric.transaction import Transaction

OFFICIAL = json.loads((Path(__file__).parent / "vectors" / "official.json").read_text())
RECORDED = {name: b64decode(value) for name, value in OFFICIAL["messages"].items()}
ENVELOPE = gateway_pb2.SubmitRequest.FromString(RECORDED["submit_request"]).prepared_transaction
ANSWER = json.dumps(
    {
        "success": True,
        "result": {
            "Cert": "QUJD",
            "id": "kim",
            "type": "client",
            "affiliation": "",
            "identities": [{"id": "kim", "type": "client", "affiliation": "", "attrs": [{"name": "a", "value": "b"}]}],
            "certs": [{"PEM": OFFICIAL["certificate"]}],
            "RevokedCerts": [{"Serial": "1", "AKI": "2"}],
            "name": "a",
            "affiliations": [{"name": "a.b"}],
        },
        "errors": [],
        "messages": [],
    }
).encode()
CREATOR = identities_pb2.SerializedIdentity(mspid="hanbit", id_bytes=OFFICIAL["certificate"].encode())


@pytest.fixture
def channel(peer: Any, identity: Identity, signer: PrivateKeySigner) -> Any:
    with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
        yield gateway.channel("medconsent")


def told(payload: bytes) -> bytes:
    """The Gateway's answer with that payload."""
    response = gateway_pb2.EvaluateResponse()
    response.result.payload = payload
    return bytes(response.SerializeToString())


def block() -> bytes:
    made = common_pb2.Block(header=common_pb2.BlockHeader(number=7, previous_hash=b"p" * 32, data_hash=b"d" * 32))
    made.data.data.append(ENVELOPE.SerializeToString())
    made.metadata.metadata.extend([b"", b"", b"\0", b"", b""])
    return bytes(made.SerializeToString())


def configuration() -> bytes:
    config = configtx_pb2.Config(sequence=3)
    organization = config.channel_group.groups["Application"].groups["hanbit"]
    organization.values["MSP"].value = b"\x0a\x06hanbit"
    organization.policies["Readers"].policy.type = 1
    organization.policies["Readers"].policy.value = b"\x0a\x02\x08\x01"
    return bytes(config.SerializeToString())


def discovered() -> bytes:
    alive = message_pb2.GossipMessage()
    alive.alive_msg.membership.endpoint = "localhost:7051"
    state = message_pb2.GossipMessage()
    state.state_info.properties.ledger_height = 9
    peer = protocol_pb2.Peer(identity=CREATOR.SerializeToString())
    peer.membership_info.payload, peer.state_info.payload = alive.SerializeToString(), state.SerializeToString()
    told = protocol_pb2.PeerMembershipResult(peers_by_org={"hanbit": protocol_pb2.Peers(peers=[peer])})
    return bytes(protocol_pb2.Response(results=[protocol_pb2.QueryResult(members=told)]).SerializeToString())


def events() -> bytes:
    found = chaincode_event_pb2.ChaincodeEvent(chaincode_id="basic", tx_id="t", event_name="E", payload=b"p")
    return bytes(gateway_pb2.ChaincodeEventsResponse(events=[found], block_number=7).SerializeToString())


def filtered() -> Any:
    one = events_pb2.FilteredTransaction(txid="t", type=3, tx_validation_code=0)
    return events_pb2.FilteredBlock(channel_id="c", number=7, filtered_transactions=[one])


def definitions() -> bytes:
    kind = lifecycle_pb2.QueryChaincodeDefinitionsResult.ChaincodeDefinition
    rule = policy_pb2.ApplicationPolicy(channel_config_policy_reference="/Channel/Application/Endorsement")
    one = kind(name="basic", version="1", sequence=1, validation_parameter=rule.SerializeToString())
    return bytes(lifecycle_pb2.QueryChaincodeDefinitionsResult(chaincode_definitions=[one]).SerializeToString())


def told_by_nodes() -> bytes:
    packed = PackedAny()
    packed.Pack(gateway_pb2.ErrorDetail(address="a:1", msp_id="hanbit", message="no"))
    return bytes(status_pb2.Status(code=10, message="aborted", details=[packed]).SerializeToString())


def read_block(data: bytes) -> Any:
    """A block, and each thing that is asked of one."""
    found = LedgerBlock.parse(data)
    for ask in (found.signatures, found.last_config, found.codes, lambda: found.commit_hash, lambda: found.channel):
        with contextlib.suppress(FabricError):
            ask()
    for one in found.transactions():
        with contextlib.suppress(FabricError):
            one.actions()
    return found.number, found.hash, found.computed_data_hash(), list(found.decoded())


def read_authority(data: bytes) -> Any:
    """An answer of a CA as that to each question."""
    result = wire._result(200, data)
    for ask in (
        lambda: answers.decoded(result, "Cert"),
        lambda: answers.listed(result, "identities", answers.registered),
        lambda: answers.listed(result, "certs", lambda one: answers.issued(str(one["PEM"]))),
        lambda: answers.revoked(result),
        lambda: answers.affiliation(result),
        lambda: answers.registered(result),
    ):
        with contextlib.suppress(FabricError):
            ask()


def of_stream(kind: Any, member: str) -> Callable[[bytes], Any]:
    """What a stream of blocks makes of a message; the stream itself says what is no message."""

    def read(data: bytes) -> Any:
        with contextlib.suppress(DecodeError):
            return kind.of(getattr(events_pb2.DeliverResponse.FromString(data), member))

    return read


def read_transaction(data: bytes) -> Any:
    """A transaction, and who made and endorsed it."""
    found = DecodedTransaction.parse(data, 0)
    return found.creator and found.creator.msp_id, found.function, found.reads, found.writes, found.endorsers


def read_certificate(data: bytes) -> Any:
    """A certificate, and what the client reads in it."""
    found = Identity("hanbit", data)
    return found.creator, found.common_name, found.attributes, found.expires


def read_configuration(data: bytes) -> Any:
    """A channel's configuration, and what of it is put in words."""
    found = ChannelConfig.parse(data)
    with contextlib.suppress(FabricError):
        policy_words(data)
    return found


READERS: dict[str, tuple[Callable[[bytes], Any], bytes]] = {
    "a block": (read_block, block()),
    "a filtered block": (
        of_stream(FilteredBlock, "filtered_block"),
        events_pb2.DeliverResponse(filtered_block=filtered()).SerializeToString(),
    ),
    "a block with private data": (
        of_stream(BlockAndPrivateData, "block_and_private_data"),
        events_pb2.DeliverResponse(
            block_and_private_data=events_pb2.BlockAndPrivateData(block=common_pb2.Block.FromString(block()))
        ).SerializeToString(),
    ),
    "a transaction": (read_transaction, ENVELOPE.SerializeToString()),
    "a configuration": (read_configuration, configuration()),
    "chaincode events": (parse_events, events()),
    "definitions of chaincode": (lambda data: list(lifecycle.parse_all(data)), definitions()),
    "peers": (lambda data: messages.read_peers(messages.result(data, "members")), discovered()),
    "what nodes say": (lambda data: _rpc.details([("grpc-status-details-bin", data)]), told_by_nodes()),
    "an answer of a CA": (read_authority, ANSWER),
    "a certificate": (read_certificate, OFFICIAL["certificate"].encode()),
    "a proposal": (Proposal.from_bytes, RECORDED["unsigned_proposal"]),
    "an endorsed transaction": (Transaction.from_bytes, RECORDED["unsigned_transaction"]),
    "a question for a status": (Commit.from_bytes, RECORDED["unsigned_commit"]),
    "a request for events": (ChaincodeEventsRequest.from_bytes, RECORDED["events_request_checkpoint"]),
}
"""By what it is: how it is read, and one that is right."""


@pytest.mark.parametrize("name", READERS)
def test_bytes_of_anybody_end_in_a_value_or_in_a_fabric_error(name: str) -> None:
    reader, right = READERS[name]
    reader(right)

    def tried(data: bytes) -> None:
        with contextlib.suppress(FabricError, RpcFailure):  # each phase makes its own error of an `RpcFailure`
            reader(data)

    for_many(right, tried)


def test_a_checkpoint_file_ends_in_a_value_or_in_a_fabric_error(tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"

    def tried(data: bytes) -> None:
        file.write_bytes(data)
        with contextlib.suppress(FabricError):
            FileCheckpointer(file)

    for_many(b'{"blockNumber":7,"transactionId":"t"}', tried)


NO_MESSAGE = b"\xff\xff"
ENDORSED = RECORDED["endorse_response"]


@pytest.mark.parametrize(
    ("answers", "asked", "error"),
    [
        ({"Evaluate": NO_MESSAGE}, lambda channel: channel.contract("basic").evaluate("get"), EvaluateError),
        ({"Endorse": NO_MESSAGE}, lambda channel: channel.contract("basic").submit("put"), EndorseError),
        (
            {"Endorse": ENDORSED, "Submit": b"", "CommitStatus": NO_MESSAGE},
            lambda channel: channel.contract("basic").submit("put"),
            CommitStatusError,
        ),
        ({"Evaluate": told(NO_MESSAGE)}, lambda channel: channel.height(), EvaluateError),
        ({"Evaluate": told(NO_MESSAGE)}, lambda channel: channel.info(), EvaluateError),
        ({"Evaluate": told(NO_MESSAGE)}, lambda channel: channel.transaction_status("t"), EvaluateError),
        ({"Evaluate": told(NO_MESSAGE)}, lambda channel: channel.transaction("t"), BlockError),
        ({"Evaluate": told(NO_MESSAGE)}, lambda channel: channel.block_by_number(1), BlockError),
        (
            {"Evaluate": told(b""), "ChaincodeEvents": lambda _: iter([NO_MESSAGE])},
            lambda channel: next(channel.chaincode_events("basic", start_block=1)),
            EventsError,
        ),
        ({"Deliver": lambda _: iter([NO_MESSAGE])}, lambda channel: next(channel.blocks(0)), BlocksError),
        ({"Discover": NO_MESSAGE}, lambda channel: channel.discovery.peers(), FabricError),
    ],
    ids=[
        *("evaluate", "endorse", "commit-status", "height", "info", "transaction-status", "transaction", "block"),
        *("events", "blocks", "discovery"),
    ],
)
def test_a_peer_that_answers_nonsense_is_an_error_of_the_phase(
    peer: Any, channel: Any, answers: dict[str, Any], asked: Callable[[Any], Any], error: type[Exception]
) -> None:
    peer.answers = answers
    with pytest.raises(error) as refused:
        asked(channel)
    if error is CommitStatusError:
        assert refused.value.outcome == "unknown"  # type: ignore[attr-defined]
