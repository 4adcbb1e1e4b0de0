"""Archives: what an owner keeps ready for release of a dataset version."""

from collections.abc import Sequence
from typing import Any, TypeVar

from medconsent.fabric.flow import Flow, StreamFlow, operation, stream
from medconsent.nouns.base import Noun, OnForged
from medconsent.values.records import Page, Written
from medconsent.values.releases import Archive, ArchiveView, Files

M = TypeVar("M")


class Archives(Noun[M]):
    """The archives of dataset versions."""

    @operation
    def publish(
        self, dataset: str, *, version: int, version_digest: str, files: Files, exclusions: Sequence[str] = ()
    ) -> Flow[Written[Archive]]:
        """Say what is kept ready for release of a version of one's own; needs the role `gateway` or `steward`.

        Args:
            dataset: The dataset.
            version: The version of it.
            version_digest: The digest of the version's record.
            files: The files; as many and as large as the version's content, or as what an exclusion says instead.
            exclusions: The cohorts whose withdrawn people are left out. For each stands an exclusion with the content
                that is delivered instead.

        Raises:
            Conflict: The files do not fit the version, or it is not the version that was read.
            NotFound: There is no such version, or no such exclusion.
        """
        argument: dict[str, Any] = {
            "dataset": dataset,
            "version": version,
            "version_digest": version_digest,
            "files": files.to_json(),
            "exclusions": [*exclusions] or None,
        }
        return (yield from self._change("archive.publish", argument, Archive.from_json))

    @operation
    def get(self, dataset: str, *, version: int | None = None) -> Flow[ArchiveView]:
        """The archive of a version that counts; of the latest version unless one is named.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            version: The version of the dataset; None: the latest.

        Raises:
            NotFound: There is none: nothing of the version is released.
        """
        return ArchiveView.from_json((yield from self._ask("archive.get", dataset=dataset, version=version)))

    @operation
    def list(
        self, dataset: str, *, page_size: int | None = None, bookmark: str | None = None
    ) -> Flow[Page[ArchiveView]]:
        """One page of a dataset's archives, by version.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            page_size: How many at most, 1 to 100; None: 25.
            bookmark: The `bookmark` of the page before; None: the first page.
        """
        return (
            yield from self._page(
                "archive.list", ArchiveView.from_json, dataset=dataset, page_size=page_size, bookmark=bookmark
            )
        )

    @stream
    def iterate(self, dataset: str, *, on_forged: OnForged | None = None) -> StreamFlow[ArchiveView]:
        """Every archive of a dataset, by version.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            on_forged: Called with each forged record that is passed over; None: these are passed over in silence.
        """
        return self._items("archive.list", ArchiveView.from_json, on_forged, dataset=dataset)
