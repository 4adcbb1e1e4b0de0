"""The programs that a network runs: found where they were built, or where the operator has them."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from medconsent_network.errors import NetworkError

CA_VERSION = "1.5.21"
FABRIC_PROGRAMS = ("peer", "orderer", "configtxgen", "configtxlator")
_VERSION = re.compile(r"Version: v?(\S+)")


@dataclass(frozen=True)
class Binaries:
    """Where each program is. `version` is that of peer and orderer."""

    version: str
    peer: Path
    orderer: Path
    configtxgen: Path
    configtxlator: Path
    ca_server: Path
    chaincode: Path


def repository() -> Path:
    """The checkout that this package is used from; the current folder when it was installed from a wheel."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "network" / "tools").is_dir() else Path.cwd()


def build_folder() -> Path:
    """Where built programs are: MEDCONSENT_BUILD, or `.build` in the checkout."""
    return Path(os.environ.get("MEDCONSENT_BUILD") or repository() / ".build").absolute()


def find(fabric_version: str, build: Path | None = None) -> Binaries:
    """The programs for a network on Fabric `fabric_version`.

    FABRIC_BIN (one folder, or several separated as in PATH) names binaries that are there already: their versions are
    asked from themselves. Otherwise what `medconsent-network build` made is taken.

    Args:
        fabric_version: As `3.1.1`.
        build: Where `build` built into; None for the usual folder.

    Raises:
        NetworkError: TOOL_MISSING or TOOL_VERSION.
    """
    build = build or build_folder()
    given = os.environ.get("FABRIC_BIN")
    if given:
        folders = [Path(folder).absolute() for folder in given.split(os.pathsep) if folder]
        found = {name: _search(name, folders) for name in (*FABRIC_PROGRAMS, "fabric-ca-server")}
        for name in ("peer", "orderer"):
            _require_line(found[name], fabric_version)
        _require_line(found["fabric-ca-server"], CA_VERSION)
    else:
        found = {name: build / f"fabric-{fabric_version}" / name for name in FABRIC_PROGRAMS}
        found["fabric-ca-server"] = build / f"fabric-ca-{CA_VERSION}" / "fabric-ca-server"
        for program in found.values():
            _require(program)
    chaincode = Path(os.environ.get("MEDCONSENT_CHAINCODE") or build / "chaincode" / "medconsent").absolute()
    _require(chaincode)
    return Binaries(
        version=fabric_version,
        peer=found["peer"],
        orderer=found["orderer"],
        configtxgen=found["configtxgen"],
        configtxlator=found["configtxlator"],
        ca_server=found["fabric-ca-server"],
        chaincode=chaincode,
    )


def _search(name: str, folders: list[Path]) -> Path:
    for folder in folders:
        if os.access(folder / name, os.X_OK):
            return folder / name
    where = ", ".join(str(folder) for folder in folders)
    raise NetworkError(
        "TOOL_MISSING",
        f"FABRIC_BIN has no program {name} (looked in {where})",
        f"It must hold {', '.join(FABRIC_PROGRAMS)} and fabric-ca-server; {os.pathsep!r} separates several folders.",
    )


def _require(program: Path) -> None:
    if not os.access(program, os.X_OK):
        raise NetworkError(
            "TOOL_MISSING",
            f"{program} is not there",
            "Run `make build` in a checkout. MEDCONSENT_BUILD names the .build of another one; FABRIC_BIN names "
            "folders with binaries of Fabric and Fabric CA that you have.",
        )


def _require_line(program: Path, wanted: str) -> None:
    """Check that a program says it is of the same release line (major and minor number) as `wanted`, and no older."""
    try:
        ran = subprocess.run([program, "version"], capture_output=True, text=True, timeout=20, check=False)
    except OSError as error:
        raise NetworkError("TOOL_MISSING", f"{program} cannot be run: {error}") from error
    match = _VERSION.search(ran.stdout + ran.stderr)
    said = match[1] if match else "no version"
    if not (_parts(said)[:2] == _parts(wanted)[:2] and _parts(said) >= _parts(wanted)):
        raise NetworkError(
            "TOOL_VERSION",
            f"{program} says that it is {said}; wanted is {wanted} or a later one of the same line",
            "Set FABRIC_VERSION to the line of your binaries (3.1.1 or 2.5.9), or let FABRIC_BIN name others.",
        )


def _parts(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version.split("-", 1)[0])][:3]
