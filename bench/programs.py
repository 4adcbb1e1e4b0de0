"""The benchmark's own Go programs: the client of the official SDK, and the chaincode that loads."""

import os
import subprocess
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
