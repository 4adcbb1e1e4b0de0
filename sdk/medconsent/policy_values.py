"""A policy as a value: the same members as in docs/contract.md."""

from dataclasses import dataclass

from medconsent._codec import Value


@dataclass(frozen=True)
class Alternative(Value):
    """One alternative of the use conditions: a GA4GH DUO permission (`GRU`, `HMB`, `DS`), diseases with DS only."""

    permission: str
    diseases: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As the contract has it: without `diseases` when there are none."""
        return {"permission": self.permission} | ({"diseases": [*self.diseases]} if self.diseases else {})


@dataclass(frozen=True)
class Stage(Value):
    """An approval that is needed: `threshold` votes of `<institution>/<role>`."""

    institution: str
    role: str
    threshold: int = 1


@dataclass(frozen=True)
class Policy(Value):
    """What may be done with a dataset.

    `use` are alternatives, of which one must permit the purpose; all `stages` must be met; `recipients` are the
    institutions that may ask, and none means any. Durations are in seconds.
    """

    use: tuple[Alternative, ...]
    stages: tuple[Stage, ...]
    modes: tuple[str, ...]
    max_duration_seconds: int
    review_period_seconds: int
    recipients: tuple[str, ...] = ()
    own_institution_votes: bool = False
