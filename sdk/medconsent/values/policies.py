"""A policy as a value: the same members as in docs/contract.md. What each term means: docs/use-conditions.md."""

from dataclasses import dataclass
from typing import Any

from medconsent._internal.codec import Value, encode_members

_EMPTY: tuple[object, ...] = (None, "", 0, False, [], ())


def _given(value: Value) -> dict[str, Any]:
    """The members that say something: the contract takes what is left out as nothing."""
    return {name: member for name, member in encode_members(value).items() if member not in _EMPTY}


@dataclass(frozen=True)
class Modifier(Value):
    """A limit or a duty of GA4GH DUO, with the one parameter that its term takes.

    Attributes:
        term: The term: `NCU`, `GS`, `PUB` and so on.
        countries: ISO 3166-1 alpha-2.
        institutions: Names of institutions.
        projects: Ids of projects.
        persons: People, as `nuri/kim`.
        months: Months of 30.5 days each.
        text: What is asked for, in words.
    """

    term: str
    countries: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    months: int = 0
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the contract has it: with the parameter that is given."""
        return _given(self)


@dataclass(frozen=True)
class Alternative(Value):
    """One alternative of the use conditions: a GA4GH DUO permission (`NRES`, `GRU`, `HMB`, `DS`, `POA`) with its
    limits and duties; diseases with DS only. `clinical_care` adds clinical care (CC).
    """

    permission: str
    diseases: tuple[str, ...] = ()
    limits: tuple[Modifier, ...] = ()
    duties: tuple[Modifier, ...] = ()
    clinical_care: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the contract has it: without what is empty."""
        return {"permission": self.permission} | _given(self)


@dataclass(frozen=True)
class Stage(Value):
    """An approval that is needed, of one committee: `<institution>/<role>`.

    Attributes:
        institution: Whose committee; None with `of`.
        role: The role that sits on it: `dac`, `ethics` or `privacy`.
        threshold: How many approvals; 1 unless given, and None with a `rule`.
        of: `requester`: the committee of whoever asks, instead of an institution's.
        rule: `majority` (more than half of all who sit) or `unanimous`, instead of a number.
        step: Stages of one step run side by side; a step opens when all before it are met. None: the first.
        attests: Whether approvals carry an ethics approval; None leaves it to the contract.
    """

    institution: str = ""
    role: str = ""
    threshold: int | None = None
    of: str = ""
    rule: str = ""
    step: int = 1
    attests: bool | None = None

    def __post_init__(self) -> None:
        if self.threshold is None and not self.rule:
            object.__setattr__(self, "threshold", 1)

    def to_json(self) -> dict[str, Any]:
        """As the contract has it: without what is not given, and without the first step, which need not be said."""
        form = {name: member for name, member in encode_members(self).items() if member != ""}
        if self.step == 1:
            del form["step"]
        return form

    def __str__(self) -> str:
        return f"{self.institution or self.of}/{self.role}"


@dataclass(frozen=True)
class Veto(Value):
    """A committee of which one rejection ends a request, whatever the stages say."""

    institution: str
    role: str


@dataclass(frozen=True)
class Terms(Value):
    """What every requester has to accept: where it stands, and the SHA-256 (lower-case hex) of its bytes."""

    url: str
    sha256: str


@dataclass(frozen=True)
class Attachment(Value):
    """A document that goes with the policy, bound by the SHA-256 (lower-case hex) of its bytes."""

    title: str
    url: str
    sha256: str


@dataclass(frozen=True)
class TableDemands(Value):
    """What is asked of each table in a statement of de-identification: k-anonymity, and l-diversity unless 0."""

    k: int
    l: int = 0  # noqa: E741 - the name that the literature gives it

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        return _given(self)


@dataclass(frozen=True)
class ImageDemands(Value):
    """What is asked of each kind of image: that faces were removed, and at how many volumes somebody looked."""

    faces_removed: bool = False
    checked_at_least: int = 0

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        return _given(self)


@dataclass(frozen=True)
class DeidentificationDemands(Value):
    """What a policy asks of the statement of de-identification; `terms` are the terms of law that it accepts."""

    terms: tuple[str, ...] = ()
    tables: TableDemands | None = None
    images: ImageDemands | None = None

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        return _given(self)


@dataclass(frozen=True)
class Policy(Value):
    """What may be done with a dataset.

    Attributes:
        use: Alternatives, of which one must permit the purpose.
        stages: Approvals, of which all are needed.
        modes: How the data may be used.
        max_duration_seconds: The longest time that a grant lasts, in seconds.
        review_period_seconds: How long a request may wait for its decision, in seconds.
        recipients: The institutions that may ask; empty: any.
        own_institution_votes: Whether members of the requester's institution may vote on its request.
        vetoes: Committees of which one rejection ends a request.
        automatic: Whether what is permitted without review is approved when it is submitted.
        conflicts: `declare` when every vote has to declare that its voter has no conflict of interest.
        training_counts_as_methods: Whether the training of a model is methods development, which NMDS excludes.
        terms: Terms that are accepted with a request.
        attachments: Further documents that it binds by hash.
        exclusion_period_seconds: How long after an epoch of consent those who withdrew must be left out, in seconds; 0
            leaves it to the contract.
        deidentification: What a statement of de-identification has to show.
    """

    use: tuple[Alternative, ...]
    stages: tuple[Stage, ...]
    modes: tuple[str, ...]
    max_duration_seconds: int
    review_period_seconds: int
    recipients: tuple[str, ...] = ()
    own_institution_votes: bool = False
    vetoes: tuple[Veto, ...] = ()
    automatic: bool = False
    conflicts: str = "none"
    training_counts_as_methods: bool = True
    terms: Terms | None = None
    attachments: tuple[Attachment, ...] = ()
    exclusion_period_seconds: int = 0
    deidentification: DeidentificationDemands | None = None

    def to_json(self) -> dict[str, Any]:
        """As the contract has it: without the optional members that say nothing."""
        members = encode_members(self)
        silent = {
            "vetoes": not self.vetoes,
            "automatic": not self.automatic,
            "conflicts": self.conflicts == "none",
            "training_counts_as_methods": self.training_counts_as_methods,
            "attachments": not self.attachments,
            "exclusion_period_seconds": not self.exclusion_period_seconds,
        }
        return {name: member for name, member in members.items() if not silent.get(name)}
