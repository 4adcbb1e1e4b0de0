"""The build step: Fabric, Fabric CA and the chaincode, each from its pinned Go module; what is up to date is skipped.

The sums committed in each go.sum are what counts: modules are read-only, and the checksum database is left out for the
one module that it does not have (Fabric 2.5.9).
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from medconsent_network import files
from medconsent_network.errors import NetworkError
from medconsent_network.progress import Progress
from medconsent_network.spec import FABRIC_VERSIONS
from medconsent_network.tools import go, toolchain

FABRIC = "github.com/hyperledger/fabric"
FABRIC_CA = "github.com/hyperledger/fabric-ca"
#: Fabric's programs as they are; the peer is put together in the module itself (docs/decisions/0019).
_FABRICS_OWN = ("orderer", "configtxgen", "configtxlator", "osnadmin", "discover", "ledgerutil")
_STAMP = ".built-from"


@dataclass(frozen=True)
class Target:
    """Something to build: packages of the Go module in `module`, into the folder `out`."""

    title: str
    module: Path
    packages: tuple[str, ...]
    out: Path
    ldflags: str = ""

    def fingerprint(self) -> str:
        """A digest of everything that the result is made of."""
        digest = hashlib.sha256(repr((self.packages, self.ldflags)).encode())
        for source in sorted(_sources(self.module)):
            digest.update(f"\0{source.relative_to(self.module)}\0".encode())
            digest.update(source.read_bytes())
        return digest.hexdigest()

    def up_to_date(self) -> bool:
        """Whether the result is there and was made from what stands now."""
        stamp = self.out / _STAMP
        return stamp.is_file() and stamp.read_text() == self.fingerprint()


def build(out: Path, versions: Sequence[str], progress: Progress) -> None:
    """Build into `out` what a network on each of the Fabric `versions` needs. With FABRIC_BIN only the chaincode.

    Raises:
        NetworkError: TOOL_MISSING, TOOL_VERSION or BUILD_FAILED.
    """
    stale = [target for target in targets(out, versions) if not target.up_to_date()]
    if stale:
        program = compiler(out, progress)
        for target in stale:
            _build(target, program, progress)
    for version in versions:
        toolchain.find(version, out)
    if stale:
        progress.say(f"built: {', '.join(target.title for target in stale)}")
    else:
        progress.say("everything is built and up to date")


def compiler(out: Path, progress: Progress) -> Path:
    """A `go` program that is new enough for everything in the checkout; installed below `out` when there is none.

    Raises:
        NetworkError: TOOL_MISSING.
    """
    root = _checkout()
    return go.find([root / "chaincode", *_tools(root)], out / "go-venv", progress)


def targets(out: Path, versions: Sequence[str]) -> list[Target]:
    """What there is to build.

    Args:
        out: The folder that is built into.
        versions: Versions of Fabric.

    Raises:
        NetworkError: TOOL_MISSING outside of a checkout; CONSORTIUM_INVALID for a version of Fabric that is not pinned.
    """
    root = _checkout()
    tools, chaincode = root / "network" / "tools", root / "chaincode"
    service = Target("chaincode", chaincode, ("./cmd/medconsent",), out / "chaincode")
    if os.environ.get("FABRIC_BIN"):
        return [service]
    wanted = []
    for version in versions:
        if version not in FABRIC_VERSIONS:
            raise NetworkError("CONSORTIUM_INVALID", f"Fabric {version} is not one of {', '.join(FABRIC_VERSIONS)}")
        wanted.append(
            Target(
                f"Fabric {version}",
                tools / f"fabric-{version}",
                ("./peer", *(f"{FABRIC}/cmd/{name}" for name in _FABRICS_OWN)),
                out / f"fabric-{version}",
                f"-X {FABRIC}/common/metadata.Version={version}",
            )
        )
    ca = Target(
        f"Fabric CA {toolchain.CA_VERSION}",
        tools / "fabric-ca",
        tuple(f"{FABRIC_CA}/cmd/{name}" for name in ("fabric-ca-server", "fabric-ca-client")),
        out / f"fabric-ca-{toolchain.CA_VERSION}",
        f"-X {FABRIC_CA}/lib/metadata.Version={toolchain.CA_VERSION}",
    )
    return [*wanted, ca, service]


def _checkout() -> Path:
    root = toolchain.repository()
    if not (root / "network" / "tools").is_dir():
        raise NetworkError(
            "TOOL_MISSING",
            "building needs the checkout of medconsent, and it was installed from a wheel",
            "Build in a checkout (`make build`), and let MEDCONSENT_BUILD name its folder .build.",
        )
    return root


def _tools(root: Path) -> list[Path]:
    return sorted(file.parent for file in (root / "network" / "tools").glob("*/go.mod"))


def _build(target: Target, go_program: Path, progress: Progress) -> None:
    if not shutil.which(os.environ.get("CC") or "cc") and not shutil.which("gcc"):
        raise NetworkError("TOOL_MISSING", "there is no C compiler, which Fabric CA needs", "Install gcc or clang.")
    fingerprint = target.fingerprint()
    _folder(target.out)
    (target.out / _STAMP).unlink(missing_ok=True)
    command: list[str | Path] = [
        go_program,
        "build",
        "-mod=readonly",
        "-trimpath",
        "-buildvcs=false",
        "-o",
        f"{target.out}{os.sep}",
    ]
    if target.ldflags:
        command += ["-ldflags", target.ldflags]
    environment = {**os.environ, "GONOSUMDB": _and(os.environ.get("GONOSUMDB"), FABRIC), "GOWORK": "off"}
    with progress.long(f"building {target.title}"):
        ran = subprocess.run(
            [*command, *target.packages],
            cwd=target.module,
            env=environment,
            capture_output=True,
            text=True,
            umask=0o022,
            check=False,
        )
    if ran.returncode != 0:
        raise NetworkError(
            "BUILD_FAILED", f"{target.title} did not build:\n{(ran.stderr or ran.stdout).strip()[-2000:]}"
        )
    (target.out / _STAMP).write_text(fingerprint)
    _let_all_run(target.out)


def _folder(out: Path) -> None:
    """A folder for programs, and what leads to it: open to all, because nothing in it is secret."""
    if not out.is_dir():
        _folder(out.parent)
        out.mkdir(exist_ok=True)
        out.chmod(0o755)
        files.give(out, files.owner(out.parent))


def _let_all_run(out: Path) -> None:
    """Let whoever runs a home run what root built, and whoever owns the checkout build it again."""
    for file in out.iterdir():
        file.chmod(0o644 if file.name == _STAMP else 0o755)
        files.give(file, files.owner(out))


def _sources(module: Path) -> Iterable[Path]:
    """What a module's programs are made of: its Go files and sums, without tests."""
    yield module / "go.mod"
    yield module / "go.sum"
    for path in module.rglob("*.go"):
        if not path.name.endswith("_test.go"):
            yield path


def _and(patterns: str | None, more: str) -> str:
    return f"{patterns},{more}" if patterns else more
