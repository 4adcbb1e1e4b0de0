"""The chaincode package."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from medconsent_network.chaincode.package import package, package_id
from medconsent_network.home import Home


def test_the_package_carries_only_the_address(tmp_path: Path, make_home: Callable[..., Home]) -> None:
    home = make_home()
    (tmp_path / "p.tar.gz").write_bytes(package(home))
    subprocess.run(["tar", "xzf", "p.tar.gz"], cwd=tmp_path, check=True)
    subprocess.run(["tar", "xzf", "code.tar.gz"], cwd=tmp_path, check=True)
    assert json.loads((tmp_path / "metadata.json").read_text()) == {"type": "ccaas", "label": "medconsent_0.2.0"}
    assert json.loads((tmp_path / "connection.json").read_text()) == {"address": "127.0.0.1:7203"}
    assert package(home) == package(home)
    assert package_id(home).startswith("medconsent_0.2.0:")
