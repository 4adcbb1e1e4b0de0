"""Two institutions try to change, hide or delete what the third has written.

Every record and every index entry carries the key-level policy of its owner from the transaction on that creates it,
and every seal lies in the owner's own collection: each attempt is refused by Fabric, by altered chaincode as by hand,
and the third one's peer shows what it showed before.
"""

import json
from typing import Any

import pytest
import rwset
from colluders import REFUSED, WAYS, Colluders, Way, transaction_on_ledger
from scene import Scene

DATASET = "hanbit/spoiled"

pytestmark = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module")
def granted(scene: Scene) -> dict[str, Any]:
    """A grant of hanbit that stands: to saerom/park."""
    scene.publish(DATASET, ("hanbit", "dac"))
    return scene.grant("saerom/park", DATASET)


@pytest.fixture(scope="module")
def revoked(scene: Scene, granted: dict[str, Any]) -> Any:
    """A grant of hanbit that was revoked: to nuri/choi."""
    grant = scene.grant("nuri/choi", DATASET)
    assert scene.check("nuri/choi", DATASET)["decision"] == "permit"
    return scene.revoke(grant["id"])


@pytest.fixture(autouse=True)
def unchanged(scene: Scene, granted: dict[str, Any], revoked: Any) -> Any:
    """Whatever is tried: hanbit's peer shows the same records, and decides the same."""

    def shown() -> Any:
        trail = scene.listed("audit.trail", dataset=DATASET)
        grants = scene.listed("grant.list", dataset=DATASET)
        decisions = [scene.check(person, DATASET)["decision"] for person in ("saerom/park", "nuri/choi")]
        return json.dumps([trail, grants, decisions])

    before = shown()
    assert '["permit", "deny"]' in before
    yield
    assert shown() == before


def test_a_revocation_is_not_undone(scene: Scene, colluders: Colluders, revoked: Any, way: Way) -> None:
    record = json.loads(json.dumps(revoked))
    record["status"] = "active"
    del record["changes"][-1]
    record["updated_at"] = record["changes"][-1]["at"]
    value = json.dumps(record, separators=(",", ":"), sort_keys=True)
    put = {"do": "put", "key": f"grant/{revoked['id']}", "value": value}
    assert colluders.write(way, put).code == REFUSED
    assert colluders.write(way, put, put | {"do": "seal", "owner": "hanbit"}).code == REFUSED


def test_a_grant_is_not_deleted(scene: Scene, colluders: Colluders, granted: dict[str, Any], way: Way) -> None:
    assert colluders.write(way, {"do": "delete", "key": f"grant/{granted['id']}"}).code == REFUSED


def test_no_record_or_index_entry_is_hidden(
    scene: Scene, colluders: Colluders, granted: dict[str, Any], way: Way
) -> None:
    """Each key that the grant's transaction wrote, the index entries among them, one by one."""
    written = rwset.of(transaction_on_ledger(scene.auditor, granted["id"])).writes
    keys = [key for key, value in written.items() if value is not None]
    assert any(key.startswith("i/") for key in keys)
    codes = {key: colluders.write(way, {"do": "delete", "key": key}).code for key in keys}
    assert set(codes.values()) == {REFUSED}, codes


def test_the_key_level_policy_is_not_taken_over(
    scene: Scene, colluders: Colluders, granted: dict[str, Any], way: Way
) -> None:
    """Otherwise the owner's own revocation would need the colluders."""
    key = f"grant/{granted['id']}"
    assert colluders.write(way, {"do": "guard", "key": key, "by": ["nuri"]}).code == REFUSED


def test_a_seal_is_not_removed(scene: Scene, colluders: Colluders, granted: dict[str, Any], way: Way) -> None:
    """A record without its seal would be read as forged."""
    removal = {"owner": "hanbit", "key": f"grant/{granted['id']}"}
    assert colluders.write(way, {"do": "unseal", **removal}).code == REFUSED
    if way == "altered chaincode":
        assert colluders.write(way, {"do": "purge", **removal}).code == REFUSED


def test_a_dataset_is_not_overwritten(scene: Scene, colluders: Colluders, way: Way) -> None:
    head = scene.auditor.ask("dataset.get", {"dataset": DATASET})["dataset"]
    value = json.dumps(head["record"]).replace('"latest_policy": 1', '"latest_policy": 2')
    assert colluders.write(way, {"do": "put", "key": head["key"], "value": value}).code == REFUSED


def test_a_roster_is_not_overwritten(scene: Scene, colluders: Colluders, way: Way) -> None:
    committee = scene.auditor.ask("committee.get", {"institution": "hanbit", "role": "dac"})
    value = json.dumps(committee["record"]).replace('"d-1"', '"mallory"')
    assert colluders.write(way, {"do": "put", "key": committee["key"], "value": value}).code == REFUSED


def test_what_the_colluders_own_they_may_change(scene: Scene, colluders: Colluders, way: Way) -> None:
    """The control: the same kind of write, to a record of nuri's own, is valid."""
    own = scene.publish(f"nuri/own-{WAYS.index(way)}", ("hanbit", "ethics"))["dataset"]
    key = f"dataset/{own['id']}/{own['changes'][0]['tx']}"
    value = json.dumps(own, separators=(",", ":"), sort_keys=True)
    put = {"do": "put", "key": key, "value": value}
    assert colluders.write(way, put).code == "VALID"
    assert scene.auditor.ask("dataset.get", {"dataset": own["id"]})["dataset"]["sealed"]
    assert colluders.write(way, put | {"value": value.replace("active", "final")}).code == "VALID"
    assert "differs from what nuri sealed" in scene.forged("dataset.list", owner="nuri")[key]
