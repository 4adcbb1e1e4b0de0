"""What stands on a screen: labels and what they say. Whoever renders them adds layout and colour, and no word."""

from dataclasses import dataclass
from datetime import datetime

from medconsent.times import format_time


@dataclass(frozen=True)
class Fact:
    """One thing that a person is told.

    Attributes:
        label: What it is, in a word or two.
        says: What there is to say of it, a line each; nothing is said of it when there is none.
        state: A word of the contract that it begins with (`in-review`, `deny`), which may have a colour; else empty.
    """

    label: str
    says: tuple[str, ...] = ()
    state: str = ""


def fact(label: str, said: object) -> Fact:
    """A fact with one line, or with none where there is nothing to say (None, or an empty text).

    Args:
        label: What the line is about, as `requested by`.
        said: What stands there, by its `str`.
    """
    return Fact(label, () if said in (None, "") else (str(said),))


def moment(at: datetime | None) -> str:
    """A time as the contract spells it (UTC); empty for none."""
    return format_time(at) if at else ""
