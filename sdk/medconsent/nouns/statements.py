"""Statements of de-identification: how a version was de-identified, measured and checked, as a privacy officer attests.

`medconsent.data.deid` helps to make one; the contract judges it (docs/deidentification.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from medconsent.fabric.flow import Flow, operation
from medconsent.nouns.base import Noun
from medconsent.values.records import Record, Written

M = TypeVar("M")


@dataclass(frozen=True, kw_only=True)
class Deidentification(Record):
    """The statement on one version: its members are those of docs/contract.md ("deid"), as JSON."""

    dataset: str
    version: int
    version_digest: str
    statement: Mapping[str, Any]


class Statements(Noun[M]):
    """The statements of de-identification."""

    @operation
    def get(self, dataset: str, version: int | None = None) -> Flow[Deidentification]:
        """The statement on a version, by default the latest.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            version: The version of the dataset; None: the latest.

        Raises:
            NotFound: There is none.
        """
        return Deidentification.from_json((yield from self._ask("deid.get", dataset=dataset, version=version)))

    @operation
    def state(
        self, dataset: str, statement: Mapping[str, Any], *, version: int | None = None
    ) -> Flow[Written[Deidentification]]:
        """Attest a statement on a version of one's own dataset, or say it anew; needs the role `privacy`.

        It is said of the version as it stands at this moment, by its digest.

        Args:
            dataset: The dataset, as `hanbit/breast-cancer`.
            statement: What is attested, as docs/deidentification.md has it (JSON).
            version: The version of the dataset; None: the latest.

        Raises:
            Refused: As docs/contract.md says at `deid.state`.
        """
        shown = yield from self._ask("dataset.get", dataset=dataset, version=version)
        found = shown["version"]
        argument: dict[str, Any] = {
            "dataset": dataset,
            "version": found["record"]["body"]["version"],
            "version_digest": found["digest"],
            "statement": dict(statement),
        }
        return (yield from self._change("deid.state", argument, Deidentification.from_json))
