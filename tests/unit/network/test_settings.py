"""The settings of a home's processes: private, and the same wherever the home stands."""

import stat
from collections.abc import Callable
from pathlib import Path

from medconsent_network.home import Home


def test_nothing_is_readable_by_others(make_home: Callable[..., Home]) -> None:
    home = make_home()
    for path in [home.path, *home.path.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_settings_do_not_depend_on_where_the_home_stands(tmp_path: Path, make_home: Callable[..., Home]) -> None:
    """Apart from the one path that Fabric wants absolute and the socket, both written anew at every start."""
    here, there = make_home(tmp_path / "here"), make_home(tmp_path / "a folder elsewhere")
    for path in ("peer/core.yaml", "orderer/orderer.yaml", "supervisor/supervisord.conf", "consortium.yaml"):
        texts = [(home.path / path).read_text().splitlines() for home in (here, there)]
        differing = [a for a, b in zip(*texts, strict=True) if a != b]
        assert all("snapshots" in line or line.startswith("file = ") for line in differing), differing
