"""The options with which a purpose is stated, alike for a request, a check and an explanation."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from medconsent.values.purposes import KINDS, MODES, ORGANISATIONS, SENSITIVE, Ethics, Purpose
from medconsent_cli.app.values import COUNTRY, DISEASE, SHA256, TIME, Word

F = TypeVar("F", bound=Callable[..., Any])

_FLAGS = {
    "methods": "Methods (software, algorithms) are developed.",
    "training": "A model is trained.",
    "linking": "The data is linked with other data.",
    "commercial": "The use is commercial.",
    "genetic": "The study is a genetic one.",
}
_ETHICS = ("ethics_board", "ethics_number", "ethics_hash", "ethics_until")
_STATED = ("purpose", "diseases", *_FLAGS, "organisation", "countries", "sensitive", *_ETHICS, "project_id")


def purpose_options(function: F) -> F:
    """Options that state a purpose, passed on as `purpose` (a `Purpose`), and --mode."""
    return _stating(function, required=True)


def optional_purpose_options(function: F) -> F:
    """The same where none of them need be given: `purpose` is then None, and so is `mode`."""
    return _stating(function, required=False)


def _stating(function: F, *, required: bool) -> F:
    @functools.wraps(function)
    def stated(*arguments: Any, **options: Any) -> Any:
        members = {name: options.pop(name) for name in _STATED}
        return function(*arguments, purpose=_purpose(**members), **options)

    command: Any = stated
    for decorate in reversed(_options(required)):
        command = decorate(command)
    return command  # type: ignore[no-any-return]


def _options(required: bool) -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "--purpose", required=required, type=Word(*KINDS), metavar="PURPOSE", help=f"One of {', '.join(KINDS)}."
        ),
        _repeated("--disease", "diseases", "CODE", "With --purpose disease, as in ICD10:C50", DISEASE),
        click.option(
            "--mode", required=required, type=Word(*MODES), metavar="MODE", help=f"One of {', '.join(MODES)}."
        ),
        *(click.option(f"--{name}", name, is_flag=True, help=text) for name, text in _FLAGS.items()),
        click.option(
            "--organisation",
            type=Word(*ORGANISATIONS),
            metavar="KIND",
            help=f"What the organisation is: one of {', '.join(ORGANISATIONS)}.",
        ),
        _repeated("--country", "countries", "CODE", "Where the data would be used, as in KR", COUNTRY),
        _repeated("--sensitive", "sensitive", "WORD", f"Sensitive by: {', '.join(SENSITIVE)}", Word(*SENSITIVE)),
        click.option("--ethics-board", metavar="NAME", help="The ethics board that approved the project."),
        click.option("--ethics-number", metavar="TEXT", help="The number of its approval."),
        click.option("--ethics-hash", type=SHA256, metavar="FILE|SHA256", help="Its letter, or the letter's SHA-256."),
        click.option("--ethics-until", type=TIME, metavar="TIME", help="Until when the approval is valid."),
        click.option("--project-id", metavar="ID", help="The project that this is part of."),
    ]


def _repeated(option: str, name: str, metavar: str, text: str, kind: Any = None) -> Callable[[Any], Any]:
    return click.option(option, name, multiple=True, type=kind, metavar=metavar, help=f"{text}; may be repeated.")


def _purpose(**stated: Any) -> Purpose | None:
    """The purpose that the options state; None when none does.

    Raises:
        click.UsageError: an ethics approval is stated in part, or something of a purpose without --purpose.
    """
    parts = [stated[name] for name in _ETHICS]
    if any(parts) and not all(parts):
        raise click.UsageError(
            "an ethics approval has all of --ethics-board, --ethics-number, --ethics-hash and --ethics-until."
        )
    if not stated["purpose"]:
        if any(stated.values()):
            raise click.UsageError("a purpose is stated as a whole: give --purpose, and all that belongs to it.")
        return None
    return Purpose(
        kind=stated["purpose"],
        diseases=stated["diseases"],
        methods_development=stated["methods"],
        training=stated["training"],
        linking=stated["linking"],
        commercial=stated["commercial"],
        genetic=stated["genetic"],
        organisation=stated["organisation"] or "",
        countries=stated["countries"],
        sensitive=stated["sensitive"],
        ethics=Ethics(*parts) if all(parts) else None,
        project_id=stated["project_id"] or "",
    )
