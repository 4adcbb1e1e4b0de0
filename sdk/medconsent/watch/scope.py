"""What a finding closes: nothing, what rests on certain institutions, or all that the institution decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Scope:
    """`ledger`: everything. Otherwise only what rests on a record of one of these institutions (MSP IDs, sorted)."""

    ledger: bool = False
    institutions: tuple[str, ...] = ()

    @classmethod
    def of(cls, institutions: Iterable[str]) -> Self:
        """What rests on these."""
        return cls(institutions=tuple(sorted({one for one in institutions if one})))

    @property
    def closes(self) -> bool:
        """Whether it closes anything."""
        return self.ledger or bool(self.institutions)

    def to_json(self) -> Any:
        """`"ledger"`, or a list of institutions."""
        return "ledger" if self.ledger else list(self.institutions)

    @classmethod
    def from_json(cls, told: Any) -> Self:
        """Out of :meth:`to_json`.

        Raises:
            ValueError: It is not a scope.
        """
        if told == "ledger":
            return cls(ledger=True)
        if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
            raise ValueError(f"this is not a scope: {told!r:.100}")
        return cls.of(told)


NOTHING = Scope()
LEDGER = Scope(ledger=True)
