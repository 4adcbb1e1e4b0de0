"""Two institutions commit a definition of the chaincode that the third one did not approve: any one of them may
endorse everything.

Fabric lets a majority do that. What it does not give them is the third one's seal: that is validated against the
third one's own policy, whatever the chaincode's. The third one's peer answers no question under a definition that it
has not approved, and goes on validating.
"""

import pytest
import rwset
from actors import Refused
from colluders import REFUSED, Colluders, transaction_on_ledger
from definition import Definition, any_one_of
from scene import COLLUDERS, VICTIM, Scene, ballot, codes

from medconsent_network import readiness

DATASET = "hanbit/redefined"


def test_sealed_forgeries_still_fail(scene: Scene, colluders: Colluders) -> None:
    network = scene.network
    scene.publish(DATASET, ("hanbit", "dac"))
    request = scene.request("nuri/kim", DATASET)
    vote = ballot(scene.actor("hanbit/d-1", "dac"), request["id"], "dac")
    weaker = Definition(2, any_one_of(*COLLUDERS))
    for institution in COLLUDERS:
        weaker.approve(network, institution)
    scene.seen.block = weaker.commit(network, COLLUDERS)

    # hanbit's peer does not work for it ...
    with pytest.raises(Refused) as refused:
        scene.check("nuri/kim", DATASET)
    assert "no peers available to evaluate chaincode" in refused.value.message

    # ... and validates every block all the same. One peer's signature now carries public writes, and no seal of
    # hanbit's.
    somebody = colluders.somebody(f"{VICTIM}/d-1", "dac")
    assert colluders.impersonate(somebody, "request.vote", vote).code == REFUSED
    unsealed = colluders.impersonate(somebody, "request.vote", vote, leave=["seals", "deletions"])
    assert unsealed.code == "VALID"
    results = rwset.of(transaction_on_ledger(scene.auditor, unsealed.transaction_id))

    def told(transaction_id: str) -> rwset.ReadWriteSet:
        return rwset.retold(results, {unsealed.transaction_id: transaction_id})

    alone = colluders.peers[:1]
    assert colluders.forge(told, by=alone).code == "VALID"
    assert (
        colluders.forge(lambda transaction_id: rwset.resealed(told(transaction_id), VICTIM), by=alone).code == REFUSED
    )

    # hanbit comes back with a definition that all approve: its peer says what was forged, and works on.
    agreed = Definition(3)
    for institution in (*COLLUDERS, VICTIM):
        agreed.approve(network, institution)
    scene.seen.block = agreed.commit(network, (*COLLUDERS, VICTIM))
    scene.seen.everywhere()
    readiness.wait_endorsing(network.home(VICTIM), network.institutions)
    decision = scene.check("nuri/kim", DATASET)
    assert decision["decision"] == "deny"
    assert "FORGED" in codes(decision)
    assert f"grant/{unsealed.transaction_id}" in str(decision["reasons"])
    assert scene.approve("hanbit/d-1", "dac", request["id"])["state"] == "approved"
    assert scene.check("nuri/kim", DATASET)["decision"] == "permit"
