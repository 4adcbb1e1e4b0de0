"""Datasets: a head, immutable versions, the manifest of each, and the policy in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from medconsent._internal.codec import Value
from medconsent.data.manifest import croissant
from medconsent.errors import DocumentError
from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.nouns.grounds import Ground
from medconsent.nouns.policies import Offer, PolicyRecord
from medconsent.nouns.statements import Deidentification
from medconsent.values.policies import Policy
from medconsent.values.records import Page, Record, Written

M = TypeVar("M")


@dataclass(frozen=True, kw_only=True)
class Dataset(Record):
    """The head of a dataset: the numbers of its latest version and policy."""

    latest_version: int
    latest_policy: int
    narrowed_by: int | None = None


@dataclass(frozen=True)
class ManifestReference(Value):
    """Which manifest: SHA-256 and size of the author's bytes, SHA-256 of their RFC 8785 form, an address when it is
    off the ledger, and SHA-256 of its conditions of use (`usageInfo`, RFC 8785 form) when it states some on the ledger.
    """

    sha256: str
    bytes: int
    jcs_sha256: str
    url: str | None = None
    usage_info_sha256: str | None = None


@dataclass(frozen=True)
class Content(Value):
    """Which content: the Merkle root over its files (see `medconsent.data.manifest.merkle`), how many, bytes in all."""

    root: str
    files: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class DatasetVersion(Record):
    """One immutable version, with what a finder needs."""

    dataset: str
    version: int
    title: str
    manifest: ManifestReference
    content: Content
    contact: str
    summary: str | None = None
    kinds: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    records: int | None = None


@dataclass(frozen=True, kw_only=True)
class Manifest(Record):
    """The author's manifest, as it stands on the ledger."""

    dataset: str
    version: int
    text: str


@dataclass(frozen=True)
class DatasetView(Value):
    """A dataset as it is shown: its head, one version of it, the policy in force, and what the version rests on.

    `usage_info` tells how the conditions of use in the version's manifest stand to that policy: `current`, `outdated`,
    `absent`, or `off-ledger` when the manifest is elsewhere. `ground` is what the version rests on and `deid` the
    statement of its de-identification, each where there is one that counts; lists and the answer to a change leave them
    out.
    """

    dataset: Dataset
    version: DatasetVersion
    policy: PolicyRecord
    usage_info: str | None = None
    ground: Ground | None = None
    deid: Deidentification | None = None

    @property
    def id(self) -> str:
        """`<institution>/<slug>`."""
        return self.dataset.id


class Datasets(Noun[M]):
    """What data there is, and under which conditions."""

    @operation
    def get(self, dataset: str, version: int | None = None) -> Flow[DatasetView]:
        """One version of a dataset, with the policy in force.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            version: The number of the version; None: the latest.

        Raises:
            NotFound: There is none.
        """
        return DatasetView.from_json((yield from self._ask("dataset.get", dataset=dataset, version=version)))

    @operation
    def manifest(self, dataset: str, version: int | None = None) -> Flow[Manifest]:
        """The manifest of a version.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            version: The number of the version; None: the latest.

        Raises:
            NotFound: It is not on the ledger; the hint has its address.
        """
        return Manifest.from_json((yield from self._ask("dataset.manifest", dataset=dataset, version=version)))

    @operation
    def compare_usage(self, dataset: str, manifest: bytes) -> Flow[str]:
        """Compare the conditions of use in a manifest, wherever it is from, with the policy in force.

        The contract checks a manifest that is on the ledger when it is published; one that is elsewhere can be compared
        by this only. The member `usageInfo` is compared, and nothing else in the manifest. The answer is `current`,
        `differs`, or `absent` when the manifest states no conditions.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            manifest: The bytes of a Croissant document.

        Raises:
            NotFound: There is none.
            DocumentError: The bytes are no Croissant document.
        """
        document = croissant.read(manifest)
        try:
            stated = document.usage_info_sha256
        except DocumentError:
            return "differs"  # it has no RFC 8785 form, and what the contract makes has one
        if stated is None:
            return "absent"
        offer = Offer.from_json((yield from self._ask("policy.offer", dataset=dataset)))
        return "current" if stated == offer.sha256 else "differs"

    @operation
    def publish(
        self,
        slug: str,
        manifest: bytes,
        policy: Policy | None = None,
        *,
        title: str | None = None,
        summary: str | None = None,
        kinds: Sequence[str] | None = None,
        body_parts: Sequence[str] = (),
        keywords: Sequence[str] | None = None,
        contact: str | None = None,
        records: int | None = None,
        manifest_url: str | None = None,
    ) -> Flow[Written[DatasetView]]:
        """Publish a version of one's own dataset; needs the role `steward`.

        Args:
            slug: The dataset's name at one's institution.
            manifest: The bytes of a Croissant document; what is not given otherwise is taken from it.
            policy: The policy; needed for the first version.
            title: The title.
            summary: What it is, in some sentences.
            kinds: Kinds of data (`contract.words("kinds")`): `tabular`, or for images the modality as DICOM
                names it, as `MR`. No manifest tells that of images.
            body_parts: What the images show (`contract.words("body_parts")`): needed where a face can be in them.
            keywords: What it is found by.
            contact: A URL or a role mailbox.
            records: The number of records.
            manifest_url: The manifest's address: with it the ledger gets the address and the hashes, and not the text.

        Raises:
            DocumentError: The bytes are no Croissant document, or it lists images and `kinds` is not given.
            UsageInfoDiffers: The manifest's `usageInfo` is not what the policy says (`policies.offer` gives it).
            Refused: The contract refuses.
        """
        document = croissant.read(manifest)
        if kinds is None and document.images:
            raise DocumentError(
                f"the manifest lists images ({', '.join(document.images)}), and no manifest says of which kind",
                hint="name the modality as DICOM does, and what they show: --kind MR --body-part head",
            )
        reference: dict[str, Any] = {"text": document.text}
        if manifest_url is not None:
            reference = ManifestReference(document.sha256, len(manifest), document.jcs_sha256, manifest_url).to_json()
        argument: dict[str, Any] = {
            "slug": slug,
            "title": document.title if title is None else title,
            "summary": document.summary if summary is None else summary,
            "kinds": [*(document.kinds if kinds is None else kinds)],
            "body_parts": [*body_parts] or None,
            "keywords": [*(document.keywords if keywords is None else keywords)],
            "contact": document.contact if contact is None else contact,
            "records": document.records if records is None else records,
            "manifest": reference,
            "content": Content(document.root, len(document.files), document.size).to_json(),
            "policy": policy.to_json() if policy else None,
        }
        return (yield from self._change("dataset.publish", argument, DatasetView.from_json))

    @operation
    def list(
        self,
        *,
        owner: str | None = None,
        keyword: str | None = None,
        kind: str | None = None,
        page_size: int | None = None,
        bookmark: str | None = None,
    ) -> Flow[Page[DatasetView]]:
        """One page of the datasets that fit all that is given.

        Args:
            owner: Of which institution; None: of all.
            keyword: With this keyword.
            kind: Of this kind (`contract.words("kinds")`): `tabular`, or for images the modality as DICOM names it, as
                `MR`.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "dataset.list",
                DatasetView.from_json,
                owner=owner,
                keyword=keyword,
                kind=kind,
                page_size=page_size,
                bookmark=bookmark,
            )
        )

    @stream
    def iterate(
        self,
        *,
        owner: str | None = None,
        keyword: str | None = None,
        kind: str | None = None,
        on_forged: OnForged | None = None,
    ) -> StreamFlow[DatasetView]:
        """Every dataset that fits all that is given.

        Args:
            owner: Of which institution; None: of all.
            keyword: With this keyword.
            kind: Of this kind, as in `list`.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items("dataset.list", DatasetView.from_json, on_forged, owner=owner, keyword=keyword, kind=kind)


def owner_of(dataset: str) -> str:
    """The institution in a dataset's name."""
    return dataset.partition("/")[0]
