"""What is asked or proposed a second time while the first still stands open. No rule forbids it; people are told."""

from collections.abc import Iterator
from itertools import islice

from medconsent.client import Client
from medconsent.desk.requests import UNDECIDED
from medconsent.values.purposes import json_of
from medconsent.values.records import Proposal
from medconsent.values.requests import NewRequest, Request, RequestView

_MOST = 200
"""Open requests in each state, and proposals, that are compared: the newest."""


def same_request(client: Client, wanted: NewRequest) -> RequestView | None:
    """The oldest undecided request of one's own institution that asks for just what a new one would.

    Version, purpose, mode and researchers are the same, and the grant that it renews or joins; how long and in which
    words may differ.

    Args:
        client: Who would submit it; only requests of this person count.
        wanted: The new request. Without a version it asks for the newest.
    """
    alike = [view for view in _open(client) if _asks_the_same(view.request, wanted, client.enrollment_id)]
    if not alike:
        return None
    version = wanted.version or client.datasets.get(wanted.dataset).version.version
    same = [view for view in alike if view.request.version == version]
    return min(same, key=lambda view: view.request.created_at, default=None)


def same_proposal(client: Client, proposal: Proposal) -> Proposal | None:
    """The oldest other proposal of the same act, with the same argument, that still waits.

    Args:
        client: Whose peer is asked.
        proposal: The one that its institution's others are compared with, the newest 200.
    """
    waiting = client.proposals.iterate(institution=proposal.institution, state="proposed")
    same = [
        view.proposal
        for view in islice(waiting, _MOST)
        if view.id != proposal.id
        and (view.proposal.function, view.proposal.argument) == (proposal.function, proposal.argument)
    ]
    return min(same, key=lambda it: it.created_at, default=None)


def _open(client: Client) -> Iterator[RequestView]:
    for state in UNDECIDED:
        yield from islice(client.requests.iterate(requester=client.institution, state=state), _MOST)


def _asks_the_same(asked: Request, wanted: NewRequest, oneself: str) -> bool:
    return (
        asked.dataset == wanted.dataset
        and json_of(asked.purpose) == json_of(wanted.purpose)
        and asked.mode == wanted.mode
        and {*asked.researchers} == {*(wanted.researchers or (oneself,))}
        and _names(wanted.renews, asked.renews)
        and _names(wanted.joins, asked.joins)
    )


def _names(given: str | None, whole: str | None) -> bool:
    """Whether an id, or the beginning of one, is this id; none is none."""
    return (given is None and whole is None) or bool(given and whole and whole.startswith(given))
