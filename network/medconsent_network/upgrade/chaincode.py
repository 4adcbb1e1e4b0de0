"""To another version of the chaincode, home by home.

The other version runs beside the one that serves, at a port of its own, and the home's peer has its package. So all
peers change to it in one block, that of its definition, and none of them waits for anything. Going back is the same.
"""

import filecmp
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from medconsent_network import files, ports, readiness, settings
from medconsent_network.chaincode import lifecycle
from medconsent_network.chaincode.package import following
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.spec import Chaincode, chaincode_version
from medconsent_network.steps import Step
from medconsent_network.supervisor import Supervisor
from medconsent_network.tools.toolchain import find
from medconsent_network.waiting import wait_for

_SECONDS = 60.0


def advance(path: Path, version: str, program: Path | None = None, *, by_majority: bool = False) -> Iterator[Step]:
    """Do what the home can towards another version of the chaincode, and say step by step how far it is.

    It starts the version beside the one that serves, installs and approves it, commits it when everybody has approved,
    and then ends the one before. Run it as often as wished.

    Args:
        path: The home's folder.
        version: Of the definition, and how the home keeps the program.
        program: The chaincode's program, which is copied into the home; unless given that of this installation, or
            the one that was copied before.
        by_majority: Commit once more than half of the institutions have approved. The others' peers then refuse to run
            the chaincode until they have.

    Raises:
        NetworkError: CHAINCODE_FAILED, TOOL_MISSING, HOME_MISSING; what a peer or a process refused.
    """
    home = Home.open(path)
    readiness.wait_serving(home, "peer", home.institution.chaincode_at)
    sequence, serving = lifecycle.committed_definition(home)
    if not sequence:
        raise NetworkError("CHAINCODE_FAILED", "no definition of the chaincode is committed yet", "Bring it up first.")
    if home.spec.chaincode.next == serving:
        home = _alone(home, sequence)
    own = home.spec.chaincode
    if own.version != version:
        if own.next != version or (program and not filecmp.cmp(program, home.kept_program(version), shallow=False)):
            chaincode_version(version, "--version")
            home = _beside(home, version, program or find(home.spec.fabric_version).chaincode)
        readiness.wait_serving(home, home.institution.chaincode_free_at)
        yield Step(f"{version} runs beside {own.version}")
        wanted = Chaincode(own.name, version, sequence if serving == version else sequence + 1)
        after = following(home)
        lifecycle.install(after)
        lifecycle.approve(after, wanted)
        yield Step(f"approved {wanted.name} {wanted.version}, sequence {wanted.sequence}")
        if serving != version:
            given = lifecycle.approvals(home, wanted)
            agreed = sorted(name for name, approved in given.items() if approved)
            if waits := _not_yet(given, agreed, version, by_majority=by_majority):
                yield Step("committed", waits)
                return
            lifecycle.commit(home, agreed, wanted)
            sequence = wanted.sequence
        home = _alone(home, sequence)
    elif own.next:
        home = _given_up(home)
    elif (sequence, serving) != (own.sequence, own.version):
        raise NetworkError(
            "CHAINCODE_FAILED",
            f"sequence {sequence} of {own.name} is version {serving}, and {home.name} has {own.version} alone",
            f"`medconsent-network upgrade chaincode --version {serving}`, with its program, changes to that.",
        )
    yield Step(f"{version} serves, and no other version runs")


def _beside(home: Home, version: str, program: Path) -> Home:
    """Start a version of the chaincode beside the one that serves."""
    if not program.is_file():
        raise NetworkError("TOOL_MISSING", f"there is no program {program}", "--program names that of the version.")
    serving, free = home.institution.chaincode_at, home.institution.chaincode_free_at
    if home.binary(serving).resolve() == program.resolve():
        raise NetworkError(
            "CHAINCODE_FAILED",
            f"{program} is the program that serves now: it cannot be {version} as well",
            "Build the other version in another folder (MEDCONSENT_BUILD), and name it with --program.",
        )
    if home.spec.chaincode.next:
        Supervisor(home).stop([free])
    kept = home.kept_program(version)
    files.private_folder(kept.parent)
    copy = kept.with_name(f".{version}.new")
    shutil.copyfile(program, copy)
    copy.chmod(0o700)
    files.give(copy, files.owner(kept.parent))
    copy.replace(kept)
    files.link(home.binary(free), kept)
    spec = replace(home.spec, chaincode=replace(home.spec.chaincode, next=version))
    spec = ports.completed(spec, home.name, [free])
    return _changed(replace(home, institution=spec.institution(home.name), spec=spec), free)


def _not_yet(given: dict[str, bool], agreed: list[str], version: str, *, by_majority: bool) -> str:
    """Why the definition is not to be committed yet; empty when it is."""
    missing = sorted(set(given) - set(agreed))
    needed = len(given) // 2 + 1
    if not missing or (by_majority and len(agreed) >= needed):
        return ""
    said = f"{len(agreed)} of {len(given)} institutions have approved it, and not yet {', '.join(missing)}"
    if by_majority:
        return f"{said}: {needed} are needed"
    return f"{said} (there: `medconsent-network upgrade chaincode --version {version}`)"


def _alone(home: Home, sequence: int) -> Home:
    """End the version before, once the peer runs the next one. That goes on where it is."""
    after = following(home)
    wanted = replace(after.spec.chaincode, sequence=sequence)
    wait_for(lambda: lifecycle.runs(home, wanted), f"the peer of {home.name} runs {wanted.version}", _SECONDS)
    spec = replace(after.spec, chaincode=wanted)
    after = replace(after, spec=spec)
    return _changed(after)


def _given_up(home: Home) -> Home:
    """End a next version that the home does not change to after all."""
    return _changed(replace(home, spec=replace(home.spec, chaincode=replace(home.spec.chaincode, next=""))))


def _changed(home: Home, start: str = "") -> Home:
    """Give the home's daemon the settings of now, and start what is new."""
    supervisor = Supervisor(home)
    settings.write(home, supervisor.socket)
    supervisor.update()
    if start:
        supervisor.start([start])
        readiness.wait_serving(home, start)
    return home
