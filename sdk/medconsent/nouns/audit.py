"""The audit of a dataset: who did what, when, in which transaction.

It is read from the sealed records themselves, each of which carries its changes; it does not depend on a peer's
history database.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, TypeVar

from medconsent._internal.codec import Json, Value
from medconsent.errors import Forged, NotFound, UnexpectedAnswer
from medconsent.fabric.flow import Flow, operation
from medconsent.nouns.base import Noun
from medconsent.nouns.bases import Basis
from medconsent.nouns.consents import ConsentView
from medconsent.nouns.datasets import DatasetView
from medconsent.nouns.disclosures import Disclosures
from medconsent.nouns.grounds import Ground
from medconsent.nouns.processing import (
    Processing,
    Released,
    Report,
    Use,
    deidentified,
    entry_of,
    ground_lines,
    released_of,
    use_of,
    within,
)
from medconsent.nouns.statements import Deidentification
from medconsent.values.grants import GrantView
from medconsent.values.records import Actor, ForgedRecord, Page, Record
from medconsent.values.releases import ReceiptView

M = TypeVar("M")
V = TypeVar("V", bound=Value)


@dataclass(frozen=True, kw_only=True)
class AnyRecord(Record):
    """A record of whatever type, its body as JSON."""

    body: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_json(cls, data: Json, where: str = "") -> Self:
        """The record of a view.

        Args:
            data: One item of `audit.trail`.
            where: Where the item stands in the answer; only for the message of the error.

        Raises:
            UnexpectedAnswer: It is not what docs/contract.md says.
        """
        record = data.get("record")
        if not isinstance(record, dict) or not isinstance(record.get("body"), dict):
            raise UnexpectedAnswer(f"{where or 'the answer'} is not a view of a record")
        return super().from_json({**data, "record": {**record, "body": {"body": record["body"]}}}, where)

    def to_json(self) -> dict[str, Any]:
        """The view again, as the contract spells it."""
        view = super().to_json()
        record = view.get("record", view)
        record["body"] = record["body"]["body"]
        return view


@dataclass(frozen=True)
class TrailEntry(Value):
    """One change: when (UTC), in which transaction, who, what, and on which record.

    Attributes:
        at: When (UTC).
        tx: In which transaction.
        by: Who.
        action: What, as `vote.created`.
        note: What is said of it.
        type: The type of the record.
        id: The id of the record.
        owner: Whose it is.
        key: Where it stands.
        digest: The digest of the record as it stands.
        breakglass: Whether the record is about data that was opened without an approval.
        vote: The word of a vote: `approve`, `reject`, `recuse`, `return` or `close`.
        committee: In which committee it was given: `hanbit/dac`.
        voted_for: For whom, when a deputy gave it: `hanbit/lee`.
        request: The request that a vote, a grant, a remark or an invitation is about, or that the record is.
        people: Who asks, or gets or holds the data: `nuri/kim`.
        grant: The grant that an acceptance or a receipt is of, or that the record is.
        files: How many files a receipt is of.
        bytes: Their size in bytes before they were encrypted.
        sent: How many bytes have left under a receipt, as its owner says; None until it has said so.
    """

    at: datetime
    tx: str
    by: Actor
    action: str
    note: str | None
    type: str
    id: str
    owner: str
    key: str
    digest: str
    breakglass: bool = False
    vote: str | None = None
    committee: str | None = None
    voted_for: str | None = None
    request: str | None = None
    people: tuple[str, ...] = ()
    grant: str | None = None
    files: int | None = None
    bytes: int | None = None
    sent: int | None = None

    @property
    def what(self) -> str:
        """What was done, in a word: a vote by what it says."""
        return self.vote or self.action


@dataclass(frozen=True)
class Trail(Value):
    """A dataset's whole audit: its changes in order of time, and what was found forged among its records."""

    entries: tuple[TrailEntry, ...]
    forged: tuple[ForgedRecord, ...] = ()

    def only(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        person: str | None = None,
        kinds: Collection[str] = (),
    ) -> "Trail":
        """A part of it; what was found forged stays.

        Args:
            since: From then on (UTC).
            until: Before then (UTC).
            person: What `institution/id` did, confirmed as second officer, or had done for them by a deputy.
            kinds: Of these types of record, or with these words of votes; none: of all.
        """
        entries = tuple(
            entry
            for entry in self.entries
            if (since is None or entry.at >= since)
            and (until is None or entry.at < until)
            and (person is None or person in _acted(entry))
            and (not kinds or entry.type in kinds or entry.vote in kinds)
        )
        return Trail(entries, self.forged)


def _acted(entry: TrailEntry) -> set[str]:
    return {str(entry.by), str(entry.by.second or ""), entry.voted_for or ""}


class Audit(Noun[M]):
    """What happened to a dataset."""

    @operation
    def trail(self, dataset: str) -> Flow[Trail]:
        """Every change of every record of the dataset, oldest first.

        Raises:
            NotFound: There is none.
        """
        records: list[AnyRecord] = []
        forged: list[ForgedRecord] = []
        bookmark: str | None = None
        while True:
            page: Page[AnyRecord] = yield from Audit.records.flow(self, dataset, bookmark=bookmark)
            records += page.items
            forged += page.forged
            if not page.bookmark:
                if not records and not forged:
                    # Nothing at all: a dataset that does not exist is refused here, with the contract's words.
                    yield from self._ask("dataset.get", dataset=dataset)
                return Trail(entries_of(records), tuple(forged))
            bookmark = page.bookmark

    @operation
    def records(
        self, dataset: str, *, page_size: int | None = None, bookmark: str | None = None
    ) -> Flow[Page[AnyRecord]]:
        """One page of the dataset's records, with their changes.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "audit.trail",
                AnyRecord.from_json,
                dataset=dataset,
                page_size=page_size,
                bookmark=bookmark,
            )
        )

    @operation
    def processing(
        self,
        institution: str | None = None,
        *,
        law: str = "KR-PIPA",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Flow[Report]:
        """The record of processing of an institution's datasets, by default one's own.

        Args:
            institution: Whose datasets (MSP id); None: one's own institution's.
            law: By which law the record is kept. It heads the report and changes no entry.
            since: Leave out uses that had ended by then (UTC); None: from the beginning.
            until: Leave out uses that begin then or later (UTC); None: to the end.
        """
        owner = institution or self._session.institution
        forged: list[ForgedRecord] = []
        uses: dict[str, list[Use]] = {}
        released: dict[str, list[Released]] = {}
        for receipt in (yield from self._every("receipt.list", ReceiptView.from_json, forged.append, owner=owner)):
            left = released_of(receipt)
            if (since is None or left.at >= since) and (until is None or left.at < until):
                released.setdefault(receipt.receipt.grant, []).append(left)
        for grant in (yield from self._every("grant.list", GrantView.from_json, forged.append, owner=owner)):
            use = use_of(grant, tuple(released.get(grant.id, ())))
            if within(use, since, until):
                uses.setdefault(grant.grant.dataset, []).append(use)
        entries: list[Processing] = []
        for view in (yield from self._every("dataset.list", DatasetView.from_json, forged.append, owner=owner)):
            ground, statement = yield from self._rests_on(view, forged)
            entries.append(entry_of(view, ground, statement, tuple(uses.get(view.id, ()))))
        return Report(owner, law, tuple(entries), since, until, tuple(dict.fromkeys(forged)))

    @operation
    def disclosures(
        self, subject: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> Flow[Disclosures]:
        """What was released of a dataset or under a grant, with what it rests on.

        Args:
            subject: The dataset, as `hanbit/breast-cancer`; or the grant, by its id or a unique prefix of it.
            since: Receipts from then on (UTC); None: from the beginning.
            until: Receipts before then (UTC); None: to the end.

        Raises:
            NotFound: There is none.
            Ambiguous: The prefix fits several.
        """
        forged: list[ForgedRecord] = []
        if "/" in subject:
            yield from self._ask("dataset.get", dataset=subject)
            chosen = {"dataset": subject}
            grants = yield from self._every("grant.list", GrantView.from_json, forged.append, dataset=subject)
        else:
            grant = GrantView.from_json((yield from self._ask("grant.get", grant=subject)))
            chosen, grants = {"grant": grant.id}, [grant]
        receipts = [
            view
            for view in (yield from self._every("receipt.list", ReceiptView.from_json, forged.append, **chosen))
            if (since is None or view.receipt.created_at >= since)
            and (until is None or view.receipt.created_at < until)
        ]
        epochs: set[tuple[str, int | None]] = {
            (excluded.cohort, excluded.epoch) for view in receipts for excluded in view.receipt.exclusions
        }
        about = [view.grant for view in grants] + [view.receipt for view in receipts]
        for dataset, version in sorted({(one.dataset, one.version) for one in about}):
            ground = yield from self._maybe("ground.get", Ground, forged, dataset=dataset, version=version)
            epochs |= {(cohort, None) for cohort in (ground.cohorts if ground else ())}
        consents: dict[tuple[str, int], ConsentView] = {}
        for cohort, epoch in sorted(epochs, key=lambda one: (one[0], one[1] or 0)):
            found = yield from self._maybe("consent.get", ConsentView, forged, cohort=cohort, epoch=epoch)
            if found:
                consents[(cohort, found.epoch.epoch)] = found
        return Disclosures(
            tuple(sorted(receipts, key=lambda view: view.receipt.created_at)),
            tuple(sorted(grants, key=lambda view: view.grant.created_at)),
            tuple(consents[name] for name in sorted(consents)),
            tuple(dict.fromkeys(forged)),
        )

    def _rests_on(self, view: DatasetView, forged: list[ForgedRecord]) -> Flow[tuple[tuple[str, ...], str | None]]:
        name = {"dataset": view.id, "version": view.version.version}
        ground = yield from self._maybe("ground.get", Ground, forged, **name)
        cohorts, bases = {}, {}
        for cohort in ground.cohorts if ground else ():
            cohorts[cohort] = yield from self._maybe("consent.get", ConsentView, forged, cohort=cohort)
        for basis in ground.bases if ground else ():
            bases[basis] = yield from self._maybe("basis.get", Basis, forged, basis=basis)
        statement = yield from self._maybe("deid.get", Deidentification, forged, **name)
        return tuple(ground_lines(ground, cohorts, bases)), deidentified(statement)

    def _maybe(self, function: str, kind: type[V], forged: list[ForgedRecord], /, **argument: Any) -> Flow[V | None]:
        """A record; None where there is none that counts. What others forged in its place hides nothing else."""
        try:
            return kind.from_json((yield from self._ask(function, **argument)))
        except NotFound:
            return None
        except Forged as refused:
            forged += [ForgedRecord.from_json(one) for one in refused.details]
            return None


def entries_of(records: Sequence[AnyRecord]) -> tuple[TrailEntry, ...]:
    """The changes of some records as one list in order of time; what one transaction changed stays together.

    Times have whole seconds. Within one, votes on a request stand in the order in which they were counted, and
    everything else as it was found.
    """
    asked = {
        record.id: _people(record.body.get("requester") or {}, record.body.get("researchers"))
        for record in records
        if record.type == "request"
    }
    entries = [
        TrailEntry(
            at=change.at,
            tx=change.tx,
            by=change.by,
            action=change.action,
            note=change.note,
            type=record.type,
            id=record.id,
            owner=record.owner,
            key=record.key,
            digest=record.digest,
            breakglass=record.type == "breakglass" or bool(record.body.get("breakglass")),
            **_about(record, asked),
        )
        for record in records
        for change in record.changes
    ]
    found = {tx: place for place, tx in enumerate(dict.fromkeys(entry.tx for entry in entries))}
    votes: dict[Any, list[AnyRecord]] = {}
    for record in records:
        if record.type == "vote":
            votes.setdefault((record.body.get("request"), record.created_at), []).append(record)
    for cast in votes.values():
        places = sorted(found[vote.id] for vote in cast)
        for place, vote in zip(places, sorted(cast, key=lambda vote: vote.body.get("seq", 0)), strict=True):
            found[vote.id] = place
    return tuple(sorted(entries, key=lambda entry: (entry.at, found[entry.tx])))


def _about(record: AnyRecord, asked: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """What an auditor asks of a record besides what was done to it: which request, by which committee, for whom.

    Args:
        record: The record.
        asked: Who asks for the data, by request.
    """
    body = record.body
    request = record.id if record.type == "request" else body.get("request")
    about: dict[str, Any] = {"request": request, "grant": body.get("grant"), "people": asked.get(request or "", ())}
    match record.type:
        case "vote":
            voter, deputy = body.get("voter", {}), body.get("deputy_for") or {}
            institution = voter.get("institution")
            about |= {"vote": body.get("vote"), "committee": f"{institution}/{body.get('role')}"}
            about["voted_for"] = f"{institution}/{deputy['member']}" if "member" in deputy else None
        case "grant":
            about |= {"grant": record.id, "people": _people(body, body.get("grantees"))}
        case "receipt":
            person, files = body.get("person") or {}, body.get("files") or {}
            about["people"] = _people(person, [person.get("id")])
            about |= {"files": files.get("count"), "bytes": files.get("bytes"), "sent": body.get("sent")}
        case "breakglass":
            about["people"] = _people(body, body.get("people"))
    return about


def _people(whose: Mapping[str, Any], ids: Any) -> tuple[str, ...]:
    return tuple(f"{whose.get('institution')}/{one}" for one in ids or ())
