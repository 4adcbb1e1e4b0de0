"""How `medconsent-network` ends, whatever becomes of its output."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from medconsent_network import files
from medconsent_network.spec import Spec
from medconsent_network.status import ProcessStatus, table

PROGRAM = f"{shlex.quote(sys.executable)} -m medconsent_network"


def shell(command: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """What a shell makes of a command line in which `network` is the program."""
    return subprocess.run(
        ["bash", "-c", command.replace("network", PROGRAM, 1)],
        env={**os.environ, "MEDCONSENT_NETWORK": str(folder / "한빛"), **environment},
        capture_output=True,
        encoding=environment.get("PYTHONIOENCODING", "utf-8").replace("ascii", "utf-8"),  # Click's own choice
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("command", "code"), [("--help", 0), ("--version", 0), ("status", 1), ("nonsense", 2)])
@pytest.mark.parametrize("where", ["| true", "| head -1 >/dev/null", ">/dev/full", ">&-", ">&- 2>&-", "2>/dev/full"])
def test_the_code_is_what_the_work_deserves(command: str, code: int, where: str, tmp_path: Path) -> None:
    told = shell(f"set -o pipefail; network {command} {where}", tmp_path)
    assert told.returncode == code
    assert "Traceback" not in told.stderr
    assert "Exception" not in told.stderr
    assert ("No space left on device" in told.stderr) == (where == ">/dev/full" and code == 0)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_letters_that_the_code_page_lacks_are_replaced(encoding: str, tmp_path: Path) -> None:
    told = shell("network status", tmp_path, PYTHONIOENCODING=encoding)
    assert told.returncode == 1
    assert told.stderr.startswith("error HOME_MISSING: there is no network in ")


def test_with_json_an_error_is_one_object_on_stderr(tmp_path: Path) -> None:
    for command, code in (("status --json", 1), ("status --json --nobody", 2)):
        told = shell(f"network {command}", tmp_path)
        assert (told.returncode, told.stdout) == (code, "")
        assert json.loads(told.stderr)["error"]["exit_code"] == code


@pytest.mark.parametrize("columns", [30, 80, 100])
def test_the_status_fits_the_terminal(columns: int) -> None:
    row = ProcessStatus("hanbit", "enrolment-authority", "RUNNING", 4711, 90_000, True, "3.1.1", 12345, 3)
    told = table([row, row], columns)
    assert max(map(len, told.splitlines())) <= columns
    assert told.count("hanbit") == 2
    assert told.startswith("INSTITUTI")


@pytest.mark.parametrize("command", ["up", "status", "down", "clean --yes"])
def test_without_its_extra_it_says_what_to_install(command: str, tmp_path: Path, sample: Spec) -> None:
    files.write_private(tmp_path / "consortium.yaml", sample.to_yaml())
    files.private_folder(tmp_path / "homes" / "hanbit")
    without = "import sys; sys.modules['supervisor'] = None; from medconsent_network.main import run; run()"
    told = subprocess.run(
        [sys.executable, "-c", without, "--network", str(tmp_path), *command.split()],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("error TOOL_MISSING: ")
    assert f"{sys.executable} -m pip install supervisor==" in told.stderr


def test_without_its_extra_it_explains_itself() -> None:
    for command in ("up", "logs"):
        without = "import sys; sys.modules['supervisor'] = None; from medconsent_network.main import run; run()"
        told = subprocess.run([sys.executable, "-c", without, command, "--help"], capture_output=True, check=False)
        assert told.returncode == 0, told.stderr
