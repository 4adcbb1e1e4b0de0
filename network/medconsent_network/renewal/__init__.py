"""New certificates for what a home runs, from its own CAs and for the keys that are there, before the old ones end.

The keys stay, and with them what the channel knows of a node: Fabric's Raft orderers recognise each other by the public
key in the TLS certificate, so nothing has to be changed in the channel's configuration.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from medconsent.fabric import wallet
from medconsent.fabric.ca import Enrollment
from medconsent.fabric.errors import CAError, FabricError
from medconsent_network import files, identities, processes, readiness
from medconsent_network.errors import NetworkError
from medconsent_network.home import AUTHORITIES, Authority, Home
from medconsent_network.processes import Process, Stage
from medconsent_network.processes.watch import USER
from medconsent_network.progress import SILENT, Progress
from medconsent_network.supervisor import Supervisor

SOON = timedelta(days=30)
"""How long before its end a certificate is called soon to expire."""


@dataclass(frozen=True)
class _Own:
    """One certificate of a home's own."""

    title: str
    ca: Authority
    place: Path

    @property
    def file(self) -> Path:
        return identities.certificate(self.place)

    @property
    def ends(self) -> datetime:
        return ends(self.file)


def ends(certificate: Path) -> datetime:
    """When a certificate in a PEM file ends (UTC)."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def renew(home: Home, within: timedelta = SOON, progress: Progress = SILENT) -> list[str]:
    """Renew each certificate of the home that ends `within` so long, and start again the processes that use one.

    Those of people are theirs (`medconsent identity reenroll`).

    Returns:
        What was renewed, in words.

    Raises:
        NetworkError: PROCESS_FAILED when the home is not up; CA_FAILED when a CA refuses, as it does when a certificate
            has ended already; otherwise what keeps a process from serving again. What was renewed before stays so, and
            another run goes on from there.
    """
    states = Supervisor(home).states()
    needed = processes.names(home.spec, Stage.FIRST, Stage.AUTHORITY, Stage.NODE)
    if not all(name in states and states[name].up for name in needed):
        raise NetworkError("PROCESS_FAILED", f"{home.name} is not up, and its CAs are needed", "Bring it up first.")
    until = datetime.now(UTC) + within
    due = [own for own in _owned(home) if own.ends < until]
    for own in due:
        progress.say(f"{home.name}: a new certificate for {own.title}, the old one ends {own.ends:%Y-%m-%d}")
        _reenroll(home, own)
    renewed_files = {own.file for own in due}
    _restart(home, [one for one in processes.of(home.spec) if renewed_files & set(one.certificates(home))])
    return [own.title for own in due]


def _owned(home: Home) -> list[_Own]:
    found = []
    for ca in AUTHORITIES:
        for name, place in identities.places(home, ca).items():
            found.append(_Own(f"{name} (TLS)" if ca == "tlsca" else name, ca, place))
    found.append(_Own(USER, "ca", home.user(USER)))
    return [own for own in found if own.file.is_file()]


def _reenroll(home: Home, own: _Own) -> None:
    try:
        identity, key = wallet.load(own.place, home.name)
        holder = Enrollment("", identity.certificate_pem, b"", key)
        tls = own.ca == "tlsca"
        with identities.client(home, own.ca) as ca:
            issued = ca.reenroll(holder, profile="tls" if tls else None, hosts=home.hosts if tls else (), key=key)
    except CAError as error:
        raise NetworkError(
            "CA_FAILED",
            f"the {own.ca} of {home.name} renewed no certificate for {own.title}: {error}",
            "A certificate that has ended is not renewed any more." if own.ends < datetime.now(UTC) else "",
        ) from error
    except FabricError as error:
        raise NetworkError("CA_FAILED", f"the certificate of {own.title} cannot be read: {error}") from error
    files.write_private(own.file, issued.certificate_pem)


def _restart(home: Home, affected: Sequence[Process]) -> None:
    """One after the other, so that the others of the home go on meanwhile."""
    for process in affected:
        Supervisor(home).stop([process.name])
        process.discard_copies(home)
        _start(home, process)
    if affected:
        readiness.wait_settled(home)


def _start(home: Home, process: Process) -> None:
    process.prepare(home)
    Supervisor(home).start([process.name])
    readiness.wait_serving(home, process.name)
