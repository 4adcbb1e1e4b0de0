"""Consent: what the people in the data permit, in numbered epochs, and that the withdrawn are excluded.

A cohort is the people behind some data. An epoch of it says what they permit, under which law and wording, and commits
to who is in and who is out (`medconsent.data.people`); no identifier of anybody reaches the ledger. Withdrawals come
with the next epoch, and each decision goes by the newest.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from medconsent._internal.codec import Value
from medconsent.errors import NotFound
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.policies import Alternative
from medconsent.values.records import Page, Record, Written

M = TypeVar("M")


@dataclass(frozen=True)
class Law(Value):
    """The law that a consent rests on: a code of docs/contract.md ("Legal grounds"), and the article if there are
    several.
    """

    code: str
    article: str | None = None


@dataclass(frozen=True)
class Wording(Value):
    """The text that people agreed to: where it stands, and the SHA-256 (lower-case hex) of its bytes."""

    url: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Cohort(Record):
    """The people behind some data; `batch_seconds` is the least time between two epochs, so that withdrawals mix.

    `key_check` tells whether an epoch is made with the cohort's key (`medconsent.data.people.CohortKey.check`).
    """

    title: str
    latest_epoch: int
    batch_seconds: int
    key_check: str | None = None


@dataclass(frozen=True, kw_only=True)
class Epoch(Record):
    """One epoch of a cohort. Exact counts are not on the ledger.

    Attributes:
        cohort: The cohort.
        epoch: The epoch's number, from 1.
        root: The Merkle root over everybody's state, lower-case hex.
        people: How many people there are, as a band (`20-99`).
        withdrawn: How many have withdrawn, as a band.
        use: What the people permit, as alternatives.
        law: Under which law.
        wording: The wording that they agreed to.
        statement: What it says in words.
    """

    cohort: str
    epoch: int
    root: str
    people: str
    withdrawn: str
    use: tuple[Alternative, ...]
    law: Law
    wording: Wording
    statement: str | None = None


@dataclass(frozen=True)
class NewEpoch(Value):
    """What an institution says of the next epoch: the commitment's root and bands, what the people permit, and by
    `key_check` with which key it was made.
    """

    root: str
    people: str
    withdrawn: str
    use: tuple[Alternative, ...]
    law: Law
    wording: Wording
    statement: str | None = None
    key_check: str | None = None


@dataclass(frozen=True)
class ContentRoot(Value):
    """The Merkle root, number of files and size in bytes of a version's content without those who are excluded."""

    root: str
    files: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Exclusion(Record):
    """The owner's word that those withdrawn as of `epoch` are excluded from a version: by its new content, or by the
    list (its salted SHA-256) that is applied on delivery.
    """

    dataset: str
    version: int
    cohort: str
    epoch: int
    content: ContentRoot | None = None
    exclusion_list: str | None = None


@dataclass(frozen=True)
class ConsentView(Value):
    """A cohort with its newest epoch, or the one that was asked for; which versions rest on it, and what was excluded
    from them.
    """

    cohort: Cohort
    epoch: Epoch
    datasets: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()

    @property
    def id(self) -> str:
        """The cohort's name."""
        return self.cohort.id


@dataclass(frozen=True)
class Recorded(Value):
    """What `begin` and `epoch` wrote."""

    cohort: Cohort
    epoch: Epoch


class Consents(Noun[M]):
    """The consent of the people in the data."""

    @operation
    def get(self, cohort: str, epoch: int | None = None) -> Flow[ConsentView]:
        """A cohort with its newest epoch, or that one.

        Args:
            cohort: The cohort, as `hanbit/breast-2024`.
            epoch: The number of the epoch; None: the newest.

        Raises:
            NotFound: There is none.
        """
        return ConsentView.from_json((yield from self._ask("consent.get", cohort=cohort, epoch=epoch)))

    @operation
    def exclusion(self, cohort: str, dataset: str, version: int) -> Flow[Exclusion]:
        """What was attested of those who withdrew from a cohort.

        Args:
            cohort: The cohort.
            dataset: A dataset that rests on it.
            version: The version of it.

        Raises:
            NotFound: Nothing was.
        """
        bookmark = ""
        while True:
            answer = yield from self._ask("consent.get", cohort=cohort, bookmark=bookmark or None)
            for found in ConsentView.from_json(answer).exclusions:
                if (found.dataset, found.version) == (dataset, version):
                    return found
            bookmark = answer.get("bookmark", "")
            if not bookmark:
                raise NotFound(
                    f"nothing is attested of those who withdrew from {cohort}, for {dataset}@{version}",
                    hint=f"medconsent consent exclude {cohort} {dataset}@{version} --epoch N --content MANIFEST",
                )

    @operation
    def begin(
        self, slug: str, title: str, epoch: NewEpoch, *, batch_seconds: int | None = None
    ) -> Flow[Written[Recorded]]:
        """Record a new cohort of one's own institution with its first epoch; needs the role `privacy`.

        Args:
            slug: The cohort's name at one's institution.
            title: What the cohort is, in up to 200 characters.
            epoch: What its first epoch says.
            batch_seconds: How many seconds at least pass between two epochs, 1 to 7,776,000 (90 days); None: 3,600 (an
                hour).

        Raises:
            Refused: As docs/contract.md says at `consent.begin`.
        """
        argument: dict[str, Any] = {"slug": slug, "title": title, "batch_seconds": batch_seconds, **epoch.to_json()}
        return (yield from self._change("consent.begin", argument, Recorded.from_json))

    @operation
    def epoch(self, cohort: str, number: int, epoch: NewEpoch, *, new_key: bool = False) -> Flow[Written[Recorded]]:
        """Record the next epoch, which has that number; needs the role `privacy`.

        Args:
            cohort: The cohort.
            number: The number that it will have.
            epoch: What it says.
            new_key: Whether it is made with another key than the one before on purpose.

        Raises:
            TooSoon: The one before is younger than the cohort's `batch_seconds`.
            Conflict: The number is not the next one, or the key is not the cohort's.
        """
        argument: dict[str, Any] = {"cohort": cohort, "epoch": number, "new_key": new_key or None, **epoch.to_json()}
        return (yield from self._change("consent.epoch", argument, Recorded.from_json))

    @operation
    def exclude(
        self,
        cohort: str,
        epoch: int,
        dataset: str,
        version: int,
        *,
        content: ContentRoot | None = None,
        exclusion_list: str | None = None,
    ) -> Flow[Written[Exclusion]]:
        """Attest that those withdrawn as of an epoch are excluded from a version; needs `steward` or `privacy`.

        Args:
            cohort: The cohort.
            epoch: As of which epoch.
            dataset: The dataset.
            version: The version of the dataset.
            content: The content without them. One of this and `exclusion_list` says how they are excluded.
            exclusion_list: The commitment to a list of what is left out, lower-case hex.
        """
        argument: dict[str, Any] = {
            "cohort": cohort,
            "epoch": epoch,
            "dataset": dataset,
            "version": version,
            "content": content.to_json() if content else None,
            "exclusion_list": exclusion_list,
        }
        return (yield from self._change("consent.exclude", argument, Exclusion.from_json))

    @operation
    def end(self, cohort: str, reason: str) -> Flow[Written[Cohort]]:
        """End a cohort's consent: nothing that rests on it is given any more. Needs the role `privacy`.

        Args:
            cohort: The cohort, as `hanbit/breast-2024`.
            reason: Why, in up to 500 characters; public.
        """
        return (yield from self._change("consent.end", {"cohort": cohort, "reason": reason}, Cohort.from_json))

    @operation
    def list(
        self, *, institution: str | None = None, page_size: int | None = None, bookmark: str | None = None
    ) -> Flow[Page[ConsentView]]:
        """One page of the cohorts, of one institution or of all.

        Args:
            institution: Of which institution; None: of all.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "consent.list",
                ConsentView.from_json,
                institution=institution,
                page_size=page_size,
                bookmark=bookmark,
            )
        )

    @stream
    def iterate(self, *, institution: str | None = None, on_forged: OnForged | None = None) -> StreamFlow[ConsentView]:
        """Every cohort, of one institution or of all.

        Args:
            institution: Of which institution; None: of all.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items("consent.list", ConsentView.from_json, on_forged, institution=institution)
