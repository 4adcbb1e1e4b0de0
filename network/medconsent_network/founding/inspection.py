"""What a configuration would make true, in words, and what keeps an institution from joining or signing it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fabric_protos.common import configtx_pb2, configuration_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as raft_pb2
from google.protobuf.message import DecodeError

from medconsent.fabric.channel_config import APPLICATION, ORDERER, ChannelConfig, consenters, policy_words
from medconsent.fabric.trust import Authority
from medconsent.watch import configuration as watched
from medconsent_network.errors import Code, NetworkError
from medconsent_network.founding import certificates
from medconsent_network.founding.bundles import Bundle
from medconsent_network.founding.held import Held
from medconsent_network.membership import changes as changes_of_channel
from medconsent_network.membership import hardened


@dataclass
class Inspection:
    """What was seen.

    Attributes:
        title: What was looked at.
        lines: What it says.
        refusals: Why it is not to be joined or signed; a code and a sentence each.
    """

    title: str
    lines: list[str] = field(default_factory=list)
    refusals: list[tuple[Code, str]] = field(default_factory=list)

    def say(self, *lines: str) -> None:
        """Add lines. What others wrote in them does nothing to a terminal."""
        self.lines += map(_printable, lines)

    def refuse(self, code: Code, *sentences: str) -> None:
        """Add reasons not to go on."""
        self.refusals += [(code, _printable(sentence)) for sentence in sentences]

    def require(self) -> None:
        """Go on only when nothing is against it.

        Raises:
            NetworkError: With the code of the first reason, and all sentences.
        """
        if self.refusals:
            said = "; ".join(sentence for _, sentence in self.refusals)
            raise NetworkError(
                self.refusals[0][0],
                f"{self.title}: {said[:6000]}",
                "Do not join or sign it. Tell whoever made it, and the other institutions.",
            )


def first_block(held: Held, config: configtx_pb2.Config) -> Inspection:
    """Look at the configuration of a channel's first block."""
    seen = Inspection(f"the first block of {held.home.spec.channel}")
    _look(seen, held, config)
    _members(seen, held, config)
    if not seen.refusals:
        expected = held.configuration()
        seen.refuse("NOT_AGREED", *differences(expected, config, held.own))
        if expected != config and not seen.refusals:
            seen.refuse("NOT_AGREED", "it is written otherwise than what follows from the bundles (versions)")
    return seen


def in_force(held: Held, config: configtx_pb2.Config) -> Inspection:
    """Look at the configuration of a channel that others run already, before joining it.

    Revoked certificates and TLS roots are each institution's own affair, and may differ. So may the certificates of
    orderers, whose keys count, and the channel's capability, which this home's Fabric has to know. A bundle of somebody
    who is not a member, or not yet, is nothing against it.
    """
    seen = Inspection(f"the channel {held.home.spec.channel} as it is")
    _look(seen, held, config)
    found = _strangers(seen, held, config)
    for name in changes_of_channel.capabilities(config):
        if not changes_of_channel.knows(held.home.spec.fabric_version, name):
            seen.refuse(
                "NOT_AGREED", f"it has the capability {name}: Fabric {held.home.spec.fabric_version} stops at it"
            )
    if not seen.refusals:
        expected = held.configuration(found)
        expected.channel_group.values["Capabilities"].CopyFrom(config.channel_group.values["Capabilities"])
        for name, group in expected.channel_group.groups[ORDERER].groups.items():
            if "Endpoints" not in config.channel_group.groups[ORDERER].groups[name].values:  # it joined later
                group.values.pop("Endpoints", None)
        seen.refuse("NOT_AGREED", *differences(expected, config, held.own, affairs=False))
    return seen


def differences(
    expected: configtx_pb2.Config, found: configtx_pb2.Config, own: Bundle, *, affairs: bool = True
) -> list[str]:
    """Where a configuration is not what follows from the bundles, in the words of the watcher.

    Args:
        expected: What follows.
        found: What was given.
        own: The institution's own bundle.
        affairs: Whether what an institution changes alone, and what closes nothing, counts as well.
    """
    pinned = Authority(own.name, [own.roots[0]])
    before, after = (ChannelConfig(_in_order(one, by_key=not affairs)) for one in (expected, found))
    told = watched.judge(before, after, pinned, 0)
    return [f"compared with the bundles, {one.sentence}" for one in told if affairs or one.code != "CONFIG_CHANGED"]


def changes(before: configtx_pb2.Config, after: configtx_pb2.Config, own: Bundle) -> list[str]:
    """What an update would change, in the words of the watcher."""
    pinned = Authority(own.name, [own.roots[0]])
    return [one.sentence for one in watched.judge(ChannelConfig(before), ChannelConfig(after), pinned, 0)]


def describe(config: configtx_pb2.Config, held: Held) -> Iterator[str]:
    """A configuration, line by line."""
    config = _copied(config)  # asking a protobuf map for what is not there puts it there
    channel = ChannelConfig(config)
    groups = config.channel_group.groups
    members = [one.group for one in channel.members()]
    yield f"{len(members)} institutions: {', '.join(members)}"
    for name in members:
        yield f"  {member(held.everybody[name])}" if name in held.everybody else f"  {name}: its bundle is not here"
    if APPLICATION not in groups or ORDERER not in groups:
        return
    names = ("Membership", "Admins", "Endorsement", "LifecycleEndorsement")
    rules = {name: policy_words(groups[APPLICATION].policies[name].policy.SerializeToString()) for name in names}
    yield f"membership, policies and capabilities change with: {rules['Membership']}"
    yield f"the chaincode's definition: {rules['LifecycleEndorsement']}; records: {rules['Endorsement']}"
    blocks = policy_words(groups[ORDERER].policies["BlockValidation"].policy.SerializeToString())
    yield f"blocks are signed by: {blocks}"
    yield f"capabilities: {'; '.join(_capabilities(channel))}"
    yield f"ordering by {channel.ordering or 'an unknown type'}: {', '.join(one.address for one in channel.consenters)}"
    yield _batches(config)


def member(bundle: Bundle) -> str:
    """An institution in one line."""
    people, servers = (certificates.fingerprint(root)[:16] for root in bundle.roots)
    one = bundle.institution
    return (
        f"{one.name}, {one.title}, at {one.host}: people by the root {people}, servers by {servers}; "
        f"bundle {bundle.fingerprint}"
    )


def _look(seen: Inspection, held: Held, config: configtx_pb2.Config) -> None:
    """What it says, and whether it is hardened."""
    try:
        seen.say(*describe(config, held))
        seen.refuse("NOT_HARDENED", *hardened.softened(config, held.quorum))
    except (DecodeError, ValueError) as error:
        seen.refuse("NOT_HARDENED", f"something in it cannot be read: {error}")


def _members(seen: Inspection, held: Held, config: configtx_pb2.Config) -> None:
    """The members are those whose bundles are here, and this institution is one of them."""
    found = _strangers(seen, held, config)
    for name in sorted(set(held.everybody) - found - {held.home.name}):
        seen.refuse("NOT_AGREED", f"{name}, whose bundle is here, is left out")


def _strangers(seen: Inspection, held: Held, config: configtx_pb2.Config) -> set[str]:
    """The members: this institution, and others whose bundles are here."""
    found = {one.group for one in ChannelConfig(config).members()}
    if held.home.name not in found:
        seen.refuse("NOT_AGREED", f"{held.home.name}, this institution, is left out")
    for name in sorted(found - set(held.everybody)):
        seen.refuse("NOT_AGREED", f"{name} is in it, and its bundle is not here")
    return found


def _capabilities(channel: ChannelConfig) -> Iterator[str]:
    for path in ("/Channel", f"/Channel/{ORDERER}", f"/Channel/{APPLICATION}"):
        value = channel.elements.get(f"{path}/Capabilities")
        found = sorted(configuration_pb2.Capabilities.FromString(value.content).capabilities) if value else []
        yield f"{path} {', '.join(found) or 'none'}"


def _batches(config: configtx_pb2.Config) -> str:
    values = config.channel_group.groups[ORDERER].values
    size = orderer_pb2.BatchSize.FromString(values["BatchSize"].value)
    timeout = orderer_pb2.BatchTimeout.FromString(values["BatchTimeout"].value)
    return (
        f"a block is cut {timeout.timeout} after its first transaction, or with {size.max_message_count} transactions; "
        f"it has {size.preferred_max_bytes:,} bytes as a rule, {size.absolute_max_bytes:,} at most"
    )


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _copied(config: configtx_pb2.Config) -> configtx_pb2.Config:
    copy = configtx_pb2.Config()
    copy.CopyFrom(config)
    return copy


def _in_order(config: configtx_pb2.Config, *, by_key: bool) -> configtx_pb2.Config:
    """The same with Raft's orderers in the order of their addresses: they were added one after the other.

    With `by_key` their public keys stand for their certificates, as for Raft, which goes on with a renewed one.
    """
    sorted_ = _copied(config)
    groups = sorted_.channel_group.groups
    if ORDERER not in groups or "ConsensusType" not in groups[ORDERER].values:
        return sorted_
    value = groups[ORDERER].values["ConsensusType"]
    if not consenters(value.value):
        return sorted_
    consensus = orderer_pb2.ConsensusType.FromString(value.value)
    metadata = raft_pb2.ConfigMetadata.FromString(consensus.metadata)
    inside = sorted(metadata.consenters, key=lambda one: (one.host, one.port))
    for one in inside if by_key else ():
        one.client_tls_cert, one.server_tls_cert = (
            certificates.key(pem) for pem in (one.client_tls_cert, one.server_tls_cert)
        )
    del metadata.consenters[:]
    metadata.consenters.extend(inside)
    consensus.metadata = metadata.SerializeToString(deterministic=True)
    value.value = consensus.SerializeToString(deterministic=True)
    return sorted_
