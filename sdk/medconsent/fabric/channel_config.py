"""A channel's configuration as values: its elements by path, the organizations in it, and its policies in words.

A configuration is a tree of groups, values and policies (`common.Config`). Flattened, every element has a path such
as `/Channel/Application/hanbit/MSP`, and two configurations can be compared without knowing what may be in them.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

from google.protobuf.message import DecodeError

from . import _protos as pb
from .decoding import decode
from .errors import BlockError
from .trust import Authority, readable

APPLICATION, ORDERER = "Application", "Orderer"
Kind = Literal["group", "value", "policy"]


@dataclass(frozen=True)
class Element:
    """One element. `content` is the bytes of a value or a policy, empty for a group; `mod_policy` who may change
    it; `group` the path of the group that it stands in, a group's own for a group.
    """

    kind: Kind
    content: bytes
    mod_policy: str
    group: str


@dataclass(frozen=True)
class Organization:
    """An organization in one section (`Application` or `Orderer`) of a channel; `group` is its name there."""

    section: str
    group: str
    msp_id: str
    msp: bytes
    anchor_peers: tuple[str, ...] = ()
    orderers: tuple[str, ...] = ()

    @cached_property
    def authority(self) -> Authority:
        """Who is a member, by those certificates of its authorities that can be read here."""
        roots, _ = readable(map(bytes, self.parsed.root_certs))
        between, _ = readable(map(bytes, self.parsed.intermediate_certs))
        return Authority(self.msp_id, roots, between)

    @cached_property
    def parsed(self) -> Any:
        """The `msp.FabricMSPConfig`; an empty one when it cannot be read."""
        try:
            return decode(pb.FabricMSPConfig, self.msp)
        except DecodeError:
            return pb.FabricMSPConfig()

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
            return cls(decode(pb.Config, data))
        except DecodeError as cause:
            raise BlockError("this is not a channel configuration") from cause

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        """Every element by its path; a policy's path has `policies` before its name."""
        return dict(_elements("/Channel", self._channel))

    @cached_property
    def organizations(self) -> tuple[Organization, ...]:
        """The organizations of both sections."""
        return tuple(
            _organization(section, name, group)
            for section in (APPLICATION, ORDERER)
            if section in self._channel.groups  # asking a protobuf map for what is not there would put it there
            for name, group in sorted(self._channel.groups[section].groups.items())
            if "MSP" in group.values
        )

    def organization(self, section: str, group: str) -> Organization | None:
        """The one of a section whose group is called so.

        Args:
            section: `Application` or `Orderer`.
            group: The organization's name in the configuration; as a rule, not always, its MSP id.
        """
        return next((one for one in self.organizations if (one.section, one.group) == (section, group)), None)

    def members(self) -> Iterator[Organization]:
        """The organizations of the application."""
        return (one for one in self.organizations if one.section == APPLICATION)

    def authorities(self, section: str) -> list[Authority]:
        """Those of a section."""
        return [one.authority for one in self.organizations if one.section == section]

    @cached_property
    def ordering(self) -> str:
        """The kind of the ordering service: `etcdraft` or `BFT`; empty when it is not said, or cannot be read."""
        try:
            return str(decode(pb.ConsensusType, self._value(ORDERER, "ConsensusType")).type)
        except DecodeError:
            return ""

    @cached_property
    def consenters(self) -> tuple[Consenter, ...]:
        """The nodes of the ordering service; none when they cannot be read."""
        orderers: Any = ()
        with suppress(DecodeError):
            orderers = decode(pb.Consenters, self._value(ORDERER, "Orderers")).consenter_mapping
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
        consensus = decode(pb.ConsensusType, consensus_type)
        if consensus.type != "etcdraft":
            return ()
        nodes = decode(pb.RaftMetadata, consensus.metadata).consenters
    except DecodeError:
        return ()
    return tuple(
        Consenter(number, f"{one.host}:{one.port}", tls_certificate=bytes(one.server_tls_cert))
        for number, one in enumerate(nodes, 1)
    )


def policy_words(content: bytes) -> str:
    """A `common.Policy` in words: `ALL Admins`, `any 2 of (hanbit.admin, nuri.admin, saerom.admin)`."""
    try:
        policy = decode(pb.Policy, content)
        if policy.type == pb.Policy.IMPLICIT_META:
            meta = decode(pb.ImplicitMetaPolicy, policy.value)
            return f"{pb.ImplicitMetaPolicy.Rule.Name(meta.rule)} {meta.sub_policy}"
        if policy.type == pb.Policy.SIGNATURE:
            return signature_words(bytes(policy.value))
    except (DecodeError, ValueError):
        pass
    return "a policy of an unknown kind"


def signature_words(envelope: bytes) -> str:
    """A `common.SignaturePolicyEnvelope` in words. Raises `DecodeError` for what is none."""
    parsed = decode(pb.SignaturePolicyEnvelope, envelope)
    return _rule_words(parsed.rule, [_principal_words(one) for one in parsed.identities])


def _rule_words(rule: Any, identities: list[str]) -> str:
    if rule.WhichOneof("Type") != "n_out_of":
        return identities[rule.signed_by] if 0 <= rule.signed_by < len(identities) else "nobody"
    parts = [_rule_words(one, identities) for one in rule.n_out_of.rules]
    if len(parts) == 1 and rule.n_out_of.n == 1:
        return parts[0]
    return f"any {rule.n_out_of.n} of ({', '.join(parts)})"


def _principal_words(principal: Any) -> str:
    if principal.principal_classification != pb.MSPPrincipal.ROLE:
        return "a principal that is no role"
    role = decode(pb.MSPRole, principal.principal)
    names = pb.MSPRole.MSPRoleType
    kind = names.Name(role.role).lower() if role.role in names.values() else f"role {role.role}"
    return f"{role.msp_identifier}.{kind}"


def _elements(path: str, group: Any) -> Iterator[tuple[str, Element]]:
    yield path, Element("group", b"", str(group.mod_policy), path)
    for name, value in group.values.items():
        yield f"{path}/{name}", Element("value", bytes(value.value), str(value.mod_policy), path)
    for name, policy in group.policies.items():
        content = bytes(policy.policy.SerializeToString())
        yield f"{path}/policies/{name}", Element("policy", content, str(policy.mod_policy), path)
    for name, inner in group.groups.items():
        yield from _elements(f"{path}/{name}", inner)


def _organization(section: str, name: str, group: Any) -> Organization:
    """Its members are nobody when its MSP cannot be read; it is then called as its group is."""
    msp, msp_id = b"", name
    with suppress(DecodeError):
        msp = bytes(decode(pb.MSPConfig, group.values["MSP"].value).config)
        msp_id = str(decode(pb.FabricMSPConfig, msp).name)
    anchors: tuple[str, ...] = ()
    if "AnchorPeers" in group.values:
        with suppress(DecodeError):
            listed = decode(pb.AnchorPeers, group.values["AnchorPeers"].value).anchor_peers
            anchors = tuple(f"{one.host}:{one.port}" for one in listed)
    orderers: tuple[str, ...] = ()
    if "Endpoints" in group.values:
        with suppress(DecodeError):
            orderers = tuple(map(str, decode(pb.OrdererAddresses, group.values["Endpoints"].value).addresses))
    return Organization(section, name, msp_id, msp, anchors, orderers)
