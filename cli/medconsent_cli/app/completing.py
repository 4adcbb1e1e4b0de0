"""What a shell completes from the ledger: datasets, committees, people, requests, grants and broken glass.

Somebody waits with a finger on a key: it answers within a second or so, or with nothing, and never with a word on
stderr.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from medconsent import Client

_SECONDS = 1.0
_MOST = 50

Found = Iterable[tuple[str, str]]
"""What can be written, and what it is."""


def offered(ask: "Callable[[Client, str], Found]", incomplete: str) -> "list[CompletionItem]":
    """What `ask` finds at one's own institution's peer and begins with what was typed; nothing when that fails."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    from medconsent import connect  # noqa: PLC0415
    from medconsent.fabric.contract import Timeouts  # noqa: PLC0415

    try:
        with connect(timeouts=Timeouts(_SECONDS, _SECONDS, _SECONDS, _SECONDS)) as client:
            fitting = (one for one in ask(client, incomplete) if one[0].startswith(incomplete))
            return [CompletionItem(value, help=about) for value, about in islice(fitting, _MOST)]
    except Exception:  # whatever it is: a shell that completes shows no errors
        return []


def datasets(client: "Client", incomplete: str) -> Found:
    """Datasets, by their names."""
    owner, slash, _slug = incomplete.partition("/")
    found = client.datasets.iterate(owner=owner if slash else None)
    return ((one.id, one.version.title) for one in found)


def diseases(client: "Client", incomplete: str) -> Found:
    """Codes that the policies of the datasets allow: those that a purpose is likely to name."""
    found: dict[str, str] = {}
    for one in client.datasets.iterate():
        for alternative in one.policy.policy.use:
            for code in alternative.diseases or ():
                found.setdefault(code, f"allowed by {one.id}")
    return sorted(found.items())


def committees(client: "Client", incomplete: str) -> Found:
    """Committees, as `hanbit/dac`."""
    institution, slash, _role = incomplete.partition("/")
    found = client.committees.iterate(institution=institution if slash else None)
    return ((f"{one.institution}/{one.role}", "") for one in found)


def people(client: "Client", incomplete: str) -> Found:
    """People whose keys stand on the ledger, as `nuri/kim`."""
    institution, slash, _id = incomplete.partition("/")
    found = client.persons.iterate(institution=institution if slash else None, state="active")
    return ((f"{one.institution}/{one.person}", "") for one in found)


def requests(client: "Client", _incomplete: str) -> Found:
    """Requests that are not decided, by the beginning of their ids."""
    found = _not_ended(client.requests.iterate, "request")
    return ((one.id[:12], f"{one.request.dataset} for {one.request.requester}") for one in found)


def receipts(client: "Client", _incomplete: str) -> Found:
    """Receipts of what one's own institution has released that nobody has closed, by the beginning of their id."""
    found = client.receipts.iterate(owner=client.institution)
    return ((one.id[:12], str(one.receipt.person)) for one in found if one.receipt.sent is None)


def grants(client: "Client", _incomplete: str) -> Found:
    """Grants that have not ended, by the beginning of their ids: also those that are suspended or wait for terms."""
    found = _not_ended(client.grants.iterate, "grant")
    return ((one.id[:12], f"{one.grant.dataset}, {one.state}") for one in found)


def broken_glass(client: "Client", _incomplete: str) -> Found:
    """Broken glass, by the beginning of its ids."""
    return ((one.id[:12], "") for one in client.breakglass.iterate())


def _not_ended(iterate: Callable[..., Iterable[Any]], machine: str) -> Iterator[Any]:
    """What has not ended: each state is asked for apart, for a list is of one state or of all."""
    from medconsent.contract import states  # noqa: PLC0415

    return chain.from_iterable(iterate(state=state) for state in states(machine, final=False))
