"""The chaincode package."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from medconsent_network.chaincode.package import following, package, package_id
from medconsent_network.home import Home
from medconsent_network.processes import named, names
from medconsent_network.spec import Spec


def test_the_package_carries_only_the_address(tmp_path: Path, make_home: Callable[..., Home]) -> None:
    home = make_home()
    (tmp_path / "p.tar.gz").write_bytes(package(home))
    subprocess.run(["tar", "xzf", "p.tar.gz"], cwd=tmp_path, check=True)
    subprocess.run(["tar", "xzf", "code.tar.gz"], cwd=tmp_path, check=True)
    assert json.loads((tmp_path / "metadata.json").read_text()) == {"type": "ccaas", "label": "medconsent_0.2.0"}
    assert json.loads((tmp_path / "connection.json").read_text()) == {"address": "127.0.0.1:7203"}
    assert package(home) == package(home)
    assert package_id(home).startswith("medconsent_0.2.0:")


def test_the_next_version_is_at_the_other_place_and_stays_there(make_home: Callable[..., Home], sample: Spec) -> None:
    spec = replace(sample, chaincode=replace(sample.chaincode, next="0.3.0")).with_ports("nuri", {"chaincode-2": 9000})
    home = make_home(spec=spec)
    assert [name for name in names(home) if name.startswith("chaincode")] == ["chaincode", "chaincode-2"]
    first, second = (named(name).environment(home) for name in ("chaincode", "chaincode-2"))
    assert (first["CHAINCODE_ID"][:17], first["CHAINCODE_SERVER_ADDRESS"]) == ("medconsent_0.2.0:", "127.0.0.1:7203")
    assert (second["CHAINCODE_ID"][:17], second["CHAINCODE_SERVER_ADDRESS"]) == ("medconsent_0.3.0:", "127.0.0.1:9000")
    after = following(home)
    assert [name for name in names(after) if name.startswith("chaincode")] == ["chaincode-2"]
    assert named("chaincode-2").environment(after) == second, "what runs there goes on"
    back = following(replace(after, spec=replace(after.spec, chaincode=replace(after.spec.chaincode, next="0.2.0"))))
    assert package_id(back) == package_id(home)
