"""The watcher that a home runs beside its peer, where the consortium file says so (`watch.run`)."""

import json
import math
import secrets
import sys
import time
from pathlib import Path

from medconsent._version import __version__
from medconsent.contexts import Contexts
from medconsent.errors import MedconsentError
from medconsent.fabric import wallet
from medconsent.fabric.errors import CAError, FabricError
from medconsent.services.watch.beats import BEAT
from medconsent.services.watch.journal import ALARM
from medconsent.services.watch.ledger import HEARTBEAT
from medconsent.services.watch.status import read
from medconsent_network import files, identities
from medconsent_network.errors import NetworkError
from medconsent_network.home import WATCHER, Home
from medconsent_network.processes.process import Process, Stage
from medconsent_network.supervisor import Supervisor

_FRESH_SECONDS = 30.0


class Watch(Process):
    """`medconsent watch ledger`, on the home's own peer."""

    name = "watch"
    stage = Stage.LAST
    seconds_to_start = 120.0  # it serves once it has judged the ledger that there is

    def wanted(self, home: Home) -> bool:
        return home.spec.watch.run

    def command(self, home: Home) -> str:
        python = sys.executable.replace("%", "%%")
        return (
            f'"{python}" -m medconsent_cli watch ledger --json --folder . --genesis ../channel/genesis.block '
            "--root ../ca/ca-cert.pem --metrics-file metrics.prom"
            + (f" --beat {beat:g}" if (beat := home.spec.watch.beat) else "")
        )

    def environment(self, home: Home) -> dict[str, str]:
        return {"MEDCONSENT_HOME": "client"}

    def prepare(self, home: Home) -> None:
        """Enrol whom it acts as, a client that may read and has no role, and make that its context."""
        _enrol(home)
        try:
            contexts = Contexts(self.folder(home) / "client")
            made = contexts.add(home.connection_profile, home.user(WATCHER), name=WATCHER, replace=True)
            contexts.use(made.name)
        except (MedconsentError, FabricError) as error:
            raise NetworkError("PROCESS_FAILED", f"the watcher of {home.name} has no identity: {error}") from error

    def serves(self, home: Home) -> bool:
        """Whether it has been heard of just now, and since it started."""
        state = Supervisor(home).states().get(self.name)
        if state is None or not state.up:
            return False
        if self._ago(home, HEARTBEAT) >= min(_FRESH_SECONDS, state.seconds + 1):
            return False
        # Of its beats the first has to have come back; whether they still do is `trouble`.
        return not home.spec.watch.beat or self._ago(home, BEAT) < state.seconds + 1

    def trouble(self, home: Home) -> tuple[str, str]:
        """That the ledger at the home's peer is too old to decide from."""
        age, ago = home.spec.watch.age, self._ago(home, BEAT)
        if not age or ago <= age:
            return "", ""
        told = f"since {ago:.0f} s no beat of {home.name} has come back" if ago < math.inf else "no beat has come back"
        return (
            f"{told}, so its ledger may be behind, and its decisions are closed (LEDGER_OLD)",
            f"Does its own orderer run, and do most of the others? `medconsent-network logs {home.name} peer` and "
            f"`logs {home.name} orderer` say more.",
        )

    def _ago(self, home: Home, file: str) -> float:
        """How many seconds ago a file of the watcher's was touched; infinite when it is not there."""
        try:
            return time.time() - (self.folder(home) / file).stat().st_mtime
        except OSError:
            return math.inf

    def version(self, home: Home) -> str:
        return __version__

    def height(self, home: Home) -> int | None:
        """The number of blocks that were judged; None when none was, or its files cannot be read."""
        try:
            return read(self.folder(home)).next or None
        except MedconsentError:
            return None

    def certificates(self, home: Home) -> list[Path]:
        return [identities.certificate(home.user(WATCHER))]

    def alarm(self, home: Home) -> str:
        """The sentence of the alarm that closes the institution's decisions; empty when they are open."""
        path = self.folder(home) / ALARM
        try:
            return str(json.loads(path.read_bytes())["sentence"])
        except FileNotFoundError:
            return ""
        except (OSError, ValueError, KeyError, TypeError):
            return f"{path} cannot be read"


def _enrol(home: Home) -> None:
    folder = home.user(WATCHER)
    if wallet.is_identity(folder):
        return
    # A name of its own each time: should this be interrupted, the secret of the one before is lost.
    name = f"{WATCHER}-{secrets.token_hex(4)}"
    try:
        with identities.client(home, "ca") as ca:
            secret = ca.register(identities.registrar(home), name)
            issued = ca.enroll(name, secret)
    except CAError as error:
        raise NetworkError("CA_FAILED", f"the CA of {home.name} refused its watcher: {error}") from error
    files.private_folder(folder)
    wallet.save(folder, issued.certificate_pem, issued.private_key_pem)
