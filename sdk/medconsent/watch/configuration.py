"""What a new configuration of the channel changes, in words, and whether it still names the pinned root certificates.

Every element that changed is told. What is harmless is a list; whatever is not on it closes: in an institution's own
group, which its administrator changes alone, what rests on that institution; elsewhere everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import combinations

from google.protobuf.message import DecodeError

from medconsent.fabric import _protos as pb
from medconsent.fabric.channel_config import (
    APPLICATION,
    ORDERER,
    ChannelConfig,
    Element,
    Organization,
    consenters,
    policy_words,
)
from medconsent.fabric.decoding import decode
from medconsent.fabric.trust import Authority, fingerprint, readable
from medconsent.watch.findings import Finding, listed
from medconsent.watch.scope import Scope

_HARMLESS = {"AnchorPeers", "BatchSize", "BatchTimeout", "ChannelRestrictions"}
_ORDERING = {"ConsensusType", "Orderers", "Endpoints", "OrdererAddresses", "KafkaBrokers"}
_SHARED_ROOT = "share a root certificate"
# What an institution may change in its own MSP without changing who belongs to it.
_OWN_AFFAIRS = ("revocation_list", "tls_root_certs", "tls_intermediate_certs")


@dataclass(frozen=True)
class _Change:
    """From one configuration to another, in a block."""

    before: ChannelConfig
    after: ChannelConfig
    block: int

    def found(self, code: str, sentence: str, about: str, within: Scope | None = None) -> Finding:
        return Finding(code, sentence, self.block, about=about, within=within)

    def within(self, group: str) -> Scope | None:
        """The institution in whose group something stands; None for what all share."""
        parts = group.removeprefix("/Channel/").split("/")
        if len(parts) < 2 or parts[0] not in (APPLICATION, ORDERER):
            return None
        known = [config.organization(parts[0], parts[1]) for config in (self.before, self.after)]
        found = Scope.of(one.msp_id for one in known if one is not None)
        return found if found.closes else None


def judge(before: ChannelConfig | None, after: ChannelConfig, pinned: Authority, block: int) -> Iterator[Finding]:
    """The findings of a configuration block. `before` is None for the channel's first.

    Args:
        before: The configuration that was in force; None for the channel's first.
        after: The configuration that the block puts into force.
        pinned: The institution's own roots, kept outside the ledger.
        block: The block's number.
    """
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
        try:
            if path in groups:
                yield _member(change, path, own, came=other is not None)
            elif one != other:
                yield from _element(change, path, one, other)
        except Exception as error:  # others wrote it: it must not hide the rest
            group = (one or other or Element("value", b"", "", path)).group
            sentence = f"{path} has changed, to or from what cannot be read ({type(error).__name__})"
            yield change.found("POLICY_CHANGED", sentence, path, change.within(group))


def _member(change: _Change, path: str, own: str, *, came: bool) -> Finding:
    section, _, name = path.removeprefix("/Channel/").partition("/")
    organization = (change.after if came else change.before).organization(section, name)
    if organization is None:
        sentence = f"the group {path} was {'added to' if came else 'removed from'} the configuration"
        return change.found("POLICY_CHANGED", sentence, path, change.within(path))
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
    told = one or other or Element("value", b"", "", path)
    within = change.within(told.group)
    if one is not None and other is not None and one.mod_policy != other.mod_policy:
        sentence = f"who may change {path} is now decided by {other.mod_policy!r}, and was by {one.mod_policy!r}"
        yield change.found("POLICY_CHANGED", sentence, f"{path} mod_policy", within)
    old, new = (one.content if one else b""), (other.content if other else b"")
    if old == new and one is not None and other is not None:
        return
    if told.kind == "policy":
        was, now = (policy_words(old) if one else "not there"), (policy_words(new) if other else "not there")
        yield change.found("POLICY_CHANGED", f"the policy {path} is now {now}, and was {was}", path, within)
    elif name == "MSP":
        yield _identity(change, path, old, new, within)
    elif name == "Capabilities" and within is None:
        sentence = f"{path} are now {_capabilities(new)}, and were {_capabilities(old)}"
        yield change.found("CAPABILITIES_CHANGED", sentence, path)
    elif name in _ORDERING:
        yield change.found("ORDERING_CHANGED", _ordering_words(path, name, old, new), path, within)
    elif name in _HARMLESS:
        yield change.found("CONFIG_CHANGED", f"{path} has changed", path)
    else:
        words = f": {_acls(old, new)}" if name == "ACLs" else ""
        yield change.found("POLICY_CHANGED", f"{path} has changed{words}", path, within)


def _identity(change: _Change, path: str, old: bytes, new: bytes, within: Scope | None) -> Finding:
    """An organization's MSP: who belongs to it, or only whom it has revoked."""
    section, _, name = path.removeprefix("/Channel/").removesuffix("/MSP").partition("/")
    was, now = change.before.organization(section, name), change.after.organization(section, name)
    if was is None or now is None:
        return change.found("IDENTITY_CHANGED", f"{path} has come, gone, or cannot be read", path, within)
    if _without_own_affairs(old) == _without_own_affairs(new):
        return change.found("CONFIG_CHANGED", f"{path}: revoked certificates or TLS roots have changed", path)
    parts = [f"the MSP ID is now {now.msp_id}, and was {was.msp_id}"] if was.msp_id != now.msp_id else []
    if _roots(was) != _roots(now):
        parts.append(f"the root certificates are now {listed(_roots(now))}, and were {listed(_roots(was))}")
    what = "; ".join(parts) or "intermediate authorities, administrators or NodeOUs have changed"
    return change.found("IDENTITY_CHANGED", f"{_called(name, now)} ({section}): {what}", path, within)


def _aliases(before: ChannelConfig | None, after: ChannelConfig, block: int) -> Iterator[Finding]:
    """Two groups of one section that are one MSP, or recognise the same people.

    A root that is shared now was taken up by whoever did not have it before, and gives away that one's name only.
    """
    known = set(_shared(before)) if before is not None else set()
    for section, one, other, what in _shared(after):
        if (section, one, other, what) in known:
            continue
        sentence = f"the groups {one} and {other} of {section} {what}"
        within = None
        if what == _SHARED_ROOT and before is not None:
            within = Scope.of(
                now.msp_id
                for now in map(partial(after.organization, section), (one, other))
                if now is not None and _took_up(before.organization(section, now.group), now)
            )
        yield Finding("MEMBER_ALIAS", sentence, block, about=f"{section}/{one}={other}", within=within)


def _took_up(was: Organization | None, now: Organization) -> bool:
    return was is None or not set(_roots(now)) <= set(_roots(was))


def _shared(config: ChannelConfig) -> Iterator[tuple[str, str, str, str]]:
    for one, other in combinations(config.organizations, 2):
        if one.section != other.section:
            continue
        if one.msp_id == other.msp_id:
            yield one.section, one.group, other.group, f"have the same MSP ID, {one.msp_id}"
        elif set(_roots(one)) & set(_roots(other)):
            yield one.section, one.group, other.group, _SHARED_ROOT


def _not_pinned(config: ChannelConfig, pinned: Authority, block: int) -> Iterator[Finding]:
    """The institution's own groups, against the root certificates that it keeps itself."""
    for one in config.organizations:
        if one.msp_id != pinned.msp_id:
            continue
        roots, unknown = readable(map(bytes, one.parsed.root_certs))
        between, unknown_between = readable(map(bytes, one.parsed.intermediate_certs))
        strange = [fingerprint(root) for root in roots if fingerprint(root) not in pinned.fingerprints]
        strange += [fingerprint(authority) for authority in between if not pinned.issued(authority)]
        strange += map(_unreadable, unknown + unknown_between)
        what = f"authorities that are not pinned: {listed(strange)}" if strange else ""
        if not roots and not what:
            what = "no root certificate at all"
        if what:
            sentence = f"the channel's {one.section} knows {one.group}, MSP ID {pinned.msp_id}, by {what}"
            yield Finding("IDENTITY_CHANGED", sentence, block, about=f"{one.section}/{one.group} pinned")


def _roots(organization: Organization) -> list[str]:
    roots, strange = readable(map(bytes, organization.parsed.root_certs))
    return sorted([fingerprint(root)[:16] for root in roots] + [_unreadable(pem) for pem in strange])


def _unreadable(pem: bytes) -> str:
    return f"one that cannot be read ({sha256(pem).hexdigest()[:16]})"


def _without_own_affairs(content: bytes) -> tuple[int, bytes]:
    """Kind and content of an `msp.MSPConfig`. Raises `DecodeError`."""
    told = decode(pb.MSPConfig, content)
    msp = decode(pb.FabricMSPConfig, told.config)
    for name in _OWN_AFFAIRS:
        msp.ClearField(name)
    return int(told.type), bytes(msp.SerializeToString())


def _called(name: str, organization: Organization) -> str:
    if organization.msp_id == name:
        return name
    return f"{name} (MSP ID {organization.msp_id})"


def _capabilities(content: bytes) -> str:
    try:
        return ", ".join(sorted(decode(pb.Capabilities, content).capabilities)) or "none"
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
            kinds = [decode(pb.ConsensusType, one) for one in (old, new)]
            if (kinds[0].type, kinds[0].state) != (kinds[1].type, kinds[1].state):
                told = [f"{kind.type} ({pb.ConsensusType.State.Name(kind.state)})" for kind in kinds]
                return f"{path} is now {told[1]}, and was {told[0]}"
        except (DecodeError, ValueError):
            pass
    return f"{path} has changed"


def _acls(old: bytes, new: bytes) -> str:
    try:
        was, now = ({name: one.policy_ref for name, one in decode(pb.ACLs, part).acls.items()} for part in (old, new))
    except DecodeError:
        return "unreadable"
    changed = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    return "; ".join(f"{name} now needs {now.get(name, 'the default')}" for name in changed)
