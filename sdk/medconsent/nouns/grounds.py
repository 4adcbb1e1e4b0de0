"""What a dataset's version rests on: consent of the people in it, or a legal basis with notice; often both.

Without a ground nothing is granted (docs/consent.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from medconsent.fabric.flow import Flow, operation
from medconsent.nouns.base import Noun
from medconsent.values.records import Record, Written

M = TypeVar("M")


@dataclass(frozen=True, kw_only=True)
class Ground(Record):
    """What one version of a dataset rests on: cohorts (`hanbit/oncology`) and bases (`hanbit/pipa-research`)."""

    dataset: str
    version: int
    version_digest: str
    cohorts: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()


class Grounds(Noun[M]):
    """What the versions of datasets rest on."""

    @operation
    def get(self, dataset: str, version: int | None = None) -> Flow[Ground]:
        """What a version rests on, by default the latest.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            version: The version of the dataset; None: the latest.

        Raises:
            NotFound: There is none.
        """
        return Ground.from_json((yield from self._ask("ground.get", dataset=dataset, version=version)))

    @operation
    def set(
        self, dataset: str, *, version: int | None = None, cohorts: Sequence[str] = (), bases: Sequence[str] = ()
    ) -> Flow[Written[Ground]]:
        """Say what a version of one's own dataset rests on; needs the role `privacy`.

        It is said of the version as it stands at this moment, by its digest.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            version: The version of the dataset; None: the latest.
            cohorts: The cohorts whose consent it rests on, as `hanbit/breast-2024`; up to 8.
            bases: The legal bases that it rests on, as `hanbit/registry-law`; up to 8.

        Raises:
            Refused: As docs/contract.md says at `ground.set`.
        """
        shown = yield from self._ask("dataset.get", dataset=dataset, version=version)
        found = shown["version"]
        argument: dict[str, Any] = {
            "dataset": dataset,
            "version": found["record"]["body"]["version"],
            "version_digest": found["digest"],
            "cohorts": [*cohorts] or None,
            "bases": [*bases] or None,
        }
        return (yield from self._change("ground.set", argument, Ground.from_json))
