"""The README's tour runs as it stands, in its order."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from networks import running

from medconsent_network.consortium import Consortium
from medconsent_network.spec import Spec

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture
def untouched(tmp_path: Path, sample_consortium: Spec) -> Iterator[Consortium]:
    """A network that nobody has used yet, as a reader has it after `make network-up`."""
    with running(tmp_path / "network", sample_consortium) as consortium:
        yield consortium


def test_the_tour(untouched: Consortium, tmp_path: Path) -> None:
    tour = "\n".join(re.findall(r"^```sh\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL))
    assert "grant revoke" in tour
    script = tour.replace("H=.network/homes", f"H={untouched.folder / 'homes'}")
    assert script != tour
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "MEDCONSENT_HOME": str(tmp_path / "contexts"),
    }
    ran = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "permit" in ran.stdout
    assert "GRANT_REVOKED" in ran.stdout
    assert "grant.revoked" in ran.stdout
