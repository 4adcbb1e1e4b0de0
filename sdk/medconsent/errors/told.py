"""An error as it is told: what went wrong, where, who said so, and what to do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EndorserWord:
    """What one institution's peer answered to a proposal.

    `code` is the contract's code when the chaincode refused, and None when the peer or its chaincode failed.
    """

    institution: str
    address: str
    message: str
    code: str | None = None

    def __str__(self) -> str:
        said = ": ".join(part for part in (self.code, self.message) if part)
        return f"{self.institution or '?'} ({self.address or '?'}): {said}"

    def to_json(self) -> dict[str, str]:
        """All four members; those without a value are empty texts."""
        return {
            "institution": self.institution,
            "address": self.address,
            "code": self.code or "",
            "message": self.message,
        }


@dataclass(frozen=True)
class Diagnosis:
    """What went wrong, where, and what to do: an error as it is told.

    Attributes:
        code: The stable code that programs look at, as `FORBIDDEN` or `UNREACHABLE` (docs/errors.md).
        message: What happened, in one sentence.
        field: The member of the argument that is meant, as `purpose.diseases[0]`; may be empty.
        option: What that member is called where the caller typed it, as `--disease CODE`; may be empty.
        hint: What to do next; may be empty.
        details: What the contract adds, such as all reasons of a denial: texts, or objects with `code` and `message`.
        endorsers: What each institution's peer answered.
        transaction_id: The transaction that it is about; empty when none was made.
    """

    code: str
    message: str
    field: str = ""
    option: str = ""
    hint: str = ""
    details: tuple[Any, ...] = ()
    endorsers: tuple[EndorserWord, ...] = ()
    transaction_id: str = ""

    def lines(self) -> list[str]:
        """The lines for people: the code and the sentence, then where, why, what to do, and who said what.

        Endorsers that all said the same have been heard once; only a disagreement is news.
        """
        told = [f"{self.code}: {_one_line(self.message)}"]
        if self.field:
            option = f" ({self.option})" if self.option and self.option != self.field else ""
            told.append(f"  where: {self.field}{option}")
        told += [f"  - {_detail(detail)}" for detail in self.details]
        if self.hint:
            told.append(f"  hint: {_one_line(self.hint)}")
        if len({(word.code, word.message) for word in self.endorsers}) > 1:
            told.append("  the institutions' peers do not say the same:")
            told += [f"    {word}" for word in self.endorsers]
        if self.transaction_id:
            told.append(f"  transaction: {self.transaction_id}")
        return told

    def to_json(self) -> dict[str, Any]:
        """The same for programs; members that are empty are left out."""
        members = {
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "option": self.option,
            "hint": self.hint,
            "details": list(self.details),
            "endorsers": [word.to_json() for word in self.endorsers],
            "transaction_id": self.transaction_id,
        }
        return {name: value for name, value in members.items() if value}


def _rebuilt(kind: "type[MedconsentError]", arguments: tuple[Any, ...], state: dict[str, Any]) -> "MedconsentError":
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class MedconsentError(Exception):
    """Base of every error that the nouns raise. It can be pickled, and is the same afterwards.

    Attributes:
        code: The stable code that programs look at (docs/errors.md).
        message: What happened, in one sentence.
        hint: What to do next; may be empty.
        transaction_id: The transaction that it is about; empty when none was made.
        words: What each institution's peer answered.
    """

    code: str = "FAULT"

    def __init__(
        self, message: str, *, hint: str = "", transaction_id: str = "", words: Sequence[EndorserWord] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.transaction_id = transaction_id
        self.words = tuple(words)

    def __reduce__(self) -> Any:
        return _rebuilt, (type(self), self.args, dict(self.__dict__))

    @property
    def diagnosis(self) -> Diagnosis:
        """What went wrong, where, and what to do, as a value."""
        return Diagnosis(self.code, str(self), hint=self.hint, endorsers=self.words, transaction_id=self.transaction_id)

    def diagnostics(self) -> str:
        """The same in several lines of plain text, for a person: what the command line prints."""
        return "\n".join(self.diagnosis.lines())


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _detail(detail: Any) -> str:
    if isinstance(detail, Mapping) and "message" in detail:
        return ": ".join(str(detail[name]) for name in ("code", "message") if detail.get(name))
    return detail if isinstance(detail, str) else json.dumps(detail, ensure_ascii=False)
