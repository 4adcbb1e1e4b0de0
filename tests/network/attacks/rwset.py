"""Read-write sets written by hand: what a dishonest peer can put under its signature without running any chaincode.

The shapes are Fabric's (`ledger/rwset`, `ledger/rwset/kvrwset`); the seal is that of docs/contract.md, computed here
a second time and from the document, so that a test does not ask the code under test what a seal is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from fabric_protos.common import common_pb2, policies_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import msp_principal_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2, transaction_pb2

NAMESPACE = "medconsent"


def seal(key: str, value: bytes) -> bytes:
    """The 32 bytes that an owner keeps in its implicit collection for the record `value` at `key`."""
    state = str(revision(value)).encode()
    return sha256(b"medconsent/seal/2\0" + key.encode() + b"\0" + state + b"\0" + sha256(value).digest()).digest()


def revision(value: bytes) -> int:
    """The state that the record `value` says it is in; the first when it says nothing."""
    try:
        said = json.loads(value)
    except ValueError:
        return 1
    return int(said.get("revision", 1)) if isinstance(said, dict) else 1


def seal_key(key: str, value: bytes) -> str:
    """Where that seal stands in the collection."""
    return f"{key}#{revision(value)}"


def nobody() -> bytes:
    """The policy that nobody can meet: two signatures out of one."""
    return _policy(["nobody"], msp_principal_pb2.MSPRole.PEER, 2)


def peers_of(*institutions: str, least: int | None = None) -> bytes:
    """A serialized `SignaturePolicyEnvelope`: a peer of every one of these institutions, or of `least` of them."""
    return _policy(institutions, msp_principal_pb2.MSPRole.PEER, least)


def members_of(institution: str) -> bytes:
    """The same for any member of an institution."""
    return _policy([institution], msp_principal_pb2.MSPRole.MEMBER, None)


def _policy(institutions: Sequence[str], role: int, least: int | None) -> bytes:
    roles = [msp_principal_pb2.MSPRole(msp_identifier=institution, role=role) for institution in institutions]
    signed_by = [policies_pb2.SignaturePolicy(signed_by=index) for index in range(len(institutions))]
    wanted = len(institutions) if least is None else least
    return policies_pb2.SignaturePolicyEnvelope(
        rule=policies_pb2.SignaturePolicy(n_out_of=policies_pb2.SignaturePolicy.NOutOf(n=wanted, rules=signed_by)),
        identities=[
            msp_principal_pb2.MSPPrincipal(
                principal_classification=msp_principal_pb2.MSPPrincipal.ROLE, principal=role.SerializeToString()
            )
            for role in roles
        ],
    ).SerializeToString()


@dataclass(frozen=True)
class ReadWriteSet:
    """What a transaction does to the ledger. `writes` with None delete; `policies` and `seals` are by key and (owner,
    key).
    """

    writes: Mapping[str, bytes | None]
    policies: Mapping[str, bytes] = field(default_factory=dict)
    seals: Mapping[tuple[str, str], bytes | None] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Serialized `TxReadWriteSet`: blind writes (nothing is read, so nothing can conflict)."""
        public = kv_rwset_pb2.KVRWSet(
            writes=[_write(key, value) for key, value in sorted(self.writes.items())],
            metadata_writes=[
                kv_rwset_pb2.KVMetadataWrite(
                    key=key, entries=[kv_rwset_pb2.KVMetadataEntry(name="VALIDATION_PARAMETER", value=policy)]
                )
                for key, policy in sorted(self.policies.items())
            ],
        )
        owners = sorted({owner for owner, _ in self.seals})
        return rwset_pb2.TxReadWriteSet(
            data_model=rwset_pb2.TxReadWriteSet.KV,
            ns_rwset=[
                rwset_pb2.NsReadWriteSet(
                    namespace=NAMESPACE,
                    rwset=public.SerializeToString(),
                    collection_hashed_rwset=[self._collection(owner) for owner in owners],
                )
            ],
        ).SerializeToString()

    def _collection(self, owner: str) -> rwset_pb2.CollectionHashedReadWriteSet:
        """Only hashes are on the ledger; the seal itself would be gossiped, and no reader needs it."""
        written = sorted((key, value) for (whose, key), value in self.seals.items() if whose == owner)
        private = kv_rwset_pb2.KVRWSet(writes=[_write(key, value) for key, value in written])
        hashed = kv_rwset_pb2.HashedRWSet(
            hashed_writes=[
                kv_rwset_pb2.KVWriteHash(
                    key_hash=sha256(key.encode()).digest(),
                    is_delete=value is None,
                    value_hash=None if value is None else sha256(value).digest(),
                )
                for key, value in written
            ],
            metadata_writes=[
                kv_rwset_pb2.KVMetadataWriteHash(
                    key_hash=sha256(key.encode()).digest(),
                    entries=[kv_rwset_pb2.KVMetadataEntry(name="VALIDATION_PARAMETER", value=nobody())],
                )
                for key, value in written
                if value is not None
            ],
        )
        return rwset_pb2.CollectionHashedReadWriteSet(
            collection_name=f"_implicit_org_{owner}",
            hashed_rwset=hashed.SerializeToString(),
            pvt_rwset_hash=sha256(private.SerializeToString()).digest(),
        )


def of(envelope: common_pb2.Envelope) -> ReadWriteSet:
    """What an honest transaction on the ledger did to `medconsent`: its public writes and key-level policies, without
    the seals.
    """
    payload = common_pb2.Payload.FromString(envelope.payload)
    action = transaction_pb2.Transaction.FromString(payload.data).actions[0]
    endorsed = transaction_pb2.ChaincodeActionPayload.FromString(action.payload).action
    response = proposal_response_pb2.ProposalResponsePayload.FromString(endorsed.proposal_response_payload)
    results = rwset_pb2.TxReadWriteSet.FromString(proposal_pb2.ChaincodeAction.FromString(response.extension).results)
    (ours,) = (one for one in results.ns_rwset if one.namespace == NAMESPACE)
    public = kv_rwset_pb2.KVRWSet.FromString(ours.rwset)
    return ReadWriteSet(
        {write.key: None if write.is_delete else write.value for write in public.writes},
        policies={write.key: write.entries[0].value for write in public.metadata_writes},
    )


def retold(told: ReadWriteSet, changes: Mapping[str, str]) -> ReadWriteSet:
    """The same writes with every text of `changes` replaced, in keys and values: an honest transaction told as
    another one.
    """

    def again(text: str) -> str:
        for before, after in changes.items():
            text = text.replace(before, after)
        return text

    return replace(
        told,
        writes={
            again(key): None if value is None else again(value.decode()).encode() for key, value in told.writes.items()
        },
        policies={again(key): policy for key, policy in told.policies.items()},
    )


def resealed(told: ReadWriteSet, owner: str) -> ReadWriteSet:
    """The same with a seal of `owner` for each of its records."""
    records = {key: value for key, value in told.writes.items() if value is not None and not key.startswith("i/")}
    return replace(told, seals={(owner, seal_key(key, value)): seal(key, value) for key, value in records.items()})


def operations(told: ReadWriteSet, *, sealed_by: str, guarded_by: str | None = None) -> list[dict[str, Any]]:
    """The writes as operations for the altered chaincode (`attack.write`), each record with a seal of `sealed_by`.

    An institution that seals by hand has to bring its own peer the sealed bytes too, or that peer waits for them a
    minute a block; its chaincode does that by itself.
    """
    listed: list[dict[str, Any]] = []
    for key, value in told.writes.items():
        if value is None:
            listed.append({"do": "delete", "key": key})
            continue
        put = {"do": "put", "key": key, "value": value.decode()}
        listed.append(put)
        if guarded_by is not None:
            listed.append({"do": "guard", "key": key, "by": [guarded_by]})
        if not key.startswith("i/"):
            listed.append(put | {"do": "seal", "owner": sealed_by})
    return listed


def of_operations(operations: Iterable[Mapping[str, Any]], transaction_id: str) -> ReadWriteSet:
    """The operations that the altered chaincode understands (`attack.write`), as a result made by hand. "$TX" stands
    for the transaction's id.
    """
    writes: dict[str, bytes | None] = {}
    policies: dict[str, bytes] = {}
    seals: dict[tuple[str, str], bytes | None] = {}
    for operation in operations:
        key = operation["key"].replace("$TX", transaction_id)
        value = operation.get("value", "").replace("$TX", transaction_id).encode()
        match operation["do"]:
            case "put":
                writes[key] = value
            case "delete":
                writes[key] = None
            case "guard":
                policies[key] = peers_of(*operation["by"])
            case "seal":
                seals[operation["owner"], seal_key(key, value)] = seal(key, value)
            case "unseal":
                seals[operation["owner"], f"{key}#{operation.get('revision', 1)}"] = None
    return ReadWriteSet(writes, policies, seals)


def _write(key: str, value: bytes | None) -> kv_rwset_pb2.KVWrite:
    return kv_rwset_pb2.KVWrite(key=key, is_delete=value is None, value=value)
