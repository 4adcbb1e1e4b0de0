"""Blocks as the dictionaries that hfc makes of them (its `BlockDecoder` and `FilteredBlockDecoder`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.decoding import decode
from medconsent.fabric.errors import BlockError
from medconsent.fabric.ledger_blocks import LedgerBlock

_TYPES = (
    "MESSAGE",
    "CONFIG",
    "CONFIG_UPDATE",
    "ENDORSER_TRANSACTION",
    "ORDERER_TRANSACTION",
    "DELIVER_SEEK_INFO",
    "CHAINCODE_PACKAGE",
)


@dataclass(frozen=True)
class ChaincodeEventTold:
    """A chaincode's event, and the transaction that set it."""

    event: dict[str, Any]
    block_number: int
    transaction_id: str
    code: str

    def as_dictionary(self) -> dict[str, Any]:
        """As hfc hands it on in a list."""
        return {
            "chaincode_event": self.event,
            "block_num": self.block_number,
            "tx_id": self.transaction_id,
            "tx_status": self.code,
        }


def block_of(block: LedgerBlock) -> dict[str, Any]:
    """A block.

    Args:
        block: The block.

    Raises:
        BlockError: It cannot be read.
    """
    try:
        value, signatures = block.signatures()
        return {
            "header": {
                "number": block.number,
                "previous_hash": block.previous_hash.hex().encode(),
                "data_hash": block.data_hash.hex().encode(),
            },
            "data": {"data": [_envelope(one) for one in block.envelopes]},
            "metadata": {
                "metadata": [
                    {"value": value, "signatures": [{"signature": one.signature} for one in signatures]},
                    {"value": {"index": block.last_config()}},
                    list(block.codes()),
                ]
            },
        }
    except (DecodeError, ValueError) as cause:
        raise BlockError(f"block {block.number} cannot be read") from cause


def filtered_of(block: LedgerBlock) -> dict[str, Any]:
    """A block without arguments, results and payloads.

    Args:
        block: The block.

    Raises:
        BlockError: It cannot be read.
    """
    events = {one.transaction_id: one.event for one in events_of(block, payload=False)}
    transactions = []
    for one in block.transactions():
        actions = [{"chaincode_event": events[one.id]}] if one.id in events else []
        transactions.append(
            {
                "txid": one.id,
                "type": _type(one.type),
                "tx_validation_code": pb.validation_code_name(one.code),
                "transaction_actions": {"chaincode_actions": actions},
            }
        )
    return {"channel_id": block.channel, "number": block.number, "filtered_transactions": transactions}


def outcomes_of(block: LedgerBlock) -> Iterator[tuple[str, str, int]]:
    """What became of each transaction: its id, its validation code, the block.

    Args:
        block: The block.
    """
    for one in block.transactions():
        yield one.id, pb.validation_code_name(one.code), block.number


def events_of(block: LedgerBlock, *, payload: bool) -> Iterator[ChaincodeEventTold]:
    """The chaincode events of a block, those of invalid transactions too.

    Args:
        block: The block.
        payload: Whether what they carry is told.
    """
    for one in block.decoded():
        if one.event is not None:
            event: dict[str, Any] = {
                "chaincode_id": one.chaincode,
                "tx_id": one.transaction_id,
                "event_name": one.event.name,
            }
            if payload:
                event["payload"] = one.event.payload
            yield ChaincodeEventTold(event, block.number, one.transaction_id, one.code)


def transaction_of(block: LedgerBlock, transaction_id: str, *, decode: bool) -> Any:
    """A transaction of a block.

    Args:
        block: The block.
        transaction_id: The transaction.
        decode: False: the bytes of Fabric's `peer.ProcessedTransaction`.

    Raises:
        BlockError: It is not in the block, or cannot be read.
    """
    for index, one in enumerate(block.transactions()):
        if one.id == transaction_id:
            envelope = block.envelopes[index]
            if not decode:
                return pb.ProcessedTransaction(
                    transactionEnvelope=pb.Envelope.FromString(envelope), validationCode=one.code
                ).SerializeToString()
            return {"validation_code": one.code, "transaction_envelope": _envelope(envelope)}
    raise BlockError(f"block {block.number} has no transaction {transaction_id}")


def _type(number: int) -> str:
    return _TYPES[number] if 0 <= number < len(_TYPES) else "UNKNOWN_TYPE"


def _envelope(data: bytes) -> dict[str, Any]:
    envelope = decode(pb.Envelope, data)
    payload = decode(pb.Payload, envelope.payload)
    header = decode(pb.ChannelHeader, payload.header.channel_header)
    when = datetime.fromtimestamp(header.timestamp.seconds, UTC)
    endorsed = header.type == pb.ENDORSER_TRANSACTION
    return {
        "signature": bytes(envelope.signature),
        "payload": {
            "header": {
                "channel_header": {
                    "type": int(header.type),
                    "version": int(header.version),
                    "timestamp": when.strftime("%Y-%m-%d %H:%M:%S"),
                    "channel_id": str(header.channel_id),
                    "tx_id": str(header.tx_id),
                    "epoch": int(header.epoch),
                    "extension": bytes(header.extension),
                    "type_string": _type(int(header.type)),
                },
                "signature_header": _signature_header(payload.header.signature_header),
            },
            "data": _transaction(payload.data) if endorsed else {},
        },
    }


def _signature_header(data: bytes) -> dict[str, Any]:
    header = decode(pb.SignatureHeader, data)
    return {"creator": _identity(header.creator), "nonce": bytes(header.nonce).hex().encode()}


def _identity(data: bytes) -> dict[str, str]:
    identity = decode(pb.SerializedIdentity, data)
    return {"mspid": str(identity.mspid), "id_bytes": bytes(identity.id_bytes).decode("utf-8", "replace")}


def _transaction(data: bytes) -> dict[str, Any]:
    return {
        "actions": [
            {"header": _signature_header(one.header), "payload": _action(one.payload)}
            for one in decode(pb.Transaction, data).actions
        ]
    }


def _action(data: bytes) -> dict[str, Any]:
    payload = decode(pb.ChaincodeActionPayload, data)
    proposal = decode(pb.ChaincodeProposalPayload, payload.chaincode_proposal_payload)
    response = decode(pb.ProposalResponsePayload, payload.action.proposal_response_payload)
    done = decode(pb.ChaincodeAction, response.extension)
    event = decode(pb.ChaincodeEvent, done.events)
    return {
        "chaincode_proposal_payload": {"input": bytes(proposal.input)},
        "action": {
            "proposal_response_payload": {
                "proposal_hash": bytes(response.proposal_hash).hex().encode(),
                "extension": {
                    "results": _results(done.results),
                    "events": {
                        "chaincode_id": str(event.chaincode_id),
                        "tx_id": str(event.tx_id),
                        "event_name": str(event.event_name),
                        "payload": bytes(event.payload),
                    },
                    "response": {
                        "status": int(done.response.status),
                        "message": str(done.response.message),
                        "payload": bytes(done.response.payload),
                    },
                    "chaincode_id": {
                        "name": str(done.chaincode_id.name),
                        "version": str(done.chaincode_id.version),
                        "path": str(done.chaincode_id.path),
                    },
                },
            },
            "endorsements": [
                {"endorser": _identity(one.endorser), "signature": bytes(one.signature)}
                for one in payload.action.endorsements
            ],
        },
    }


def _results(data: bytes) -> dict[str, Any]:
    """What was read and written in public; numbers of versions are text, as hfc has them."""
    sets = decode(pb.TxReadWriteSet, data)
    return {
        "data_model": int(sets.data_model),
        "ns_rwset": [{"namespace": str(one.namespace), "rwset": _rwset(one.rwset)} for one in sets.ns_rwset],
    }


def _rwset(data: bytes) -> dict[str, Any]:
    rwset = decode(pb.KVRWSet, data)
    return {
        "reads": [_read(one) for one in rwset.reads],
        "range_queries_info": [
            {
                "start_key": str(one.start_key),
                "end_key": str(one.end_key),
                "itr_exhausted": bool(one.itr_exhausted),
                "raw_reads": {"kv_reads": [_read(each) for each in one.raw_reads.kv_reads]},
                "reads_merkle_hashes": {
                    "max_degree": int(one.reads_merkle_hashes.max_degree),
                    "max_level": int(one.reads_merkle_hashes.max_level),
                    "max_level_hashes": [bytes(each) for each in one.reads_merkle_hashes.max_level_hashes],
                },
            }
            for one in rwset.range_queries_info
        ],
        "writes": [
            {"key": str(one.key), "is_delete": bool(one.is_delete), "value": bytes(one.value)} for one in rwset.writes
        ],
    }


def _read(one: Any) -> dict[str, Any]:
    return {
        "key": str(one.key),
        "version": {"block_num": str(one.version.block_num), "tx_num": str(one.version.tx_num)},
    }
