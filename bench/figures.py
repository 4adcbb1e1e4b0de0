"""What a benchmark ends with: one line a figure, ``name value unit ratio``, readable by people and by ``awk``."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One measured value. ``ratio`` compares it with what ``note`` names (the official SDK, a smaller ledger)."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    note: str = ""

    def line(self) -> str:
        """``name value unit ratio``; a dash when there is nothing to compare with; then the note after ``#``."""
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        note = f"  # {self.note}" if self.note else ""
        return f"{self.name} {self.value:.4g} {self.unit} {ratio}{note}"


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios of neighbouring rounds: what slows the whole machine for a while slows both of a pair.

    Raises ValueError when the rounds do not pair up or one of theirs is 0.
    """
    if len(ours) != len(theirs) or not ours:
        raise ValueError(f"{len(ours)} rounds of one and {len(theirs)} of the other do not pair up")
    if not all(theirs):
        raise ValueError("a round without a measurement cannot be compared with")
    return median(a / b for a, b in zip(ours, theirs, strict=True))
