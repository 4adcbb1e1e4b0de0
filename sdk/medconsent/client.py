"""The clients: the nouns on one connection, as one identity.

    with medconsent.connect() as client:                  # the current context
        view = client.datasets.get("hanbit/breast-cancer")

    async with medconsent.connect_async("nuri/kim") as client:
        view = await client.datasets.get("hanbit/breast-cancer")

The attributes are those of `Client`, one a noun of the contract.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from medconsent._internal.codec import Value
from medconsent._internal.session import Session
from medconsent.contexts import Context, Contexts
from medconsent.contract import digest
from medconsent.errors import ANEW, ENROL_AGAIN, ContextError
from medconsent.fabric.channel import Channel
from medconsent.fabric.contract import Timeouts
from medconsent.fabric.errors import IdentityError
from medconsent.fabric.flow import Asyncio, Blocking, Flow, Operations, operation
from medconsent.fabric.gateway import Gateway

if TYPE_CHECKING:
    from medconsent.fabric.aio import AsyncGateway
    from medconsent.nouns.archives import Archives
    from medconsent.nouns.audit import Audit
    from medconsent.nouns.bases import Bases
    from medconsent.nouns.breakglass import Emergencies
    from medconsent.nouns.committees import Committees
    from medconsent.nouns.consents import Consents
    from medconsent.nouns.datasets import Datasets
    from medconsent.nouns.decisions import Decisions
    from medconsent.nouns.events import Events
    from medconsent.nouns.grants import Grants
    from medconsent.nouns.grounds import Grounds
    from medconsent.nouns.inbox import Inbox
    from medconsent.nouns.institutions import Institutions
    from medconsent.nouns.ledger import Ledger
    from medconsent.nouns.ontologies import Ontologies
    from medconsent.nouns.persons import Persons
    from medconsent.nouns.policies import Policies
    from medconsent.nouns.proposals import Proposals
    from medconsent.nouns.receipts import Receipts
    from medconsent.nouns.release import Release
    from medconsent.nouns.requests import Requests
    from medconsent.nouns.statements import Statements
    from medconsent.nouns.texts import Texts
    from medconsent.nouns.transactions import Transactions

M = TypeVar("M")
G = TypeVar("G")

#: The class of each noun; the client's attribute is called like its module in `medconsent.nouns`.
_NOUNS = {
    "institutions": "Institutions",
    "persons": "Persons",
    "proposals": "Proposals",
    "committees": "Committees",
    "datasets": "Datasets",
    "policies": "Policies",
    "requests": "Requests",
    "grants": "Grants",
    "breakglass": "Emergencies",
    "archives": "Archives",
    "receipts": "Receipts",
    "release": "Release",
    "inbox": "Inbox",
    "decisions": "Decisions",
    "consents": "Consents",
    "bases": "Bases",
    "grounds": "Grounds",
    "statements": "Statements",
    "texts": "Texts",
    "audit": "Audit",
    "ledger": "Ledger",
    "ontologies": "Ontologies",
    "transactions": "Transactions",
    "events": "Events",
}


@dataclass(frozen=True)
class ContractVersion(Value):
    """What the chaincode at one's own institution's peer says of itself.

    `contract` is the digest of the contract that it goes by; a chaincode from before it had one says nothing.
    """

    name: str
    version: str
    transactions: tuple[str, ...]
    queries: tuple[str, ...]
    contract: str = ""

    @property
    def known(self) -> bool:
        """Whether it is the contract that this SDK was made for (`medconsent.contract.digest`)."""
        return self.contract == digest()


class Nouns(Operations[M]):
    """What `Client` and `AsyncClient` share: every noun, for one identity.

    A noun is imported when it is first used: one question needs a few of them.
    """

    institutions: "Institutions[M]"
    persons: "Persons[M]"
    proposals: "Proposals[M]"
    committees: "Committees[M]"
    datasets: "Datasets[M]"
    policies: "Policies[M]"
    requests: "Requests[M]"
    grants: "Grants[M]"
    breakglass: "Emergencies[M]"
    archives: "Archives[M]"
    receipts: "Receipts[M]"
    release: "Release[M]"
    inbox: "Inbox[M]"
    decisions: "Decisions[M]"
    consents: "Consents[M]"
    bases: "Bases[M]"
    grounds: "Grounds[M]"
    statements: "Statements[M]"
    texts: "Texts[M]"
    audit: "Audit[M]"
    ledger: "Ledger[M]"
    ontologies: "Ontologies[M]"
    transactions: "Transactions[M]"
    events: "Events[M]"

    def __init__(self, channel: Channel[M], chaincode: str, folder: Path | None = None) -> None:
        driver = channel._driver
        super().__init__(driver)
        self._session = Session(channel, channel.contract(chaincode), channel.identity, folder)

    def __getattr__(self, name: str) -> Any:
        if name not in _NOUNS:
            raise AttributeError(f"{type(self).__name__} has no noun {name!r}; it has: {', '.join(sorted(_NOUNS))}")
        module = importlib.import_module(f"medconsent.nouns.{name}")
        made = getattr(module, _NOUNS[name])(self._driver, self._session)
        setattr(self, name, made)
        return made

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_NOUNS})

    @property
    def institution(self) -> str:
        """The caller's institution."""
        return self._session.institution

    @property
    def enrollment_id(self) -> str:
        """The caller's enrolment id at that institution."""
        return self._session.identity.common_name

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles in the caller's certificate."""
        return self._session.roles

    @operation
    def wait_for_block(self, number: int, timeout: float | None = None) -> Flow[None]:
        """Wait until one's own peer holds that block, for example the `block` of what another client wrote.

        Args:
            number: The block's number.
            timeout: In seconds; None: as long as for an answer.

        Raises:
            Unreachable: One's own institution's peer does not answer.
        """
        self._session.want_block(number)
        return self._session.catch_up(timeout)

    @property
    def behind(self) -> int:
        """The number of the newest block that has a change of this client, or was waited for, and that one's own peer
        was not seen to hold yet; 0 when there is none. What this client reads waits for it; another client's does not.
        """
        return self._session.behind

    @operation
    def contract_version(self) -> Flow[ContractVersion]:
        """Name, version and transactions of the contract, as one's own peer runs it."""
        return ContractVersion.from_json((yield from self._session.ask("contract.version", {})))


class Client(Nouns[Blocking]):
    """A blocking client; may be used from several threads. Close it, or use it in a `with` statement."""

    def __init__(self, gateway: Gateway, *, channel: str, chaincode: str, folder: Path | None = None) -> None:
        super().__init__(gateway.channel(channel), chaincode, folder)
        self._gateway = gateway

    def close(self) -> None:
        """Close the connection."""
        self._gateway.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(Nouns[Asyncio]):
    """An asyncio client. Await `close`, or use it in an `async with` statement."""

    def __init__(self, gateway: "AsyncGateway", *, channel: str, chaincode: str, folder: Path | None = None) -> None:
        super().__init__(gateway.channel(channel), chaincode, folder)
        self._gateway = gateway

    async def close(self) -> None:
        """Close the connection."""
        await self._gateway.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def connect(context: Context | str | None = None, *, timeouts: Timeouts | None = None) -> Client:
    """A blocking client for a context. It connects with the first call.

    Args:
        context: The context, or its name as `medconsent identity list` shows it; None: the current one.
        timeouts: How long each phase of a call may take; None: as `Timeouts` has it.

    Raises:
        ContextError: There is no such context, or it cannot be read.
    """
    context = _context(context)
    gateway = _usable(Gateway, context, timeouts)
    return Client(gateway, channel=context.channel, chaincode=context.chaincode, folder=context.folder)


def connect_async(context: Context | str | None = None, *, timeouts: Timeouts | None = None) -> AsyncClient:
    """An asyncio client for a context. It connects with the first call.

    Args:
        context: The context, or its name as `medconsent identity list` shows it; None: the current one.
        timeouts: How long each phase of a call may take; None: as `Timeouts` has it.

    Raises:
        ContextError: There is no such context, or it cannot be read.
    """
    from medconsent.fabric.aio import AsyncGateway  # noqa: PLC0415 - a blocking program needs none of it

    context = _context(context)
    gateway = _usable(AsyncGateway, context, timeouts)
    return AsyncClient(gateway, channel=context.channel, chaincode=context.chaincode, folder=context.folder)


def _context(context: Context | str | None) -> Context:
    return context if isinstance(context, Context) else Contexts().get(context)


def _usable(kind: Callable[..., G], context: Context, timeouts: Timeouts | None) -> G:
    """A gateway for the context's identity, which is checked before anything is sent.

    Raises:
        ContextError: Its certificate has ended, or its key or TLS root cannot be used.
    """
    identity, signer = context.load()
    settings = {"tls_root": context.tls_root, "server_name": context.server_name, "timeouts": timeouts}
    try:
        return kind(context.endpoint, identity, signer, **settings)
    except IdentityError as error:
        hint = ENROL_AGAIN if identity.expires <= datetime.now(UTC) else ANEW
        raise ContextError(f"the context {context.name} cannot be used: {error}", hint=hint) from error
