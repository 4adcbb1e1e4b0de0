"""Two institutions occupy beforehand what the third will write: its names, its keys, the index entries that its votes
remove.
"""

import json

import pytest
from colluders import WAYS, Colluders, Way
from scene import Scene, publication

CROWD = 150


def record(kind: str, name: str, owner: str = "hanbit") -> str:
    """A record as the contract would have stored it, but for its seal."""
    change = {"action": f"{kind}.created", "at": "2026-01-01T00:00:00Z", "tx": "$TX",
              "by": {"institution": owner, "id": "steward", "roles": ["steward"]}}  # fmt: skip
    body = {"latest_version": 1, "latest_policy": 1}
    whole = {"type": kind, "id": name, "owner": owner, "body": body, "status": "active",
             "updated_at": "2026-01-01T00:00:00Z", "changes": [change]}  # fmt: skip
    return json.dumps(whole, separators=(",", ":"), sort_keys=True)


@pytest.mark.parametrize("way", WAYS)
def test_a_name_is_not_occupied(scene: Scene, colluders: Colluders, way: Way) -> None:
    """A crowd of records, guarded by the colluders, wherever hanbit's own will be looked up."""
    slug = f"wanted-{WAYS.index(way)}"
    name = f"hanbit/{slug}"
    for kind in ("dataset", f"version/{name}/00000001", f"policy/{name}/00000001"):
        prefix = kind if "/" in kind else f"{kind}/{name}"
        keys = ["$TX", *(f"{number:064x}" for number in range(CROWD // 3))]
        crowd = []
        for key in (f"{prefix}/{last}" for last in keys):
            crowd += [
                {"do": "put", "key": key, "value": record("dataset", name)},
                {"do": "guard", "key": key, "by": ["nuri"]},
            ]
        assert colluders.write(way, *crowd).code == "VALID"
    published = scene.publish(name, ("hanbit", "dac"))
    shown = scene.auditor.ask("dataset.get", {"dataset": name})
    assert {part: shown[part]["record"] for part in published} == published
    assert scene.grant("nuri/kim", name)["status"] == "active"
    assert scene.check("nuri/kim", name)["decision"] == "permit"


@pytest.mark.parametrize("way", WAYS)
def test_forged_votes_do_not_crowd_out_the_real_one(scene: Scene, colluders: Colluders, way: Way) -> None:
    """Records of every kind under the request's votes, and index entries that lead nowhere under the person's
    grants.
    """
    name = f"hanbit/crowded-{WAYS.index(way)}"
    scene.publish(name, ("hanbit", "dac"))
    request = scene.request("nuri/kim", name)
    crowd = [
        {"do": "put", "key": f"{prefix}/{number:064x}", "value": record("vote", f"{number:064x}")}
        for number in range(CROWD)
        for prefix in (f"vote/{request['id']}", f"i/grant-person/nuri/kim/{name}/000000000000")
    ]
    assert colluders.write(way, *crowd).code == "VALID"
    answer = scene.approve("hanbit/d-1", "dac", request["id"])
    assert answer["state"] == "approved"
    assert scene.check("nuri/kim", name)["decision"] == "permit"
    revoked = scene.revoke(answer["grant"]["id"])
    assert revoked["status"] == "revoked"
    assert scene.check("nuri/kim", name)["decision"] == "deny"


@pytest.mark.parametrize("way", WAYS)
def test_a_key_taken_between_endorsement_and_ordering(scene: Scene, colluders: Colluders, way: Way) -> None:
    """A colluder that is asked to endorse knows the transaction's id a moment early, and takes its keys first.
    hanbit's transaction is then invalid, changes nothing, and the next one has other keys.
    """
    slug = f"raced-{WAYS.index(way)}"
    steward = scene.steward
    held = steward.endorse("dataset.publish", publication(slug, ("hanbit", "dac")), "hanbit", "nuri")
    key = f"dataset/hanbit/{slug}/{held.transaction_id}"
    taken = colluders.write(
        way,
        {"do": "put", "key": key, "value": record("dataset", f"hanbit/{slug}")},
        {"do": "guard", "key": key, "by": ["nuri"]},
    )
    assert taken.code == "VALID"
    assert steward.send(held).code in ("ENDORSEMENT_POLICY_FAILURE", "MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT")
    scene.publish(f"hanbit/{slug}", ("hanbit", "dac"))
    assert scene.auditor.ask("dataset.get", {"dataset": f"hanbit/{slug}"})["dataset"]["sealed"]
