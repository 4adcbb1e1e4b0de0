"""What a new configuration of the channel changes, in words, and whether it still names the pinned root certificates.

Every element that changed is told. What is harmless is a list; whatever is not on it closes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import (
    ORDERER,
    ChannelConfig,
    Element,
    Organization,
    consenters,
    policy_words,
)
from medconsent.fabric.errors import IdentityError
from medconsent.fabric.trust import Authority, certificates, fingerprint
from medconsent.watch.findings import Finding, listed

_HARMLESS = {"AnchorPeers", "BatchSize", "BatchTimeout", "ChannelRestrictions"}
_ORDERING = {"ConsensusType", "Orderers", "Endpoints", "OrdererAddresses", "KafkaBrokers"}
# What an institution may change in its own MSP without changing who belongs to it.
_OWN_AFFAIRS = ("revocation_list", "tls_root_certs", "tls_intermediate_certs")


@dataclass(frozen=True)
class _Change:
    """From one configuration to another, in a block."""

    before: ChannelConfig
    after: ChannelConfig
    block: int

    def found(self, code: str, sentence: str, about: str) -> Finding:
        return Finding(code, sentence, self.block, about=about)


def judge(before: ChannelConfig | None, after: ChannelConfig, pinned: Authority, block: int) -> Iterator[Finding]:
    """The findings of a configuration block. `before` is None for the channel's first."""
    if before is not None:
        yield from _differences(_Change(before, after, block), pinned.msp_id)
    yield from _aliases(before, after, block)
    yield from _not_pinned(after, pinned, block)


def _differences(change: _Change, own: str) -> Iterator[Finding]:
    old, new = change.before.elements, change.after.elements
    paths = sorted(old.keys() | new.keys())
    groups = {path for path in paths if (old.get(path) or new[path]).kind == "group" and (path in old) != (path in new)}
    for path in paths:
        if any(path.startswith(f"{group}/") for group in groups):
            continue  # told with the group that came or went
        one, other = old.get(path), new.get(path)
        if path in groups:
            yield _member(change, path, own, came=other is not None)
        elif one != other:
            yield from _element(change, path, one, other)


def _member(change: _Change, path: str, own: str, *, came: bool) -> Finding:
    section, _, name = path.removeprefix("/Channel/").partition("/")
    organization = _in(change.after if came else change.before, section, name)
    if organization is None:
        sentence = f"the group {path} was {'added to' if came else 'removed from'} the configuration"
        return change.found("POLICY_CHANGED", sentence, path)
    who = _called(name, organization) + (" (this institution)" if organization.msp_id == own else "")
    if section == ORDERER:
        sentence = f"{who} {'joined' if came else 'was removed from'} the ordering service"
        return change.found("ORDERING_CHANGED", sentence, path)
    if not came:
        return change.found("MEMBER_LEFT", f"{who} was removed from the channel", path)
    sentence = f"{who} joined the channel; its root certificates: {listed(_roots(organization))}"
    return change.found("MEMBER_JOINED", sentence, path)


def _element(change: _Change, path: str, one: Element | None, other: Element | None) -> Iterator[Finding]:
    name = path.rpartition("/")[2]
    if one is not None and other is not None and one.mod_policy != other.mod_policy:
        sentence = f"who may change {path} is now decided by {other.mod_policy!r}, and was by {one.mod_policy!r}"
        yield change.found("POLICY_CHANGED", sentence, f"{path} mod_policy")
    kind = (one or other or Element("value", b"", "")).kind
    old, new = (one.content if one else b""), (other.content if other else b"")
    if old == new and one is not None and other is not None:
        return
    if kind == "policy":
        was, now = (policy_words(old) if one else "not there"), (policy_words(new) if other else "not there")
        yield change.found("POLICY_CHANGED", f"the policy {path} is now {now}, and was {was}", path)
    elif name == "MSP":
        yield _identity(change, path)
    elif name == "Capabilities":
        sentence = f"{path} are now {_capabilities(new)}, and were {_capabilities(old)}"
        yield change.found("CAPABILITIES_CHANGED", sentence, path)
    elif name in _ORDERING:
        yield change.found("ORDERING_CHANGED", _ordering_words(path, name, old, new), path)
    elif name in _HARMLESS:
        yield change.found("CONFIG_CHANGED", f"{path} has changed", path)
    else:
        words = f": {_acls(old, new)}" if name == "ACLs" else ""
        yield change.found("POLICY_CHANGED", f"{path} has changed{words}", path)


def _identity(change: _Change, path: str) -> Finding:
    """An organization's MSP: who belongs to it, or only whom it has revoked."""
    section, _, name = path.removeprefix("/Channel/").removesuffix("/MSP").partition("/")
    was, now = _in(change.before, section, name), _in(change.after, section, name)
    if was is None or now is None:
        return change.found("IDENTITY_CHANGED", f"{path} has come, gone, or cannot be read", path)
    if _without_own_affairs(was) == _without_own_affairs(now):
        return change.found("CONFIG_CHANGED", f"{path}: revoked certificates or TLS roots have changed", path)
    parts = [f"the MSP ID is now {now.msp_id}, and was {was.msp_id}"] if was.msp_id != now.msp_id else []
    if _roots(was) != _roots(now):
        parts.append(f"the root certificates are now {listed(_roots(now))}, and were {listed(_roots(was))}")
    what = "; ".join(parts) or "intermediate authorities, administrators or NodeOUs have changed"
    return change.found("IDENTITY_CHANGED", f"{_called(name, now)} ({section}): {what}", path)


def _aliases(before: ChannelConfig | None, after: ChannelConfig, block: int) -> Iterator[Finding]:
    """Two groups of one section that are one MSP, or recognise the same people."""
    known = set(_shared(before)) if before is not None else set()
    for section, one, other, what in _shared(after):
        if (section, one, other, what) not in known:
            sentence = f"the groups {one} and {other} of {section} {what}"
            yield Finding("MEMBER_ALIAS", sentence, block, about=f"{section}/{one}={other}")


def _shared(config: ChannelConfig) -> Iterator[tuple[str, str, str, str]]:
    for one, other in combinations(config.organizations, 2):
        if one.section != other.section:
            continue
        if one.msp_id == other.msp_id:
            yield one.section, one.group, other.group, f"have the same MSP ID, {one.msp_id}"
        elif set(_roots(one)) & set(_roots(other)):
            yield one.section, one.group, other.group, "share a root certificate"


def _not_pinned(config: ChannelConfig, pinned: Authority, block: int) -> Iterator[Finding]:
    """The institution's own groups, against the root certificates that it keeps itself."""
    for one in config.organizations:
        if one.msp_id != pinned.msp_id:
            continue
        try:
            roots = certificates(map(bytes, one.parsed.root_certs))
            between = certificates(map(bytes, one.parsed.intermediate_certs))
        except IdentityError as error:
            roots, between, what = [], [], str(error)
        else:
            strange = [root for root in roots if fingerprint(root) not in pinned.fingerprints]
            strange += [authority for authority in between if not pinned.issued(authority)]
            what = f"authorities that are not pinned: {listed(map(fingerprint, strange))}" if strange else ""
        if not roots and not what:
            what = "no root certificate at all"
        if what:
            sentence = f"the channel's {one.section} knows {one.group}, MSP ID {pinned.msp_id}, by {what}"
            yield Finding("IDENTITY_CHANGED", sentence, block, about=f"{one.section}/{one.group} pinned")


def _roots(organization: Organization) -> list[str]:
    try:
        return sorted(fingerprint(root)[:16] for root in certificates(map(bytes, organization.parsed.root_certs)))
    except IdentityError:
        return ["unreadable"]


def _without_own_affairs(organization: Organization) -> bytes:
    msp = pb.FabricMSPConfig.FromString(organization.msp)
    for name in _OWN_AFFAIRS:
        msp.ClearField(name)
    return bytes(msp.SerializeToString())


def _in(config: ChannelConfig, section: str, name: str) -> Organization | None:
    return next((one for one in config.organizations if (one.section, one.group) == (section, name)), None)


def _called(name: str, organization: Organization) -> str:
    if organization.msp_id == name:
        return name
    return f"{name} (MSP ID {organization.msp_id})"


def _capabilities(content: bytes) -> str:
    try:
        return ", ".join(sorted(pb.Capabilities.FromString(content).capabilities)) or "none"
    except DecodeError:
        return "unreadable"


def _ordering_words(path: str, name: str, old: bytes, new: bytes) -> str:
    if name == "ConsensusType":
        was = {(one.address, one.tls_certificate) for one in consenters(old)}
        now = {(one.address, one.tls_certificate) for one in consenters(new)}
        came, went = ({address for address, _ in part} for part in (now - was, was - now))
        parts = [f"with another certificate: {listed(came & went)}"] if came & went else []
        parts += [f"new consenters: {listed(came - went)}"] if came - went else []
        parts += [f"consenters removed: {listed(went - came)}"] if went - came else []
        if parts:
            return f"{path}: {'; '.join(parts)}"
        try:
            kinds = [pb.ConsensusType.FromString(one) for one in (old, new)]
            if (kinds[0].type, kinds[0].state) != (kinds[1].type, kinds[1].state):
                told = [f"{kind.type} ({pb.ConsensusType.State.Name(kind.state)})" for kind in kinds]
                return f"{path} is now {told[1]}, and was {told[0]}"
        except (DecodeError, ValueError):
            pass
    return f"{path} has changed"


def _acls(old: bytes, new: bytes) -> str:
    try:
        was, now = (
            {name: one.policy_ref for name, one in pb.ACLs.FromString(part).acls.items()} for part in (old, new)
        )
    except DecodeError:
        return "unreadable"
    changed = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    return "; ".join(f"{name} now needs {now.get(name, 'the default')}" for name in changed)
