"""The systemd units of a home: whatever systemd would refuse, or read otherwise, is found before."""

import getpass
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from medconsent_network.errors import NetworkError
from medconsent_network.founding import units
from medconsent_network.home import Home


def test_a_home_has_units(make_home: Callable[..., Home], tmp_path: Path) -> None:
    home = make_home()
    made = {unit.name: unit.text for unit in units.of(home, "medconsent")}
    assert set(made) == {
        "medconsent-nuri.service",
        *(f"medconsent-nuri-{task}.{kind}" for task in ("crl", "renew") for kind in ("service", "timer")),
    }
    assert f"up --institution nuri --homes {home.path.parent}" in made["medconsent-nuri.service"]
    assert f"PIDFile={home.path}/supervisor/supervisord.pid" in made["medconsent-nuri.service"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_takes_them(make_home: Callable[..., Home], tmp_path: Path) -> None:
    written = units.write(make_home(), getpass.getuser(), tmp_path / "units")
    ran = subprocess.run(["systemd-analyze", "verify", *written], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("folder", ["a folder", "100%", "it's"])
def test_a_path_that_systemd_reads_otherwise_is_refused(
    make_home: Callable[..., Home], tmp_path: Path, folder: str
) -> None:
    home = make_home(tmp_path / folder)
    with pytest.raises(NetworkError) as told:
        units.of(home, "medconsent")
    assert told.value.code == "CONSORTIUM_INVALID"
