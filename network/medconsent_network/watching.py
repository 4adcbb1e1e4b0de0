"""The watcher that a home runs beside its peer, where the consortium file says so (`watch.run`)."""

import json
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

from medconsent.contexts import Context, Contexts
from medconsent.errors import MedconsentError
from medconsent.fabric import wallet
from medconsent.fabric.errors import CAError, FabricError
from medconsent.services.watch.journal import ALARM
from medconsent.services.watch.ledger import HEARTBEAT
from medconsent.services.watch.status import read
from medconsent_network import files, identities
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.supervisor import Supervisor
from medconsent_network.waiting import wait_for

USER = "watcher"
_FRESH_SECONDS = 30.0
_START_SECONDS = 120.0


def start(home: Home) -> None:
    """Start the watcher and wait until it has judged what there is. Its home must serve, and have a connection profile.

    Raises:
        NetworkError: CA_FAILED, PROCESS_FAILED, TIMEOUT.
    """
    if not home.watched:
        return
    _context(home)
    supervisor = Supervisor(home)
    supervisor.start(["watch"])

    def judged() -> bool:
        supervisor.require_up(["watch"])
        return alive(home)

    wait_for(judged, f"the watcher of {home.name} has judged the ledger", _START_SECONDS)


def alive(home: Home) -> bool:
    """Whether the watcher has been heard of just now, and since it started."""
    state = Supervisor(home).states().get("watch")
    if state is None or not state.up:
        return False
    try:
        ago = time.time() - (_folder(home) / HEARTBEAT).stat().st_mtime
    except OSError:
        return False
    return ago < min(_FRESH_SECONDS, state.seconds + 1)


def alarm(home: Home) -> str:
    """The sentence of the alarm that closes the institution's decisions; empty when they are open."""
    path = _folder(home) / ALARM
    try:
        return str(json.loads(path.read_bytes())["sentence"])
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, KeyError, TypeError):
        return f"{path} cannot be read"


def height(home: Home) -> int | None:
    """The number of blocks that were judged; None when none was, or the watcher's files cannot be read."""
    try:
        return read(_folder(home)).next or None
    except MedconsentError:
        return None


def expires_in_days(home: Home) -> int | None:
    """Days until the watcher's own certificate ends; None when it has none."""
    try:
        identity, _ = wallet.load(home.user(USER), home.name)
    except FabricError:
        return None
    return (identity.expires - datetime.now(UTC)).days


def _context(home: Home) -> Context:
    """The context that the watcher acts as: a client that may read, and has no role."""
    _enrol(home)
    try:
        contexts = Contexts(_folder(home) / "client")
        made = contexts.add(home.connection_profile, home.user(USER), name=USER, replace=True)
        return contexts.use(made.name)
    except (MedconsentError, FabricError) as error:
        raise NetworkError("PROCESS_FAILED", f"the watcher of {home.name} has no identity: {error}") from error


def _enrol(home: Home) -> None:
    folder = home.user(USER)
    if wallet.is_identity(folder):
        return
    # A name of its own each time: should this be interrupted, the secret of the one before is lost.
    name = f"{USER}-{secrets.token_hex(4)}"
    try:
        with identities.client(home, "ca") as ca:
            secret = ca.register(identities.registrar(home), name)
            issued = ca.enroll(name, secret)
    except CAError as error:
        raise NetworkError("CA_FAILED", f"the CA of {home.name} refused its watcher: {error}") from error
    files.private_folder(folder)
    wallet.save(folder, issued.certificate_pem, issued.private_key_pem)


def _folder(home: Home) -> Path:
    return home.path / "watch"
