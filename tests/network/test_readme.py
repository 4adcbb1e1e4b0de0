"""The README's tour runs as it stands, in its order, and a second time right after it."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """What bash makes of it in `folder`, as somebody who has nothing else there."""
    env = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)}
    kept = {name: os.environ[name] for name in ("FABRIC_VERSION", "FABRIC_BIN", "TMPDIR") if name in os.environ}
    return subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=env | kept,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tour_twice_in_a_row(tmp_path: Path) -> None:
    """The first time its end is left out, as by somebody who stops before it."""
    *tour, end = BLOCKS
    assert "medconsent-network clean" in end
    ran = run("\n".join([*tour, "echo AGAIN", *tour, end]), tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    once, _, again = ran.stdout.partition("AGAIN")
    for told in (once, again):
        assert "permit" in told
        assert "GRANT_REVOKED" in told
        assert "grant.revoked" in told
    assert [left.name for left in tmp_path.iterdir()] == []


def test_the_tour_shadows_nothing(tmp_path: Path) -> None:
    """What it defines has names of its own, which no command, builtin or variable of a shell has."""
    tour = "\n".join(BLOCKS)
    functions = set(re.findall(r"^(\w+)\(\)", tour, re.MULTILINE))
    variables = set(re.findall(r"^\s*(?:export |for )?(\w+)(?:=| in )", tour, re.MULTILINE))
    assert functions
    assert all(name.startswith("tour_") for name in functions)
    assert {name for name in variables if not name.startswith("TOUR_")} <= {"MEDCONSENT_NETWORK"}
    assert run(f"type {' '.join(sorted(functions))}", tmp_path).stdout == ""
