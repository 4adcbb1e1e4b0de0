"""What a command is given: the options that stand anywhere, a connected client, and a way to show its result."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from medconsent_cli.app import output
from medconsent_cli.app.progress import working

if TYPE_CHECKING:
    from medconsent import Client
    from medconsent.desk.people import People

# The SDK is imported where it is used and not at the top: `medconsent --help` and completion need none of it.

_SETTLE_SECONDS = 5.0
"""How long a command that changed something waits for its own peer to have it."""


@dataclass
class App:
    """The settings of one run of the program.

    Attributes:
        json: Print JSON instead of text for people.
        context: Name of the context to act as; None means the current one.
        wait_block: Number of a block that one's own peer must hold before anything is asked.
        timeout: Seconds to wait for each answer; None for the SDK's own times.
        change: What change is being submitted at this moment, for the message when the user interrupts it.
        change_hint: What to do after that, where it is not to look at the record.
        parameters: The arguments and options of the command that runs.
        client: The client that asked last, for suggestions.
        ends: What the act that is under way takes away, counted before it, a line each; told after it.
        people: How people are named, by `medconsent_cli.app.persons`; None before anybody was shown.
    """

    json: bool = False
    context: str | None = None
    wait_block: int | None = None
    timeout: float | None = None
    change: str | None = field(default=None, repr=False)
    change_hint: str = field(default="", repr=False)
    parameters: tuple[click.Parameter, ...] = field(default=(), repr=False)
    people: "People | None" = field(default=None, repr=False)
    ends: tuple[str, ...] = field(default=(), repr=False)
    client: "Client | None" = field(default=None, repr=False)

    def working(self, what: str) -> AbstractContextManager[None]:
        """Tells `what` on stderr when the body takes long; not with --json: there stderr is for the error alone."""
        return nullcontext() if self.json else working(what)

    @contextmanager
    def asking(self, what: str) -> "Iterator[Client]":
        """A connected client for reading; `what` is told on stderr when it takes long."""
        from medconsent_cli.app import suggestions  # noqa: PLC0415  (imports the SDK's errors)

        with self.working(what), self.connect() as client, suggestions.added(client):
            self.client = client
            yield client

    @contextmanager
    def changing(self, what: str) -> "Iterator[Client]":
        """As `asking`, for a change: an interrupt in it leaves the outcome unknown, and is reported so."""
        with self.asking(what) as client:
            self.change = what
            yield client
            self.change = None
            self._settle(client)

    def _settle(self, client: "Client") -> None:
        """Let one's own peer have the change, so that the next command finds it; say so when it does not.

        The outcome may have come from the peers of others, while one's own had no blocks.
        """
        from medconsent.errors import MedconsentError  # noqa: PLC0415

        if not client.behind:
            return
        with suppress(MedconsentError):
            client.wait_for_block(client.behind, _SETTLE_SECONDS)
        if client.behind and not self.json:
            said = f"note: your institution's peer does not have block {client.behind} yet: with --wait-block"
            click.echo(f"{said} {client.behind} the next command waits for it", err=True)

    @contextmanager
    def connect(self) -> "Iterator[Client]":
        """A connected client, without a word on how long it takes."""
        from medconsent import connect  # noqa: PLC0415
        from medconsent.fabric.contract import Timeouts  # noqa: PLC0415

        limit = self.timeout
        timeouts = None if limit is None else Timeouts(limit, limit, limit, limit)
        with connect(self.context, timeouts=timeouts) as client:
            if self.wait_block is not None:
                client.wait_for_block(self.wait_block)
            yield client

    def show(self, value: Any, people: Callable[[], None]) -> None:
        """Print a result: `value` as JSON, or whatever `people` prints."""
        if self.json:
            output.json_document(_identified(value))
        else:
            people()


def _identified(value: Any) -> Any:
    """An answer with the id of its record at the top, and so with each item of a list.

    Records stand in answers as the contract gives them: bare, as a view, or as a view among what belongs to it.
    """
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("items"), list):
        return {**value, "items": [_identified(item) for item in value["items"]]}
    if "id" in value:
        return value
    records = [value, *(member for member in value.values() if isinstance(member, dict))]
    found = next((one["record"]["id"] for one in records if isinstance(one.get("record"), dict)), None)
    return value if found is None else {"id": found, **value}


pass_app = click.make_pass_decorator(App, ensure=True)
