"""What the ledger says of blocks and transactions, decoded; asked of a stand-in by either client."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2, ledger_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.peer import (
    chaincode_event_pb2,
    chaincode_pb2,
    proposal_pb2,
    proposal_response_pb2,
    transaction_pb2,
)

from medconsent.fabric import (
    AsyncGateway,
    BlockError,
    ChainInfo,
    DecodedTransaction,
    EvaluateError,
    Gateway,
    Identity,
    PrivateKeySigner,
)
from medconsent.fabric.ledger_blocks import LedgerBlock

WHEN = datetime(2026, 11, 24, 10, 0, 0, 250, UTC)


def envelope(identity: Identity, **changes: Any) -> bytes:
    """A transaction of `basic`, as a block has it."""
    public = kv_rwset_pb2.KVRWSet(
        reads=[
            kv_rwset_pb2.KVRead(key="a", version=kv_rwset_pb2.Version(block_num=3, tx_num=1)),
            kv_rwset_pb2.KVRead(key="new"),
        ],
        writes=[kv_rwset_pb2.KVWrite(key="a", value=b"1"), kv_rwset_pb2.KVWrite(key="b", is_delete=True)],
    )
    hashed = kv_rwset_pb2.HashedRWSet(
        hashed_writes=[
            kv_rwset_pb2.KVWriteHash(key_hash=b"k", value_hash=b"v"),
            kv_rwset_pb2.KVWriteHash(key_hash=b"p", is_purge=True),
        ]
    )
    collection = rwset_pb2.CollectionHashedReadWriteSet(
        collection_name="secret", hashed_rwset=hashed.SerializeToString()
    )
    written = rwset_pb2.NsReadWriteSet(
        namespace="basic", rwset=public.SerializeToString(), collection_hashed_rwset=[collection]
    )
    done = proposal_pb2.ChaincodeAction(
        results=rwset_pb2.TxReadWriteSet(ns_rwset=[written]).SerializeToString(),
        events=chaincode_event_pb2.ChaincodeEvent(event_name="moved", payload=b"p").SerializeToString(),
        response=proposal_response_pb2.Response(status=200, payload=b"ok"),
    )
    spec = chaincode_pb2.ChaincodeInvocationSpec(
        chaincode_spec=chaincode_pb2.ChaincodeSpec(
            chaincode_id=chaincode_pb2.ChaincodeID(name="basic"),
            input=chaincode_pb2.ChaincodeInput(args=[b"Move", b"a", b"\xff"]),
        )
    )
    action = transaction_pb2.ChaincodeActionPayload(
        chaincode_proposal_payload=proposal_pb2.ChaincodeProposalPayload(
            input=spec.SerializeToString()
        ).SerializeToString(),
        action=transaction_pb2.ChaincodeEndorsedAction(
            proposal_response_payload=proposal_response_pb2.ProposalResponsePayload(
                extension=done.SerializeToString()
            ).SerializeToString(),
            endorsements=[proposal_response_pb2.Endorsement(endorser=identity.creator)],
        ),
    )
    actions = [transaction_pb2.TransactionAction(payload=action.SerializeToString())] * changes.get("actions", 1)
    header = common_pb2.ChannelHeader(
        type=changes.get("kind", common_pb2.ENDORSER_TRANSACTION), tx_id="ab", channel_id="c"
    )
    header.timestamp.FromDatetime(WHEN)
    payload = common_pb2.Payload(
        header=common_pb2.Header(
            channel_header=header.SerializeToString(),
            signature_header=common_pb2.SignatureHeader(
                creator=changes.get("creator", identity.creator)
            ).SerializeToString(),
        ),
        data=transaction_pb2.Transaction(actions=actions).SerializeToString(),
    )
    return bytes(common_pb2.Envelope(payload=payload.SerializeToString()).SerializeToString())


def test_everything_that_is_in_a_transaction(identity: Identity) -> None:
    found = DecodedTransaction.parse(envelope(identity), 0)
    assert (found.transaction_id, found.code, found.valid, found.kind) == ("ab", "VALID", True, "transaction")
    assert (found.channel, found.timestamp, found.creator) == ("c", WHEN, identity)
    assert (found.chaincode, found.function, found.arguments) == ("basic", "Move", (b"Move", b"a", b"\xff"))
    assert (found.status, found.result, found.event, found.endorsers) == (200, b"ok", ("moved", b"p"), (identity,))
    assert found.reads == (("basic", "a", (3, 1)), ("basic", "new", None))
    assert found.writes == (("basic", "a", b"1"), ("basic", "b", None))
    assert found.private_writes == (("basic", "secret", b"k", b"v"), ("basic", "secret", b"p", None))
    assert DecodedTransaction.parse(envelope(identity), 11).code == "MVCC_READ_CONFLICT"


def test_what_is_no_transaction_of_a_chaincode(identity: Identity) -> None:
    for nobody in (b"\xff", b""):  # a first block has none
        found = DecodedTransaction.parse(envelope(identity, kind=common_pb2.CONFIG, creator=nobody), 0)
        assert (found.kind, found.creator, found.arguments, found.function) == ("configuration", None, (), "")


@pytest.mark.parametrize("data", [b"\xff", b""])
def test_what_cannot_be_read(data: bytes, identity: Identity) -> None:
    if data:
        with pytest.raises(BlockError):
            DecodedTransaction.parse(data, 0)
    with pytest.raises(BlockError):
        DecodedTransaction.parse(envelope(identity, actions=2), 0)


def block(identity: Identity) -> common_pb2.Block:
    made = common_pb2.Block()
    made.header.number = 4
    made.data.data.append(envelope(identity))
    made.header.data_hash = sha256(made.data.data[0]).digest()
    made.metadata.metadata.extend([b"", b"", b"\x0b"])
    return made


def answer(payload: bytes) -> bytes:
    result = proposal_response_pb2.Response(payload=payload)
    return bytes(gateway_pb2.EvaluateResponse(result=result).SerializeToString())


def asked(peer: Any) -> tuple[list[bytes], list[str]]:
    request = gateway_pb2.EvaluateRequest.FromString(peer.requests[-1][1])
    proposal = proposal_pb2.Proposal.FromString(request.proposed_transaction.proposal_bytes)
    spec = chaincode_pb2.ChaincodeInvocationSpec.FromString(
        proposal_pb2.ChaincodeProposalPayload.FromString(proposal.payload).input
    )
    return list(spec.chaincode_spec.input.args), list(request.target_organizations)


Call = Callable[[Any], Any]


@pytest.fixture(params=["blocking", "asyncio"])
def ask(
    request: pytest.FixtureRequest, peer: Any, identity: Identity, signer: PrivateKeySigner
) -> Callable[[Call], Any]:
    """Puts a question to the channel `c`, with either client."""

    async def awaited(call: Call) -> Any:
        async with AsyncGateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
            return await call(gateway.channel("c"))

    def blocking(call: Call) -> Any:
        with Gateway(peer.endpoint, identity, signer, tls_root=None) as gateway:
            return call(gateway.channel("c"))

    return blocking if request.param == "blocking" else lambda call: asyncio.run(awaited(call))


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (lambda c: c.block_by_number(4), [b"GetBlockByNumber", b"c", b"4"]),
        (lambda c: c.block_by_hash(b"\xff\x00"), [b"GetBlockByHash", b"c", b"\xff\x00"]),
        (lambda c: c.block_by_transaction("ab"), [b"GetBlockByTxID", b"c", b"ab"]),
    ],
)
def test_a_block_is_asked_for(ask: Any, peer: Any, identity: Identity, call: Call, arguments: list[bytes]) -> None:
    peer.answers = {"Evaluate": answer(block(identity).SerializeToString())}
    found: LedgerBlock = ask(call)
    assert asked(peer) == (arguments, ["hanbit"])
    assert found.number == 4
    (transaction,) = found.decoded()
    assert (transaction.function, transaction.code) == ("Move", "MVCC_READ_CONFLICT")


def test_a_transaction_is_asked_for(ask: Any, peer: Any, identity: Identity) -> None:
    processed = transaction_pb2.ProcessedTransaction(
        transactionEnvelope=common_pb2.Envelope.FromString(envelope(identity)), validationCode=11
    )
    peer.answers = {"Evaluate": answer(processed.SerializeToString())}
    found = ask(lambda channel: channel.transaction("ab"))
    assert asked(peer)[0] == [b"GetTransactionByID", b"c", b"ab"]
    assert (found.function, found.valid) == ("Move", False)


def test_how_long_the_ledger_is(ask: Any, peer: Any) -> None:
    info = ledger_pb2.BlockchainInfo(height=7, currentBlockHash=b"c", previousBlockHash=b"p")
    peer.answers = {"Evaluate": answer(info.SerializeToString())}
    assert ask(lambda channel: channel.info()) == ChainInfo(7, b"c", b"p")


def test_what_is_not_there_and_what_is_no_block(ask: Any, peer: Any) -> None:
    peer.answers = {"Evaluate": peer.refusal(grpc.StatusCode.UNKNOWN, "entry not found in index")}
    with pytest.raises(EvaluateError, match="entry not found"):
        ask(lambda channel: channel.block_by_number(99))
    peer.answers = {"Evaluate": answer(b"\xff")}
    for call in (lambda channel: channel.block_by_number(1), lambda channel: channel.transaction("ab")):
        with pytest.raises(BlockError):
            ask(call)
