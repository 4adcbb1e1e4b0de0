"""What data is asked for: the purpose of a request, a grant or a check."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from medconsent._internal.codec import Value, encode_members
from medconsent.contract import words

KINDS = words("purpose_kinds")
"""The kinds of purpose that the contract knows."""

ORGANISATIONS = words("organisations")
"""The kinds of organisation that a requester can state."""

SENSITIVE = words("sensitive")
"""What makes a purpose one that only people decide on."""

MODES = words("modes")
"""The ways in which data can be delivered."""


PurposeKind = Literal["general-research", "health-research", "disease", "origins", "clinical-care"]
"""Those of `KINDS`, for a type checker."""

Mode = Literal["download", "enclave", "federated"]
"""Those of `MODES`, for a type checker."""

Organisation = Literal["", "non-profit", "for-profit", "government"]
"""Those of `ORGANISATIONS`, for a type checker; empty: not said."""


@dataclass(frozen=True)
class Ethics(Value):
    """The approval of an ethics board: its `number` there, and the SHA-256 (lower-case hex) of its letter."""

    board: str
    number: str
    sha256: str
    valid_until: datetime


@dataclass(frozen=True)
class Purpose(Value):
    """What data is asked for. What is left out is not done, or not narrowed.

    What the requester alone vouches for never leads to a permit without people: see docs/use-conditions.md.

    Attributes:
        kind: One of `KINDS`.
        diseases: Codes as `ICD10:C50`; with the kind `disease`, and only there.
        methods_development: Whether methods are developed.
        training: Whether a model is trained.
        linking: Whether the data is linked with other data.
        commercial: Whether the use is commercial.
        genetic: Whether it is about genetics.
        organisation: One of `ORGANISATIONS`; empty: not said.
        countries: Where it is used, ISO 3166-1 alpha-2; none: anywhere.
        sensitive: Whom it is about that the law protects in particular: of `SENSITIVE`.
        ethics: The approval of an ethics board.
        project_id: The id of a project that a policy may name.
    """

    kind: PurposeKind
    diseases: tuple[str, ...] = ()
    methods_development: bool = False
    training: bool = False
    linking: bool = False
    commercial: bool = False
    genetic: bool = False
    organisation: Organisation = ""
    countries: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    ethics: Ethics | None = None
    project_id: str = ""

    def __post_init__(self) -> None:
        """
        Raises:
            TypeError: A text stands where several are meant: it would be taken for a list of its characters.
        """
        for name in ("diseases", "countries", "sensitive"):
            if isinstance(getattr(self, name), str):
                raise TypeError(f"{name} of a purpose is several: write ({getattr(self, name)!r},)")

    def to_json(self) -> dict[str, Any]:
        """As the contract has it: without what is not stated."""
        return {"kind": self.kind} | {name: member for name, member in encode_members(self).items() if member}

    def __str__(self) -> str:
        words = [f"{self.kind} ({', '.join(self.diseases)})" if self.diseases else self.kind]
        flags = ("methods_development", "training", "linking", "commercial", "genetic")
        words += [name.replace("_", " ") for name in flags if getattr(self, name)]
        if self.organisation:
            words.append(f"by an organisation that is {self.organisation}")
        if self.countries:
            words.append(f"in {' '.join(self.countries)}")
        if self.sensitive:
            words.append(f"sensitive: {' '.join(self.sensitive)}")
        if self.ethics:
            until = f"{self.ethics.valid_until:%Y-%m-%d}"
            words.append(f"ethics approval {self.ethics.number} of {self.ethics.board}, valid until {until}")
        if self.project_id:
            words.append(f"project {self.project_id}")
        return "; ".join(words)


def json_of(purpose: Purpose) -> dict[str, Any]:
    """`purpose.to_json()`.

    Raises:
        TypeError: It is no `Purpose`.
    """
    if not isinstance(purpose, Purpose):
        raise TypeError(f'a purpose is a medconsent.Purpose, as Purpose("health-research"), and not {purpose!r}')
    return purpose.to_json()
