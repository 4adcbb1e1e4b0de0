"""What a home's administrator does at the home's own peer: through its Gateway, and with Fabric's `peer` program."""

import os
import subprocess

from medconsent.fabric.contract import Timeouts
from medconsent.fabric.errors import FabricError
from medconsent.fabric.gateway import Gateway
from medconsent_network import identities
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home

_PROGRAM_SECONDS = 120


def gateway(home: Home, user: str = "admin", timeouts: Timeouts | None = None) -> Gateway:
    """A client of the home's own Gateway. Use it as a context manager.

    Args:
        home: Whose Gateway.
        user: The identity under `users/` of the home that it asks as.
        timeouts: How long each call may take.

    Raises:
        NetworkError: CERTIFICATE_ENDED when that of the identity has ended.
    """
    identity, signer = identities.signer(home, user)
    address = home.institution.address("peer")
    return Gateway(address, identity, signer, tls_root=home.tls_root.read_bytes(), timeouts=timeouts)


def words_of(error: FabricError) -> str:
    """What the Gateway and each endorser said, in one line."""
    details = (f"{detail.msp_id}: {detail.message}" for detail in getattr(error, "details", ()))
    return " | ".join([getattr(error, "message", "") or str(error), *details])


def run_peer(home: Home, *arguments: str) -> str:
    """Run Fabric's `peer` program as the home's admin, against the home's peer.

    Returns:
        What it printed.

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
        timeout=_PROGRAM_SECONDS,
        umask=0o077,
        check=False,
    )
    if ran.returncode != 0:
        words = (ran.stderr or ran.stdout).strip()[-1500:]
        raise NetworkError("CHANNEL_FAILED", f"peer {' '.join(arguments[:3])} at {home.name}: {words}")
    return ran.stdout
