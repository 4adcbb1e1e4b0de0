"""The kinds of argument that commands share. Spelling only: what is allowed is the contract's to say."""

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from medconsent_cli.app.at_home import AtHome, SomebodyAtHome
from medconsent_cli.app.files import is_file, sha256_of
from medconsent_cli.app.state import App
from medconsent_cli.app.words import COMMITTEE_ROLES, DISEASE_SYSTEMS

if TYPE_CHECKING:
    from datetime import datetime

    from click.shell_completion import CompletionItem


class Word(click.ParamType[str]):
    """A word out of a closed list of docs/contract.md: offered in completion and help; another one is not sent."""

    name = "word"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See `click.ParamType.convert`.

        Raises:
            click.BadParameter: it is another word; the message lists those that there are.
        """
        meant = next((word for word in self.words if word.casefold() == str(value).casefold()), None)
        if meant is None:
            close = get_close_matches(str(value).casefold(), self.words, n=1)
            guess = f" Did you mean {close[0]!r}?" if close else ""
            self.fail(f"{value!r} is none of: {', '.join(self.words)}.{guess}{_odd(str(value))}", param, ctx)
        return meant

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """The words that begin with what was typed."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415

        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


class Cased(Word):
    """A word whose capital letters do not matter; another one is sent, for the contract says what was meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See `click.ParamType.convert`."""
        text = str(value)
        return next((word for word in self.words if word.casefold() == text.casefold()), text)


class _Spelled(click.ParamType[str]):
    """Text of a known shape (docs/contract.md, "Names"); `wanted` says which, for the message."""

    def __init__(self, name: str, pattern: str, wanted: str, *, most: int = 64, known: bool = False) -> None:
        """`known` is for what is there already: its capital letters are read as small ones."""
        self.name = name
        self._known = known
        self._pattern = re.compile(pattern, re.ASCII)
        self._wanted = wanted
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).lower() if self._known else str(value)
        if len(text) > self._most or not self._pattern.fullmatch(text):
            self.fail(f"{text!r} {self._wanted}{_odd(text)}", param, ctx)
        return text

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """Committees and people from the ledger; nothing for other spellings."""
        from_ledger = {"committee": "committees", "waits": "committees", "person": "people"}.get(self.name, "")
        return _offered(from_ledger, incomplete) if from_ledger else []


def _odd(text: str) -> str:
    from medconsent._internal.words import odd_letter  # noqa: PLC0415

    odd = odd_letter(text)
    return f" {odd[0].upper()}{odd[1:]}." if odd else ""


class _Known(click.ParamType[str]):
    """The id of something on the ledger, or its beginning; completed from there."""

    def __init__(self, name: str) -> None:
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """See `medconsent_cli.app.completing`."""
        return _offered(self.name, incomplete)


def _offered(name: str, incomplete: str) -> "list[CompletionItem]":
    from medconsent_cli.app import completing  # noqa: PLC0415

    return completing.offered(getattr(completing, name), incomplete)


class _Disease(click.ParamType[str]):
    """A code of a classification; its letters are capital ones, so small ones are read as these."""

    name = "disease"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        written = str(value)
        if odd := _odd(written):
            self.fail(f"{written!r} is no disease.{odd}", param, ctx)
        system, colon, code = written.upper().replace("_", ":").partition(":")
        system, code = system.strip(), code.strip()
        code = code.removeprefix(f"{system}:")  # MONDO:MONDO_0007254, as some files have it
        plain = system.replace("-", "")
        return f"{plain if plain in DISEASE_SYSTEMS else system}:{code}" if colon else written

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """The classifications; and of codes those that the datasets' policies allow, for no list here has all."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415

        begun = incomplete.upper()
        systems = [CompletionItem(f"{one}:") for one in DISEASE_SYSTEMS if one.startswith(begun)]
        return systems or _offered("diseases", begun)


class _Country(click.ParamType[str]):
    """A country of ISO 3166-1, whose two letters are capital ones."""

    name = "country"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        return text.upper() if text.isascii() else text


class DatasetVersion(NamedTuple):
    """A dataset, and one of its versions or None for the latest."""

    dataset: str
    version: int | None

    def __str__(self) -> str:
        return self.dataset if self.version is None else f"{self.dataset}@{self.version}"


class _DatasetType(click.ParamType[DatasetVersion]):
    name = "dataset"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> DatasetVersion:
        if isinstance(value, DatasetVersion):
            return value
        name, at, version = str(value).partition("@")
        if odd := _odd(name):
            self.fail(f"{name!r} is no dataset.{odd}", param, ctx)
        if "/" not in name:
            self.fail(f"{value!r} is no dataset: write INSTITUTION/SLUG, as in hanbit/breast-cancer.", param, ctx)
        if not at:
            return DatasetVersion(name, None)
        if not (version.isascii() and version.isdigit()):
            self.fail(f"{version!r} is no version: write a number, as in {name}@2.", param, ctx)
        return DatasetVersion(name, int(version))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """See `medconsent_cli.app.completing`."""
        return _offered("datasets", incomplete)


class _DurationType(click.ParamType[int]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        from medconsent.times import parse_duration  # noqa: PLC0415

        try:
            return parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Sha256Type(click.ParamType[str]):
    """A document that somebody has before them, by its file or by the hash of its bytes."""

    name = "sha256"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if re.fullmatch("[0-9a-fA-F]{64}", text):
            return text.lower()
        if is_file(text):
            return sha256_of(text)
        self.fail(f"{text!r} is no file, and no SHA-256 (64 characters of 0-9 and a-f).", param, ctx)


class _TimeType(click.ParamType["datetime"]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "datetime":
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]
        try:
            return moment(value, ctx)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def moment(text: str, ctx: click.Context | None) -> "datetime":
    """The moment that was written; that a day is its beginning in UTC is said on stderr.

    Raises:
        ValueError: It is none.
    """
    from medconsent.times import format_time, is_day, read_time  # noqa: PLC0415

    found = read_time(text)
    app = ctx.find_object(App) if ctx else None
    if is_day(text) and not (ctx and ctx.resilient_parsing) and not (app and app.json):
        click.echo(f"{text} is taken as the day's beginning in UTC: {format_time(found)}", err=True)
    return found


DATASET = _DatasetType()
TXID = _Spelled(
    "transaction",
    "[0-9a-f]{64}",
    "is no whole transaction id, which has 64 hexadecimal digits: tables show the beginning only; "
    "the line `committed in block ...` has the whole one, and so has --json.",
)


class _EnrollmentId(AtHome, _Spelled):
    """An enrolment id, spelled as those are."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        institution, slash, person = str(value).rpartition("/")
        return f"{institution}{slash}{super().convert(person, param, ctx)}"


ENROLLMENT_ID = _EnrollmentId(
    "id",
    "[a-z0-9]+([._-][a-z0-9]+)*",
    "is no enrolment id: small letters and digits with single `.`, `_` or `-` between, at most 64 characters. "
    "Every institution can read it on the ledger, so take a pseudonym (e-17) rather than a name.",
)
COLLEAGUE = SomebodyAtHome()
PERSON_OF_INSTITUTION = SomebodyAtHome(of="institution")
COMMITTEE = _Spelled(
    "committee",
    f"[a-z0-9-]+/({'|'.join(COMMITTEE_ROLES)})",
    f"is no committee: write INSTITUTION/ROLE, as in hanbit/dac; the roles are {', '.join(COMMITTEE_ROLES)}.",
    known=True,
)
WAITS_FOR = _Spelled(
    "waits",
    f"me|[a-z0-9-]+/({'|'.join(COMMITTEE_ROLES)})",
    f"is no committee: write INSTITUTION/ROLE, as in hanbit/dac, or `me`; the roles are {', '.join(COMMITTEE_ROLES)}.",
    known=True,
)
PERSON = _Spelled(
    "person",
    "[a-z0-9-]+/[a-z0-9]+([._-][a-z0-9]+)*",
    "is nobody: write INSTITUTION/ID, as in nuri/kim.",
    most=96,
    known=True,
)
_SLUG = "[a-z0-9]+(-[a-z0-9]+)*"
SLUG = _Spelled(
    "slug",
    _SLUG,
    "is no name for something new: small letters and digits, with single dashes between, at most 63. The institution "
    "is left out, for it is one's own.",
    most=63,
)
KEYWORD = _Spelled(
    "keyword",
    _SLUG,
    "is no keyword: letters from a to z and digits, with single dashes between, at most 63.",
    most=63,
    known=True,
)
DISEASE = _Disease()
COUNTRY = _Country()
REQUEST = _Known("requests")
GRANT = _Known("grants")
BREAKGLASS = _Known("broken_glass")
RECEIPT = _Known("receipts")
SHA256 = _Sha256Type()
TIME = _TimeType()
DURATION = _DurationType()


def own_dataset(name: str, institution: str) -> str:
    """A dataset in full: `breast-cancer` is one's own institution's, `hanbit/breast-cancer` is what it says."""
    return name if "/" in name else f"{institution}/{name}"
