"""The settings of the two CAs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from medconsent_network.home import Home


def test_the_ca_begins_with_secrets_that_only_its_owner_reads(
    make_home: Callable[..., Home], yaml: Callable[[Path], Any]
) -> None:
    home = make_home()
    config = yaml(home / "ca" / "fabric-ca-server-config.yaml")
    registered = {one["name"]: one for one in config["registry"]["identities"]}
    assert set(registered) == {"peer", "orderer", "admin", "registrar"}
    assert registered["registrar"]["attrs"]["hf.Registrar.Roles"] == "client"
    assert registered["registrar"]["attrs"]["hf.Registrar.Attributes"] == "medconsent.roles"
    assert not [name for name in registered["admin"]["attrs"] if name.startswith("hf.Registrar")]
    passwords = {one["pass"] for one in registered.values()}
    assert len(passwords) == 4
    assert all(len(password) >= 32 for password in passwords)
