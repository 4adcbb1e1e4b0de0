"""The home itself: versions, certificates, processes, and how old its last backup is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from medconsent._internal.words import counted
from medconsent_network import operations, renewal
from medconsent_network.backup import record
from medconsent_network.doctor.findings import Finding
from medconsent_network.home import Home
from medconsent_network.identities import certificates as of_home
from medconsent_network.status import status

BACKUP_WITHIN = timedelta(days=7)
_ROOTS_SOON = timedelta(days=2 * 365)


def versions(home: Home) -> Iterator[Finding]:
    """Whether peer and orderer run the Fabric that the file names."""
    wanted = home.spec.fabric_version
    for node in ("orderer", "peer"):
        running = operations.version(home, node)
        if not running:
            yield Finding("versions", "unknown", f"the {node} does not say its version", _start(home))
        elif running != wanted:
            mend = f"`medconsent-network upgrade fabric --version {max(running, wanted)} --institution {home.name}`."
            yield Finding("versions", "wrong", f"the {node} is of Fabric {running}, and the file says {wanted}", mend)
        else:
            yield Finding("versions", "ok", f"the {node} is of Fabric {running}")


def certificates(home: Home) -> Iterator[Finding]:
    """When what the home shows to others ends, and the roots of its CAs."""
    now, fine = datetime.now(UTC), 0
    for own in of_home.owned(home):
        said = f"the certificate of {own.title} ends on {of_home.day(own.ends)}"
        if own.ends <= now:
            yield Finding("certificates", "wrong", said.replace(" ends ", " has ended "), of_home.mend(home.name))
        elif own.ends - now < renewal.SOON:
            yield Finding("certificates", "warning", said, of_home.mend(home.name))
        else:
            fine += 1
    for ca, end in of_home.roots(home).items():
        said = f"the root of the {ca} ends on {of_home.day(end)}"
        if end - now < _ROOTS_SOON:
            mend = "A new root is a change of the channel that the institutions sign: begin now."
            yield Finding("certificates", "wrong" if end <= now else "warning", said, mend)
        else:
            fine += 1
    yield Finding("certificates", "ok", f"{counted(fine, 'certificate')} hold for longer")


def processes_(home: Home) -> Iterator[Finding]:
    """What `status` finds wrong."""
    rows = status([home])
    for row in rows:
        if row.alarm:
            yield Finding("processes", "wrong", f"{row.process}: {row.alarm}", "See docs/watcher.md.")
        if row.trouble:
            yield Finding("processes", "wrong", f"{row.process}: {row.trouble}", row.mend)
        elif not row.healthy:
            yield Finding("processes", "wrong", f"{row.process} does not serve ({row.state.lower()})", _start(home))
    yield Finding("processes", "ok", f"{sum(row.healthy for row in rows)} of {len(rows)} serve")


def backup(home: Home) -> Iterator[Finding]:
    """How old the last backup is that was made of this home."""
    mend = "`medconsent-network backup`, from cron, to another machine (docs/backup.md)."
    last = record.last(home)
    if last is None:
        yield Finding("backup", "wrong", "no backup was made of this home yet", mend)
        return
    age = datetime.now(UTC) - last.made
    said = f"the last backup is {age.days} days old ({last.made:%Y-%m-%d %H:%M} UTC, SHA-256 {last.sha256[:16]})"
    if not last.ledger:
        said += ", of keys alone"
    yield Finding("backup", "warning" if age > BACKUP_WITHIN else "ok", said, mend if age > BACKUP_WITHIN else "")


def _start(home: Home) -> str:
    return f"`medconsent-network up --institution {home.name}` starts it; `status` says more."
