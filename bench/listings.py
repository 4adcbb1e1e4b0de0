"""The lists that are measured, and which pages of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .clients import Caller
from .loading import BUSY
from .world import World

#: Items on a page.
PAGES = (10, 100)

#: So many items from the beginning of each list are asked for, whatever the page: every list has as many at every size.
ITEMS = 100


@dataclass(frozen=True)
class Listing:
    """One list: a query and its filter."""

    name: str
    function: str
    filter: Callable[[World], dict[str, str]]


LISTINGS = (
    Listing("request.list", "request.list", lambda world: {}),
    Listing("request.list-waiting", "request.list", lambda world: {"waiting_for": f"{world.owner}/dac"}),
    Listing("grant.list-dataset", "grant.list", lambda world: {"dataset": world.dataset}),
    Listing("grant.list-owner", "grant.list", lambda world: {"owner": world.owner}),
    Listing("grant.list-person", "grant.list", lambda world: {"holder": f"{world.requester}/{BUSY}"}),
    Listing("audit.trail", "audit.trail", lambda world: {"dataset": world.dataset}),
)


def pages(world: World, caller: Caller, listing: Listing, size: int) -> list[dict[str, Any]]:
    """The arguments that ask for the first `ITEMS` items, page by page. Raises RuntimeError when a page is not full."""
    arguments, bookmark = [], ""
    for _ in range(ITEMS // size):
        argument = {**listing.filter(world), "page_size": size, **({"bookmark": bookmark} if bookmark else {})}
        answer = world.evaluate(caller, listing.function, argument)
        if len(answer["items"]) != size or not all(item.get("sealed", True) for item in answer["items"]):
            raise RuntimeError(f"{listing.name} shows {len(answer['items'])} items where {size} sealed ones stand")
        arguments.append(argument)
        bookmark = answer["bookmark"]
    return arguments
