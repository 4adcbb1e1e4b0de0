"""What waits for one person, put together from the contract's lists."""

from contract_answers import EMERGENCY, GIVEN, GRANT_RECORD, REQUEST, REQUEST_VIEW
from fake_gateway import AT, FakeGateway, client, digest, view


class Desk:
    """A contract with one of each kind of thing that can wait for hanbit/choi."""

    def __init__(self):
        waits = [
            {**stage, "waits_for": ["lee"] if stage["role"] == "dac" else ["choi"]}
            for stage in REQUEST_VIEW["waits_for"]
        ]
        self.waiting = {**REQUEST_VIEW, "waits_for": waits}
        self.asked_for = view(
            "invitation", digest("i"), "nuri", "final", request=REQUEST, dataset="nuri/ct", question="sound?",
            inviter={"institution": "nuri", "id": "kim"}, reviewer={"institution": "hanbit", "id": "choi"},
        )  # fmt: skip
        self.asked = []

    @staticmethod
    def returned(person):
        record = REQUEST_VIEW["request"]["record"]
        body = {**record["body"], "requester": {"institution": "hanbit", "id": "kim"}, "researchers": ["kim", person]}
        return {
            **REQUEST_VIEW,
            "request": {**REQUEST_VIEW["request"], "record": {**record, "body": body}},
            "state": "returned",
        }

    def __call__(self, function, argument):
        self.asked.append((function, argument))
        items = []
        if function == "request.list" and argument.get("waiting_for") in ("hanbit/dac", "hanbit/privacy"):
            items = [self.waiting]
        elif function == "request.list" and argument.get("state") == "returned":
            items = [self.returned("kim"), self.returned("choi")]
        elif function == "delegation.list":
            items = [GIVEN] if argument["role"] == "dac" else []
        elif function == "breakglass.list":
            later = view("breakglass", digest("later"), "hanbit", "proposed", **EMERGENCY["record"]["body"])
            states = [(later, "proposed"), (EMERGENCY, "unjustified"), (EMERGENCY, "proposed")]
            items = [{"breakglass": record, "state": state} for record, state in states]
        elif function == "invitation.list":
            items = [{"invitation": self.asked_for, "answered": False, "state": "in-review", "open": True}]
        elif function == "grant.list":
            items = [{"grant": GRANT_RECORD, "state": "active"}]
        elif function == "request.get":
            return self.returned("choi")
        elif function == "check":
            reason = {"code": "TERMS_NOT_ACCEPTED", "message": "no", "clause": GRANT_RECORD["key"]}
            return {"decision": "deny", "reasons": [reason], "at": AT}
        return {"items": items, "bookmark": ""}


def test_the_inbox_puts_the_contract_s_lists_together():
    desk = Desk()
    found = list(client(FakeGateway(desk), "hanbit", "choi", "dac,privacy,researcher").inbox.iterate())
    assert [(it.what, it.committee, it.members) for it in found] == [
        ("confirm", None, ()),
        ("confirm", None, ()),
        ("justify", None, ()),
        ("vote", "hanbit/dac", ("lee",)),
        ("vote", "hanbit/privacy", ()),
        ("amend", None, ()),
        ("accept", None, ()),
        ("answer", None, ()),
    ]
    # Who could confirm is the contract's to say; what lapses first stands first.
    assert [it.breakglass.id for it in found[:2]] == [EMERGENCY["record"]["id"], digest("later")]
    assert ("breakglass.list", {"waiting": True}) in desk.asked
    assert ("request.list", {"waiting_for": "hanbit/dac", "waiting_person": "choi"}) in desk.asked
    assert ("request.list", {"requester": "hanbit", "state": "returned"}) in desk.asked
    assert ("invitation.list", {"reviewer": "hanbit/choi", "open": True}) in desk.asked
    assert found[-1].to_json()["what"] == "answer"
    # Who is no researcher holds nothing, and who is on no committee is asked nothing.
    other = Desk()
    found = list(client(FakeGateway(other), "hanbit", "choi", "auditor").inbox.iterate())
    assert [it.what for it in found] == ["confirm", "confirm", "justify", "answer"]
    assert [function for function, _ in other.asked] == ["breakglass.list", "invitation.list"]
