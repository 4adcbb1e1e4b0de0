"""What a grant is made of: the record, its state, and what is said about it."""

from dataclasses import dataclass
from datetime import datetime

from medconsent._internal.codec import Value
from medconsent.values.purposes import Mode, Purpose
from medconsent.values.records import Person, Record

NOT_ENDED = ("active", "pending", "suspended")
"""The states of a grant that has not ended."""


@dataclass(frozen=True)
class VoteReference(Value):
    """A vote that the grant rests on: its key on the ledger and its digest."""

    key: str
    digest: str


@dataclass(frozen=True)
class Judged(Value):
    """A part of what the data rests on, as it lay before the people who approved.

    Attributes:
        type: `cohort` or `basis`.
        id: Which one.
        digest: Of what it permitted. While it permits just that, what it leaves to people has been judged.
    """

    type: str
    id: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Grant(Record):
    """A permission with its evidence.

    It rests on an approved request under a policy, or on an emergency that the owner opened without one.

    Attributes:
        dataset: The dataset that it is for.
        version: The version of the dataset.
        version_digest: The digest of that version's record.
        policy_version: The version of the policy that it was approved under; None in an emergency.
        policy_digest: The digest of that policy's record.
        request: The id of the request that was approved.
        request_digest: The digest of the request's record as it was voted on.
        votes: The votes that it rests on.
        judged: What the data rested on when people approved; empty when nobody was asked.
        breakglass: The id of the emergency that it rests on instead.
        renews: The id of the grant that it goes on from.
        joins: The id of the grant that it adds people to and ends with.
        institution: The institution that holds it.
        asked_by: The enrolment id there of who asked for it; None in an emergency.
        grantees: Enrolment ids of that institution's people who may use it.
        purpose: What for.
        mode: How the data may be used.
        from_: From when it is valid (UTC).
        until: Until when it is valid (UTC); no longer at this moment.
        obligations: What its holders have undertaken, as codes of the contract.
    """

    dataset: str
    version: int
    version_digest: str
    policy_version: int | None = None
    policy_digest: str | None = None
    request: str | None = None
    request_digest: str | None = None
    votes: tuple[VoteReference, ...] = ()
    judged: tuple[Judged, ...] = ()
    breakglass: str | None = None
    renews: str | None = None
    joins: str | None = None
    institution: str
    asked_by: str | None = None
    grantees: tuple[str, ...]
    purpose: Purpose
    mode: Mode
    from_: datetime
    until: datetime
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True)
class GrantView(Value):
    """A grant and its state at the moment of the question: `active`, `pending`, `suspended`, `expired`, `revoked`,
    `relinquished`, `narrowed` (by a policy), `ended` (with the grant that it joins) or `unproven` (what it rests on is
    missing, forged or says something else).

    `why` says more where the state alone does not.
    """

    grant: Grant
    state: str
    why: str | None = None

    @property
    def id(self) -> str:
        """The id of the transaction that made the grant."""
        return self.grant.id

    @property
    def ended(self) -> bool:
        """Whether nothing brings it back."""
        return self.state not in NOT_ENDED


@dataclass(frozen=True)
class OtherGrant(Value):
    """A grant that gives some of the same `people` (enrolment ids) the same dataset as another."""

    grant: Grant
    state: str
    people: tuple[str, ...]
    why: str | None = None

    @property
    def id(self) -> str:
        """The id of the transaction that made the grant."""
        return self.grant.id


@dataclass(frozen=True)
class Revocation(Value):
    """Grants that were ended in one transaction, and the block that it is in."""

    grants: tuple[str, ...]
    transaction_id: str
    block: int


@dataclass(frozen=True, kw_only=True)
class Acceptance(Record):
    """A person's acceptance of the terms (their SHA-256, lower-case hex) that a grant comes with."""

    grant: str
    dataset: str
    person: Person
    terms: str
