"""The benchmark's own programs: clients of other SDKs, and the chaincode that loads."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from medconsent_network.progress import Progress
from medconsent_network.tools import go
from medconsent_network.tools.toolchain import build_folder

_HERE = Path(__file__).parent


def build(name: str, progress: Progress) -> Path:
    """Build the Go module in ``bench/<name>``; the program. What is up to date Go's own cache leaves alone.

    Raises RuntimeError with what the compiler said.
    """
    module, program = _HERE / name, build_folder() / "bench" / name
    compiler = go.find([module], build_folder() / "go-venv", progress)
    command: list[str | Path] = [compiler, "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-o", program, "."]
    with progress.long(f"building {name}"):
        done = subprocess.run(
            command, cwd=module, env={**os.environ, "GOWORK": "off"}, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{name} did not build:\n{done.stderr}")
    return program


def node(progress: Progress) -> Path | None:
    """The load client of the official SDK for Node, with what it runs with, as its lock says; None without Node.

    Raises:
        RuntimeError: npm refuses.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    folder = build_folder() / "bench" / "gateway-node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "load.mjs"):
        shutil.copy(_HERE / "gateway-node" / name, folder)
    with progress.long("installing the official SDK for Node"):
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], folder)
    return folder / "load.mjs"


def moe(progress: Progress) -> Path:
    """The folder of moe-fabric-gateway as published, hashes checked. It runs with what our own SDK is installed with.

    Raises:
        RuntimeError: pip refuses.
    """
    folder, wanted = build_folder() / "bench" / "moe", _HERE.parent / "requirements" / "moe.txt"
    done = folder / "installed"
    if not done.is_file() or done.read_text() != wanted.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        with progress.long("installing moe-fabric-gateway"):
            _run([*pip, "--no-deps", "--target", str(folder), "-r", str(wanted)], _HERE)
        done.write_text(wanted.read_text())
    return folder


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
