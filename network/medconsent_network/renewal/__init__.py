"""New certificates for what a home runs, from its own CAs and for the keys that are there, before the old ones end.

The keys stay, and with them what the channel knows of a node: Fabric's Raft orderers recognise each other by the public
key in the TLS certificate, so nothing has to be changed in the channel's configuration.

What has ended already is renewed too, another way (`revive`): a CA takes no request that is signed with it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from medconsent.fabric import wallet
from medconsent.fabric.ca import Enrollment
from medconsent.fabric.errors import CAError, FabricError
from medconsent_network import bringup, files, identities, processes, readiness
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.identities import certificates
from medconsent_network.identities.certificates import Own
from medconsent_network.processes import Process, Stage
from medconsent_network.progress import SILENT, Progress
from medconsent_network.supervisor import Supervisor
from medconsent_network.tools.toolchain import find

SOON = timedelta(days=30)
"""How long before its end a certificate is called soon to expire."""


def renew(home: Home, within: timedelta = SOON, progress: Progress = SILENT) -> list[str]:
    """Renew each certificate of the home that ends `within` so long or has ended, and start again what uses one.

    Those of people are theirs (`medconsent identity reenroll`).

    Returns:
        What was renewed, in words.

    Raises:
        NetworkError: PROCESS_FAILED when the home is not up and nothing has ended; CA_FAILED when a CA refuses;
            otherwise what keeps a process from serving again. What was renewed before stays so, and another run goes on
            from there.
    """
    revived = revive(home, progress)
    if revived:
        readiness.wait_settled(home)
        bringup.finish(home)
    return revived + renew_soon(home, within, progress)


def renew_soon(home: Home, within: timedelta, progress: Progress) -> list[str]:
    """As `renew`, for what has not ended.

    The arguments are those of `renew`.
    """
    states = Supervisor(home).states()
    needed = processes.names(home, Stage.FIRST, Stage.AUTHORITY, Stage.NODE)
    if not all(name in states and states[name].up for name in needed):
        raise NetworkError("PROCESS_FAILED", f"{home.name} is not up, and its CAs are needed", "Bring it up first.")
    until = datetime.now(UTC) + within
    due = [own for own in certificates.owned(home) if own.ends < until]
    for own in due:
        progress.say(f"{home.name}: a new certificate for {own.title}, the old one ends {own.ends:%Y-%m-%d}")
        _reenroll(home, own)
    renewed_files = {own.file for own in due}
    _restart(home, [one for one in processes.of(home) if renewed_files & set(one.certificates(home))])
    return [own.title for own in due]


def revive(home: Home, progress: Progress = SILENT) -> list[str]:
    """Replace what has ended, and start the home up to its nodes; nothing is done when nothing has ended.

    The home's CAs are started again with a new secret for each of those identities, good for one enrolment, as when the
    home was made: whoever may write the home's folder may do so, and nobody else. The keys stay. The enrolment id is
    another, because the register has the former one, whose secret stays used.

    Returns:
        What was renewed, in words.

    Raises:
        NetworkError: As when a home comes up. Another run goes on from there, and so does `up`.
    """
    gone = certificates.ended(home)
    if not gone:
        return []
    for own in gone:
        ended = certificates.day(own.ends)
        progress.say(f"{home.name}: a new certificate for {own.title}, the old one has ended on {ended}")
    binaries = find(home.spec.fabric_version)
    Supervisor(home).shutdown()
    for own in gone:
        own.file.unlink()
    bringup.begin(home, binaries)
    bringup.enrolled(home)
    return [own.title for own in gone]


def _reenroll(home: Home, own: Own) -> None:
    try:
        identity, key = wallet.load(own.place, home.name)
        holder = Enrollment("", identity.certificate_pem, b"", key)
        tls = own.ca == "tlsca"
        with identities.client(home, own.ca) as ca:
            issued = ca.reenroll(holder, profile="tls" if tls else None, hosts=home.hosts if tls else (), key=key)
    except CAError as error:
        raise NetworkError(
            "CA_FAILED", f"the {own.ca} of {home.name} renewed no certificate for {own.title}: {error}"
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
    files.give_all(home.path)
    Supervisor(home).start([process.name])
    readiness.wait_serving(home, process.name)
