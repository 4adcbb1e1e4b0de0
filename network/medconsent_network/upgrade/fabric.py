"""To a later version of Fabric, node by node, while the others serve. Fabric does not go back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from medconsent_network import files, operations, readiness, settings
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.processes.probes import reached
from medconsent_network.progress import SILENT, Progress
from medconsent_network.steps import Step
from medconsent_network.supervisor import Supervisor
from medconsent_network.tools.toolchain import Binaries, find

_NODES = ("orderer", "peer")


def advance(path: Path, version: str, progress: Progress = SILENT) -> Iterator[Step]:
    """Let the home's orderer and then its peer run a later version of Fabric. Run it as often as wished.

    Nothing is stopped while the channel needs it: more than half of all orderers go on without the home's own.

    Args:
        path: The home's folder.
        version: Of Fabric, one of `FABRIC_VERSIONS`.
        progress: Is told what is waited for.

    Raises:
        NetworkError: CONSORTIUM_INVALID for a version that is none, or an earlier one; CHANNEL_FAILED when too many of
            the others are away; TOOL_MISSING, PROCESS_FAILED, TIMEOUT.
    """
    home = Home.open(path)
    later = home.spec.with_fabric(version)
    if _numbers(version) < _numbers(home.spec.fabric_version):
        raise NetworkError(
            "CONSORTIUM_INVALID",
            f"{home.name} runs Fabric {home.spec.fabric_version}: it does not go back to {version}",
            "A backup from before the change does: `medconsent-network restore`.",
        )
    binaries = find(version)
    readiness.wait_serving(home, *_NODES)
    for node in _NODES:
        if operations.version(home, node) != version:
            _require_others(home)
            home = _given(replace(home, spec=later), binaries)
            _restart(home, node, progress)
        yield Step(f"the {node} runs Fabric {version}")
    readiness.wait_changing(home)
    yield Step(f"changes go through {home.name}")


def _given(home: Home, binaries: Binaries) -> Home:
    """The programs and settings of the version: whatever is started from now on is of it, also after a crash."""
    files.link(home.binary("orderer"), binaries.orderer)
    files.link(home.binary("peer"), binaries.peer)
    settings.write(home, Supervisor(home).socket)
    return home


def _restart(home: Home, node: str, progress: Progress) -> None:
    supervisor = Supervisor(home)
    supervisor.stop([node])
    supervisor.start([node])
    readiness.wait_serving(home, node)
    if node == "orderer":
        readiness.wait_ordering(home)
        readiness.wait_level(home, progress)
    else:
        readiness.wait_caught_up(home, progress)


def _require_others(home: Home) -> None:
    """Refuse to stop a node that the channel needs now: the others are more than half of all, or one is alone."""
    others = [one for one in home.spec.institutions if one.name != home.name]
    away = [one for one in others if not all(reached(one.host, one.port(node)) for node in _NODES)]
    if len(others) > 1 and len(others) - len(away) <= len(home.spec.institutions) // 2:
        raise NetworkError(
            "CHANNEL_FAILED",
            f"without {home.name} too few would be left: not reached are {', '.join(one.name for one in away)}",
            "One home after the other: wait until theirs serve, and run this again.",
        )


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
