"""A finding: what was looked at, how it is, and what to do."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "wrong", "unknown"]
"""`wrong` keeps something from working; `warning` will, or may; `unknown` could not be looked at."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        about: The kind, one of `medconsent_network.doctor.CHECKS`.
        state: How it is.
        message: What was found.
        mend: What to do; empty where nothing has to be done.
    """

    about: str
    state: State
    message: str
    mend: str = ""
