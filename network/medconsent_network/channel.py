"""Joining the channel: the orderer through its participation API, the peer through Fabric's own `peer` program."""

import os
import subprocess
from pathlib import Path
from typing import Any

import requests

from medconsent_network.errors import NetworkError
from medconsent_network.home import Home

_TIMEOUT = (3.0, 30.0)  # seconds to connect, and to wait for bytes


def orderer_channel(home: Home) -> dict[str, Any] | None:
    """What the home's orderer knows of the channel: `status`, `consensusRelation`, `height`; None when not joined.

    Raises:
        NetworkError: CHANNEL_FAILED when the orderer does not answer.
    """
    answer = _participation(home, "GET", f"/{home.spec.channel}")
    if answer.status_code == requests.codes.not_found:
        return None
    return dict(_checked(home, answer).json())


def join_orderer(home: Home) -> None:
    """Let the home's orderer join the channel, unless it has.

    Raises:
        NetworkError: CHANNEL_FAILED when it refuses.
    """
    if orderer_channel(home) is None:
        block = home.genesis.read_bytes()
        _checked(home, _participation(home, "POST", "", {"config-block": ("genesis.block", block)}))


def join_peer(home: Home) -> None:
    """Let the home's peer join the channel. It must not have joined yet.

    Raises:
        NetworkError: CHANNEL_FAILED with what the peer said.
    """
    peer(home, "channel", "join", "-b", str(home.genesis))


def peer(home: Home, *arguments: str) -> str:
    """Run Fabric's `peer` program as the home's admin, against the home's peer; what it printed.

    Raises:
        NetworkError: CHANNEL_FAILED with what it said.
    """
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ},
        "FABRIC_CFG_PATH": str(home.node("peer")),
        "FABRIC_LOGGING_SPEC": "error",
        "CORE_PEER_MSPCONFIGPATH": str(home.user("admin")),
        "CORE_PEER_ADDRESS": home.institution.address("peer"),
        "CORE_PEER_TLS_ROOTCERT_FILE": str(home.tls_root),
    }
    ran = subprocess.run(
        [home.binary("peer"), *arguments],
        env=environment,
        cwd=home.node("peer"),
        capture_output=True,
        text=True,
        timeout=120,
        umask=0o077,
        check=False,
    )
    if ran.returncode != 0:
        words = (ran.stderr or ran.stdout).strip()[-1500:]
        raise NetworkError("CHANNEL_FAILED", f"peer {' '.join(arguments[:3])} at {home.name}: {words}")
    return ran.stdout


def _participation(home: Home, method: str, path: str, upload: dict[str, Any] | None = None) -> requests.Response:
    tls: Path = home.user("osnadmin") / "tls"
    url = f"https://127.0.0.1:{home.institution.port('orderer-admin')}/participation/v1/channels{path}"
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no other roots from the environment
        try:
            return session.request(
                method,
                url,
                files=upload,
                cert=(str(tls / "cert.pem"), str(tls / "key.pem")),
                verify=str(tls / "ca.pem"),
                timeout=_TIMEOUT,
            )
        except requests.RequestException as error:
            raise NetworkError("CHANNEL_FAILED", f"the orderer of {home.name} does not answer: {error}") from error


def _checked(home: Home, answer: requests.Response) -> requests.Response:
    if answer.status_code >= requests.codes.bad_request:
        raise NetworkError(
            "CHANNEL_FAILED", f"the orderer of {home.name} refused (HTTP {answer.status_code}): {answer.text.strip()}"
        )
    return answer
