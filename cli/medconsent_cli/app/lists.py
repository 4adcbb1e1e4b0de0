"""How lists are read and shown: up to a limit, whether there is more, and what was found forged."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import click

from medconsent_cli.app import hints, output, suggestions
from medconsent_cli.app.state import App


class _Item(Protocol):
    def to_json(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=_Item)


def show_list(
    app: App,
    items: Iterator[T],
    *,
    limit: int,
    forged: Sequence[_Item],
    headers: Sequence[str],
    row: Callable[[T], Sequence[object]],
) -> None:
    """Show a list: a table for people, `{"items", "more"}` as JSON, with `forged` when there are such.

    Args:
        app: The settings of this run.
        items: What is found; no more is read of it than is shown, and one to know whether there is more.
        limit: How many are shown at most.
        forged: The list that the iteration fills with what is forged; it is read after the items.
        headers: The table's columns.
        row: An item's cells, below `headers`.
    """
    shown: list[T] = []
    more = False
    for item in items:
        if len(shown) == limit:
            more = True
            break
        shown.append(item)
    value: dict[str, Any] = {"items": [item.to_json() for item in shown], "more": more}
    if forged:
        value["forged"] = [record.to_json() for record in forged]

    def people() -> None:
        output.table(headers, [row(item) for item in shown])
        if not shown:
            tell_nothing(app)
        if more:
            click.echo(f"(more than {limit}; --limit shows more)", err=True)
        warn_forged(forged)

    app.show(value, people)


def tell_nothing(app: App) -> None:
    """Say on stderr why a list is empty, as far as that is known, and otherwise what to do."""
    guess = suggestions.of_nothing_found(app.client) if app.client else ""
    command = click.get_current_context(silent=True)
    if hint := guess or (hints.of_empty_list(command) if command else ""):
        click.echo(output.safe(hint), err=True)


def warn_forged(forged: Sequence[Any]) -> None:
    """Say on stderr which records the ledger holds that their owner did not seal."""
    for record in forged:
        click.echo(output.safe(f"forged, counts for nothing: {record.key}: {record.forged}"), err=True)
