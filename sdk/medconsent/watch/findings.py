"""One thing that the watcher found. What the kinds mean and close is in `kinds`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Self

from medconsent.watch.kinds import KINDS, Kind
from medconsent.watch.scope import LEDGER, NOTHING, Scope

_MOST = 8  # names in a sentence
_LONGEST_NAME = 200
_LONGEST_SENTENCE = 4000
_LONGEST_ABOUT = 1000


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    Attributes:
        code: Its kind's.
        sentence: What was found; what others wrote in it is cut to a bound.
        block: The block's number; None where it is about no single block.
        transaction: The transaction's id; empty where it is about none.
        about: The key, path or institution that it is about.
        within: What it closes at most, for a kind whose findings do not all close the same; None is what its kind
            closes.
    """

    code: str
    sentence: str
    block: int | None = None
    transaction: str = ""
    about: str = ""
    within: Scope | None = None

    def __post_init__(self) -> None:
        """Bound what others can make long."""
        object.__setattr__(self, "sentence", shortened(self.sentence, _LONGEST_SENTENCE))
        object.__setattr__(self, "about", shortened(self.about, _LONGEST_ABOUT))

    @property
    def id(self) -> str:
        """The same for the same finding, whenever it is found."""
        told = "\0".join((self.code, str(self.block), self.transaction, self.about))
        return sha256(told.encode()).hexdigest()[:12]

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return KINDS[self.code]

    @property
    def scope(self) -> Scope:
        """What it closes."""
        match self.kind.closes:
            case "nothing":
                return NOTHING
            case "the ledger":
                return LEDGER
            case "institutions":
                return self.within or NOTHING
            case "by place":
                return self.within or LEDGER

    @property
    def closes(self) -> bool:
        """Whether it closes any of the institution's decisions."""
        return self.scope.closes

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "id": self.id,
            "code": self.code,
            "sentence": self.sentence,
            "block": self.block,
            "transaction": self.transaction,
            "about": self.about,
            "closes": self.closes,
            "scope": self.scope.to_json(),
        }

    @classmethod
    def from_json(cls, told: Any) -> Self:
        """Out of `to_json`.

        Raises:
            ValueError: It is no finding, or has a code that is not known here.
        """
        if not isinstance(told, dict) or told.get("code") not in KINDS:
            raise ValueError(f"this is not a finding: {told!r:.100}")
        block = told.get("block")
        found = cls(
            str(told["code"]),
            str(told.get("sentence", "")),
            block if isinstance(block, int) else None,
            str(told.get("transaction", "")),
            str(told.get("about", "")),
        )
        scope = Scope.from_json(told["scope"]) if "scope" in told else found.scope
        return found if scope == found.scope else replace(found, within=scope)


def listed(names: Iterable[str]) -> str:
    """Names in a sentence: sorted, each once, not more than eight of them, none long; `nobody` for none."""
    found = sorted(set(names))
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return (", ".join(shortened(name, _LONGEST_NAME) for name in found[:_MOST]) or "nobody") + more


def shortened(text: str, most: int) -> str:
    """Not more than so many characters; what is cut off shows as the beginning of the whole text's SHA-256.

    Args:
        text: Text that others may have written.
        most: The longest that it may be, in characters.
    """
    if len(text) <= most:
        return text
    mark = f"… (sha256 {sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]})"
    return text[: most - len(mark)] + mark
