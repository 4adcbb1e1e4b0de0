"""Datasets: what is published with a manifest, and how the manifest stands to the policy."""

import pytest
from contract_answers import DATASET, OFFER, POLICY, PUBLISHED, USAGE_INFO, gateway
from fake_gateway import Refusal, client

from medconsent import errors
from medconsent.data.manifest import describe, read
from medconsent.policies import PolicyRecord


def test_a_dataset_is_published_with_what_its_manifest_says(tmp_path):
    (tmp_path / "data.csv").write_text("id,value\n1,2\n2,3\n")
    manifest = describe(
        tmp_path,
        title="Breast cancer",
        summary="A table.",
        publisher="Hanbit",
        contact="data@hanbit.example",
        keywords=["Breast Cancer"],
    )
    fake = gateway(dataset__publish=PUBLISHED)
    policy = PolicyRecord.from_json(DATASET["policy"]).policy
    written = client(fake).datasets.publish("bc", manifest, policy)
    argument = fake.changes()[0].argument
    document = read(manifest)
    assert argument == {
        "slug": "bc",
        "title": "Breast cancer",
        "summary": "A table.",
        "kinds": ["tabular"],
        "keywords": ["breast-cancer"],
        "contact": "data@hanbit.example",
        "records": 2,
        "manifest": {"text": manifest.decode()},
        "content": {"root": document.root, "files": 1, "bytes": 17},
        "policy": POLICY,
    }
    assert written.answer.id == "hanbit/bc"
    client(fake).datasets.publish("bc", manifest, title="Other", manifest_url="https://hanbit.example/m.json")
    argument = fake.changes()[1].argument
    assert argument["title"] == "Other"
    assert "policy" not in argument
    assert argument["manifest"] == {
        "url": "https://hanbit.example/m.json",
        "sha256": document.sha256,
        "jcs_sha256": document.jcs_sha256,
        "bytes": len(manifest),
    }


def test_conditions_of_use_in_a_manifest_are_compared_with_the_contract_s(tmp_path):
    (tmp_path / "data.csv").write_text("id\n1\n")

    def manifest(usage_info):
        return describe(
            tmp_path, title="T", summary="S", publisher="Hanbit", contact="a@b.example", usage_info=usage_info
        )

    fake = gateway(policy__offer=OFFER)
    compare = client(fake).datasets.compare_usage
    assert compare("hanbit/bc", manifest(USAGE_INFO)) == "current"
    assert compare("hanbit/bc", manifest(USAGE_INFO | {"sc:name": "any use"})) == "differs"
    assert len(fake.asked) == 2
    assert compare("hanbit/bc", manifest({"n": 1 << 60})) == "differs"  # without an RFC 8785 form
    assert compare("hanbit/bc", manifest(None)) == "absent"
    assert len(fake.asked) == 2
    with pytest.raises(errors.DocumentError):
        compare("hanbit/bc", b"{")


def test_a_dataset_says_how_its_manifest_stands_to_the_policy():
    fake = gateway(dataset__get=DATASET | {"usage_info": "outdated"})
    shown = client(fake).datasets.get("hanbit/bc")
    assert shown.usage_info == "outdated"
    assert shown.version.manifest.usage_info_sha256 is None
    refused = gateway(dataset__get=Refusal("USAGE_INFO_DIFFERS", field="manifest.text:usageInfo"))
    with pytest.raises(errors.UsageInfoDiffers):
        client(refused).datasets.get("hanbit/bc")


def test_a_manifest_that_is_none_is_not_sent():
    fake = gateway()
    with pytest.raises(errors.DocumentError, match="not JSON"):
        client(fake).datasets.publish("bc", b"{")
    assert fake.asked == []
