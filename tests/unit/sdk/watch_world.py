"""A channel in memory: three institutions with authorities of their own, and blocks as their orderers and peers would
make them. Every certificate and signature is real; nothing is validated by anybody, so that anything can be tried.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, policies_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import msp_config_pb2, msp_principal_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as raft_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2

from medconsent.fabric.identity import Identity, PrivateKeySigner
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.fabric.trust import Authority
from medconsent.watch.findings import Finding
from medconsent.watch.judge import Judge

CHANNEL = CHAINCODE = "medconsent"
INSTITUTIONS = ("hanbit", "nuri", "saerom")
REFUSED = 10  # ENDORSEMENT_POLICY_FAILURE

Change = Callable[[Any], None]


@dataclass(frozen=True)
class Key:
    """An identity with its key."""

    identity: Identity
    signer: PrivateKeySigner

    @property
    def creator(self) -> bytes:
        return self.identity.creator


@dataclass
class Institution:
    """An MSP ID and an authority that issues what is asked for."""

    name: str
    keys: dict[tuple[str, str], Key] = field(default_factory=dict)

    @cached_property
    def root(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        key = ec.generate_private_key(ec.SECP256R1())
        return key, _certificate(f"ca.{self.name}", "", key, None)

    @property
    def root_pem(self) -> bytes:
        return self.root[1].public_bytes(Encoding.PEM)

    @property
    def authority(self) -> Authority:
        return Authority.from_pem(self.name, [self.root_pem])

    def key(self, unit: str, name: str = "") -> Key:
        """A key of a unit (`peer`, `orderer`, `client`, `admin`), the same whenever it is asked for."""
        name = name or f"{unit}0"
        if (unit, name) not in self.keys:
            key = ec.generate_private_key(ec.SECP256R1())
            certificate = _certificate(name, unit, key, self.root).public_bytes(Encoding.PEM)
            self.keys[unit, name] = Key(Identity(self.name, certificate), PrivateKeySigner(key))
        return self.keys[unit, name]

    def msp(self) -> bytes:
        """A serialized `MSPConfig`."""
        msp = msp_config_pb2.FabricMSPConfig(name=self.name, root_certs=[self.root_pem], tls_root_certs=[b"tls"])
        return bytes(msp_config_pb2.MSPConfig(config=msp.SerializeToString()).SerializeToString())

    def group(self) -> Any:
        group = configtx_pb2.ConfigGroup(mod_policy="Admins")
        group.values["MSP"].value = self.msp()
        group.values["MSP"].mod_policy = "Admins"
        anchors = peer_pb2.AnchorPeers(anchor_peers=[peer_pb2.AnchorPeer(host=f"peer.{self.name}", port=7051)])
        group.values["AnchorPeers"].value = anchors.SerializeToString()
        set_policy(group, "Endorsement", signature_policy(self.name))
        return group


def _certificate(
    name: str,
    unit: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None,
) -> x509.Certificate:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    parts += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(parts))
        .issuer_name(issuer[1].subject if issuer else x509.Name(parts))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now - timedelta(days=1))  # ended: what was signed before stays signed
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    return builder.sign(issuer[0] if issuer else key, hashes.SHA256())


def signature_policy(*institutions: str, least: int | None = None) -> bytes:
    """A serialized `SignaturePolicyEnvelope`: peers of these, all of them or `least`."""
    roles = [
        msp_principal_pb2.MSPRole(msp_identifier=name, role=msp_principal_pb2.MSPRole.PEER) for name in institutions
    ]
    rules = [policies_pb2.SignaturePolicy(signed_by=number) for number in range(len(institutions))]
    rule = policies_pb2.SignaturePolicy.NOutOf(n=least or len(institutions), rules=rules)
    return bytes(
        policies_pb2.SignaturePolicyEnvelope(
            rule=policies_pb2.SignaturePolicy(n_out_of=rule),
            identities=[msp_principal_pb2.MSPPrincipal(principal=role.SerializeToString()) for role in roles],
        ).SerializeToString()
    )


def set_policy(group: Any, name: str, signature: bytes) -> None:
    group.policies[name].policy.type = policies_pb2.Policy.SIGNATURE
    group.policies[name].policy.value = signature
    group.policies[name].mod_policy = "Admins"


def set_meta(group: Any, name: str, rule: int, sub_policy: str) -> None:
    meta = policies_pb2.ImplicitMetaPolicy(rule=rule, sub_policy=sub_policy)
    group.policies[name].policy.type = policies_pb2.Policy.IMPLICIT_META
    group.policies[name].policy.value = meta.SerializeToString()
    group.policies[name].mod_policy = "Membership"


def capabilities(name: str) -> bytes:
    held = {name: configuration_pb2.Capability()}
    return bytes(configuration_pb2.Capabilities(capabilities=held).SerializeToString())


def consensus(*endpoints: str) -> bytes:
    consenters = [
        raft_pb2.Consenter(host=one.split(":")[0], port=int(one.split(":")[1]), server_tls_cert=one.encode())
        for one in endpoints
    ]
    metadata = raft_pb2.ConfigMetadata(consenters=consenters).SerializeToString()
    return bytes(orderer_pb2.ConsensusType(type="etcdraft", metadata=metadata).SerializeToString())


class World:
    """The channel. `blocks` are those made so far."""

    def __init__(self, institutions: Mapping[str, Institution] | None = None) -> None:
        """`institutions` of another world, whose keys and certificates are made already."""
        self.institutions = institutions or {name: Institution(name) for name in INSTITUTIONS}
        self.config = configtx_pb2.Config(channel_group=self._channel())
        self.blocks: list[LedgerBlock] = []
        self.add(self.config_envelope())

    def __getitem__(self, name: str) -> Institution:
        return self.institutions[name]

    def judge(self, institution: str = "hanbit") -> Judge:
        """A judge for an institution that has seen the first block."""
        judge = Judge(self[institution].authority, CHAINCODE)
        assert judge.judge(self.blocks[0]) == []
        return judge

    def judged(self, *envelopes: bytes, judge: Judge | None = None, **how: Any) -> list[Finding]:
        """The findings of a further block with these transactions."""
        judge = judge or self.caught_up()
        return judge.judge(self.add(*envelopes, **how))

    def caught_up(self, institution: str = "hanbit") -> Judge:
        """A judge that has judged all blocks so far, whatever it found."""
        judge = Judge(self[institution].authority, CHAINCODE)
        for block in self.blocks:
            judge.judge(block)
        return judge

    def add(self, *envelopes: bytes, flags: bytes | None = None, orderer: Key | None = None) -> LedgerBlock:
        """The next block; valid transactions and the signature of nuri's orderer unless said otherwise."""
        previous = self.blocks[-1].hash if self.blocks else b""
        data_hash = sha256(b"".join(envelopes)).digest()
        bare = LedgerBlock(len(self.blocks), previous, data_hash, envelopes, ())
        signatures = self.signed(bare, orderer or self["nuri"].key("orderer")) if self.blocks else b""
        metadata = (signatures, b"", bytes(len(envelopes)) if flags is None else flags, b"", b"")
        block = LedgerBlock(bare.number, previous, data_hash, envelopes, metadata)
        self.blocks.append(block)
        return block

    @staticmethod
    def signed(block: LedgerBlock, orderer: Key) -> bytes:
        """The metadata with an orderer's signature."""
        value = common_pb2.OrdererBlockMetadata(last_config=common_pb2.LastConfig(index=0)).SerializeToString()
        header = common_pb2.SignatureHeader(creator=orderer.creator, nonce=b"n").SerializeToString()
        signature = orderer.signer.sign(value + header + block.header_bytes)
        one = common_pb2.MetadataSignature(signature_header=header, signature=signature)
        return bytes(common_pb2.Metadata(value=value, signatures=[one]).SerializeToString())

    def change(self, change: Change) -> bytes:
        """A configuration transaction: `change` is given the channel's group."""
        change(self.config.channel_group)
        self.config.sequence += 1
        return self.config_envelope()

    def config_envelope(self) -> bytes:
        body = configtx_pb2.ConfigEnvelope(config=self.config).SerializeToString(deterministic=True)
        return _envelope(common_pb2.CONFIG, "", self["nuri"].key("orderer").creator, body)

    def _channel(self) -> Any:
        channel = configtx_pb2.ConfigGroup(mod_policy="Admins")
        channel.values["Capabilities"].value = capabilities("V2_0")
        for section in ("Application", "Orderer"):
            channel.groups[section].mod_policy = "Membership"
            for one in self.institutions.values():
                channel.groups[section].groups[one.name].CopyFrom(one.group())
        application, orderer = channel.groups["Application"], channel.groups["Orderer"]
        application.values["Capabilities"].value = capabilities("V2_5")
        set_meta(application, "Membership", policies_pb2.ImplicitMetaPolicy.ALL, "Admins")
        orderer.values["ConsensusType"].value = consensus("one:7050", "two:7050", "three:7050")
        orderer.values["BatchSize"].value = orderer_pb2.BatchSize(max_message_count=10).SerializeToString()
        return channel


def transaction(
    creator: Key,
    endorsers: Sequence[Key],
    *,
    number: int = 1,
    writes: Mapping[str, bytes | None] | None = None,
    policies: Mapping[str, bytes] | None = None,
    seals: Mapping[tuple[str, str], bytes | None] | None = None,
    namespace: str = CHAINCODE,
    spoil: Callable[[bytes], bytes] = lambda signature: signature,
) -> bytes:
    """A serialized envelope. `seals` by (owner, key) go to the owner's implicit collection; `spoil` changes each
    endorser's signature.
    """
    public = kv_rwset_pb2.KVRWSet(
        writes=[
            kv_rwset_pb2.KVWrite(key=key, is_delete=value is None, value=value) for key, value in (writes or {}).items()
        ],
        metadata_writes=[
            kv_rwset_pb2.KVMetadataWrite(
                key=key, entries=[kv_rwset_pb2.KVMetadataEntry(name="VALIDATION_PARAMETER", value=policy)]
            )
            for key, policy in (policies or {}).items()
        ],
    )
    owners: dict[str, list[Any]] = {}
    for (owner, key), value in (seals or {}).items():
        owners.setdefault(owner, []).append(
            kv_rwset_pb2.KVWriteHash(
                key_hash=sha256(key.encode()).digest(),
                is_delete=value is None,
                value_hash=None if value is None else sha256(value).digest(),
            )
        )
    collections = [
        rwset_pb2.CollectionHashedReadWriteSet(
            collection_name=f"_implicit_org_{owner}",
            hashed_rwset=kv_rwset_pb2.HashedRWSet(hashed_writes=hashed).SerializeToString(),
        )
        for owner, hashed in owners.items()
    ]
    written = rwset_pb2.NsReadWriteSet(
        namespace=namespace, rwset=public.SerializeToString(), collection_hashed_rwset=collections
    )
    action = proposal_pb2.ChaincodeAction(
        results=rwset_pb2.TxReadWriteSet(ns_rwset=[written]).SerializeToString(),
        chaincode_id=chaincode_pb2.ChaincodeID(name=namespace),
    )
    payload = proposal_response_pb2.ProposalResponsePayload(
        proposal_hash=b"h", extension=action.SerializeToString()
    ).SerializeToString()
    endorsed = transaction_pb2.ChaincodeEndorsedAction(
        proposal_response_payload=payload,
        endorsements=[
            proposal_response_pb2.Endorsement(
                endorser=one.creator, signature=spoil(one.signer.sign(payload + one.creator))
            )
            for one in endorsers
        ],
    )
    body = transaction_pb2.Transaction(
        actions=[
            transaction_pb2.TransactionAction(
                payload=transaction_pb2.ChaincodeActionPayload(action=endorsed).SerializeToString()
            )
        ]
    )
    return _envelope(
        common_pb2.ENDORSER_TRANSACTION, f"{number:064x}", creator.creator, bytes(body.SerializeToString())
    )


def _envelope(kind: int, transaction_id: str, creator: bytes, data: bytes) -> bytes:
    header = common_pb2.Header(
        channel_header=common_pb2.ChannelHeader(
            type=kind, channel_id=CHANNEL, tx_id=transaction_id
        ).SerializeToString(),
        signature_header=common_pb2.SignatureHeader(creator=creator, nonce=b"n").SerializeToString(),
    )
    payload = common_pb2.Payload(header=header, data=data)
    return bytes(common_pb2.Envelope(payload=payload.SerializeToString()).SerializeToString())
