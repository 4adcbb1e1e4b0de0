"""From an error to what the user is told and the exit code.

For people: one line `error CODE: sentence`, then where, hint, each endorser's word where they differ, and the
transaction's id. For programs (`--json`): an object on stderr with the same members. The SDK's errors have all of it;
what is added is the exit code, and what only the command line knows (`medconsent_cli.app.hints`).
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError

from medconsent_cli.app import hints, output
from medconsent_cli.app.exit_codes import Exit
from medconsent_cli.app.functions import in_commands
from medconsent_cli.app.private_texts import NotKept
from medconsent_cli.app.state import App


@dataclass(frozen=True)
class Failure:
    """What went wrong, as it is told."""

    exit: Exit
    code: str
    message: str
    field: str = ""
    option: str = ""
    hint: str = ""
    details: tuple[Any, ...] = ()
    endorsers: tuple[dict[str, str], ...] = ()
    transaction_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` puts on stderr; members that are empty are left out."""
        members = {
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "option": self.option,
            "hint": self.hint,
            "details": list(self.details),
            "endorsers": list(self.endorsers),
            "transaction_id": self.transaction_id,
        }
        return {"error": {**{name: value for name, value in members.items() if value}, "exit_code": int(self.exit)}}

    def lines(self) -> list[str]:
        """The lines for people."""
        told = [f"error {self.code}: {output.safe(' '.join(self.message.split()))}"]
        if self.field:
            option = f" ({self.option})" if self.option and self.option != self.field else ""
            told.append(f"  where: {output.safe(self.field)}{option}")
        told += [f"  - {output.safe(_detail(detail))}" for detail in self.details]
        if self.hint:
            told.append(f"  hint: {output.safe(' '.join(self.hint.split()))}")
        if len({(word["code"], word["message"]) for word in self.endorsers}) > 1:
            told.append("  the institutions' peers do not say the same:")
            for word in self.endorsers:
                said = ": ".join(part for part in (word["code"], word["message"]) if part)
                told.append(output.safe(f"    {word['institution'] or '?'} ({word['address'] or '?'}): {said}"))
        if self.transaction_id:
            told.append(f"  transaction: {self.transaction_id}")
        return told


def report(error: Exception, app: App, *, as_json: bool) -> Exit:
    """Tell the user on stderr what went wrong.

    Args:
        error: what was raised; one that is not known is told as a fault of the program.
        app: the settings of the run that failed.
        as_json: one JSON object instead of lines for people.

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
        first = first.replace(f"error {failure.code}", click.style(f"error {failure.code}", fg="red", bold=True), 1)
    click.echo("\n".join([first, *rest]), err=True, color=True)
    return failure.exit


def explain(error: Exception, app: App) -> Failure:
    """What `error` means for the user."""
    if isinstance(error, click.Abort):
        return _interrupted(app)
    if isinstance(error, NotKept):
        return _not_kept(error)
    if isinstance(error, click.ClickException):
        return _usage(error)
    from medconsent import errors as sdk  # noqa: PLC0415  (a wrong option needs none of the SDK)
    from medconsent.fabric import errors as fabric  # noqa: PLC0415

    for kind, told in _told(sdk, fabric):
        if isinstance(error, kind):
            return _completed(told(error), app, forbidden=isinstance(error, sdk.Forbidden))
    hint = "this is a fault of the program; MEDCONSENT_DEBUG=1 shows where."
    return Failure(Exit.FAULT, "FAULT", f"{type(error).__name__}: {error}", hint=hint)


def _completed(failure: Failure, app: App, *, forbidden: bool) -> Failure:
    """With the option that a member stands for, with the command that a refusal asks for, and with whom one acts as
    where that is what was refused.
    """
    acted = hints.who_acted(app, failure.message) if forbidden else ""
    said = in_commands(failure.hint)
    added = (hints.of_refusal(failure.code, said), hints.of_name(failure.message), acted)
    hint = "; ".join(part for part in (said, *added) if part)
    return replace(failure, hint=hint, option=hints.option_of(failure.field, app.parameters))


def _told(sdk: Any, fabric: Any) -> list[tuple[type[Exception], Callable[[Any], Failure]]]:
    """How each kind of error is told; the first that fits counts."""
    return [
        (sdk.Refused, lambda it: _told_as(it, Exit.REFUSED, it.code, field=it.field, details=it.details)),
        (sdk.Invalidated, lambda it: _told_as(it, Exit.REFUSED, it.validation_code)),
        (sdk.Unreachable, lambda it: _told_as(it, Exit.UNREACHABLE, "UNREACHABLE")),
        (sdk.OutcomeUnknown, _outcome_unknown),
        (sdk.DocumentError, lambda it: Failure(Exit.USAGE, "DOCUMENT", str(it), hint=it.hint)),
        (sdk.ContextError, lambda it: Failure(Exit.USAGE, "CONTEXT", it.message, hint=it.hint)),
        (sdk.UnexpectedAnswer, lambda it: _told_as(it, Exit.FAULT, "UNEXPECTED_ANSWER")),
        (sdk.MedconsentError, lambda it: _told_as(it, Exit.FAULT, "FAULT")),
        (fabric.CAError, _ca),
        (fabric.GatewayError, _gateway),
        (fabric.FabricError, lambda it: Failure(Exit.USAGE, "IDENTITY", str(it))),
    ]


def _told_as(error: Any, exit_: Exit, code: str, **more: Any) -> Failure:
    return Failure(exit_, code, error.message, hint=error.hint, **more, **_common(error))


def _outcome_unknown(error: Any) -> Failure:
    hint = f"find out before repeating it: medconsent transaction status {error.transaction_id}"
    return Failure(Exit.UNKNOWN, "OUTCOME_UNKNOWN", error.message, hint=hint, **_common(error))


def _common(error: Any) -> dict[str, Any]:
    words = tuple(
        {"institution": word.institution, "address": word.address, "code": word.code or "", "message": word.message}
        for word in error.words
    )
    return {"endorsers": words, "transaction_id": error.transaction_id}


def _usage(error: click.ClickException) -> Failure:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"{error.ctx.command_path} --help"
    if isinstance(error, NoArgsIsHelpError):
        return Failure(Exit.USAGE, "USAGE", "a command is missing.", hint=hint)
    return Failure(Exit.USAGE, "USAGE", " ".join(error.format_message().split()), hint=hint)


def _interrupted(app: App) -> Failure:
    if app.change is None:
        return Failure(Exit.USAGE, "STOPPED", "stopped; nothing was sent.")
    return Failure(
        Exit.UNKNOWN,
        "OUTCOME_UNKNOWN",
        f"stopped while {app.change}: it may have been committed all the same.",
        hint=app.change_hint or "look at the record before repeating it.",
    )


def _not_kept(error: NotKept) -> Failure:
    return Failure(
        Exit.UNKNOWN,
        "TEXT_NOT_KEPT",
        error.message,
        hint=error.hint,
        details=tuple(error.details),
        transaction_id=error.transaction_id,
    )


def _ca(error: Any) -> Failure:
    if not error.status:
        return Failure(Exit.UNREACHABLE, "CA_UNREACHABLE", error.message, hint="is the institution's CA running?")
    code = f"CA_{error.code or error.status}"
    return Failure(Exit.REFUSED, code, f"the CA refused: {error.message}", hint=hints.of_ca(error.code))


def _gateway(error: Any) -> Failure:
    exits = {"unknown": Exit.UNKNOWN, "committed-invalid": Exit.REFUSED}
    words = tuple(
        {"institution": word.msp_id, "address": word.address, "code": "", "message": word.message}
        for word in error.details
    )
    return Failure(
        exits.get(error.outcome, Exit.UNREACHABLE),
        error.status.name,
        error.message,
        hint=error.advice,
        endorsers=words,
        transaction_id=error.transaction_id,
    )


def _detail(detail: Any) -> str:
    if isinstance(detail, Mapping) and "message" in detail:
        return ": ".join(str(detail[name]) for name in ("code", "message") if detail.get(name))
    return detail if isinstance(detail, str) else json.dumps(detail, ensure_ascii=False)
