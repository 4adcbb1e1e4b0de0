"""How one home begins, joins the channel, and becomes ready: each step for itself, and none needs another's moment."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fabric_protos.common import configtx_pb2
from google.protobuf.message import DecodeError

from medconsent.fabric.channel_config import ChannelConfig
from medconsent_network import bringup, files, identities, ordering, ports, processes, readiness, settings
from medconsent_network.chaincode import lifecycle
from medconsent_network.errors import NetworkError
from medconsent_network.founding import held as holding
from medconsent_network.founding import inspection, papers, rounds, terms
from medconsent_network.founding.held import Held
from medconsent_network.founding.inspection import Inspection
from medconsent_network.founding.papers import Paper
from medconsent_network.home import Home
from medconsent_network.membership import blocks
from medconsent_network.processes import Stage
from medconsent_network.progress import SILENT, Progress
from medconsent_network.spec import Spec, read
from medconsent_network.steps import Step
from medconsent_network.supervisor import Supervisor
from medconsent_network.tools.toolchain import find

FIRST_BLOCK, INVITATION = "first-block", "invitation"


def init(file: Path, homes: Path, progress: Progress = SILENT) -> Home:
    """Make an institution's home from its own file: CAs, keys and certificates. Goes on where an earlier try stood.

    What is in the home stays. Terms may be corrected as long as the home has joined no channel; the bundles of the
    others are then put away.

    Args:
        file: The institution's own file (docs/founding.md).
        homes: The folder that the home comes into, by the institution's name.
        progress: Who is told how far it is.

    Raises:
        NetworkError: CONSORTIUM_INVALID when the file, or what it changes, cannot be; PORT_TAKEN, TOOL_MISSING,
            CA_FAILED, PROCESS_FAILED, TIMEOUT.
    """
    spec, quorum = terms.read_own(file)
    home = Home((homes / spec.names[0]).absolute(), spec.institutions[0], spec)
    if home.consortium_file.is_file():
        spec = _again(home, spec, quorum)
    binaries = find(spec.fabric_version)
    home = bringup.with_all_ports(Home(home.path, spec.institution(home.name), spec), spec)
    if identities.complete(home):
        settings.make_folders(home)
        files.write_private(home.consortium_file, home.spec.to_yaml())
        holding.set_quorum(home, quorum)
        return home
    ports.require_free(bringup.needed_ports(home), fixed=False)
    files.private_folder(home.path)
    holding.set_quorum(home, quorum)
    try:
        bringup.begin(home, binaries)
        bringup.certified(home)
    finally:
        Supervisor(home).shutdown()
    progress.say(f"{home.name} has its CAs and certificates")
    return home


def propose(held: Held, path: Path) -> tuple[Paper, Inspection]:
    """Write the channel's first block, as it follows from the bundles, for all institutions.

    Args:
        held: The home, and the bundles that it has.
        path: The file that is written.

    Raises:
        NetworkError: CHANNEL_FAILED when the home is in a channel already; TERMS_DIFFER; TOOL_MISSING.
    """
    _require_no_channel(held.home)
    block = held.first_block()
    seen = inspection.first_block(held, blocks.configuration(block, held.home.spec.channel))
    seen.require()
    content = {"channel": held.home.spec.channel, "made_by": held.home.name, "block": papers.packed(block)}
    return papers.write(path, FIRST_BLOCK, content), seen


def invite(held: Held, path: Path) -> Paper:
    """Write what a new member needs to join: the channel's first block, and its configuration now.

    Args:
        held: The home, and the bundles that it has.
        path: The file that is written.

    Raises:
        NetworkError: HOME_MISSING when the home is in no channel; CHANNEL_FAILED when its peer does not answer.
    """
    home = held.home
    if not home.genesis.is_file():
        raise NetworkError("HOME_MISSING", f"{home.path} is in no channel")
    content = {
        "channel": home.spec.channel,
        "made_by": home.name,
        "block": papers.packed(home.genesis.read_bytes()),
        "configuration": papers.packed(rounds.current(home).SerializeToString(deterministic=True)),
    }
    return papers.write(path, INVITATION, content)


def inspect(held: Held, paper: Paper) -> Inspection:
    """Look at a first block, or at an invitation, before the home joins.

    Raises:
        NetworkError: NOT_AGREED when it has not the form of one.
    """
    first = blocks.configuration(paper.data("block"), held.home.spec.channel)
    if paper.kind == FIRST_BLOCK:
        return inspection.first_block(held, first)
    try:
        config = configtx_pb2.Config.FromString(paper.data("configuration"))
    except DecodeError as error:
        raise papers.invalid("the configuration in the invitation cannot be read") from error
    return inspection.in_force(held, config)


def join(held: Held, paper: Paper, progress: Progress = SILENT) -> Home:
    """Start the home's processes and let them join the channel, once the paper was looked at. Nobody else has to be up.

    Raises:
        NetworkError: What `Inspection.require` raises; CHANNEL_FAILED when the home is in another channel; what
            starting and joining raise.
    """
    inspect(held, paper).require()
    block, home = paper.data("block"), held.home
    if home.genesis.is_file() and home.genesis.read_bytes() != block:
        _require_no_channel(home)
    spec = held.spec()
    home = bringup.with_all_ports(Home(home.path, spec.institution(home.name), spec), spec)
    ports.require_free(bringup.needed_ports(home), fixed=True)
    files.write_private(home.genesis, block)
    bringup.begin(home, find(spec.fabric_version))
    bringup.enrolled(home)
    progress.say(f"{home.name}: its processes run")
    bringup.joined(home)
    progress.say(f"{home.name}: peer and orderer are in the channel {spec.channel}")
    lifecycle.install(home)
    progress.say(f"{home.name}: the chaincode is installed")
    return home


def advance(held: Held) -> Iterator[Step]:
    """Do what the home can do towards being ready, and say step by step how far it is.

    It approves the chaincode's definition, commits it when everybody has approved, and offers the connection profile.
    Run it as often as wished.

    Raises:
        NetworkError: What a peer or a CA refused.
    """
    home = held.home
    if not home.genesis.is_file():
        yield Step("joined", "this home has joined no channel yet: `medconsent-network home join`")
        return
    readiness.wait_serving(home, *processes.names(home, Stage.FIRST, Stage.AUTHORITY, Stage.NODE))
    yield Step("own processes serve")
    if not ordering.of(home.spec).can_order(home):
        yield Step("orderers have a leader", "more than half of all orderers have to run")
        return
    yield Step("orderers have a leader")
    try:
        found = rounds.current(home)
    except NetworkError as error:  # a peer that has not the block yet that adds its institution refuses its people
        yield Step("the peer shows the channel", error.message[:300])
        return
    members = sorted(one.group for one in ChannelConfig(found).members())
    inspection.in_force(held, found).require()
    yield Step("the channel is the one that was agreed")
    sequence, version = lifecycle.committed_definition(home)
    own = home.spec.chaincode
    definition = replace(own, sequence=sequence, version=version) if sequence else own
    if not lifecycle.approved(home, definition):
        lifecycle.approve(home, definition)
    yield Step(f"approved {definition.name} {definition.version}, sequence {definition.sequence}")
    if not sequence:
        given = lifecycle.approvals(home, definition)
        missing = sorted(name for name, approved in given.items() if not approved)
        if missing:
            yield Step("the chaincode is committed", f"not approved yet by {', '.join(missing)}")
            return
        lifecycle.commit(home, sorted(given), definition)
    yield Step("the chaincode is committed")
    said = readiness.endorses(home, members)
    if said:
        yield Step("all institutions endorse through the home's gateway", said[:300])
        return
    yield Step("all institutions endorse through the home's gateway")
    bringup.finish(home)
    yield Step("the connection profile is there")


def _again(home: Home, spec: Spec, quorum: holding.Quorum) -> Spec:
    """The consortium of a home that was begun before, with its own file read again."""
    recorded = read(home.consortium_file)
    was, now = recorded.institution(home.name), spec.institution(home.name)
    if replace(was, ports=now.ports) != now:
        raise NetworkError(
            "CONSORTIUM_INVALID",
            f"{home.path} was made with another entry for {home.name}: its certificates carry name and host",
            "Make the home in another folder, or remove that one.",
        )
    changed = terms.of(recorded, holding.quorum_of(home)) != terms.of(spec, quorum)
    if home.genesis.is_file() and changed:
        raise NetworkError("CONSORTIUM_INVALID", f"{home.name} is in a channel: its terms are what all agreed on")
    if changed:
        holding.discard(home)
        return spec.with_ports(home.name, was.ports)
    return replace(recorded, watch=spec.watch, fabric_version=spec.fabric_version)


def _require_no_channel(home: Home) -> None:
    if home.genesis.is_file():
        raise NetworkError(
            "CHANNEL_FAILED",
            f"{home.name} is in a channel already, from another first block",
            "A home is for one channel. What joins that has an invitation: `medconsent-network channel invite`.",
        )
