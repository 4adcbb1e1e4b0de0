"""What data is asked for: the purpose of a request, a grant or a check."""

from dataclasses import dataclass

from medconsent._codec import Value

KINDS = ("general-research", "health-research", "disease", "origins", "clinical-care")
"""The kinds of purpose that docs/contract.md knows."""

MODES = ("download", "enclave", "federated")
"""The ways in which data can be delivered."""


@dataclass(frozen=True)
class Purpose(Value):
    """`kind` is one of `KINDS`; `diseases` (`ICD10:C50`) go with the kind `disease` and only there."""

    kind: str
    diseases: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As the contract has it: without `diseases` when there are none."""
        return {"kind": self.kind} | ({"diseases": [*self.diseases]} if self.diseases else {})

    def __str__(self) -> str:
        return f"{self.kind} ({', '.join(self.diseases)})" if self.diseases else self.kind
