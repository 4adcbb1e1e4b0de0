"""The base of the nouns: each is a set of operations on one session (see `medconsent._internal.session`)."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from medconsent import contract
from medconsent._internal.codec import Json
from medconsent._internal.session import Session
from medconsent.fabric.flow import Driver, Emit, Flow, Operations, StreamFlow
from medconsent.values.records import ForgedRecord, Page, Proposal, Written

_FOUND_BY_PREFIX = ("grant", "request", "breakglass", "receipt")
_WHOLE = 64

M = TypeVar("M")
T = TypeVar("T")

OnForged = Callable[[ForgedRecord], None]
"""Called with each forged record that an iteration passes over."""


class Noun(Operations[M]):
    """Operations on one kind of record: blocking on `Client`, awaited on `AsyncClient`."""

    def __init__(self, driver: Driver[M], session: Session) -> None:
        super().__init__(driver)
        self._session = session

    def _ask(self, function: str, /, **argument: Any) -> Flow[dict[str, Any]]:
        """The answer to a query; members that are None are left out of the argument."""
        return self._session.ask(function, _members(argument))

    def _change(
        self,
        function: str,
        argument: Mapping[str, Any],
        read: Callable[[Json], T],
        *,
        parties: Mapping[str, str] | None = None,
        automatic: bool = False,
        transient: Mapping[str, bytes] | None = None,
        own: bool = False,
    ) -> Flow[Written[T]]:
        """Submit a transaction to those whom the contract names for it (`medconsent.contract`).

        `parties` are the institutions that the argument does not name (`owner`, `requester`); `automatic` is whether
        the policy in force approves by itself; `own` asks one's own institution alone, whatever the contract names. The
        beginning of an id is looked up first, so that the transaction reads only keys that it names: nobody can put
        anything in its way then.
        """
        members = yield from self._with_whole_ids(_members(argument))
        terms = contract.terms(function)
        known = {"caller": self._session.institution, **(parties or {})}
        answer, submitted = yield from self._session.change(
            function,
            members,
            (self._session.institution,) if own else terms.sealers(members, known, automatic=automatic),
            avoid=terms.avoided(members, known),
            alone=own or terms.is_alone(members),
            waits=terms.waits,
            transient=transient,
        )
        if terms.waits and "proposal" in answer:
            waiting = Proposal.from_json(answer["proposal"])
            return Written(None, submitted.transaction_id, submitted.block_number, waiting)
        return Written(read(answer), submitted.transaction_id, submitted.block_number)

    def _with_whole_ids(self, members: dict[str, Any]) -> Flow[dict[str, Any]]:
        """The members, with whole ids in the place of beginnings of ids."""
        for kind in _FOUND_BY_PREFIX:
            given = members.get(kind)
            if isinstance(given, str) and len(given) < _WHOLE:
                found: dict[str, Any] = yield from self._ask(f"{kind}.get", **{kind: given})
                members[kind] = found[kind]["record"]["id"]
        given = members.get("delegation")
        if isinstance(given, str) and len(given) < _WHOLE:
            members["delegation"] = yield from self._whole_delegation(given)
        return members

    def _whole_delegation(self, given: str) -> Flow[str]:
        """The id of the one delegation of one's own institution that begins so; what fits none or several stays."""
        fits: list[str] = []
        bookmark: str | None = None
        while bookmark != "":
            page: dict[str, Any] = yield from self._ask(
                "delegation.list", institution=self._session.institution, bookmark=bookmark
            )
            ids = (item["delegation"]["record"]["id"] for item in page["items"] if "delegation" in item)
            fits += [one for one in ids if one.startswith(given)]
            bookmark = page["bookmark"]
        return fits[0] if len(fits) == 1 else given

    def _page(
        self, function: str, item: Callable[[Json], T], /, bookmark: str | None = None, **argument: Any
    ) -> Flow[Page[T]]:
        """One page; a last page's bookmark is empty, and is none to go on from."""
        answer = yield from self._ask(function, bookmark=bookmark or None, **argument)
        return Page.read(answer, item)

    def _every(
        self, function: str, item: Callable[[Json], T], on_forged: OnForged | None, /, **argument: Any
    ) -> Flow[list[T]]:
        """All items of a list, page after page, for an answer that needs them all."""
        found: list[T] = []
        bookmark = ""
        while True:
            page: Page[T] = yield from self._page(function, item, bookmark=bookmark, **argument)
            found += page.items
            for forged in page.forged if on_forged else ():
                on_forged(forged)  # type: ignore[misc]
            if not page.bookmark:
                return found
            bookmark = page.bookmark

    def _items(
        self, function: str, item: Callable[[Json], T], on_forged: OnForged | None, /, **argument: Any
    ) -> StreamFlow[T]:
        """Every item of a list, page after page."""
        bookmark = ""
        while True:
            page: Page[T] = yield from self._page(function, item, bookmark=bookmark, **argument)
            if on_forged:
                for forged in page.forged:
                    on_forged(forged)
            for element in page.items:
                yield Emit(element)
            if not page.bookmark:
                return
            bookmark = page.bookmark


def _members(argument: Mapping[str, Any]) -> dict[str, Any]:
    """The argument without members that are None, and with names as the contract has them (`for_` is `for`)."""
    return {name.rstrip("_"): member for name, member in argument.items() if member is not None}
