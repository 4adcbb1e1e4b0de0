"""What every record of the ledger has, whatever the noun (docs/contract.md, "Records")."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Self, TypeVar, cast

from medconsent._internal.codec import Json, Value, decode_members, encode_members
from medconsent._internal.strict_json import canonical_sha256
from medconsent.errors import StillWaiting, UnexpectedAnswer

T = TypeVar("T")


@dataclass(frozen=True)
class Person(Value):
    """Somebody at an institution, by enrolment id; as text `nuri/kim`."""

    institution: str
    id: str

    def __str__(self) -> str:
        return f"{self.institution}/{self.id}"


@dataclass(frozen=True)
class Actor(Value):
    """Who acted: institution (MSP id), enrolment id there, and the roles that the certificate had at that moment.

    Attributes:
        institution: The MSP id.
        id: The enrolment id there.
        roles: The roles in the certificate.
        key: The SHA-256 of the public key that signed, in hex.
        second: The officer who confirmed what this person proposed.
    """

    institution: str
    id: str
    roles: tuple[str, ...] = ()
    key: str | None = None
    second: Person | None = None

    def __str__(self) -> str:
        return f"{self.institution}/{self.id}"


@dataclass(frozen=True)
class Change(Value):
    """One entry of a record's audit: what, when (UTC), in which transaction, who, and a note."""

    action: str
    at: datetime
    tx: str
    by: Actor
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Record(Value):
    """A sealed record: the body's members stand beside these.

    Attributes:
        key: Where it stands on the ledger; empty in the answer of the change that wrote it.
        digest: The SHA-256 (lower-case hex) of the stored bytes, which a voter is shown and names.
        sealed: Whether the peer found the owner's seal on it; in the answer of a change that follows from its having
            been committed.
        type: Its type, as `request`.
        id: Its id.
        owner: The institution that sealed it.
        status: Its status on the ledger, as `open` or `final`.
        updated_at: When it was last changed (UTC).
        changes: What was done to it, oldest first.
    """

    key: str = field(repr=False)
    digest: str
    sealed: bool
    type: str = field(repr=False)
    id: str
    owner: str
    status: str
    revision: int = field(repr=False)
    updated_at: datetime
    changes: tuple[Change, ...] = field(default=(), repr=False)

    @classmethod
    def from_json(cls, data: Json, where: str = "") -> Self:
        """The record of a *view* `{"record": {…}, "key", "digest", "sealed"}`, or of a bare one, as changes answer.

        Args:
            data: The JSON value.
            where: Where it stands in the answer; only for the message of the error.

        Raises:
            UnexpectedAnswer: It is not what docs/contract.md says.
        """
        try:
            view = data if "record" in data else _written(data)
            record = view["record"]
            rest = {name: member for name, member in record.items() if name != "body"}
            flat = {**record["body"], **rest, **{name: view[name] for name in ("key", "digest", "sealed")}}
        except (KeyError, TypeError, AttributeError) as error:
            raise UnexpectedAnswer(f"{where or 'the answer'} is not a view of a record: {error}") from error
        return cls(**decode_members(cls, flat, where))

    def to_json(self) -> dict[str, Any]:
        """The view or bare record again, as the contract spells it."""
        flat = encode_members(self)
        seal = {name: flat.pop(name) for name in ("key", "digest", "sealed")}
        common = {
            name: flat.pop(name) for name in ("type", "id", "owner", "status", "revision", "updated_at", "changes")
        }
        record = {**common, "body": flat}
        return {"record": record, **seal} if self.key else record

    @property
    def created_at(self) -> datetime:
        """When the record was first written (UTC)."""
        return self.changes[0].at if self.changes else self.updated_at


def _written(record: Json) -> Json:
    """The view of a record that was just written: it is stored in RFC 8785 form, so its digest can be computed here."""
    return {"record": record, "key": "", "digest": canonical_sha256(record, "the answer"), "sealed": True}


@dataclass(frozen=True)
class ForgedRecord(Value):
    """Something at a record's key that its owner did not seal: it counts for nothing.

    Attributes:
        key: Where it stands on the ledger.
        forged: Why it is called so.
        sealed: Whether the record itself is sealed, and rests on one that is missing or forged.
    """

    key: str
    forged: str
    sealed: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list. It may hold fewer items than asked for and still not be the last.

    Attributes:
        items: What was found.
        forged: What was found forged.
        bookmark: What to ask for the next page with; empty: the list ends here.
    """

    items: tuple[T, ...]
    forged: tuple[ForgedRecord, ...] = ()
    bookmark: str = ""

    @classmethod
    def read(cls, data: Json, item: Callable[[Json], T]) -> "Page[T]":
        """The page that an answer of a `…list` query stands for.

        Args:
            data: The answer: `{"items", "bookmark"}`.
            item: Reads one item.

        Raises:
            UnexpectedAnswer: It is not what docs/contract.md says.
        """
        entries = data.get("items")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise UnexpectedAnswer("the answer's items should be a list of objects")
        return cls(
            items=tuple(item(entry) for entry in entries if not _is_forged(entry)),
            forged=tuple(ForgedRecord.from_json(entry) for entry in entries if _is_forged(entry)),
            bookmark=str(data.get("bookmark") or ""),
        )

    def to_json(self) -> dict[str, Any]:
        """The contract's spelling, forged entries last."""
        entries: list[Any] = [*self.items, *self.forged]
        return {"items": [entry.to_json() for entry in entries], "bookmark": self.bookmark}


def _is_forged(entry: Json) -> bool:
    return isinstance(entry.get("forged"), str)  # a request has a list under that name: what beside it was not counted


@dataclass(frozen=True, kw_only=True)
class Proposal(Record):
    """An act of one officer that widens something, and waits for a second one of the same institution.

    Attributes:
        institution: Whose.
        function: The transaction that it is to run, as `policy.set`.
        argument: Its argument, as it was sent (JSON).
        widens: In words, what it widens.
        proposed_by: Who proposed it.
        confirmed_by: The second officer.
    """

    institution: str
    function: str
    argument: str
    widens: tuple[str, ...]
    proposed_by: Person
    confirmed_by: Person | None = None


class Written(Generic[T]):
    """A change that is committed: what the contract answered, the transaction's id and the block that it is in.

    Attributes:
        transaction_id: The transaction.
        block: The number of its block.
        proposal: What waits for a second officer; then nothing else was written, and there is no `answer`.
    """

    def __init__(self, answer: T | None, transaction_id: str, block: int, proposal: Proposal | None = None) -> None:
        self._answer = answer
        self.transaction_id = transaction_id
        self.block = block
        self.proposal = proposal

    @property
    def answer(self) -> T:
        """What was written.

        Raises:
            StillWaiting: It waits for a second officer (`proposal`).
        """
        if self.proposal is not None:
            raise StillWaiting(self.proposal.id, self.proposal.widens, self.transaction_id)
        return cast("T", self._answer)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Written) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def to_json(self) -> dict[str, Any]:
        answer: Any = self.proposal or self._answer
        told = {"proposal": answer.to_json()} if self.proposal else answer.to_json()
        return {"answer": told, "transaction_id": self.transaction_id, "block": self.block}
