"""A small load: somebody makes so many transactions a second, through the SDK, and counts the answers."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from medconsent.client import Client
from medconsent.errors import MedconsentError
from medconsent.fabric.gateway import Gateway
from medconsent.fabric.wallet import load
from medconsent_network.consortium import Consortium


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
