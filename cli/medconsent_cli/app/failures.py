"""From an error to what the user is told and the exit code.

The SDK's errors say themselves what happened, where, and what to do (`medconsent.errors.Diagnosis`): that is printed,
as lines for people or as an object for programs (`--json`), on stderr. What is added is colour, the exit code, and what
only the command line knows (`medconsent_cli.app.hints`).
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import NoArgsIsHelpError

from medconsent_cli.app import hints, output
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.functions import in_commands
from medconsent_cli.app.private_texts import NotKept
from medconsent_cli.app.state import App

if TYPE_CHECKING:
    from medconsent.errors import Diagnosis


@dataclass(frozen=True)
class Failure:
    """What went wrong, as it is told, and how the program ends."""

    exit: Exit
    diagnosis: "Diagnosis"

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` puts on stderr; members that are empty are left out."""
        return {"error": {**self.diagnosis.to_json(), "exit_code": int(self.exit)}}

    def lines(self) -> list[str]:
        """The lines for people, safe for a terminal."""
        first, *rest = (output.safe(line) for line in self.diagnosis.lines())
        return [f"error {first}", *rest]


def report(error: Exception, app: App, *, as_json: bool) -> Exit:
    """Tell the user on stderr what went wrong.

    Args:
        error: What was raised; one that is not known is told as a fault of the program.
        app: The settings of the run that failed.
        as_json: One JSON object instead of lines for people.

    Returns:
        The exit code.
    """
    if isinstance(error, NoArgsIsHelpError) and not as_json:
        click.echo(error.format_message(), err=True)
        return Exit.USAGE
    failure = explain(error, app)
    if as_json:
        output.json_document(failure.to_json(), sys.stderr)
        return failure.exit
    first, *rest = failure.lines()
    if output.coloured(sys.stderr):
        heading = f"error {failure.diagnosis.code}"
        first = first.replace(heading, click.style(heading, fg="red", bold=True), 1)
    click.echo("\n".join([first, *rest]), err=True, color=True)
    return failure.exit


def explain(error: Exception, app: App) -> Failure:
    """What `error` means for the user."""
    if isinstance(error, click.Abort):
        return _interrupted(error, app)
    if isinstance(error, NotKept):
        return _not_kept(error)
    if isinstance(error, click.ClickException):
        return _usage(error)
    from medconsent import errors as sdk  # noqa: PLC0415  (a wrong option needs none of the SDK)
    from medconsent.fabric import errors as fabric  # noqa: PLC0415

    if isinstance(error, sdk.MedconsentError):
        end = next((end for kind, end in _ends(sdk) if isinstance(error, kind)), Exit.FAULT)
        return _completed(Failure(end, error.diagnosis), app, forbidden=isinstance(error, sdk.Forbidden))
    for kind, told in _told(fabric):
        if isinstance(error, kind):
            return _completed(told(error), app, forbidden=False)
    return _other(error, app)


def _other(error: Exception, app: App) -> Failure:
    if isinstance(error, OSError) and error.filename is not None and app.change is None:
        return _file(error)
    hint = "this is a fault of the program; MEDCONSENT_DEBUG=1 shows where."
    return _failure(Exit.FAULT, "FAULT", f"{type(error).__name__}: {error}", hint=hint)


def _ends(sdk: Any) -> tuple[tuple[type[Exception], Exit], ...]:
    """How the program ends with each kind of error of the SDK; the first that fits counts."""
    return (
        (sdk.Refused, Exit.REFUSED),
        (sdk.Invalidated, Exit.REFUSED),
        (sdk.AlreadyEnrolled, Exit.REFUSED),
        (sdk.IdentityRevoked, Exit.REFUSED),
        (sdk.Unreachable, Exit.UNREACHABLE),
        (sdk.OutcomeUnknown, Exit.UNKNOWN),
        (sdk.ArchiveDiffers, Exit.DIFFERS),
        (sdk.DamagedCiphertext, Exit.DIFFERS),
        (sdk.HeaderRefused, Exit.REFUSED),
        (sdk.ReleaseCut, Exit.REFUSED),
        (sdk.ReleaseError, Exit.USAGE),
        (sdk.DocumentError, Exit.USAGE),
        (sdk.ContextError, Exit.USAGE),
        (sdk.StillWaiting, Exit.REFUSED),
        (sdk.UnexpectedAnswer, Exit.FAULT),
    )


def _told(fabric: Any) -> tuple[tuple[type[Exception], Callable[[Any], Failure]], ...]:
    """How each kind of error of the Fabric client is told: it knows none of our codes. The first that fits counts."""
    return ((fabric.CAError, _ca), (fabric.GatewayError, _gateway), (fabric.FabricError, _identity))


def _failure(exit_: Exit, code: str, message: str, **more: Any) -> Failure:
    from medconsent.errors import Diagnosis  # noqa: PLC0415

    return Failure(exit_, Diagnosis(code, message, **more))


def _completed(failure: Failure, app: App, *, forbidden: bool) -> Failure:
    """With the option that a member stands for, with the command that a refusal asks for, and with whom one acts as
    where that is what was refused.
    """
    found = failure.diagnosis
    acted = hints.who_acted(app, found.message) if forbidden else ""
    said = in_commands(found.hint)
    which = hints.of_profile(found.message, app.parameters)
    missing = "" if said else hints.of_nothing_there(found.code, found.message)
    added = (missing, hints.of_refusal(found.code, said), hints.of_name(found.message), which, acted)
    hint = "; ".join(part for part in (said, *added) if part)
    return replace(failure, diagnosis=replace(found, hint=hint, option=hints.option_of(found.field, app.parameters)))


def _usage(error: click.ClickException) -> Failure:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"{error.ctx.command_path} --help"
    if isinstance(error, NoArgsIsHelpError):
        return _failure(Exit.USAGE, "USAGE", "a command is missing.", hint=hint)
    return _failure(Exit.USAGE, "USAGE", " ".join(error.format_message().split()), hint=hint)


def _interrupted(error: click.Abort, app: App) -> Failure:
    if app.change is None:
        return _failure(Exit.USAGE, "STOPPED", "stopped; nothing was sent.")
    from medconsent.fabric.errors import in_flight  # noqa: PLC0415

    sent = in_flight(error)
    if sent is not None:
        ask = f"find out before repeating it: medconsent transaction status {sent}"
        return _failure(
            Exit.UNKNOWN,
            "OUTCOME_UNKNOWN",
            f"stopped while {app.change}: the transaction was being sent, and may be committed all the same.",
            hint="; ".join(part for part in (ask, app.change_hint) if part),
            transaction_id=sent,
        )
    return _failure(
        Exit.UNKNOWN,
        "OUTCOME_UNKNOWN",
        f"stopped while {app.change}: it may have been committed all the same.",
        hint=app.change_hint or "look at the record before repeating it.",
    )


def _not_kept(error: NotKept) -> Failure:
    return _failure(
        Exit.UNKNOWN,
        "TEXT_NOT_KEPT",
        error.message,
        hint=error.hint,
        details=tuple(error.details),
        transaction_id=error.transaction_id,
    )


def _ca(error: Any) -> Failure:
    from medconsent.errors import ANEW  # noqa: PLC0415

    if error.untrusted:
        return _failure(Exit.UNREACHABLE, "CA_UNREACHABLE", error.message, hint=ANEW)
    if not error.status:
        return _failure(Exit.UNREACHABLE, "CA_UNREACHABLE", error.message, hint="is the institution's CA running?")
    code = f"CA_{error.code or error.status}"
    return _failure(Exit.REFUSED, code, f"the CA refused: {error.message}", hint=hints.of_ca(error.code))


def _gateway(error: Any) -> Failure:
    from medconsent.errors import EndorserWord  # noqa: PLC0415

    exits = {"unknown": Exit.UNKNOWN, "not-told": Exit.UNKNOWN, "committed-invalid": Exit.REFUSED}
    words = tuple(EndorserWord(word.msp_id, word.address, word.message) for word in error.details)
    return _failure(
        exits.get(error.outcome, Exit.UNREACHABLE),
        error.status.name,
        error.message,
        hint=error.advice,
        endorsers=words,
        transaction_id=error.transaction_id,
    )


def _file(error: OSError) -> Failure:
    message = f"{error.filename2 or error.filename}: {error.strerror}"
    hint = "is there such a folder, has the disk room, and may you write there?"
    return _failure(Exit.USAGE, "FILE", message, hint=hint)


def _identity(error: Any) -> Failure:
    return _failure(Exit.USAGE, "IDENTITY", str(error))
