"""A committee before its seats are changed: who would lose one, who would get one, and whose would be another."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches

from medconsent._internal.words import counted
from medconsent.client import Client
from medconsent.desk.facts import moment
from medconsent.desk.people import People
from medconsent.desk.plans import Plan
from medconsent.errors import NotFound
from medconsent.nouns.committees import Committee, Member, Seat

_SHORT = 12  # characters of a key's fingerprint


def set_plan(client: Client, role: str, members: Sequence[Member], people: People) -> Plan:
    """What `committees.set` would do to one's own institution's committee.

    Args:
        client: Whose peer is asked; its institution is the committee's.
        role: The committee's, as `dac`.
        members: All who are to sit there from now on.
        people: Names for enrolment ids.

    Raises:
        Unreachable: One's own institution's peer does not answer.
    """
    name = f"{client.institution}/{role}"
    try:
        found = client.committees.get(name)
    except NotFound:
        found = None
    return reseated(name, found, members, waiting=_waiting(client, name), now=datetime.now(UTC), people=people)


def remove_plan(client: Client, role: str, seated: Iterable[str], people: People) -> Plan:
    """What `committees.unseat` would do to one's own institution's committee.

    Args:
        client: Whose peer is asked; its institution is the committee's.
        role: The committee's, as `dac`.
        seated: The enrolment ids of those who lose their seat.
        people: Names for enrolment ids.

    Raises:
        NotFound: There is no such committee, or somebody has no seat there.
    """
    found = client.committees.get(f"{client.institution}/{role}")
    away = {*seated}
    now = datetime.now(UTC)
    refuse_strangers(away, (seat.id for seat in _live(found, now)), f"has no seat on {found.id}")
    named = [_as_member(seat) for seat in _live(found, now) if seat.id not in away]
    return reseated(found.id, found, named, waiting=_waiting(client, found.id), now=now, people=people)


def refuse_strangers(named: Iterable[str], there: Iterable[str], why: str) -> None:
    """Refuse names of people who are not there, before anything is asked or sent.

    Args:
        named: The ids that were given.
        there: The ids that there are.
        why: What is wrong with one that is not there: `has no seat on hanbit/dac`.

    Raises:
        NotFound: Some are not there; it says who is, and who was probably meant.
    """
    known = sorted({*there})
    strangers = sorted({*named} - {*known})
    if not strangers:
        return
    meant = sorted({one for who in strangers for one in get_close_matches(who, known, n=1, cutoff=0.75)})
    guess = f"did you mean {' or '.join(meant)}? " if meant else ""
    raise NotFound(f"{' and '.join(strangers)} {why}", hint=f"{guess}there are {', '.join(known) or 'none'}")


def reseated(
    name: str, found: Committee | None, members: Sequence[Member], *, waiting: int, now: datetime, people: People
) -> Plan:
    """A committee that is to have these members and nobody else.

    Args:
        name: The committee's: `hanbit/dac`.
        found: The committee as it stands; None when there is none.
        members: Who is to have a seat.
        waiting: How many requests wait for the committee.
        now: The moment (UTC).
        people: How people are named.
    """
    institution = name.partition("/")[0]
    standing = {seat.id: seat for seat in _live(found, now)} if found else {}
    named = {member.id: member for member in members}

    def who(one: str) -> str:
        return people.member(institution, one)

    goes = [_seated(who(one), seat) for one, seat in standing.items() if one not in named]
    comes = [_to_be_seated(who(one), member) for one, member in named.items() if one not in standing]
    changes, stays = [], []
    for one in sorted(standing.keys() & named.keys()):
        if _keeps(standing[one], named[one], now):
            stays.append(who(one))
        else:
            changes.append(_otherwise(who(one), standing[one], named[one]))
    notes = []
    if comes or changes:
        notes.append(
            "a new or a longer seat waits for a second officer, and with it the whole change; "
            "`committee remove` takes seats away at once"
        )
    if goes and not comes and not changes:
        notes.append(
            "where a majority or everybody is asked, who goes still counts until a second officer confirms "
            "`committee set` with those who stay"
        )
    counts = ", ".join(
        part
        for part in (
            f"{counted(len(goes), 'seat')} {_ends(len(goes))}" if goes else "",
            f"{counted(len(comes), 'seat')} new" if comes else "",
            f"{counted(len(changes), 'seat')} changed" if changes else "",
            f"{len(stays)} as before" if stays else "",
        )
        if part
    )
    left = len(stays) + len(comes) + len(changes)
    return Plan(
        title=f"committee {name}: {counts or 'nobody sits there, and nobody is named'}",
        question="Change it so?",
        goes=tuple(goes),
        comes=tuple(comes),
        changes=tuple(changes),
        stays=", ".join(stays),
        ends=(_open_requests(waiting, left),) if waiting and goes else (),
        notes=tuple(notes),
        digest=found.digest if found else None,
        counts=counts,
    )


def _open_requests(waiting: int, left: int) -> str:
    wait = "waits" if waiting == 1 else "wait"
    return f"{counted(waiting, 'open request')} {wait} for it, of whose committee {left} would be left"


def _ends(count: int) -> str:
    return "ends" if count == 1 else "end"


def _waiting(client: Client, committee: str) -> int:
    """How many requests wait for a committee."""
    return sum(1 for _ in client.requests.iterate(waiting_for=committee))


def _live(found: Committee, now: datetime) -> list[Seat]:
    """The seats that are held now, or will be."""
    return [seat for seat in found.seats if seat.until is None or now < seat.until]


def _as_member(seat: Seat) -> Member:
    return Member(seat.id, seat.from_, seat.until, seat.key)


def _keeps(seat: Seat, member: Member, now: datetime) -> bool:
    """Whether a member has just the seat that they are named for."""
    begins = member.from_ == seat.from_ or (member.from_ is None and seat.from_ <= now)
    return begins and member.until == seat.until and member.key in (None, seat.key)


def _seated(who: str, seat: Seat) -> str:
    since = f"{who}, from {moment(seat.from_)}"
    return since + (f", until {moment(seat.until)}" if seat.until else "") + _by(seat.key)


def _to_be_seated(who: str, member: Member) -> str:
    begins = f", from {moment(member.from_)}" if member.from_ else ", from now"
    return who + begins + (f", until {moment(member.until)}" if member.until else "") + _by(member.key)


def _by(key: str | None) -> str:
    return f", by the key {key[:_SHORT]}" if key else ""


def _otherwise(who: str, seat: Seat, member: Member) -> str:
    was = moment(seat.until) or "without an end"
    parts = []
    if member.until != seat.until:
        parts.append(f"until {moment(member.until)} (was: {was})" if member.until else f"without an end (was: {was})")
    if member.from_ is not None and member.from_ != seat.from_:
        parts.append(f"from {moment(member.from_)} (was: {moment(seat.from_)})")
    if member.key is not None and member.key != seat.key:
        parts.append(f"by the key {member.key[:_SHORT]} (was: {(seat.key or '')[:_SHORT]})")
    return f"{who}: {', '.join(parts) or 'from now'}"
