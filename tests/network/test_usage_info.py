"""The conditions of use in a manifest on a real network: made from the policy, taken as they are, refused when edited,
outdated when the policy changes.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from people import USAGE
from scenario import POLICY, Cast

import medconsent
from medconsent import Contexts
from medconsent.data.manifest import croissant
from medconsent_network.spec import FABRIC_VERSIONS

DATASET = "hanbit/conditioned"
WIDER = POLICY.replace("permission: DS\n    diseases: [ICD10:C50]", "permission: HMB")


@pytest.fixture(scope="module", params=FABRIC_VERSIONS)
def cast(request: pytest.FixtureRequest, cast_of: Callable[[str], Cast]) -> Cast:
    """The people, on each Fabric version in turn."""
    return cast_of(request.param)


def test_the_policy_is_the_master(cast: Cast, tmp_path: Path) -> None:
    steward, kim = cast.people["hanbit/steward"], cast.people["nuri/kim"]
    data, policy, manifest = tmp_path / "data", tmp_path / "policy.yaml", tmp_path / "croissant.json"
    data.mkdir()
    (data / "table.csv").write_text("age,stage\n50,2\n61,1\n")
    policy.write_text(POLICY)
    describe = ("dataset", "describe", str(data), "--title", "Conditioned", "--out", str(manifest), "--replace")
    publish = ("dataset", "publish", "conditioned", "--manifest", str(manifest))
    first = (*publish, "--policy", str(policy))

    # made by the contract, valid for Croissant's own library, and the same as `policy offer` prints
    steward.run(*describe, "--dataset", "conditioned", "--policy", str(policy))
    honest = json.loads(manifest.read_text())
    assert honest["usageInfo"] == json.loads(
        steward.run("policy", "offer", str(policy), "--dataset", "conditioned").stdout
    )
    assert croissant.validate(manifest.read_bytes()) == ()

    # edited: refused, with the place, and nothing is written
    before = cast.heights()
    edited = manifest.read_text().replace("DUO_0000007", "DUO_0000042")
    manifest.write_text(edited)
    error = steward.refused("USAGE_INFO_DIFFERS", *first)
    where = "usageInfo.odrl:permission[0].odrl:constraint[0].odrl:rightOperand.@id"
    assert error["field"] == f"manifest.text:{where}"
    assert "medconsent policy offer" in error["hint"]
    assert "medconsent dataset describe --dataset SLUG" in error["hint"]
    for more in ({"sc:usageInfo": "https://hanbit.example/any-use"}, {"creator": {"usageInfo": "any use"}}):
        manifest.write_text(json.dumps(honest | more))
        steward.refused("USAGE_INFO_DIFFERS", *first)
    assert cast.heights() == before

    # as it was made, in another layout
    manifest.write_text(json.dumps(honest, sort_keys=True))
    version = steward.json(*first)["version"]["body"]
    assert version["manifest"]["usage_info_sha256"] == croissant.read(manifest.read_bytes()).usage_info_sha256
    block = str(max(cast.network.heights().values()) - 1)
    assert kim.json("--wait-block", block, "dataset", "show", DATASET)["usage_info"] == "current"
    assert json.loads(kim.run("policy", "offer", DATASET).stdout) == honest["usageInfo"]
    assert "those of the policy in force" in kim.run("dataset", "verify", DATASET, str(data)).stdout

    # the policy changes: the manifest cannot, which is told; a new version puts it right
    policy.write_text(WIDER)
    block = str(steward.json("policy", "set", DATASET, "--policy", str(policy), "--yes")["block"])
    assert kim.json("--wait-block", block, "dataset", "show", DATASET)["usage_info"] == "outdated"
    assert kim.json("dataset", "verify", DATASET, str(data))["usage_info"] == "differs"
    steward.refused("USAGE_INFO_DIFFERS", *publish)
    steward.run(*describe, "--dataset", "conditioned")
    block = str(steward.json(*publish)["block"])
    assert kim.json("--wait-block", block, "dataset", "show", DATASET)["usage_info"] == "current"
    assert kim.json("dataset", "show", f"{DATASET}@1")["usage_info"] == "outdated"

    # without any, and off the ledger, where only a client can compare
    steward.run(*describe)
    block = str(steward.json(*publish)["block"])
    assert kim.json("--wait-block", block, "dataset", "show", DATASET)["usage_info"] == "absent"
    manifest.write_text(edited)
    block = str(steward.json(*publish, "--manifest-url", "https://hanbit.example/croissant.json")["block"])
    assert kim.json("--wait-block", block, "dataset", "show", DATASET)["usage_info"] == "off-ledger"
    assert kim.json("dataset", "verify", DATASET, str(data), "--manifest", str(manifest))["usage_info"] == "differs"
    with medconsent.connect(Contexts(kim.home).get()) as client:
        assert client.datasets.compare_usage(DATASET, json.dumps(honest).encode()) == "differs"
        offer = client.policies.offer(DATASET)
        now = json.dumps(honest | {"usageInfo": offer.usage_info}).encode()
        assert client.datasets.compare_usage(DATASET, now) == "current"
    steward.run(*describe, "--policy", str(policy), exit_code=USAGE)
