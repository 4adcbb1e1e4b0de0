"""A channel's configuration as values: its elements by path, the organizations in it, and its policies in words.

A configuration is a tree of groups, values and policies (`common.Config`). Flattened, every element has a path such
as `/Channel/Application/hanbit/MSP`, and two configurations can be compared without knowing what may be in them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

from google.protobuf.message import DecodeError

from . import _protos as pb
from .errors import BlockError, IdentityError
from .trust import Authority

APPLICATION, ORDERER = "Application", "Orderer"
Kind = Literal["group", "value", "policy"]


@dataclass(frozen=True)
class Element:
    """One element. `content` is the bytes of a value or a policy, empty for a group; `mod_policy` who may change
    it.
    """

    kind: Kind
    content: bytes
    mod_policy: str


@dataclass(frozen=True)
class Organization:
    """An organization in one section (`Application` or `Orderer`) of a channel; `group` is its name there."""

    section: str
    group: str
    msp_id: str
    msp: bytes
    anchor_peers: tuple[str, ...] = ()

    @cached_property
    def authority(self) -> Authority:
        """Who is a member, by what the channel says.

        Raises:
            IdentityError: A certificate cannot be read.
        """
        msp = self.parsed
        return Authority.from_pem(self.msp_id, map(bytes, msp.root_certs), map(bytes, msp.intermediate_certs))

    @cached_property
    def parsed(self) -> Any:
        """The `msp.FabricMSPConfig`."""
        return pb.FabricMSPConfig.FromString(self.msp)

    @property
    def tls_roots(self) -> bytes:
        """PEM of the roots of its TLS certificates."""
        return b"\n".join(bytes(root) for root in self.parsed.tls_root_certs)


@dataclass(frozen=True)
class Consenter:
    """A node of the ordering service. `identity` (serialized) is known of BFT consenters only."""

    number: int
    address: str
    msp_id: str = ""
    identity: bytes = b""
    tls_certificate: bytes = b""


class ChannelConfig:
    """One configuration of a channel."""

    def __init__(self, config: Any) -> None:
        """`config` is a `common.Config`."""
        self.sequence = int(config.sequence)
        self.data = bytes(config.SerializeToString())
        self._channel = config.channel_group

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Out of a serialized `common.Config`.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            return cls(pb.Config.FromString(data))
        except DecodeError as cause:
            raise BlockError("this is not a channel configuration") from cause

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        """Every element by its path; a policy's path has `policies` before its name."""
        return dict(_elements("/Channel", self._channel))

    @cached_property
    def organizations(self) -> tuple[Organization, ...]:
        """The organizations of both sections.

        Raises:
            BlockError: It cannot be read.
        """
        try:
            return tuple(
                _organization(section, name, group)
                for section in (APPLICATION, ORDERER)
                if section in self._channel.groups  # asking a protobuf map for what is not there would put it there
                for name, group in sorted(self._channel.groups[section].groups.items())
                if "MSP" in group.values
            )
        except DecodeError as cause:
            raise BlockError("an organization of the channel cannot be read") from cause

    def members(self) -> Iterator[Organization]:
        """The organizations of the application."""
        return (one for one in self.organizations if one.section == APPLICATION)

    def authorities(self, section: str) -> list[Authority]:
        """Those of a section whose certificates can be read; the others have no members."""
        found = []
        for one in self.organizations:
            if one.section == section:
                try:
                    found.append(one.authority)
                except IdentityError:
                    continue
        return found

    @cached_property
    def ordering(self) -> str:
        """The kind of the ordering service: `etcdraft` or `BFT`; empty when it is not said."""
        return str(pb.ConsensusType.FromString(self._value(ORDERER, "ConsensusType")).type)

    @cached_property
    def consenters(self) -> tuple[Consenter, ...]:
        """The nodes of the ordering service."""
        orderers = pb.Consenters.FromString(self._value(ORDERER, "Orderers")).consenter_mapping
        if orderers:
            return tuple(
                Consenter(
                    int(one.id),
                    f"{one.host}:{one.port}",
                    str(one.msp_id),
                    bytes(pb.SerializedIdentity(mspid=one.msp_id, id_bytes=one.identity).SerializeToString()),
                    bytes(one.server_tls_cert),
                )
                for one in orderers
            )
        return consenters(self._value(ORDERER, "ConsensusType"))

    def _value(self, section: str, name: str) -> bytes:
        if section not in self._channel.groups or name not in self._channel.groups[section].values:
            return b""
        return bytes(self._channel.groups[section].values[name].value)


def consenters(consensus_type: bytes) -> tuple[Consenter, ...]:
    """Raft's nodes, out of a serialized `orderer.ConsensusType`; none when it is another kind."""
    try:
        consensus = pb.ConsensusType.FromString(consensus_type)
        if consensus.type != "etcdraft":
            return ()
        nodes = pb.RaftMetadata.FromString(consensus.metadata).consenters
    except DecodeError:
        return ()
    return tuple(
        Consenter(number, f"{one.host}:{one.port}", tls_certificate=bytes(one.server_tls_cert))
        for number, one in enumerate(nodes, 1)
    )


def policy_words(content: bytes) -> str:
    """A `common.Policy` in words: `ALL Admins`, `any 2 of (hanbit.admin, nuri.admin, saerom.admin)`."""
    try:
        policy = pb.Policy.FromString(content)
        if policy.type == pb.Policy.IMPLICIT_META:
            meta = pb.ImplicitMetaPolicy.FromString(policy.value)
            return f"{pb.ImplicitMetaPolicy.Rule.Name(meta.rule)} {meta.sub_policy}"
        if policy.type == pb.Policy.SIGNATURE:
            return signature_words(bytes(policy.value))
    except (DecodeError, ValueError):
        pass
    return "a policy of an unknown kind"


def signature_words(envelope: bytes) -> str:
    """A `common.SignaturePolicyEnvelope` in words.

    Raises:
        DecodeError: It is no policy.
    """
    parsed = pb.SignaturePolicyEnvelope.FromString(envelope)
    return _rule_words(parsed.rule, [_principal_words(one) for one in parsed.identities])


def _rule_words(rule: Any, identities: list[str]) -> str:
    if rule.WhichOneof("Type") != "n_out_of":
        return identities[rule.signed_by] if rule.signed_by < len(identities) else "nobody"
    parts = [_rule_words(one, identities) for one in rule.n_out_of.rules]
    if len(parts) == 1 and rule.n_out_of.n == 1:
        return parts[0]
    return f"any {rule.n_out_of.n} of ({', '.join(parts)})"


def _principal_words(principal: Any) -> str:
    if principal.principal_classification != pb.MSPPrincipal.ROLE:
        return "a principal that is no role"
    role = pb.MSPRole.FromString(principal.principal)
    return f"{role.msp_identifier}.{pb.MSPRole.MSPRoleType.Name(role.role).lower()}"


def _elements(path: str, group: Any) -> Iterator[tuple[str, Element]]:
    yield path, Element("group", b"", str(group.mod_policy))
    for name, value in group.values.items():
        yield f"{path}/{name}", Element("value", bytes(value.value), str(value.mod_policy))
    for name, policy in group.policies.items():
        yield (
            f"{path}/policies/{name}",
            Element("policy", bytes(policy.policy.SerializeToString()), str(policy.mod_policy)),
        )
    for name, inner in group.groups.items():
        yield from _elements(f"{path}/{name}", inner)


def _organization(section: str, name: str, group: Any) -> Organization:
    msp = bytes(pb.MSPConfig.FromString(group.values["MSP"].value).config)
    anchors: tuple[str, ...] = ()
    if "AnchorPeers" in group.values:
        listed = pb.AnchorPeers.FromString(group.values["AnchorPeers"].value).anchor_peers
        anchors = tuple(f"{one.host}:{one.port}" for one in listed)
    return Organization(section, name, str(pb.FabricMSPConfig.FromString(msp).name), msp, anchors)
