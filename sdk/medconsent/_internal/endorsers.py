"""Which institutions are asked to endorse one change (pure).

Those that must seal it, and besides as many others as the channel's rule needs: a majority of its application
organizations (docs/contract.md, "Transactions"). They are always named to the Gateway: left to its own discovery,
Fabric 2.5 and 3.1 grow slower with each sealed write, and the rest might be picked from those who gain by refusing.
"""

from collections.abc import Collection, Iterable, Sequence


class Endorsers:
    """The institutions asked, and those that may stand in for one that fails."""

    def __init__(self, required: Sequence[str], spare: Iterable[str], count: int) -> None:
        """`spare` in order of preference; `count` is how many are needed in all."""
        self._required = list(dict.fromkeys(required))
        self._spare = [name for name in dict.fromkeys(spare) if name not in self._required]
        fill = max(0, count - len(self._required))
        self._fillers, self._spare = self._spare[:fill], self._spare[fill:]

    @classmethod
    def choose(
        cls,
        sealed_by: Sequence[str],
        organizations: Sequence[str],
        *,
        own: str,
        avoid: Collection[str] = (),
        alone: bool = False,
    ) -> "Endorsers":
        """A majority with `sealed_by` in it, one's own institution first and those of `avoid` last; `alone`: none but
        `sealed_by`.
        """
        if alone:
            return cls(sealed_by, (), len(sealed_by))
        spare = sorted(organizations, key=lambda name: (name != own, name in avoid))
        return cls(sealed_by, spare, len(organizations) // 2 + 1)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The institutions to name to the Gateway."""
        return (*self._required, *self._fillers)

    @property
    def replaceable(self) -> bool:
        """Whether there is somebody to stand in for one who need not be asked."""
        return bool(self._fillers and self._spare)

    def hurry(self, own: str) -> tuple[str, ...]:
        """Put others in the place of those who need not be asked and may be what is waited for; who these are.

        Args:
            own: One's own institution, which stays while others can be exchanged.
        """
        slow = [name for name in self._fillers if name != own] or list(self._fillers)
        slow = slow[: len(self._spare)]
        self.replace(slow)
        return tuple(slow)

    def replace(self, failing: Collection[str]) -> bool:
        """Put others in the place of those failing; False, and nothing changed, when a required one fails or none is
        left.
        """
        out = [name for name in self.chosen if name in failing]
        if not out or any(name in self._required for name in out) or len(out) > len(self._spare):
            return False
        self._fillers = [name for name in self._fillers if name not in out] + self._spare[: len(out)]
        self._spare = self._spare[len(out) :]
        return True
