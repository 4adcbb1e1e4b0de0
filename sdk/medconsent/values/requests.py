"""What a request for data is made of: the record, the votes on it, what it waits for, and what is said about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from medconsent import times
from medconsent._internal.codec import Value
from medconsent.contract import words
from medconsent.errors import DocumentError
from medconsent.values.grants import Grant
from medconsent.values.purposes import Ethics, Mode, Purpose
from medconsent.values.records import ForgedRecord, Person, Record

VOTING_ROLES = words("committee_roles")
"""The roles that a stage may name."""


@dataclass(frozen=True)
class NewRequest:
    """What is asked for: what `Requests.submit` sends, and what a draft becomes when it is whole.

    Attributes:
        dataset: The dataset, as `hanbit/breast-cancer`.
        purpose: What for.
        mode: How the data is used, as `download` or `enclave`; one that the policy offers.
        duration: For how long: seconds, a `timedelta`, or as people write it (`90d`).
        project: What for in words, in up to 500 characters; public.
        version: The version of the dataset; None: the latest.
        researchers: Enrolment ids of one's own institution; None: oneself.
        accepted_terms: The SHA-256 (lower-case hex) of the policy's terms as the requester read them, where it has
            some.
        renews: A grant of one's own institution to go on from when it ends.
        joins: A grant of one's own institution that the researchers are to be added to; not together with `renews`.
    """

    dataset: str
    purpose: Purpose
    mode: Mode
    duration: timedelta | int | str
    project: str
    version: int | None = None
    researchers: Sequence[str] | None = None
    accepted_terms: str | None = None
    renews: str | None = None
    joins: str | None = None

    @property
    def duration_seconds(self) -> int:
        """The duration in seconds.

        Raises:
            ValueError: It cannot be read.
        """
        return times.seconds_of(self.duration)


@dataclass(frozen=True)
class TextReference(Value):
    """A private text of a request (`medconsent.nouns.texts`): its kind, and the commitment that stands for it.

    `replaced`: it belongs to what the request said before it was amended.
    """

    kind: str
    commitment: str
    replaced: bool | None = None


@dataclass(frozen=True)
class DeliveryOf(Value):
    """The key that data for a researcher (enrolment id) is encrypted to, by its SHA-256."""

    person: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """A request, pinned to one version of the dataset and one of its policy.

    Attributes:
        dataset: The dataset that is asked for.
        version: The version of the dataset.
        version_digest: The digest of that version's record.
        policy_version: The version of the policy.
        policy_digest: The digest of that policy's record.
        purpose: What for.
        mode: How the data is to be used.
        duration_seconds: For how long, in seconds.
        project: What for, in words.
        requester: Who asks.
        researchers: Enrolment ids of the requester's institution who are to hold the grant.
        review_until: Until when it has to be decided (UTC).
        accepted_terms: The SHA-256 (lower-case hex) of the terms that were accepted.
        renews: The id of the grant that it goes on from.
        joins: The id of the grant that it adds researchers to.
        texts: Private texts that belong to it.
        for_people: Whether what the data rests on left something for people to judge, so that it is not approved
            automatically.
        deliveries: The keys that data is encrypted to, of those researchers who had one when the request was stated.
    """

    dataset: str
    version: int
    version_digest: str
    policy_version: int
    policy_digest: str
    purpose: Purpose
    mode: Mode
    duration_seconds: int
    project: str
    requester: Person
    researchers: tuple[str, ...]
    review_until: datetime
    accepted_terms: str | None = None
    renews: str | None = None
    joins: str | None = None
    texts: tuple[TextReference, ...] | None = None
    for_people: bool | None = None
    deliveries: tuple[DeliveryOf, ...] | None = None


@dataclass(frozen=True)
class Roster(Value):
    """The state of a committee's record that a vote was judged by: how many changes it had then, and the digest of its
    seats.
    """

    committee: str
    changes: int
    digest: str


@dataclass(frozen=True)
class DeputyFor(Value):
    """Whose word a deputy's vote is, and the delegation that says so, as it was after so many changes, with the digest
    of that.
    """

    member: str
    delegation: str
    changes: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class Vote(Record):
    """What one person said as a member of `<voter.institution>/<role>`, or as the deputy of one.

    Attributes:
        request: The id of the request.
        dataset: The dataset that is asked for.
        seq: The vote's number on this request, from 1.
        voter: Who voted.
        role: In which role.
        vote: `approve`, `reject`, `recuse` (a conflict of interest was declared), `return` (for changes) or `close`
            (ended by the owner's steward).
        request_digest: The digest of the request's record that was shown.
        version_digest: The digest of the version's record.
        policy_digest: The digest of the policy's record.
        rosters: The committees as they sat then.
        reason: Why.
        no_conflict: Whether the voter declared that there is no conflict of interest.
        attestation: The approval of an ethics board that goes with it.
        deputy_for: Whose word it is, where it is a deputy's.
    """

    request: str
    dataset: str
    seq: int
    voter: Person
    role: str
    vote: str
    request_digest: str
    version_digest: str
    policy_digest: str
    rosters: tuple[Roster, ...] = ()
    reason: str | None = None
    no_conflict: bool | None = None
    attestation: Ethics | None = None
    deputy_for: DeputyFor | None = None


@dataclass(frozen=True)
class StageProgress(Value):
    """What a stage still waits for: approvals of the committee `<institution>/<role>`.

    Attributes:
        institution: Whose committee.
        role: The role that sits on it.
        threshold: How many approvals are needed as the committee stands.
        approvals: How many there are.
        rejections: How many are against.
        seated: How many sit on the committee now.
        missing: How many approvals are missing.
        step: The stage's step, from 1.
        open: Whether it can be voted in: it does not wait for earlier steps.
        rule: The rule that the threshold comes from, where the policy has one.
        since: When it opened (UTC).
        waits_for: Enrolment ids of the members who have not spoken.
        recused: How many have declared a conflict of interest.
    """

    institution: str
    role: str
    threshold: int
    approvals: int
    rejections: int
    seated: int
    missing: int
    step: int = 1
    open: bool = True
    rule: str | None = None
    since: datetime | None = None
    waits_for: tuple[str, ...] = ()
    recused: int = 0

    @property
    def committee(self) -> str:
        """`hanbit/dac`."""
        return f"{self.institution}/{self.role}"

    @property
    def can_be_met(self) -> bool:
        """Whether those who sit there now and have not spoken are enough; others can be seated."""
        return self.missing <= len(self.waits_for)


@dataclass(frozen=True, kw_only=True)
class Remark(Record):
    """Something said about a request that is no vote.

    Attributes:
        request: The id of the request.
        dataset: The dataset that is asked for.
        author: Who said it.
        kind: `remark`, `opinion` (of somebody invited) or `answer`.
        text: What was said; public. None where it is kept from the ledger.
        commitment: What stands for a text that is kept from the ledger, lower-case hex.
        invitation: The id of the invitation that an opinion answers.
    """

    request: str
    dataset: str
    author: Person
    kind: str
    text: str | None = None
    commitment: str | None = None
    invitation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Invitation(Record):
    """A question of a committee's member to somebody of the consortium, about a request."""

    request: str
    dataset: str
    inviter: Person
    reviewer: Person
    question: str
    until: datetime | None = None


@dataclass(frozen=True)
class InvitationView(Value):
    """An invitation, and whether the opinion that it asks for was given.

    Attributes:
        invitation: The invitation.
        answered: Whether the opinion was given.
        opinion: The id of the remark that is the opinion.
        state: In a list: the state of the request.
        open: In a list: whether the opinion is still waited for.
    """

    invitation: Invitation
    answered: bool
    opinion: str | None = None
    state: str | None = None
    open: bool | None = None

    @property
    def id(self) -> str:
        """The id of the transaction that made the invitation."""
        return self.invitation.id


@dataclass(frozen=True)
class RequestView(Value):
    """A request as it is shown.

    Attributes:
        request: The request.
        state: `submitted`, `in-review`, `returned` (it waits for its requester), `approved`, `rejected`, `withdrawn`,
            `closed` or `lapsed`.
        why: Why it lapsed: `deadline` or `policy-changed`.
        decided_at: When it was decided (UTC).
        waits_for: What it still waits for, a stage each.
        votes: The votes so far, oldest first; none in lists.
        remarks: What was said about it.
        invitations: Who was asked for an opinion.
        grant: What the approval gave.
        not_counted: Votes and rosters that were found forged.
    """

    request: Request
    state: str
    why: str | None = None
    decided_at: datetime | None = None
    waits_for: tuple[StageProgress, ...] = ()
    votes: tuple[Vote, ...] = ()
    remarks: tuple[Remark, ...] = ()
    invitations: tuple[InvitationView, ...] = ()
    grant: Grant | None = None
    not_counted: tuple[ForgedRecord, ...] = ()

    @property
    def id(self) -> str:
        """The id of the transaction that submitted the request."""
        return self.request.id

    @property
    def returned_at(self) -> datetime | None:
        """When it was last returned for changes; None when it was not, or the votes are not here (as in lists)."""
        return max((vote.created_at for vote in self.votes if vote.vote == "return"), default=None)

    def open_stages(self) -> tuple[StageProgress, ...]:
        """The stages that wait for votes now."""
        return tuple(stage for stage in self.waits_for if stage.open)


@dataclass(frozen=True)
class VoteOutcome(Value):
    """What a vote led to: the request's state, and the grant when it completed the approval."""

    vote: Vote
    state: str
    grant: Grant | None = None


def choose_role(view: RequestView, institution: str, roles: Sequence[str]) -> str:
    """The role to vote in: the only one that the request waits for at this institution and that the certificate has.

    When none fits, the one with which the contract can say why not.

    Args:
        view: The request.
        institution: The voter's institution (MSP id).
        roles: The roles in the voter's certificate.

    Raises:
        DocumentError: Several fit.
    """
    stages = [stage for stage in view.waits_for if stage.institution == institution]
    held = [role for role in roles if role in VOTING_ROLES]
    # A stage that is not open yet is named only where none else is: then the contract says that it is not.
    for asked in ([stage.role for stage in stages if stage.open], [stage.role for stage in stages]):
        fitting = [role for role in asked if role in held]
        if len(fitting) > 1:
            raise DocumentError(
                f"you can vote on this request as {' or as '.join(fitting)}",
                hint="say in which role: role=..., or on the command line: --role ...",
            )
        if fitting:
            return fitting[0]
    return next(iter([*held, *(stage.role for stage in stages), VOTING_ROLES[0]]))
