"""What an act would do, as whoever is about to do it reads it first: what goes, what comes, and what ends by it.

A plan is made from what the ledger says now. Whether the act is done is the contract's to say; where the act names the
digest of what was shown, it is refused when something else stands by then.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """An act that takes something away, before it is done.

    Attributes:
        title: What is changed: `committee hanbit/dac`.
        question: What is asked; the answer is yes or no.
        goes: What would be there no longer, a line each.
        comes: What would be there anew, a line each.
        changes: What would be there otherwise, a line each.
        stays: What the act leaves alone, in one line; empty when there is nothing to say.
        ends: What else ends by it, counted, a line each: `48 undecided requests lapse`.
        notes: What else to know before it, a line each.
        digest: The digest of what was shown, which the act names; None where it names none.
        counts: How many go, come and change, in one line, where the title says so; empty otherwise.
    """

    title: str
    question: str
    goes: tuple[str, ...] = ()
    comes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    stays: str = ""
    ends: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    digest: str | None = None
    counts: str = ""

    def told_after(self) -> tuple[str, ...]:
        """What an act did, counted, a line each, for whoever was not shown it before."""
        return (*((self.counts,) if self.counts else ()), *self.ends)
