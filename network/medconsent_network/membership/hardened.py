"""Whether a configuration of the channel is hardened: each rule that seals stand on, in words where it is broken.

The rules are those that `membership.genesis` writes (docs/decisions/0005). They are read here from the configuration
alone, whoever made it, so that an institution finds what is soft before it signs or joins.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fabric_protos.common import configtx_pb2, configuration_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2

from medconsent.fabric.channel_config import APPLICATION, ORDERER, ChannelConfig, Element, policy_words
from medconsent_network.membership import genesis
from medconsent_network.membership.genesis import MEMBERSHIP, Rules

_SECTIONS = (APPLICATION, ORDERER)
_OWN = "Admins"
"""Who may change what stands in an institution's own group."""
_CAPABILITIES = {
    "/Channel": {"V2_0", "V3_0"},
    f"/Channel/{APPLICATION}": {genesis.APPLICATION_CAPABILITY},
    f"/Channel/{ORDERER}": {"V2_0", "V3_0"},
}
_VALUES = {
    "/Channel": {"HashingAlgorithm", "BlockDataHashingStructure", "OrdererAddresses", "Consortium", "Capabilities"},
    f"/Channel/{APPLICATION}": {"Capabilities"},
    f"/Channel/{ORDERER}": {
        "ConsensusType", "BatchSize", "BatchTimeout", "ChannelRestrictions", "Capabilities", "Orderers",
    },
}  # fmt: skip
_OWN_VALUES = {APPLICATION: {"MSP", "AnchorPeers"}, ORDERER: {"MSP", "Endpoints"}}
_UNITS = ("client", "peer", "admin", "orderer")


def softened(config: configtx_pb2.Config, quorum: int | str) -> list[str]:
    """What keeps a configuration from being hardened, each in a sentence; nothing when it is.

    Args:
        config: The configuration.
        quorum: How many institutions have to agree to a change of the membership, as the institutions agreed.
    """
    return list(_softened(ChannelConfig(config), config, quorum))


def needed(config: configtx_pb2.Config) -> tuple[int, list[str]]:
    """How many administrators a change of the membership needs, and of which institutions."""
    channel = ChannelConfig(config)
    members = [one.group for one in channel.members()]
    rule = channel.elements.get(f"/Channel/{APPLICATION}/policies/Membership")
    words = policy_words(rule.content) if rule else ""
    some = re.match(r"any (\d+) of ", words)
    return (int(some[1]) if some else len(members)), members


def _softened(channel: ChannelConfig, config: configtx_pb2.Config, quorum: int | str) -> Iterator[str]:
    elements = channel.elements
    groups = config.channel_group.groups
    members = {section: sorted(groups[section].groups) if section in groups else [] for section in _SECTIONS}
    for name in sorted(set(groups) - {*_SECTIONS}):
        yield f"there is a group /Channel/{name}, which the channel does not need"
    if members[APPLICATION] != members[ORDERER]:
        yield (
            f"the institutions of the application ({', '.join(members[APPLICATION])}) are not those of the ordering "
            f"({', '.join(members[ORDERER])})"
        )
    rule = genesis.membership(quorum, members[APPLICATION])
    shared: dict[str, Rules] = {
        "/Channel": genesis.CHANNEL_RULES,
        f"/Channel/{APPLICATION}": {**genesis.APPLICATION_RULES, "Membership": rule},
        f"/Channel/{ORDERER}": genesis.ORDERER_RULES,
    }
    bft = channel.ordering == "BFT"
    for path, rules in shared.items():
        # Fabric itself derives the rule for blocks from the consenters where ordering is BFT.
        known = {name: one for name, one in rules.items() if not (bft and name == "BlockValidation")}
        yield from _rules(elements, path, known, MEMBERSHIP)
        yield from _changed_by(elements, path, MEMBERSHIP)
        yield from _values(elements, path, _VALUES[path])
        yield from _capabilities(elements, path)
    yield from _ordering(elements)
    for section, of in ((APPLICATION, genesis.application_rules_of), (ORDERER, genesis.orderer_rules_of)):
        for name in members[section]:
            path = f"/Channel/{section}/{name}"
            yield from _rules(elements, path, of(name), _OWN)
            yield from _changed_by(elements, path, _OWN)
            yield from _values(elements, path, _OWN_VALUES[section])
            for nested in sorted(groups[section].groups[name].groups):
                yield f"there is a group {nested} inside of {path}: it could speak for somebody"
    yield from _identities(channel)


def _rules(elements: Mapping[str, Element], path: str, rules: Rules, changed_by: str) -> Iterator[str]:
    """The policies of a group are these and no others, and changed by whom they have to be."""
    prefix = f"{path}/policies/"
    found = {name.removeprefix(prefix): one for name, one in elements.items() if name.startswith(prefix)}
    for name, rule in rules.items():
        if name not in found:
            yield f"the policy {prefix}{name} is not there; it has to be {_words(rule)}"
            continue
        told = policy_words(found[name].content)
        if told != _words(rule):
            yield f"the policy {prefix}{name} is {told}, and has to be {_words(rule)}"
    for name, one in sorted(found.items()):
        if one.mod_policy != changed_by:
            yield f"who may change the policy {prefix}{name} is {one.mod_policy!r}, and has to be {changed_by!r}"
        if name not in rules and not (name == "BlockValidation" and path.endswith(ORDERER)):
            yield f"there is a policy {prefix}{name}, which the channel does not need"


def _changed_by(elements: Mapping[str, Element], path: str, wanted: str) -> Iterator[str]:
    """Who may change the group itself, and of its values those that the membership stands on."""
    watched = [path, f"{path}/Capabilities", f"{path}/ConsensusType", f"{path}/Orderers", f"{path}/MSP"]
    for each in watched:
        if each in elements and elements[each].mod_policy != wanted:
            yield f"who may change {each} is {elements[each].mod_policy!r}, and has to be {wanted!r}"
    if path not in elements:
        yield f"there is no group {path}"


def _values(elements: Mapping[str, Element], path: str, known: set[str]) -> Iterator[str]:
    for name, one in sorted(elements.items()):
        if one.kind == "value" and one.group == path and name.removeprefix(f"{path}/") not in known:
            yield f"there is a value {name}, which the channel does not need"


def _capabilities(elements: Mapping[str, Element], path: str) -> Iterator[str]:
    value = elements.get(f"{path}/Capabilities")
    found = set(configuration_pb2.Capabilities.FromString(value.content).capabilities) if value else set()
    if len(found) != 1 or not found <= _CAPABILITIES[path]:
        wanted = " or ".join(sorted(_CAPABILITIES[path]))
        yield f"the capabilities of {path} are {', '.join(sorted(found)) or 'none'}, and have to be {wanted}"


def _ordering(elements: Mapping[str, Element]) -> Iterator[str]:
    value = elements.get(f"/Channel/{ORDERER}/ConsensusType")
    consensus: Any = orderer_pb2.ConsensusType.FromString(value.content if value else b"")
    if consensus.type not in ("etcdraft", "BFT"):
        yield f"the ordering service is of the type {consensus.type!r}, which is neither etcdraft nor BFT"
    elif consensus.state != orderer_pb2.ConsensusType.STATE_NORMAL:
        yield "the ordering service is in maintenance: it takes changes of the configuration alone"


def _identities(channel: ChannelConfig) -> Iterator[str]:
    """Each group is the institution that it is called after, known by one root, and tells its members' kinds apart."""
    for one in channel.organizations:
        where, msp = f"the group {one.group} of {one.section}", one.parsed
        if one.msp_id != one.group:
            yield f"{where} has the MSP ID {one.msp_id}: it speaks for somebody else"
        if len(msp.root_certs) != 1 or msp.intermediate_certs:
            yield f"{where} is known by {len(msp.root_certs)} roots and {len(msp.intermediate_certs)} between, not one"
        if msp.admins:
            yield f"{where} names administrators by certificate, beside those that its CA makes"
        units = msp.fabric_node_ous
        identifiers = [getattr(units, f"{unit}_ou_identifier") for unit in _UNITS]
        told = [each.organizational_unit_identifier for each in identifiers] == list(_UNITS)
        bound = all(each.certificate in msp.root_certs for each in identifiers)
        if not (units.enable and told and bound):
            yield f"{where} does not tell peers, orderers, administrators and clients apart by its own CA"


def _words(rule: Mapping[str, str]) -> str:
    """A policy as configtxgen reads it, in the words of `policy_words`."""
    if rule["Type"] == "ImplicitMeta":
        return rule["Rule"]
    who = re.findall(r"'([^']+)'", rule["Rule"])
    some = re.match(r"OutOf\((\d+),", rule["Rule"])
    number = int(some[1]) if some else 1
    return who[0] if len(who) == number == 1 else f"any {number} of ({', '.join(who)})"
