"""What valid transactions do to hanbit's seals, keys and name, with its endorsement and without."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from watch_world import CHAINCODE, REFUSED, World, signature_policy, transaction

from medconsent.watch.findings import Finding
from medconsent.watch.transactions import needs

RECORD = json.dumps({"owner": "hanbit", "type": "grant"}, separators=(",", ":")).encode()
SEAL = {("hanbit", "grant/1"): b"seal"}


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def codes(found: list[Finding]) -> list[str]:
    return [one.code for one in found]


def by(world: World, *endorsers: str, creator: str = "nuri", number: int = 1, **what: Any) -> bytes:
    keys = [world[name].key("peer") for name in endorsers]
    return transaction(world[creator].key("client"), keys, number=number, **what)


def test_with_hanbits_endorsement_it_is_hanbits_own(world: World) -> None:
    honest = by(world, "nuri", "hanbit", writes={"grant/1": RECORD}, seals=SEAL)
    assert world.judged(honest) == []


def test_a_seal_without_hanbits_endorsement(world: World) -> None:
    (found,) = world.judged(by(world, "nuri", "saerom", writes={"grant/1": RECORD}, seals=SEAL))
    assert found.code == "SEAL_FORGED"
    assert "grant/1" in found.sentence
    assert "endorsed by nuri, saerom" in found.sentence
    assert found.closes


def test_an_invalid_transaction_changes_nothing(world: World) -> None:
    forged = by(world, "nuri", "saerom", writes={"grant/1": RECORD}, seals=SEAL)
    assert world.judged(forged, flags=bytes([REFUSED])) == []


@pytest.mark.parametrize("namespace", [CHAINCODE, "_lifecycle", "another"])
def test_in_every_namespace(world: World, namespace: str) -> None:
    """An approval of a chaincode definition is such a write too."""
    assert codes(world.judged(by(world, "nuri", seals=SEAL, namespace=namespace))) == ["SEAL_FORGED"]


@pytest.mark.parametrize("value", [b"seal", None])
def test_a_deleted_seal_too(world: World, value: bytes | None) -> None:
    assert codes(world.judged(by(world, "nuri", seals={("hanbit", "grant/1"): value}))) == ["SEAL_FORGED"]


def test_others_seals_are_theirs(world: World) -> None:
    assert world.judged(by(world, "saerom", seals={("nuri", "grant/1"): b"seal"})) == []
    assert codes(world.caught_up("nuri").judge(world.blocks[-1])) != []


def test_an_endorsement_in_hanbits_name_with_a_wrong_signature(world: World) -> None:
    keys = [world[name].key("peer") for name in ("hanbit", "nuri")]
    creator = world["nuri"].key("client")
    forged = transaction(creator, keys, seals=SEAL, spoil=lambda signature: signature[:-1] + bytes([signature[-1] ^ 1]))
    (found,) = world.judged(forged)
    assert found.code == "ENDORSEMENT_FORGED"
    assert "the signature is not that of 'peer0'" in found.sentence


def test_an_endorsement_by_another_authority_of_hanbits_name(world: World) -> None:
    impostor = World()["hanbit"].key("peer")
    (found,) = world.judged(transaction(world["nuri"].key("client"), [impostor], seals=SEAL))
    assert found.code == "ENDORSEMENT_FORGED"
    assert "does not lead to the pinned root certificates" in found.sentence


def test_an_endorsement_by_one_of_hanbits_people(world: World) -> None:
    """A client of hanbit's is no peer of hanbit's."""
    forged = transaction(world["nuri"].key("client"), [world["hanbit"].key("client")], seals=SEAL)
    (found,) = world.judged(forged)
    assert "is not a peer's" in found.sentence


def test_a_bad_endorsement_beside_a_good_one_does_not_matter(world: World) -> None:
    impostor = World()["hanbit"].key("peer")
    both = transaction(world["nuri"].key("client"), [impostor, world["hanbit"].key("peer")], seals=SEAL)
    assert world.judged(both) == []


def test_somebody_acts_in_hanbits_name(world: World) -> None:
    stranger = World()["hanbit"].key("client")
    assert codes(world.judged(transaction(stranger, [world["nuri"].key("peer")]))) == ["CREATOR_FORGED"]
    assert world.judged(by(world, "nuri", creator="hanbit")) == []


GUARDED = {"grant/1": signature_policy("hanbit")}


@pytest.mark.parametrize(
    "spoil",
    [
        {"writes": {"grant/1": b"other"}},
        {"writes": {"grant/1": None}},
        {"policies": {"grant/1": signature_policy("nuri")}},
        {"writes": {"i/grant-all/1": None}},
    ],
    ids=["overwritten", "deleted", "another policy", "an index entry deleted"],
)
def test_a_key_that_hanbit_guards(spoil: Mapping[str, Any]) -> None:
    world = World()
    guards = {**GUARDED, "i/grant-all/1": signature_policy("hanbit")}
    written: dict[str, bytes | None] = dict.fromkeys(guards, b"v")
    world.judged(by(world, "nuri", "hanbit", writes=written, policies=guards, seals=SEAL))
    (found,) = world.judged(by(world, "nuri", "saerom", number=2, **spoil))
    assert found.code == "KEY_SPOILED"
    assert world.judged(by(world, "hanbit", number=3, **spoil)) == [], "with its endorsement it is hanbit's own doing"


def test_what_hanbit_deleted_it_does_not_guard_any_more() -> None:
    world = World()
    world.judged(by(world, "hanbit", writes={"i/1": b"v"}, policies={"i/1": signature_policy("hanbit")}))
    world.judged(by(world, "hanbit", number=2, writes={"i/1": None}))
    assert world.judged(by(world, "nuri", "saerom", number=3, writes={"i/1": b"v"})) == []


def test_others_keys_are_theirs() -> None:
    world = World()
    guarded = {"k": signature_policy("nuri")}
    assert world.judged(by(world, "nuri", writes={"k": b"v"}, policies=guarded)) == []
    assert world.judged(by(world, "saerom", number=2, writes={"k": None})) == []


@pytest.mark.parametrize(
    ("policy", "needed"),
    [
        (signature_policy("hanbit"), True),
        (signature_policy("hanbit", "nuri"), True),
        (signature_policy("hanbit", "nuri", least=1), False),
        (signature_policy("hanbit", "hanbit", least=1), True),
        (signature_policy("nuri"), False),
        (b"junk", False),
        (b"", False),
    ],
)
def test_which_policies_need_hanbit(policy: bytes, needed: bool) -> None:
    assert needs(policy, "hanbit") is needed


def test_a_record_in_hanbits_name_without_its_seal(world: World) -> None:
    (found,) = world.judged(by(world, "nuri", "saerom", writes={"grant/1": RECORD}))
    assert found.code == "UNSEALED_RECORD"
    assert not found.closes, "it counts for nothing, and anybody could close hanbit's decisions with it"


@pytest.mark.parametrize(
    "value",
    [
        json.dumps({"owner": "nuri", "title": '"owner":"hanbit"'}, separators=(",", ":")).encode(),
        b'["owner":"hanbit"',
        b'[{"owner":"hanbit"}]',
        b"[" * 100_000 + b'"owner":"hanbit"',
    ],
)
def test_what_only_looks_like_one(world: World, value: bytes) -> None:
    assert world.judged(by(world, "nuri", "saerom", writes={"grant/1": value})) == []


def test_the_legacy_lifecycle(world: World) -> None:
    (found,) = world.judged(by(world, "nuri", namespace="lscc", writes={"medconsent": b"data"}))
    assert found.code == "LEGACY_CHAINCODE"
    assert world.judged(by(world, "nuri", namespace="lscc")) == [], "reading it is nothing"


def test_the_same_finding_has_the_same_id_and_another_another(world: World) -> None:
    first = world.judged(by(world, "nuri", number=7, seals=SEAL))
    again = world.caught_up().judge(world.blocks[-1])
    assert len(first[0].id) == 12
    assert Finding.from_json(first[0].to_json()) == first[0]
    assert world.judged(by(world, "nuri", number=8, seals=SEAL))[0].id != first[0].id
    assert [one.id for one in again if one.code == "SEAL_FORGED"] == [first[0].id]
