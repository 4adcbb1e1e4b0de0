"""A way that is gone step by step, by each institution for itself, as far as it leads now."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One thing that has to be true on the way; `waits_for` says what is missing, empty when it is true."""

    name: str
    waits_for: str = ""

    @property
    def done(self) -> bool:
        """Whether it is true."""
        return not self.waits_for
