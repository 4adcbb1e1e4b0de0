"""A small load: somebody makes so many transactions a second, through the SDK, and counts the answers."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from medconsent.client import AsyncClient, Client
from medconsent.errors import MedconsentError
from medconsent.fabric.aio import AsyncGateway
from medconsent.fabric.gateway import Gateway
from medconsent.fabric.wallet import load
from medconsent_network.consortium import Consortium

T = TypeVar("T")


@dataclass
class Told:
    """What came of the calls: how many were made, the refusals by their words, and how long the longest took."""

    acknowledged: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    took: list[float] = field(default_factory=list)
    """How long each call that was acknowledged took, in seconds."""


@contextmanager
def client_of(network: Consortium, institution: str, name: str = "load") -> Iterator[Client]:
    """Somebody of an institution, with no role."""
    home = network.home(institution)
    identity, signer = load(network.enrol(institution, name), institution)
    with Gateway(home.institution.address("peer"), identity, signer, tls_root=home.tls_root.read_bytes()) as gateway:
        yield Client(gateway, channel=network.spec.channel, chaincode=network.spec.chaincode.name)


def transaction(client: Client) -> str:
    """One transaction that a majority endorses and that changes nothing; its id once it is committed."""
    change = client._session.change("contract.version", {}, [client.institution])
    _, submitted = client._driver.run(change)
    return str(submitted.transaction_id)


Load = Callable[[Consortium, str], AbstractContextManager[Callable[[], str]]]
"""What makes transactions for an institution's client: each call makes one, and gives its id."""


@contextmanager
def blocking(network: Consortium, institution: str) -> Iterator[Callable[[], str]]:
    """Transactions by the blocking client."""
    with client_of(network, institution) as client:
        yield lambda: transaction(client)


@contextmanager
def awaited(network: Consortium, institution: str) -> Iterator[Callable[[], str]]:
    """Transactions by one asyncio client, whose loop has a thread of its own."""
    home = network.home(institution)
    identity, signer = load(network.enrol(institution, "load"), institution)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def done(what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, loop).result(120)

    async def opened() -> AsyncClient:
        address, root = home.institution.address("peer"), home.tls_root.read_bytes()
        gateway = AsyncGateway(address, identity, signer, tls_root=root)
        return AsyncClient(gateway, channel=network.spec.channel, chaincode=network.spec.chaincode.name)

    async def one(client: AsyncClient) -> str:
        _, submitted = await client._driver.run(client._session.change("contract.version", {}, [client.institution]))
        return str(submitted.transaction_id)

    try:
        client = done(opened())
        yield lambda: done(one(client))
        done(client.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def running(call: Callable[[], str], a_second: int) -> Iterator[Told]:
    """Call `call`, which gives a transaction's id, `a_second` times a second until the block ends."""
    told, ended, lock = Told(), threading.Event(), threading.Lock()

    def once() -> None:
        begun = time.monotonic()
        try:
            done, said = call(), ""
        except MedconsentError as error:
            done, said = "", f"{error.code}: {error}"
        with lock:
            told.longest = max(told.longest, time.monotonic() - begun)
            if done:
                told.took.append(time.monotonic() - begun)
                told.acknowledged.append(done)
            else:
                told.failed[said[:300]] += 1

    with ThreadPoolExecutor(max_workers=40) as pool:

        def drive() -> None:
            due = time.monotonic()
            while not ended.is_set():
                pool.submit(once)
                due += 1 / a_second
                ended.wait(max(0.0, due - time.monotonic()))

        driver = threading.Thread(target=drive)
        driver.start()
        try:
            yield told
        finally:
            ended.set()
            driver.join()
