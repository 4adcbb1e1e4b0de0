"""Arguments and options that several commands have: a dataset, how long, and how much of a list."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from medconsent_cli.app.values import DATASET, DURATION

F = TypeVar("F", bound=Callable[..., Any])


def dataset_argument(function: F) -> F:
    """The argument DATASET[@VERSION]."""
    return click.argument("dataset", type=DATASET, metavar="DATASET[@VERSION]")(function)


def duration_options(*, required: bool) -> Callable[[F], F]:
    """The options --days and --duration, of which one may be given; read them with `duration_of`.

    Args:
        required: Say in their help that one is needed.
    """

    def decorate(function: F) -> F:
        need = "One of --days and --duration is needed." if required else "At most one of --days and --duration."
        function = click.option(
            "--duration", type=DURATION, metavar="TIME", help="How long, as in `90d`, `12h` or `1d 12h`. " + need
        )(function)
        return click.option("--days", type=click.IntRange(min=1), metavar="N", help="How long, in days.")(function)

    return decorate


def duration_of(days: int | None, duration: int | None, *, required: bool) -> int | None:
    """How long something is to be, from what --days and --duration said.

    Args:
        days: What --days said.
        duration: What --duration said, in seconds.
        required: One of them is needed.

    Returns:
        Seconds; None when neither was given.

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
