"""The kinds of argument that commands share. Spelling only: what is allowed is the contract's to say."""

import hashlib
import re
import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from io import BufferedReader

    from click.shell_completion import CompletionItem

    from medconsent.policies import Policy

F = TypeVar("F", bound=Callable[..., Any])

MIB = 1024**2

ROLES = ("steward", "dac", "ethics", "privacy", "researcher", "auditor", "gateway", "operator")
COMMITTEE_ROLES = ("dac", "ethics", "privacy")
STATES = ("submitted", "in-review", "returned", "approved", "rejected", "withdrawn", "closed", "lapsed")
GRANT_STATES = ("active", "pending", "suspended", "expired", "revoked", "relinquished", "narrowed", "ended")
DELEGATION_STATES = ("planned", "active", "expired", "ended")
BREAKGLASS_STATES = ("proposed", "lapsed", "open", "unjustified", "justified")


class Word(click.ParamType[str]):
    """A word out of a closed list of docs/contract.md: offered in completion and help; another one is not sent."""

    name = "word"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word; a usage error that lists the words for any other."""
        if value not in self.words:
            self.fail(f"{value!r} is none of: {', '.join(self.words)}.{_odd(str(value))}", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """The words that begin with what was typed."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415

        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


class _Spelled(click.ParamType[str]):
    """Text of a known shape (docs/contract.md, "Names"); `wanted` says which, for the message."""

    def __init__(self, name: str, pattern: str, wanted: str, *, most: int = 64) -> None:
        self.name = name
        self._pattern = re.compile(pattern, re.ASCII)
        self._wanted = wanted
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if len(text) > self._most or not self._pattern.fullmatch(text):
            self.fail(f"{text!r} {self._wanted}{_odd(text)}", param, ctx)
        return text


def _odd(text: str) -> str:
    from medconsent._internal.words import odd_letter  # noqa: PLC0415

    odd = odd_letter(text)
    return f" {odd[0].upper()}{odd[1:]}." if odd else ""


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
        if re.fullmatch("[0-9a-f]{64}", text):
            return text
        if is_file(text):
            return sha256_of(text)
        self.fail(f"{text!r} is no file, and no SHA-256 (64 characters of 0-9 and a-f).", param, ctx)


class _TimeType(click.ParamType["datetime"]):
    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "datetime":
        from medconsent.times import parse_time  # noqa: PLC0415

        try:
            return parse_time(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


DATASET = _DatasetType()
TXID = _Spelled(
    "transaction",
    "[0-9a-f]{64}",
    "is no whole transaction id, which has 64 hexadecimal digits: tables show the beginning only; "
    "the line `committed in block ...` has the whole one, and so has --json.",
)
ENROLLMENT_ID = _Spelled(
    "id",
    "[a-z0-9]+([._-][a-z0-9]+)*",
    "is no enrolment id: small letters and digits with single `.`, `_` or `-` between, at most 64 characters. "
    "Every institution can read it on the ledger, so take a pseudonym (e-17) rather than a name.",
)
COMMITTEE = _Spelled(
    "committee",
    f"[a-z0-9-]+/({'|'.join(COMMITTEE_ROLES)})",
    f"is no committee: write INSTITUTION/ROLE, as in hanbit/dac; the roles are {', '.join(COMMITTEE_ROLES)}.",
)
WAITS_FOR = _Spelled(
    "waits",
    f"me|[a-z0-9-]+/({'|'.join(COMMITTEE_ROLES)})",
    f"is no committee: write INSTITUTION/ROLE, as in hanbit/dac, or `me`; the roles are {', '.join(COMMITTEE_ROLES)}.",
)
PERSON = _Spelled(
    "person",
    "[a-z0-9-]+/[a-z0-9]+([._-][a-z0-9]+)*",
    "is nobody: write INSTITUTION/ID, as in nuri/kim.",
    most=96,
)
SHA256 = _Sha256Type()
TIME = _TimeType()
DURATION = _DurationType()


def own_dataset(name: str, institution: str) -> str:
    """A dataset in full: `breast-cancer` is one's own institution's, `hanbit/breast-cancer` is what it says."""
    return name if "/" in name else f"{institution}/{name}"


def dataset_argument(function: F) -> F:
    """The argument DATASET[@VERSION]."""
    return click.argument("dataset", type=DATASET, metavar="DATASET[@VERSION]")(function)


def duration_options(*, required: bool) -> Callable[[F], F]:
    """The options --days and --duration, of which one may be given; read them with `duration_of`."""

    def decorate(function: F) -> F:
        need = "One of --days and --duration is needed." if required else "At most one of --days and --duration."
        function = click.option(
            "--duration", type=DURATION, metavar="TIME", help="How long, as in `90d`, `12h` or `1d 12h`. " + need
        )(function)
        return click.option("--days", type=click.IntRange(min=1), metavar="N", help="How long, in days.")(function)

    return decorate


def duration_of(days: int | None, duration: int | None, *, required: bool) -> int | None:
    """Seconds, from what --days and --duration said.

    Raises:
        click.UsageError: both were given, or neither and `required`.
    """
    if days is not None and duration is not None:
        raise click.UsageError("give --days or --duration, not both.")
    if days is not None:
        return days * 86_400
    if duration is None and required:
        raise click.UsageError("how long? Give --days N or --duration TIME.")
    return duration


def list_options(function: F) -> F:
    """The options of a list: --limit."""
    return click.option(
        "--limit",
        type=click.IntRange(min=1),
        default=100,
        show_default=True,
        metavar="N",
        help="Show at most so many; whether there are more is said.",
    )(function)


def read_file(path: str | Path, most: int = MIB) -> bytes:
    """The bytes of a file that the user named (`-`: stdin).

    Raises:
        click.UsageError: it cannot be read, is no regular file, or has more than `most` bytes.
    """
    with _opened(path) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise click.UsageError(f"{path} is too long: at most {_in_words(most)} are read.")
    return data


def is_file(subject: str) -> bool:
    """Whether what may be a file or a name is a file (`-`: stdin); a pipe or a device is one too, to be refused so."""
    return subject == "-" or (Path(subject).exists() and not Path(subject).is_dir())


def sha256_of(path: str | Path) -> str:
    """The SHA-256 (lower-case hex) of a file that the user named (`-`: stdin), of any length.

    Raises:
        click.UsageError: it cannot be read, or is no regular file.
    """
    with _opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_policy(path: str | Path) -> "Policy":
    """The policy in a file that the user named (`-`: stdin).

    Raises:
        DocumentError: it cannot be read, or is no policy; with the line.
    """
    from medconsent.documents.policies import MAX_BYTES, load_yaml  # noqa: PLC0415
    from medconsent.errors import DocumentError  # noqa: PLC0415

    if str(path) != "-":
        return load_yaml(Path(path))
    try:
        return load_yaml(sys.stdin.buffer.read(MAX_BYTES + 1))
    except DocumentError as error:
        error.source = "stdin"
        raise


@contextmanager
def _opened(path: str | Path) -> "Iterator[BufferedReader]":
    from medconsent._internal.files import open_regular  # noqa: PLC0415

    try:
        if str(path) == "-":
            yield cast("BufferedReader", sys.stdin.buffer)
            return
        with open_regular(path) as stream:
            yield stream
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _in_words(size: int) -> str:
    return f"{size // MIB} MiB" if size >= MIB else f"{size // 1024} KiB"


def require_new(path: str, *, replace: bool) -> None:
    """See that `write_file` would not be refused because the file exists. Raises click.UsageError."""
    if path != "-" and not replace and Path(path).exists():
        raise _exists(path)


def _exists(path: str) -> click.UsageError:
    return click.UsageError(f"{path} exists already: give --replace to overwrite it.")


def write_file(path: str, data: bytes, *, replace: bool) -> None:
    """Write `data` to a file that the user named (`-`: stdout).

    Raises:
        click.UsageError: it exists and `replace` is not set, or cannot be written.
    """
    if path == "-":
        sys.stdout.buffer.write(data)
        return
    try:
        with Path(path).open("wb" if replace else "xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}.") from None
