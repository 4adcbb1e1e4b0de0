"""The orderer's settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from medconsent_network.home import Home


def test_the_orderer(make_home: Callable[..., Home], yaml: Callable[[Path], Any]) -> None:
    settings = yaml(make_home() / "orderer" / "orderer.yaml")
    assert settings["Consensus"] == {"WALDir": "data/etcdraft/wal", "SnapDir": "data/etcdraft/snapshot"}
    for listener in (settings["Operations"], settings["Admin"]):
        assert listener["ListenAddress"].startswith("127.0.0.1:")
        assert (listener["TLS"]["Enabled"], listener["TLS"]["ClientAuthRequired"]) == (True, True)
    trusted = settings["Operations"]["TLS"]["ClientRootCAs"]
    assert trusted == ["../users/operations/tls/cert.pem", "../users/scraper/tls/cert.pem"]
