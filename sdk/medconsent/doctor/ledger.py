"""What the ledger knows: the contract, the institution, the person's key, offices and seats, and the others' peers."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from medconsent import contract
from medconsent.client import Client, connect
from medconsent.doctor.findings import Finding, finding
from medconsent.doctor.patient import Patient
from medconsent.errors import Clock, ContextError, MedconsentError, NotFound
from medconsent.fabric.contract import Timeouts
from medconsent.fabric.identity import Identity

_OFFICES = contract.words("officer_roles")


def check(patient: Patient) -> Iterator[Finding]:
    """Everything that one's own peer is asked."""
    if patient.context is None or patient.person is None:
        return
    limit = patient.timeout
    try:
        client = connect(patient.context, timeouts=Timeouts(limit, limit, limit, limit))
    except ContextError as error:
        yield finding("ledger", "unknown", f"could not be asked: {error.message}", error.hint)
        return
    with client:
        yield from ask(client, patient.person[0], patient.now)


def ask(client: Client, identity: Identity, now: datetime) -> Iterator[Finding]:
    """What the ledger says of whom the client acts as.

    Args:
        client: Whose peer is asked.
        identity: Whom the client acts as.
        now: This machine's time, with a time zone; seats and certificates are judged at it.
    """
    try:
        yield from _contract(client)
    except Clock as error:
        yield finding("clock", "wrong", error.message, "set this machine's clock, or have it set by a time service")
        return
    except MedconsentError as error:
        yield finding("ledger", "wrong", f"the peer does not answer: {error.message}", error.hint)
        return
    for look in (_institution, _key, _seats, _others):
        try:
            yield from look(client, identity, now)
        except MedconsentError as error:
            yield finding("ledger", "unknown", f"could not be asked: {error.message}", error.hint)


def _contract(client: Client) -> Iterator[Finding]:
    found = client.contract_version()
    told = f"the peer runs the contract {found.name} {found.version}"
    if found.known:
        yield finding("ledger", "ok", told)
        return
    mend = "update this program or the institution's chaincode, whichever is the older: their words may differ"
    yield finding("ledger", "wrong", f"{told}, which is another than this program was made for", mend)


def _institution(client: Client, identity: Identity, _now: datetime) -> Iterator[Finding]:
    held = [office for office in client.roles if office in _OFFICES]
    try:
        found = client.institutions.get(client.institution)
    except NotFound:
        mend = "who has the role operator describes it: medconsent institution set --help"
        yield finding("ledger", "wrong", f"{client.institution} has not described itself on the ledger", mend)
        return
    own = {role for officer in found.officers if officer.key == fingerprint(identity) for role in officer.roles}
    for office in held:
        if found.officers and office not in own:
            as_officer = f"{client.enrollment_id}={office}"
            told = f"the certificate says {office}, and the institution has no such officer with this key"
            mend = "an officer names one and another confirms: medconsent institution set --officer " + as_officer
            yield finding("ledger", "warning", told, mend)


def _key(client: Client, identity: Identity, _now: datetime) -> Iterator[Finding]:
    own = fingerprint(identity)
    if not _counts(client):
        told = "no role of the certificate asks for a key on the ledger: nobody has to admit one's key"
        yield finding("ledger", "ok", told)
        return
    keys = list(client.persons.iterate(institution=client.institution, person=client.enrollment_id))
    state = next((key.status for key in keys if key.fingerprint == own), "")
    admit = f"medconsent person admit {client.enrollment_id} --key {own}"
    if state == "active":
        yield finding("ledger", "ok", f"the key of {client.institution}/{client.enrollment_id} stands on the ledger")
    elif state != "ended" and _is_officer(client, own):
        yield finding(
            "ledger", "ok", f"the institution's record names the key of {client.enrollment_id} as an officer's"
        )
    elif state == "announced":
        told = "one's key is announced and not admitted: no seat and no office counts for it"
        yield finding("ledger", "wrong", told, f"an officer compares the fingerprint with you: {admit}")
    elif state == "ended":
        mend = "medconsent identity reenroll --new-key, then medconsent person announce"
        yield finding("ledger", "wrong", "one's key was taken away: no seat and no office counts for it", mend)
    else:
        others = any(key.status == "active" for key in keys)
        told = "another key of this person stands on the ledger" if others else "one's key does not stand on the ledger"
        mend = f"medconsent person announce; then an officer: {admit}"
        yield finding("ledger", "wrong", f"{told}: no seat and no office counts for this one", mend)


def _counts(client: Client) -> bool:
    """Whether a role of the certificate is one that counts for one key only: an office, or a seat."""
    return any(role in _OFFICES or role in contract.words("committee_roles") for role in client.roles)


def _is_officer(client: Client, key: str) -> bool:
    """Whether the institution's record gives an office to a key: that counts without anybody having admitted it."""
    try:
        return any(officer.key == key for officer in client.institutions.get(client.institution).officers)
    except NotFound:
        return False


def _seats(client: Client, identity: Identity, now: datetime) -> Iterator[Finding]:
    for role in client.roles:
        if role not in contract.words("committee_roles"):
            continue
        name = f"{client.institution}/{role}"
        try:
            found = client.committees.get(name)
        except NotFound:
            mend = f"a steward seats it: medconsent committee set {role} ID..."
            yield finding("ledger", "warning", f"there is no committee {name}: the role {role} votes nowhere", mend)
            continue
        keys = {seat.key for seat in found.seats if seat.id == client.enrollment_id and seat.seated(now)}
        if keys & {fingerprint(identity), None}:
            yield finding("ledger", "ok", f"one has a seat in {name}")
        else:
            why = "one's seat there is for another key" if keys else "no seat there"
            mend = f"a steward gives one: medconsent committee add {role} {client.enrollment_id}"
            yield finding("ledger", "warning", f"one has the role {role} in the certificate, and {why}: {name}", mend)


def _others(client: Client, _identity: Identity, _now: datetime) -> Iterator[Finding]:
    session = client._session
    names = session.channel.application_organizations()
    silent = []
    for name in names:
        if name == client.institution:
            continue
        try:
            session.contract.evaluate("contract.version", b"{}", target_organizations=(name,))
        except Exception as problem:  # whatever it is, that institution cannot endorse
            silent.append(name)
            mend = f"ask {name} whether its peer and chaincode run; what needs its endorsement waits"
            yield finding("ledger", "warning", f"the peer of {name} is not reached through one's own: {problem}", mend)
    if len(silent) < len(names) - 1:
        reached = [name for name in names if name not in silent and name != client.institution]
        yield finding("ledger", "ok", f"through it are reached: {', '.join(reached)}")


def fingerprint(identity: Identity) -> str:
    """The SHA-256 of a certificate's public key in hex, as the ledger has it."""
    key = identity.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(key).hexdigest()
