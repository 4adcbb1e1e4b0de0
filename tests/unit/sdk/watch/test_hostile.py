"""Whatever somebody else puts into a block: the watcher reads on, says what is odd about that transaction, and closes
nothing of its own institution's; and it still finds what is forged, before and after it.

Who: any client, peer or administrator of another institution. All of it is random, from a seed; a failure names it.
MEDCONSENT_FUZZ_SECONDS goes on with further seeds for so long (`make fuzz`).
"""

import itertools
import os
import random
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2, transaction_pb2
from watch_hostile import LEVELS, RECORD, Endorser, bent, bent_transaction, odd_policy, odd_transaction, of_version
from watch_world import World, set_policy, transaction

from medconsent.fabric.errors import BlockError
from medconsent.fabric.ledger_blocks import LedgerBlock
from medconsent.watch.findings import Finding
from medconsent.watch.scope import Scope

ROUNDS = 20
SECONDS = float(os.environ.get("MEDCONSENT_FUZZ_SECONDS", "0"))
SLOWEST = 10.0  # seconds of the processor for a block of a megabyte
SEAL = {("hanbit", "grant/1"): b"seal"}


def seeds() -> Iterator[int]:
    """Three in the unit tests, then as many as there is time for."""
    yield from range(3)
    until = time.monotonic() + SECONDS
    yield from itertools.takewhile(lambda _: time.monotonic() < until, itertools.count(3))


def closing(found: Iterable[Finding]) -> list[Finding]:
    return [one for one in found if one.closes]


def beyond_nuri(found: Iterable[Finding]) -> list[Finding]:
    """What closes more than what rests on nuri, or on a name that no institution has."""
    return [one for one in found if one.scope.ledger or set(one.scope.institutions) & {"hanbit", "saerom"}]


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.mark.parametrize("version", [1, 3, 9])
@pytest.mark.parametrize("name", ["hanbit", "nuri", "saerom"])
def test_one_odd_certificate_among_the_endorsements(world: World, version: int, name: str) -> None:
    identity = identities_pb2.SerializedIdentity(mspid=name, id_bytes=of_version(world, version)).SerializeToString()
    odd = Endorser(identity, world["nuri"].key("peer").signer)
    honest = [world[one].key("peer") for one in ("nuri", "hanbit")]
    client = world["nuri"].key("client")
    for endorsers in ([*honest, odd], [odd, *honest]):
        assert world.judged(transaction(client, endorsers, writes={"grant/1": RECORD}, seals=SEAL)) == []
    # and it hides nothing: with hanbit's own peer missing it is forged
    forged = transaction(client, [odd, honest[0]], writes={"grant/3": RECORD}, seals=SEAL)
    (found,) = closing(world.judged(forged))
    assert found.code in ("SEAL_FORGED", "ENDORSEMENT_FORGED")


@pytest.mark.parametrize("kind", ["rsa", "brainpool", "secp256k1"])
def test_a_certificate_with_a_key_that_nobody_uses(world: World, kind: str) -> None:
    key: Any = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
        "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
    }[kind]()
    template = x509.load_pem_x509_certificate(world["nuri"].key("peer").identity.certificate_pem)
    issued = (
        x509.CertificateBuilder()
        .subject_name(template.subject)
        .issuer_name(template.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(template.not_valid_before_utc)
        .not_valid_after(template.not_valid_after_utc)
        .sign(world["nuri"].root[0], template.signature_hash_algorithm)
    )
    identity = identities_pb2.SerializedIdentity(mspid="hanbit", id_bytes=issued.public_bytes(Encoding.PEM))
    odd = Endorser(identity.SerializeToString(), world["nuri"].key("peer").signer)
    honest = [world[one].key("peer") for one in ("hanbit", "nuri")]
    valid = transaction(world["nuri"].key("client"), [odd, *honest], writes={"grant/1": RECORD}, seals=SEAL)
    assert world.judged(valid) == []


@pytest.mark.parametrize("more", [b"\x00", b"more" * 100])
def test_bytes_that_go_does_not_read_after_a_signature(world: World, more: bytes) -> None:
    """Whoever hands a transaction in can add them to hanbit's own endorsement."""
    honest = [world[one].key("peer") for one in ("nuri", "hanbit")]
    client = world["nuri"].key("client")
    longer = transaction(
        client, honest, writes={"grant/1": RECORD}, seals=SEAL, spoil=lambda signature: signature + more
    )
    assert world.judged(longer) == []

    def within(signature: bytes) -> bytes:
        return b"\x30\x81" + bytes([len(signature) - 2 + 3]) + signature[2:] + b"\x02\x01\x07"

    assert world.judged(transaction(client, honest, writes={"grant/1": RECORD}, seals=SEAL, spoil=within)) == []
    other = transaction(client, honest, writes={"k": b"v"}, seals=SEAL, spoil=lambda s: s[:-1] + bytes([s[-1] ^ 1]))
    assert [one.code for one in world.judged(other)] == ["ENDORSEMENT_FORGED"]


def test_odd_transactions_close_nothing_and_hide_nothing(world: World) -> None:
    client, peers = world["nuri"].key("client"), [world[name].key("peer") for name in ("nuri", "saerom")]
    for seed in seeds():
        chance, ledger = random.Random(seed), World(world.institutions)  # noqa: S311
        judge = ledger.judge()
        for number in range(ROUNDS):
            first = number * 10
            block = ledger.add(*(odd_transaction(world, chance, first + place) for place in range(3)))
            found = closing(judge.judge(block))
            assert found == [], f"seed {seed}, round {number}"
            odd = [odd_transaction(world, chance, first + 3 + place) for place in range(3)]
            forged = transaction(client, peers, number=first + 9, writes={"grant/1": RECORD}, seals=SEAL)
            place = chance.randrange(4)
            block = ledger.add(*odd[:place], forged, *odd[place:])
            codes = {one.code for one in closing(judge.judge(block))}
            assert codes == {"SEAL_FORGED"}, f"seed {seed}, round {number}"


@pytest.mark.parametrize("level", LEVELS)
def test_a_transaction_that_is_damaged_at_any_level(world: World, level: str) -> None:
    """It is nuri's, and touches nothing of hanbit's: nothing but what rests on nuri closes, and the next is judged."""
    honest = [world[name].key("peer") for name in ("nuri", "hanbit")]
    client = world["nuri"].key("client")
    whole = transaction(client, honest, number=3, writes={"vote/3": b"{}"}, seals={("nuri", "vote/3"): b"seal"})
    for seed in seeds():
        chance, ledger = random.Random(f"{level} {seed}"), World(world.institutions)  # noqa: S311
        judge = ledger.judge()
        for number in range(ROUNDS):
            damaged = bent_transaction(whole, level, chance)
            if kind_of(damaged) == common_pb2.CONFIG:
                continue  # Fabric takes one only from its own orderers
            found = judge.judge(ledger.add(damaged))
            assert beyond_nuri(found) == [], f"seed {seed}, round {number}"
            after = transaction(client, honest[:1], number=9, writes={"grant/1": RECORD}, seals=SEAL)
            assert {one.code for one in judge.judge(ledger.add(after))} == {"SEAL_FORGED"}, f"seed {seed}, {number}"


def kind_of(envelope: bytes) -> int | None:
    try:
        payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(envelope).payload)
        return int(common_pb2.ChannelHeader.FromString(payload.header.channel_header).type)
    except Exception:
        return None


def test_an_administrator_writes_odd_things_in_their_own_group(world: World) -> None:
    """Fabric takes a policy that nobody can meet: signed by somebody who is not listed, by nobody, by all of none."""
    for seed in seeds():
        chance, ledger = random.Random(seed), World(world.institutions)  # noqa: S311
        judge = ledger.judge()
        for number in range(ROUNDS):

            def change(channel: Any, chance: random.Random = chance) -> None:
                group = channel.groups[chance.choice(("Application", "Orderer"))].groups["nuri"]
                if chance.random() < 0.6:
                    set_policy(group, chance.choice(("Endorsement", "Readers", "Own")), odd_policy(chance))
                else:
                    name = chance.choice(("MSP", "AnchorPeers", "Endpoints", "Capabilities", "Surprise"))
                    group.values[name].value = bent(group.values[name].value, chance)

            orderer = world["hanbit"].key("orderer")
            found = judge.judge(ledger.add(ledger.change(change), orderer=orderer))
            assert beyond_nuri(found) == [], f"seed {seed}, round {number}"
            assert judge.judge(ledger.add(b"", orderer=orderer)) == [], f"seed {seed}, round {number}"


def test_damaged_blocks_are_told_and_stop_nothing(world: World) -> None:
    """Bytes of a block that are not what they were: refused, or told; never an error that ends the watcher."""
    honest = [world[name].key("peer") for name in ("nuri", "hanbit")]
    for seed in seeds():
        chance, ledger = random.Random(seed), World(world.institutions)  # noqa: S311
        valid = transaction(world["nuri"].key("client"), honest, writes={"grant/1": RECORD}, seals=SEAL)
        block = ledger.add(valid, odd_transaction(world, chance, 2))
        whole = block.to_bytes()
        for number in range(ROUNDS):
            judge = ledger.judge()
            try:
                read = LedgerBlock.parse(bent(whole, chance))
            except BlockError:
                continue
            found = judge.judge(read)
            unchanged = read.envelopes == block.envelopes and read.header_bytes == block.header_bytes
            assert unchanged or found, f"seed {seed}, round {number}: a damaged block was taken for a good one"


def test_what_only_go_reads_is_read(world: World) -> None:
    """A field of two hundred groups hides nothing, and is nothing."""
    deep = b"\x7b" * 200 + b"\x7c" * 200
    forged = transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], number=4, seals=SEAL)
    outer = common_pb2.Envelope.FromString(forged)
    payload = common_pb2.Payload.FromString(outer.payload)
    payload.data += deep
    envelope = common_pb2.Envelope(payload=payload.SerializeToString() + deep).SerializeToString() + deep
    assert [one.code for one in world.judged(envelope)] == ["SEAL_FORGED"]


def test_a_collection_that_stands_there_twice(world: World) -> None:
    """The second, empty one does not hide the seal in the first."""
    seals = transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], number=4, seals=SEAL)

    def again(results: Any) -> None:
        results.ns_rwset[0].collection_hashed_rwset.add(collection_name="_implicit_org_hanbit")

    assert [one.code for one in world.judged(with_results(seals, again))] == ["SEAL_FORGED"]


def test_what_cannot_be_read_taints_whoever_made_it(world: World) -> None:
    client, peers = world["nuri"].key("client"), [world["nuri"].key("peer")]

    def garbage(results: Any) -> None:
        results.ns_rwset.add(namespace="medconsent", rwset=b"\xff\xff")

    odd = with_results(transaction(client, peers, number=5, seals=SEAL), garbage)
    found = world.judged(odd)
    assert [one.code for one in found] == ["SEAL_FORGED", "UNREADABLE"], "the namespace before it is judged"
    assert found[1].scope == Scope.of(["nuri"])
    assert found[1].transaction == f"{5:064x}"


def with_results(envelope: bytes, change: Any) -> bytes:
    """The transaction with another read-write set; the endorsements are not made anew."""
    outer = common_pb2.Envelope.FromString(envelope)
    payload = common_pb2.Payload.FromString(outer.payload)
    body = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(body.actions[0].payload)
    response = proposal_response_pb2.ProposalResponsePayload.FromString(action.action.proposal_response_payload)
    inner = proposal_pb2.ChaincodeAction.FromString(response.extension)
    results = rwset_pb2.TxReadWriteSet.FromString(inner.results)
    change(results)
    inner.results = results.SerializeToString()
    response.extension = inner.SerializeToString()
    action.action.proposal_response_payload = response.SerializeToString()
    body.actions[0].payload = action.SerializeToString()
    payload.data = body.SerializeToString()
    outer.payload = payload.SerializeToString()
    return bytes(outer.SerializeToString())


def many_endorsements(world: World) -> bytes:
    odd = [
        Endorser(
            identities_pb2.SerializedIdentity(
                mspid="hanbit", id_bytes=b"-----BEGIN " * 20 + b"%d" % number
            ).SerializeToString(),
            world["nuri"].key("peer").signer,
        )
        for number in range(2000)
    ]
    return transaction(world["nuri"].key("client"), [*odd, world["nuri"].key("peer")], seals={("nuri", "k"): b"s"})


def many_keys(world: World) -> bytes:
    writes = {f"{number}": RECORD for number in range(5_000)}
    return transaction(world["nuri"].key("client"), [world["nuri"].key("peer")], writes=dict(writes))


def long_names(world: World) -> bytes:
    """Keys, an institution and a namespace of a megabyte each."""
    long = "한" * 300_000
    odd = Endorser(identities_pb2.SerializedIdentity(mspid=long).SerializeToString(), world["nuri"].key("peer").signer)
    return transaction(world["nuri"].key("client"), [odd], writes={long: RECORD}, seals={("hanbit", long): b"s"})


def long_policies(world: World) -> bytes:
    def change(results: Any) -> None:
        for number in range(5):
            entry = kv_rwset_pb2.KVMetadataEntry(name="VALIDATION_PARAMETER", value=bytes([10]) + b"\x08\x01" * 50_000)
            write = kv_rwset_pb2.KVMetadataWrite(key=f"{number}", entries=[entry])
            results.ns_rwset.add(
                namespace="medconsent", rwset=kv_rwset_pb2.KVRWSet(metadata_writes=[write]).SerializeToString()
            )

    return with_results(transaction(world["nuri"].key("client"), [world["nuri"].key("peer")]), change)


def groups(world: World) -> bytes:
    whole = transaction(world["nuri"].key("client"), [world["nuri"].key("peer")])
    return whole + (b"\x7b" * 1000 + b"\x7c" * 1000) * 200


@pytest.mark.parametrize("make", [many_endorsements, many_keys, long_names, long_policies, groups])
def test_much_of_it_takes_bounded_time_and_memory(world: World, make: Any) -> None:
    ledger = World(world.institutions)
    judge = ledger.judge()
    block = ledger.add(make(world))
    begun = time.process_time()
    found = judge.judge(block)
    assert time.process_time() - begun < SLOWEST
    again = ledger.judge()
    tracemalloc.start()
    again.judge(block)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * len(block.envelopes[0]) + (8 << 20)
    assert all(len(one.sentence) + len(one.about) <= 5000 for one in found)
    assert not any(one.scope.ledger for one in found) or make is long_names
