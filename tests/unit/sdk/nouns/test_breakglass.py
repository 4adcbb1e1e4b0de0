"""Break-glass: who seals each step, and how the answers are read."""

from contract_answers import EMERGENCY, GRANT, GRANT_RECORD, gateway
from fake_gateway import client, view

from medconsent.nouns.breakglass import BreakglassView
from medconsent.values.grants import Grant
from medconsent.values.purposes import Purpose


def test_the_break_glass():
    opened = {**EMERGENCY["record"], "status": "open"}
    body = {**GRANT_RECORD["record"]["body"], "breakglass": EMERGENCY["record"]["id"]}
    for name in ("policy_version", "policy_digest", "request", "request_digest", "votes", "judged"):
        del body[name]
    grant = view("grant", GRANT, "hanbit", **body)
    fake = gateway(
        breakglass__propose=EMERGENCY["record"],
        breakglass__get={"breakglass": EMERGENCY, "state": "proposed"},
        breakglass__confirm={"breakglass": opened, "grant": grant["record"]},
        breakglass__justify={**opened, "body": {**opened["body"], "justification": "why"}},
        breakglass__list={"items": [{"breakglass": EMERGENCY, "state": "lapsed"}], "bookmark": ""},
    )
    emergencies = client(fake, "hanbit", "p-2", "privacy").breakglass
    emergencies.propose(
        "hanbit/bc", institution="nuri", people=["kim"], purpose=Purpose("clinical-care"), mode="enclave",
        duration="12h", reason="an emergency",
    )  # fmt: skip
    written = emergencies.confirm(EMERGENCY["record"]["id"][:8])
    assert emergencies.justify(EMERGENCY["record"]["id"], "why").answer.justification == "why"
    proposed, confirmed, justified = fake.changes()
    assert proposed.argument["duration_seconds"] == 43200
    assert "version" not in proposed.argument
    assert confirmed.argument == {"breakglass": EMERGENCY["record"]["id"], "digest": EMERGENCY["digest"]}
    assert [len(asked.organizations) for asked in (proposed, confirmed, justified)] == [2, 2, 1]
    assert written.answer.grant.breakglass == EMERGENCY["record"]["id"]
    assert written.answer.grant.request is None
    assert [it.state for it in emergencies.iterate(owner="hanbit")] == ["lapsed"]
    assert BreakglassView.from_json({"breakglass": EMERGENCY, "state": "open"}).to_json() == {
        "breakglass": EMERGENCY,
        "state": "open",
    }
    assert Grant.from_json(grant).to_json()["record"]["body"] == {**body, "votes": [], "judged": []}
