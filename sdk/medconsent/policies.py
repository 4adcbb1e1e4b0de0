"""Policies: what may be done with a dataset, who has to agree, how and for how long (docs/contract.md, "policy").

A `Policy` is what its author writes; `medconsent.policy_files` reads and writes it as YAML. Whether it makes sense is
decided by the contract.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from medconsent._noun import Noun
from medconsent.fabric.flow import Flow, operation
from medconsent.policy_files import dump_yaml, load_yaml
from medconsent.policy_values import Alternative, Policy, Stage
from medconsent.records import Record, Written

__all__ = ["Alternative", "Policies", "Policy", "PolicyRecord", "Stage", "dump_yaml", "load_yaml"]

M = TypeVar("M")


@dataclass(frozen=True, kw_only=True)
class PolicyRecord(Record):
    """One version of a dataset's policy, as sealed on the ledger."""

    dataset: str
    version: int
    policy: Policy


class Policies(Noun[M]):
    """The policies of the datasets."""

    @operation
    def get(self, dataset: str, version: int | None = None) -> Flow[PolicyRecord]:
        """A dataset's policy: its latest, or the one of that number. Raises `NotFound`."""
        return PolicyRecord.from_json((yield from self._ask("policy.get", dataset=dataset, version=version)))

    @operation
    def set(self, dataset: str, policy: Policy) -> Flow[Written[PolicyRecord]]:
        """Give one's own dataset a new policy; needs the role `steward`. Grants that were given stay as they are."""
        argument: dict[str, Any] = {"dataset": dataset, "policy": policy.to_json()}
        return (yield from self._change("policy.set", argument, PolicyRecord.from_json))
