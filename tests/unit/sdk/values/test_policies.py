"""A policy's stages say what is given."""

from contract_answers import POLICY

from medconsent.policies import Policy, Stage, Veto


def test_a_stage_says_what_is_given():
    assert Stage("hanbit", "dac").to_json() == {"institution": "hanbit", "role": "dac", "threshold": 1}
    staged = Stage(of="requester", role="ethics", rule="majority", step=2, attests=False)
    assert staged.to_json() == {"of": "requester", "role": "ethics", "rule": "majority", "step": 2, "attests": False}
    assert Stage.from_json(staged.to_json()) == staged
    assert str(staged) == "requester/ethics"
    policy = {
        **POLICY,
        "vetoes": [{"institution": "hanbit", "role": "privacy"}],
        "automatic": True,
        "conflicts": "declare",
    }
    assert Policy.from_json(policy).to_json() == policy
    assert Policy.from_json(policy).vetoes == (Veto("hanbit", "privacy"),)
    assert Policy.from_json({**POLICY, "vetoes": [], "automatic": False, "conflicts": "none"}).to_json() == POLICY
