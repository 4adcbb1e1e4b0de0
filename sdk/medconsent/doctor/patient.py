"""What is examined: the contexts of this machine, and the one that acts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from medconsent.contexts import Context, Contexts
from medconsent.errors import ContextError
from medconsent.fabric.identity import Identity, PrivateKeySigner


@dataclass
class Patient:
    """A set-up.

    Attributes:
        name: The context to look at; None: the current one.
        timeout: Seconds that each answer is waited for.
        contexts: Where contexts are.
        now: The time by this machine's clock.
        skew: How many seconds the CA's clock is ahead of it, once that was asked.
    """

    name: str | None = None
    timeout: float = 5.0
    contexts: Contexts = field(default_factory=Contexts)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    skew: float | None = None

    @cached_property
    def context(self) -> Context | None:
        """The context that acts; None when there is none that can be read."""
        try:
            return self.contexts.get(self.name)
        except ContextError:
            return None

    @cached_property
    def person(self) -> tuple[Identity, PrivateKeySigner] | None:
        """The identity that acts and its key; None when they cannot be used."""
        try:
            return self.context.load() if self.context else None
        except ContextError:
            return None
