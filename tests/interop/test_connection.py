"""One connection for many identities, several peers, and peers that ask who connects: on a real network of its own."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from bench.clients import Caller
from bench.world import World, temporary_consortium
from cryptography.hazmat.primitives.asymmetric import ec
from styles import AwaitedStyle, BlockingStyle, Style, identity_of

from medconsent.fabric import (
    AsyncConnection,
    AsyncGateway,
    BlocksError,
    Connection,
    EndorseError,
    EvaluateError,
    Gateway,
    Hash,
    Identity,
    PeerEndpoint,
    PrivateKeySigner,
    Timeouts,
    TLSClientCertificate,
)
from medconsent_network.home import Home
from medconsent_network.supervisor import Supervisor
from medconsent_network.waiting import wait_for

FUNCTION = ("contract.version", "{}")
ENDORSERS = ("nuri", "saerom")
WRONG = b"w" * 32


@pytest.fixture(scope="module")
def own() -> Iterator[World]:
    """A consortium whose peers are stopped and set otherwise here."""
    with temporary_consortium() as consortium:
        consortium.up()
        yield World(consortium)


@pytest.fixture(scope="module", params=[BlockingStyle, AwaitedStyle], ids=["blocking", "awaited"])
def way(request: pytest.FixtureRequest) -> Iterator[Style]:
    """Each of the two clients."""
    made: Style = request.param()
    yield made
    made.end()


def endpoint(home: Home) -> PeerEndpoint:
    return PeerEndpoint(home.name, home.institution.address("peer"), home.tls_root.read_bytes())


def connect(way: Style, *peers: PeerEndpoint, **options: Any) -> Any:
    kind = Connection if isinstance(way, BlockingStyle) else AsyncConnection
    return kind(*peers, **options)


def acting(way: Style, connection: Any, caller: Caller) -> Any:
    """The channel, as somebody asks it over a connection."""
    kind = Gateway if isinstance(way, BlockingStyle) else AsyncGateway
    patience = Timeouts(evaluate=30, endorse=30, submit=30, commit_status=60)
    return kind.over(connection, *identity_of(caller), timeouts=patience).channel(caller.channel)


def submit(way: Style, channel: Any) -> Any:
    contract = channel.contract("medconsent")
    return way.do(lambda: contract.submit(*FUNCTION, endorsing_organizations=ENDORSERS))


def copies(world: World) -> Counter[str]:
    """How often each transaction id stands in the chain as valid, at a peer that was never stopped."""
    home = world.consortium.home("nuri")
    caller = world.caller("nuri/reader")
    with Gateway(home.institution.address("peer"), *identity_of(caller), tls_root=home.tls_root.read_bytes()) as one:
        blocks = list(one.channel(caller.channel).blocks(0))
    return Counter(tx.transaction_id for block in blocks for tx in block.decoded() if tx.code == "VALID")


def test_many_people_act_over_one_connection(own: World, way: Style) -> None:
    people = [own.caller(f"hanbit/person-{number}") for number in range(3)]
    connection = connect(way, endpoint(own.consortium.home("hanbit")))
    channels = [acting(way, connection, person) for person in people]
    for number, channel in enumerate(channels):
        done = submit(way, channel)
        told = way.do(lambda channel=channel, done=done: channel.transaction(done.transaction_id))
        assert told.creator.common_name == f"person-{number}"
    assert len(connection._channels) == 1
    way.do(connection.close)


@contextmanager
def stopped(world: World, institution: str) -> Iterator[None]:
    """Its peer is down, and comes back."""
    world.consortium.stop(institution, "peer")
    try:
        yield
    finally:
        world.consortium.start(institution, "peer")
        world.consortium.wait_ready()


@contextmanager
def frozen(world: World, institution: str) -> Iterator[None]:
    """Its peer stands still, and goes on."""
    pid = Supervisor(world.consortium.home(institution)).states()["peer"].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
        world.consortium.wait_ready()


@pytest.mark.parametrize("fault", [stopped, frozen])
def test_another_peer_takes_over_and_nothing_is_done_twice(own: World, way: Style, fault: Callable[..., Any]) -> None:
    """Four people go on submitting while the first peer of the list fails."""
    people = [own.caller(f"hanbit/person-{number}") for number in range(4)]
    connection = connect(way, endpoint(own.consortium.home("hanbit")), endpoint(own.consortium.home("nuri")))
    channels = [acting(way, connection, person) for person in people]
    acknowledged: list[str] = []
    failed: list[BaseException] = []
    longest = [0.0]
    over = threading.Event()

    def go_on(channel: Any) -> None:
        while not over.is_set():
            began = time.monotonic()
            try:
                acknowledged.append(submit(way, channel).transaction_id)
                way.do(lambda: channel.contract("medconsent").evaluate(*FUNCTION))
            except Exception as error:
                failed.append(error)
            longest[0] = max(longest[0], time.monotonic() - began)

    threads = [threading.Thread(target=go_on, args=(channel,)) for channel in channels]
    for thread in threads:
        thread.start()
    time.sleep(2)
    with fault(own, "hanbit"):
        before = len(acknowledged)
        time.sleep(15)
        during = len(acknowledged) - before
    over.set()
    for thread in threads:
        thread.join(90)
    assert failed == []
    assert during > 20, "the other peer took over"
    chain = copies(own)
    assert [one for one in acknowledged if chain[one] != 1] == []
    assert len(set(acknowledged)) == len(acknowledged)
    assert connection.wiring.peers.first.address == own.consortium.home("nuri").institution.address("peer")
    print(f"{fault.__name__}: {during} during it, the longest took {longest[0]:.1f} s")
    way.do(connection.close)


def test_a_stream_goes_on_at_the_other_peer(own: World, way: Style) -> None:
    person = own.caller("hanbit/person-0")
    connection = connect(way, endpoint(own.consortium.home("hanbit")), endpoint(own.consortium.home("nuri")))
    channel = acting(way, connection, person)

    def opened() -> Any:
        return channel.block_events()

    stream = way.do(opened)
    first = submit(way, channel).block_number
    seen = [way.next(stream).number]
    with stopped(own, "hanbit"):
        last = submit(way, channel).block_number
        while seen[-1] < last:
            seen.append(way.next(stream).number)
    assert seen[0] <= first, "the peer may have been behind when it was asked"
    assert seen == list(range(seen[0], last + 1))
    way.close(stream)
    way.do(connection.close)


@pytest.mark.parametrize("chosen", [Hash.SHA256, Hash.SHA384, Hash.SHA3_256])
def test_fabrics_peers_verify_sha256_whatever_the_curve(own: World, way: Style, chosen: Hash) -> None:
    home = own.consortium.home("hanbit")
    name = f"p384-{chosen.value}-{type(way).__name__.lower()}"
    key = PrivateKeySigner(ec.generate_private_key(ec.SECP384R1()))
    secret = own.consortium.register("hanbit", name)
    with own.consortium.ca("hanbit") as ca:
        issued = ca.enroll(name, secret, key=key)
    signer = PrivateKeySigner(key.private_key, chosen)
    identity = Identity("hanbit", issued.certificate_pem)
    gateway = way.gateway(
        home.institution.address("peer"), identity, signer, tls_root=home.tls_root.read_bytes(), check=True
    )
    contract = gateway.channel(own.consortium.spec.channel).contract("medconsent")
    if chosen is Hash.SHA256:
        assert way.do(lambda: contract.evaluate(*FUNCTION))
    else:
        with pytest.raises(EvaluateError, match="access denied"):
            way.do(lambda: contract.evaluate(*FUNCTION))
    way.do(gateway.close)


@contextmanager
def strict(own: World) -> Iterator[Home]:
    """saerom's home, whose peer lets nobody in without a TLS certificate of saerom's TLS CA (or another peer's)."""
    home = own.consortium.home("saerom")
    core = home.node("peer") / "core.yaml"
    before = core.read_text()
    free = "    clientAuthRequired: false\n"
    asks = "    clientAuthRequired: true\n    clientRootCAs: {files: [tls/ca.pem]}\n"
    assert before.count(free) == 1
    try:
        _restart(own, home, core, before.replace(free, asks))
        yield home
    finally:
        _restart(own, home, core, before)
    own.consortium.wait_ready()


def _restart(world: World, home: Home, core: Path, settings: str) -> None:
    world.consortium.stop(home.name, "peer")
    core.write_text(settings)
    Supervisor(home).start(["peer"])
    with Connection(endpoint(home), client_certificate=shown(home)) as connection:
        caller = world.caller(f"{home.name}/person")
        channel = Gateway.over(connection, *identity_of(caller)).channel(caller.channel)

        def answers() -> bool:
            try:
                channel.contract("medconsent").endorse(*FUNCTION, endorsing_organizations=ENDORSERS)
            except EndorseError:
                return False
            return True

        wait_for(answers, "the peer knows the others", 60)


def shown(home: Home) -> TLSClientCertificate:
    place = home.user("osnadmin") / "tls"
    return TLSClientCertificate((place / "cert.pem").read_bytes(), (place / "key.pem").read_bytes())


def test_a_peer_that_asks_who_connects(own: World) -> None:
    """Both clients, one after the other, as the peer starts twice for it."""
    person = own.caller("saerom/person")
    with strict(own) as home:
        for kind in (BlockingStyle, AwaitedStyle):
            way: Style = kind()
            _who_shows_a_certificate_is_let_in(way, home, person)
            _who_shows_none_is_not(way, home, person)
            way.end()
        for digest in (b"", WRONG):
            _blocks_are_given_to_nobody_whose_request_names_another(home, person, digest)


def _who_shows_a_certificate_is_let_in(way: Style, home: Home, person: Caller) -> None:
    connection = connect(way, endpoint(home), client_certificate=shown(home))
    channel = acting(way, connection, person)
    done = submit(way, channel)
    block = way.do(lambda: channel.block_by_transaction(done.transaction_id))
    (transaction,) = [tx for tx in block.decoded() if tx.transaction_id == done.transaction_id]
    assert transaction.code == "VALID"
    stream = way.do(lambda: channel.block_events(start_block=done.block_number))
    assert way.next(stream).number == done.block_number, "the hash in the request is that of the connection"
    way.close(stream)
    way.do(connection.close)


def _who_shows_none_is_not(way: Style, home: Home, person: Caller) -> None:
    connection = connect(way, endpoint(home))
    with pytest.raises(EvaluateError) as caught:
        way.do(lambda: acting(way, connection, person).contract("medconsent").evaluate(*FUNCTION, timeout=5))
    assert caught.value.status is grpc.StatusCode.UNAVAILABLE
    way.do(connection.close)


def _blocks_are_given_to_nobody_whose_request_names_another(home: Home, person: Caller, digest: bytes) -> None:
    mine = shown(home)
    trusted = grpc.ssl_channel_credentials(home.tls_root.read_bytes(), mine.key_pem, mine.certificate_pem)
    with (
        grpc.secure_channel(home.institution.address("peer"), trusted) as channel,
        Connection.over(channel, tls_client_certificate_hash=digest) as connection,
    ):
        asked = Gateway.over(connection, *identity_of(person)).channel(person.channel)
        asked.contract("medconsent").evaluate(*FUNCTION)
        with pytest.raises(BlocksError) as caught:
            next(iter(asked.blocks(0, 0)))
    assert caught.value.delivery == "BAD_REQUEST"
