"""A change of the channel, agreed upon by files: computed by one, looked at and signed by each, handed in.

Each institution computes the change for itself from the bundles that it holds, and signs what is equal to that.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from fabric_protos.common import common_pb2, configtx_pb2
from google.protobuf.message import DecodeError

from medconsent.fabric.channel_config import APPLICATION, ChannelConfig
from medconsent.fabric.errors import FabricError
from medconsent_network.errors import NetworkError
from medconsent_network.founding import inspection, papers
from medconsent_network.founding.held import Held
from medconsent_network.founding.inspection import Inspection
from medconsent_network.founding.papers import Paper
from medconsent_network.home import Home
from medconsent_network.membership import changes, delta, hardened, updates
from medconsent_network.membership.updates import Administrator, Change
from medconsent_network.waiting import wait_for

UPDATE, SIGNATURE = "update", "signature"
What = Literal["add", "remove", "raise"]
"""An institution comes or goes, or the channel is given a higher capability."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_IN_FORCE_SECONDS = 60.0


@dataclass(frozen=True)
class Submitted:
    """A change that is in force at the home's own peer; `signed_by` are the institutions that agreed.

    `subject` is an institution's name, or a capability.
    """

    what: What
    subject: str
    signed_by: tuple[str, ...]


def write_update(held: Held, what: What, name: str, path: Path) -> Paper:
    """Compute the change and write it down for all to sign.

    Args:
        held: The home, and the bundles that it has.
        what: The kind of change.
        name: The institution that comes, goes or changes.
        path: The file that is written.

    Raises:
        NetworkError: CHANNEL_FAILED when the peer does not answer or nothing would change; HOME_MISSING when the bundle
            of who is to come is not here; CONSORTIUM_INVALID when the quorum would not fit; NOT_HARDENED.
    """
    config = current(held.home)
    update = _computed(held, config, what, name)
    content = {
        "channel": held.home.spec.channel,
        "what": what,
        _subject_key(what): name,
        "made_by": held.home.name,
        "update": papers.packed(update),
    }
    _inspect(held, config, what, name, update).require()
    return papers.write(path, UPDATE, content)


def inspect(held: Held, paper: Paper) -> Inspection:
    """Look at a change that somebody wrote down: what it does, and whether it follows from the bundles.

    Raises:
        NetworkError: PAPER_INVALID when it is no such change; CHANNEL_FAILED when the home's own peer does not answer.
    """
    what, name = _named(held.home, paper)
    return _inspect(held, current(held.home), what, name, paper.data("update"))


def sign(held: Held, paper: Paper, path: Path) -> None:
    """Write the signature of the home's administrator to a file, unless something is against the change.

    Args:
        held: The home, and the bundles that it has.
        paper: The change.
        path: The file that the signature is written to.

    Raises:
        NetworkError: What `Inspection.require` raises.
    """
    inspect(held, paper).require()
    update = paper.data("update")
    made = updates.signature(update, Administrator.of(held.home))
    content = {
        "channel": held.home.spec.channel,
        "institution": held.home.name,
        "of": sha256(update).hexdigest(),
        "header": papers.packed(made.signature_header),
        "signature": papers.packed(made.signature),
    }
    papers.write(path, SIGNATURE, content)


def submit(held: Held, paper: Paper, signatures: Sequence[Paper]) -> Submitted:
    """Hand a change in with the signatures that were collected, and wait until the home's own peer has it.

    Raises:
        NetworkError: NOT_SIGNED with who is missing, or whose signature is none; what `Inspection.require` raises;
            CHANNEL_FAILED when the orderer refuses; TIMEOUT.
    """
    home, update = held.home, paper.data("update")
    what, name = _named(home, paper)
    config = current(home)
    _inspect(held, config, what, name, update).require()
    signed = {}
    for one in signatures:
        institution, signature = _verified(config, update, one)
        signed[institution] = signature
    count, members = hardened.needed(config)
    if len(signed) < count:
        missing = ", ".join(one for one in members if one not in signed)
        raise NetworkError(
            "NOT_SIGNED",
            f"{len(signed)} of the {count} signatures are here; not signed yet: {missing}",
            "Each of them: `medconsent-network channel sign`.",
        )
    envelope = updates.envelope(update, list(signed.values()), Administrator.of(home), channel=home.spec.channel)
    answer = updates.broadcast(home, envelope)
    if answer.status != "SUCCESS":
        raise NetworkError("CHANNEL_FAILED", f"the orderer of {home.name}: {answer.status}: {answer.sentence}")
    wait_for(
        lambda: _done(current(home), what, name),
        f"the peer of {home.name} has the block with the change",
        _IN_FORCE_SECONDS,
    )
    return Submitted(what, name, tuple(sorted(signed)))


def current(home: Home) -> configtx_pb2.Config:
    """The channel's configuration at the home's own peer.

    Raises:
        NetworkError: CHANNEL_FAILED when it does not answer.
    """
    try:
        return updates.current(home)
    except FabricError as error:
        raise NetworkError("CHANNEL_FAILED", f"the peer of {home.name} does not show the channel: {error}") from error


def _inspect(held: Held, config: configtx_pb2.Config, what: What, name: str, update: bytes) -> Inspection:
    verb = {"add": "adds", "remove": "removes", "raise": "raises the channel's capability to"}[what]
    seen = Inspection(f"the change that {verb} {name}")
    if what == "raise" and not changes.knows(held.home.spec.fabric_version, name):
        seen.refuse("NOT_AGREED", f"Fabric {held.home.spec.fabric_version}, which this home runs, does not know {name}")
    try:
        after = delta.applied(config, update)
        found = inspection.changes(config, after, held.own)
        soft = hardened.softened(after, held.quorum)
    except (DecodeError, ValueError) as error:
        seen.refuse("NOT_AGREED", f"it cannot be read: {error}")
        return seen
    seen.say(*found)
    count, members = hardened.needed(config)
    seen.say(f"it needs the signatures of {count} of {', '.join(members)}")
    seen.refuse("NOT_HARDENED", *soft)
    if what == "add" and name in held.everybody:
        seen.lines.insert(0, inspection.member(held.everybody[name]))
    try:
        ours = _computed(held, config, what, name)
    except NetworkError as error:
        if error.code == "CHANNEL_FAILED" and _done(config, what, name):
            seen.refuse("NOT_AGREED", error.message)
            return seen
        raise
    if configtx_pb2.ConfigUpdate.FromString(ours) != configtx_pb2.ConfigUpdate.FromString(update):
        wanted = delta.applied(config, ours)
        told = inspection.changes(wanted, after, held.own) or ["it was made for another state of the channel"]
        seen.refuse("NOT_AGREED", *(f"compared with what follows from the bundles, {one}" for one in told))
    return seen


def _computed(held: Held, config: configtx_pb2.Config, what: What, name: str) -> bytes:
    """The change that follows from the bundles and the configuration as it is."""
    if _done(config, what, name):
        raise NetworkError("CHANNEL_FAILED", f"{name} is {'not' if what == 'remove' else 'already'} in the channel")
    steps = [changes.raised(name)] if what == "raise" else _of_members(held, _members(config), what, name)

    def all_steps(edited: configtx_pb2.Config) -> None:
        for step in steps:
            step(edited)

    spec = held.home.spec
    return updates.compute(config, all_steps, channel=spec.channel, fabric_version=spec.fabric_version)


def _of_members(held: Held, members: set[str], what: What, name: str) -> list[Change]:
    """What adds or removes an institution."""
    after = {*members, name} if what == "add" else members - {name}
    wanted = held.configuration(after)
    spec = held.spec({*members, name}) if what == "add" else held.home.spec
    change = changes.added(name, wanted, spec) if what == "add" else changes.removed(name, spec)
    return [change] if held.quorum == "all" else [change, changes.with_rule_of(wanted)]


def _done(config: configtx_pb2.Config, what: What, name: str) -> bool:
    """Whether the configuration is already as the change would make it."""
    if what == "raise":
        return name in changes.capabilities(config)
    return (name in _members(config)) == (what == "add")


def _named(home: Home, paper: Paper) -> tuple[What, str]:
    """What a change says that it does, and to whom."""
    if paper.text("channel") != home.spec.channel:
        raise papers.invalid(f"the change is of the channel {paper.text('channel')[:250]!r}")
    said = paper.text("what")
    if said == "add":
        return "add", _name(paper)
    if said == "remove":
        return "remove", _name(paper)
    if said == "raise":
        return "raise", _capability(paper)
    raise papers.invalid(f"the change says that it would {said[:40]!r}, which this version does not know")


def _name(paper: Paper) -> str:
    name = paper.text("institution")
    if not _NAME.fullmatch(name):
        raise papers.invalid(f"the {paper.kind} is of an institution called {name[:40]!r}, which is no name")
    return name


def _capability(paper: Paper) -> str:
    name = paper.text(_subject_key("raise"))
    if name not in changes.CAPABILITIES:
        raise papers.invalid(f"the change is to the capability {name[:40]!r}, which this version does not know")
    return name


def _subject_key(what: What) -> str:
    return "capability" if what == "raise" else "institution"


def _verified(config: configtx_pb2.Config, update: bytes, paper: Paper) -> tuple[str, configtx_pb2.ConfigSignature]:
    """Whose signature over the change it is."""
    name = _name(paper)
    if paper.text("of") != sha256(update).hexdigest():
        raise _unsigned(f"the signature of {name} is over another change")
    header, signature = paper.data("header"), paper.data("signature")
    try:
        creator = bytes(common_pb2.SignatureHeader.FromString(header).creator)
    except DecodeError as error:
        raise _unsigned(f"the signature of {name} cannot be read") from error
    organization = ChannelConfig(config).organization(APPLICATION, name)
    member = organization.authority.member(creator) if organization else None
    if member is None or "admin" not in member.units:
        raise _unsigned(f"the signature of {name} is not of an administrator of {name} in this channel")
    if not member.signed(header + update, signature):
        raise _unsigned(f"the signature of {name} does not fit the change")
    return name, configtx_pb2.ConfigSignature(signature_header=header, signature=signature)


def _unsigned(what: str) -> NetworkError:
    return NetworkError("NOT_SIGNED", what, "`medconsent-network channel sign` makes another.")


def _members(config: configtx_pb2.Config) -> set[str]:
    return {one.group for one in ChannelConfig(config).members()}
