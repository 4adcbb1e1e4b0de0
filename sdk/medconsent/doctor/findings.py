"""A finding: what was looked at, how it is, and what to do."""

from dataclasses import dataclass
from typing import Literal

from medconsent._internal.codec import Value

State = Literal["ok", "warning", "wrong", "unknown"]
"""`wrong` keeps something from working; `warning` will, or may; `unknown` could not be looked at."""


@dataclass(frozen=True)
class Finding(Value):
    """One thing that was looked at.

    Attributes:
        about: The kind: `versions`, `settings`, `identity`, `peer`, `CA`, `clock` or `ledger`.
        state: How it is.
        message: What was found.
        mend: What to do; empty where nothing has to be done.
    """

    about: str
    state: State
    message: str
    mend: str = ""


def finding(about: str, state: State, message: str, mend: str = "") -> Finding:
    """A finding whose text is one line each.

    Args:
        about: The part of the set-up, in a word, as `clock`.
        state: How it stands.
        message: What was seen; white space in it becomes single spaces.
        mend: What to do about it; empty where nothing is to be done.
    """
    return Finding(about, state, " ".join(message.split()), mend)
