"""Check and explain ask, and decide nothing."""

from datetime import UTC, datetime, timedelta

from contract_answers import GRANT, gateway
from fake_gateway import AT, client, digest

from medconsent.values.purposes import Purpose


def test_check_and_explain_ask_and_decide_nothing():
    decision = {
        "decision": "deny",
        "reasons": [{"code": "NO_GRANT", "message": "no grant", "clause": "grants"}],
        "obligations": [],
        "evaluated": [{"type": "dataset", "id": "hanbit/bc", "digest": digest("d")}],
        "at": AT,
    }
    stage = {"institution": "hanbit", "role": "dac", "threshold": 2, "seated": 3}
    fake = gateway(check={**decision, "grant": GRANT}, explain={**decision, "stages": [stage]})
    decisions = client(fake).decisions
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    found = decisions.check("hanbit/bc", for_="nuri/kim", purpose=Purpose("origins"), mode="download", at=moment)
    assert not found.permitted
    assert found.reasons[0].message == "no grant"
    assert found.grant == GRANT
    assert fake.asked[0].argument == {
        "dataset": "hanbit/bc",
        "for": "nuri/kim",
        "purpose": {"kind": "origins"},
        "mode": "download",
        "at": "2026-11-25T00:00:00Z",
    }
    found = decisions.explain("hanbit/bc", purpose=Purpose("origins"), mode="download", duration=timedelta(days=1))
    assert (found.decision, found.stages[0].seated) == ("deny", 3)
    assert fake.asked[1].argument["duration_seconds"] == 86400
