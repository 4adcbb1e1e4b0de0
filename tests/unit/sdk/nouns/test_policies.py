"""Policies as values, compared and offered by the contract."""

from contract_answers import DATASET, GRANT_RECORD, OFFER, POLICY, PUBLISHED, USAGE_INFO, gateway
from fake_gateway import client

from medconsent.policies import Alternative, Policy, PolicyRecord, Stage


def test_a_policy_that_is_not_set_yet_is_compared():
    why = {"code": "MODE_NOT_ALLOWED", "message": "enclave is not allowed", "clause": "modes"}
    ending = {"grant": GRANT_RECORD, "state": "active", "becomes": "narrowed", "reasons": [why]}
    fake = gateway(
        policy__diff={"dataset": "hanbit/bc", "from": 3, "removed": [], "added": [], "narrower": True, "wider": []},
        policy__ends={"items": [ending], "bookmark": ""},
    )
    policies, draft = client(fake).policies, PolicyRecord.from_json(DATASET["policy"]).policy
    assert policies.diff("hanbit/bc", policy=draft).to is None
    (one,) = policies.iterate_ends("hanbit/bc", draft)
    assert (one.id, one.becomes, one.reasons[0].code) == (one.grant.id, "narrowed", "MODE_NOT_ALLOWED")
    assert policies.ends("hanbit/bc", draft, page_size=1).items == (one,)
    asked = {"dataset": "hanbit/bc", "policy": POLICY}
    assert [it.argument for it in fake.asked] == [asked, asked, asked | {"page_size": 1}]


def test_a_policy_is_offered_by_the_contract():
    fake = gateway(policy__offer=OFFER)
    policies = client(fake).policies
    offer = policies.offer("hanbit/bc", PolicyRecord.from_json(DATASET["policy"]).policy)
    assert offer.usage_info == USAGE_INFO
    assert offer.to_json() == OFFER
    policies.offer("hanbit/bc", version=2)
    assert [asked.argument for asked in fake.asked] == [
        {"dataset": "hanbit/bc", "policy": POLICY},
        {"dataset": "hanbit/bc", "version": 2},
    ]


def test_a_policy_is_a_value():
    policy = Policy((Alternative("GRU"),), (Stage("hanbit", "dac"),), ("download",), 60, 60)
    fake = gateway(policy__set=PUBLISHED["policy"])
    client(fake).policies.set("hanbit/bc", policy)
    assert fake.changes()[0].argument["policy"]["use"] == [{"permission": "GRU"}]
    assert Policy.from_json(POLICY).to_json() == POLICY
