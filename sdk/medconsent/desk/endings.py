"""What an act ends for good, before it is done: a grant, a request, a consent, a basis, a key, a proposal, a text."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from medconsent._internal.words import counted
from medconsent.client import Client
from medconsent.desk.facts import moment
from medconsent.desk.people import People
from medconsent.desk.plans import Plan
from medconsent.desk.requests import UNDECIDED, voter
from medconsent.desk.rosters import refuse_strangers
from medconsent.errors import NotFound
from medconsent.values.grants import Grant, GrantView


def grant_plan(client: Client, grant: str, people: People, *, leaving: bool = False) -> Plan:
    """What ends with a grant.

    Args:
        client: Who asks.
        grant: Its id, or a unique prefix of it.
        people: How people are named.
        leaving: Whether it is given back: who did not ask for it leaves for themself alone.

    Raises:
        NotFound: There is none.
    """
    found = client.grants.get(grant)
    given = found.grant
    others = 0 if leaving else sum(1 for _ in client.grants.iterate_others(found.id))
    alone = leaving and not _asked(client, given)
    who = [client.enrollment_id] if alone else given.grantees
    return Plan(
        title=f"grant {found.id[:12]} ({found.state}) of {given.dataset}@{given.version}",
        question="Leave it?" if alone else "End it?",
        goes=tuple(f"{people.people(given.institution, [one])}: {_use(given)}" for one in who),
        ends=(f"{counted(len(who), 'person loses', 'people lose')} what it gives, and nobody can give it back",),
        notes=(
            "access again takes another request and its approval",
            *(
                (f"{counted(others, 'other grant')} still give some of them the same data: --all ends these too",)
                if others
                else ()
            ),
        ),
    )


def request_plan(client: Client, request: str, people: People) -> Plan:
    """What ends when a request is taken back.

    Args:
        client: Whose peer is asked.
        request: A request's id, or a unique prefix of it.
        people: Names for enrolment ids.

    Raises:
        NotFound: There is none.
    """
    found = client.requests.get(request)
    asked = found.request
    told = f"{people.person(asked.requester)}: {asked.purpose}, {asked.mode}"
    return Plan(
        title=f"request {found.id[:12]} ({found.state}) for {asked.dataset}@{asked.version}",
        question="Take it back?",
        goes=(told,),
        ends=(f"{counted(len(found.votes), 'vote')} on it will count for nothing",) if found.votes else (),
        notes=("it can be made again, as another request",),
    )


def amend_plan(client: Client, request: str, people: People) -> Plan:
    """What ends when a request is amended: the votes so far are on what it said before.

    The arguments are those of `request_plan`.

    Raises:
        NotFound: There is none.
    """
    found = client.requests.get(request)
    asked = found.request
    on_this = [vote for vote in found.votes if vote.request_digest == asked.digest]
    ends = [vote for vote in on_this if vote.vote in ("approve", "reject")]
    stays_out = sum(vote.vote == "recuse" for vote in found.votes)
    return Plan(
        title=f"request {found.id[:12]} ({found.state}) for {asked.dataset}@{asked.version}",
        question="Amend it?",
        goes=tuple(f"{vote.vote} by {voter(vote, people)} in {vote.voter.institution}/{vote.role}" for vote in ends),
        ends=(f"{counted(len(ends), 'vote')} on it will count for nothing: the committees vote anew",) if ends else (),
        notes=(
            *(("no vote on it counts now, so none ends",) if not ends else ()),
            *((f"{counted(stays_out, 'declared conflict')} of interest {_stay(stays_out)}",) if stays_out else ()),
            f"the deadline stays: {moment(asked.review_until)}",
        ),
    )


def cohort_plan(client: Client, cohort: str) -> Plan:
    """What ends with the consent of a cohort.

    Args:
        client: Whose peer is asked.
        cohort: A cohort, as `hanbit/brain-mri`.

    Raises:
        NotFound: There is none.
    """
    found = client.consents.get(cohort)
    versions = {*found.datasets}
    grants = _active(client, lambda grant: f"{grant.dataset}@{grant.version}" in versions)
    return Plan(
        title=f"cohort {found.id}, epoch {found.epoch.epoch}: {found.epoch.people} people, who permit no more by it",
        question="End the consent?",
        goes=tuple(f"{version} rests on it" for version in sorted(versions)),
        ends=_grants_end(grants),
        notes=("a consent that has ended does not begin again",),
    )


def basis_plan(client: Client, basis: str) -> Plan:
    """What ends with a legal basis.

    Args:
        client: Whose peer is asked.
        basis: A legal basis, as `hanbit/pipa-research`.

    Raises:
        NotFound: There is none.
    """
    found = client.bases.get(basis)
    resting: dict[str, bool] = {}

    def rests(grant: Grant) -> bool:
        version = f"{grant.dataset}@{grant.version}"
        if version not in resting:
            resting[version] = _names(client, grant.dataset, grant.version, found.id)
        return resting[version]

    grants = _active(client, rests)
    return Plan(
        title=f"legal basis {found.id}: {found.code}, {found.document.title}",
        question="End it?",
        goes=tuple(f"{version} rests on it, and has grants" for version in sorted(resting) if resting[version]),
        ends=_grants_end(grants),
        notes=("`medconsent basis set` states it again; what widens waits for a second officer",),
    )


def key_plan(client: Client, person: str, key: str | None, people: People) -> Plan:
    """What hangs on a key of somebody at one's own institution.

    Args:
        client: Who asks.
        person: The enrolment id.
        key: The key's fingerprint; None: the one that stands.
        people: How people are named.

    Raises:
        NotFound: They have no such key.
    """
    own = client.institution
    standing = [it for it in client.persons.iterate(institution=own, person=person) if it.status != "ended"]
    found = next((it for it in standing if it.fingerprint == key or (key is None and it.status == "active")), None)
    if found is None:
        raise NotFound(f"no such key of {own}/{person} stands on the ledger")
    seats = [
        committee.id
        for committee in client.committees.iterate(institution=own)
        if any(seat.id == person and seat.key == found.fingerprint and seat.until is None for seat in committee.seats)
    ]
    try:
        officers = client.institutions.get(own).officers
    except NotFound:
        officers = ()
    offices = [role for it in officers if it.id == person and it.key == found.fingerprint for role in it.roles]
    return Plan(
        title=f"the key {found.fingerprint[:12]} of {people.people(own, [person])} ({found.status})",
        question="Take it away?",
        goes=(*(f"a seat on {name} counts for it" for name in seats), *(f"the office {role}" for role in offices)),
        notes=(
            "the next key of the person takes two officers",
            *(("seats and offices are taken away besides",) if seats or offices else ()),
        ),
    )


def resting_on(client: Client, person: str) -> tuple[str, ...]:
    """What of one's own institution rests on somebody who is about to leave it, counted, a line each.

    Args:
        client: Whose peer is asked; its institution is the one that is left.
        person: The enrolment id.
    """
    own, now = client.institution, datetime.now(UTC)
    seats = [
        committee.id
        for committee in client.committees.iterate(institution=own)
        if any(seat.id == person and (seat.until is None or now < seat.until) for seat in committee.seats)
    ]
    try:
        officers = client.institutions.get(own).officers
    except NotFound:
        officers = ()
    offices = sorted({role for it in officers if it.id == person for role in it.roles})
    words = [
        it
        for it in client.committees.delegations(institution=own)
        if it.state in ("planned", "active") and person in (it.delegation.member, it.delegation.deputy)
    ]
    grants = sum(1 for _ in client.grants.iterate(holder=f"{own}/{person}", state="active"))
    requests = sum(
        person in (view.request.requester.id, *view.request.researchers)
        for state in UNDECIDED
        for view in client.requests.iterate(requester=own, state=state)
    )
    counts = (
        (counted(len(seats), "seat"), len(seats), f": {', '.join(seats)}"),
        (counted(len(offices), "office"), len(offices), f": {', '.join(offices)}"),
        (counted(len(words), "delegation"), len(words), ""),
        (counted(grants, "active grant"), grants, ""),
        (counted(requests, "undecided request"), requests, ""),
    )
    return tuple(f"{words} of theirs{more}" for words, count, more in counts if count)


def proposal_plan(client: Client, proposal: str, people: People) -> Plan:
    """What is not done when a proposal is ended.

    Args:
        client: Whose peer is asked.
        proposal: A proposal's id, or a unique prefix of it.
        people: Names for enrolment ids.

    Raises:
        NotFound: There is none.
    """
    found = client.proposals.get(proposal)
    return Plan(
        title=f"proposal {found.id[:12]} ({found.state}) of {people.person(found.proposal.proposed_by)}: "
        f"{found.proposal.function}",
        question="End it?",
        goes=found.proposal.widens,
        notes=("it can be proposed again",),
    )


def text_plan(client: Client, request: str, commitment: str) -> Plan:
    """What is removed of a request's private texts.

    Args:
        client: Whose peer is asked; its institution is the one that removes.
        request: The id of the request, or a unique prefix of it.
        commitment: The text's hash, as the request has it.

    Raises:
        NotFound: There is no such request.
    """
    found = client.requests.get(request)
    return Plan(
        title=f"private text {commitment[:12]} of request {found.id[:12]}",
        question="Remove it for ever?",
        ends=(f"1 text is removed from {client.institution}'s side; its hash stays",),
    )


def officers_plan(client: Client, gone: Iterable[str], people: People) -> Plan:
    """Who no longer acts for one's own institution.

    Args:
        client: Whose peer is asked; its institution is the one whose officers go.
        gone: The enrolment ids of those who go.
        people: Names for enrolment ids.

    Raises:
        NotFound: The institution has no record, or somebody is no officer of it.
    """
    own = client.institution
    away = {*gone}
    found = client.institutions.get(own)
    refuse_strangers(away, (it.id for it in found.officers), f"is no officer of {own}")
    goes = [it for it in found.officers if it.id in away]
    counts = f"{counted(len(goes), 'goes', 'go')}, {len(found.officers) - len(goes)} as before"
    return Plan(
        title=f"officers of {own}: {counts}",
        question="Take the offices away?",
        goes=tuple(f"{people.member(own, it.id)} as {', '.join(it.roles)}" for it in goes),
        notes=("an office again waits for a second officer",),
        counts=counts,
    )


def _stay(count: int) -> str:
    return "stays" if count == 1 else "stay"


def _asked(client: Client, grant: Grant) -> bool:
    """Whether one asked for a grant oneself."""
    return grant.request is not None and client.requests.get(grant.request).request.requester.id == client.enrollment_id


def _use(grant: Grant) -> str:
    return f"{grant.purpose}, {grant.mode}, until {moment(grant.until)}"


def _active(client: Client, wanted: Callable[[Grant], bool]) -> list[GrantView]:
    """The active grants on one's own institution's data that are wanted."""
    return [view for view in client.grants.iterate(owner=client.institution, state="active") if wanted(view.grant)]


def _grants_end(grants: list[GrantView]) -> tuple[str, ...]:
    if not grants:
        return ("no active grant rests on it",)
    holders = {f"{view.grant.institution}/{one}" for view in grants for one in view.grant.grantees}
    verb = "permits" if len(grants) == 1 else "permit"
    return (
        f"{counted(len(grants), 'active grant')} of {counted(len(holders), 'person', 'people')} "
        f"{verb} nothing more by it",
    )


def _names(client: Client, dataset: str, version: int, basis: str) -> bool:
    """Whether a version rests on a basis."""
    try:
        return basis in client.grounds.get(dataset, version).bases
    except NotFound:
        return False
