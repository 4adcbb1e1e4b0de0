"""Proposals: what one officer did that waits, and what a second one confirms."""

import pytest
from contract_answers import POLICY, PROPOSAL, PROPOSAL_VIEW, gateway
from fake_gateway import client

from medconsent.errors import StillWaiting
from medconsent.nouns.proposals import ProposalView
from medconsent.values.policies import Policy


def test_an_act_that_waits_has_a_proposal_and_no_answer():
    fake = gateway(policy__set={"proposal": PROPOSAL["record"]})
    written = client(fake).policies.set("hanbit/bc", Policy.from_json(POLICY))
    assert written.proposal.widens == ("use by anybody",)
    with pytest.raises(StillWaiting, match="use by anybody") as raised:
        assert written.answer
    assert raised.value.code == "WAITS_FOR_SECOND"
    assert raised.value.transaction_id == written.transaction_id
    assert written.to_json()["answer"] == {"proposal": written.proposal.to_json()}


def test_a_confirmation_names_what_was_read():
    done = {**PROPOSAL["record"], "status": "confirmed"}
    fake = gateway(
        proposal__get=PROPOSAL_VIEW,
        proposal__list={"items": [PROPOSAL_VIEW], "bookmark": ""},
        proposal__confirm={"proposal": done, "done": {"id": "hanbit/bc#4"}},
        proposal__reject={**PROPOSAL["record"], "status": "rejected"},
    )
    proposals = client(fake, "hanbit", "second", "privacy").proposals
    (waiting,) = proposals.iterate(waiting=True)
    read = ProposalView.from_json({**PROPOSAL_VIEW, "proposal": {**PROPOSAL, "digest": "ab" * 32}})
    for shown in (None, read):
        written = proposals.confirm(waiting.id[:8], shown=shown)
    assert written.answer.done == {"id": "hanbit/bc#4"}
    assert written.answer.proposal.status == "confirmed"
    assert proposals.reject(waiting.id, reason="no").answer.status == "rejected"
    stands, as_read, rejected = fake.changes()
    assert stands.argument == {"proposal": waiting.id, "digest": PROPOSAL["digest"]}
    assert as_read.argument == {"proposal": waiting.id, "digest": "ab" * 32}
    assert rejected.argument == {"proposal": waiting.id, "reason": "no"}
    assert [len(asked.organizations) for asked in (stands, rejected)] == [2, 1]
