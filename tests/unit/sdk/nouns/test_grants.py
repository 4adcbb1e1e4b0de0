"""Grants: who has to seal what ends one, and how the answers are read."""

import pytest
from contract_answers import GRANT, GRANT_RECORD, gateway, only
from fake_gateway import FakeGateway, Refusal, client, digest, view

from medconsent import errors


def test_a_revocation_needs_nobody_else_and_names_the_whole_grant():
    fake = gateway(grant__get={"grant": GRANT_RECORD, "state": "active"}, grant__revoke=GRANT_RECORD["record"])
    client(fake).grants.revoke(GRANT[:6], "leak")
    (asked,) = fake.changes()
    assert asked.organizations == ("hanbit",)
    assert asked.argument == {"grant": GRANT, "reason": "leak"}
    client(fake).grants.revoke(GRANT, "leak")
    assert [one.function for one in fake.asked] == ["grant.get", "grant.revoke", "grant.revoke"]


def test_a_grant_is_given_back_through_its_owner_alone():
    fake = gateway(grant__get={"grant": GRANT_RECORD, "state": "active"}, grant__relinquish=GRANT_RECORD["record"])
    client(fake, "nuri", "kim").grants.relinquish(GRANT[:8], reason="done")
    asked = only(fake)
    assert asked.organizations == ("hanbit",)
    assert asked.argument == {"grant": GRANT, "reason": "done"}


@pytest.mark.parametrize(("operation", "endorse"), [("suspend", ("hanbit",)), ("lift", ("hanbit", "nuri"))])
def test_a_suspension_needs_nobody_else_and_lifting_it_is_a_proposal(operation, endorse):
    fake = gateway(**{f"grant__{operation}": GRANT_RECORD["record"]})
    getattr(client(fake, "hanbit", "p-1", "privacy").grants, operation)(GRANT, "an incident")
    assert only(fake).organizations == endorse
    assert only(fake).argument == {"grant": GRANT, "reason": "an incident"}


def test_terms_are_accepted_in_person():
    word = view("acceptance", digest("a"), "nuri", "final", grant=GRANT, dataset="hanbit/bc", terms=digest("t"),
                person={"institution": "nuri", "id": "lee"})  # fmt: skip
    fake = gateway(grant__accept=word["record"])
    written = client(fake, "nuri", "lee").grants.accept(GRANT, digest("t"))
    assert only(fake).argument == {"grant": GRANT, "terms": digest("t")}
    assert set(only(fake).organizations) == {"nuri", "hanbit"}
    assert str(written.answer.person) == "nuri/lee"


def other(number):
    record = view("grant", digest(f"other {number}"), "hanbit", **GRANT_RECORD["record"]["body"])
    return {"grant": record, "state": "active", "people": ["kim"]}


class Revocable:
    """A contract at which `count` other grants stand, until they are revoked; pages of 25."""

    def __init__(self, count, state="active"):
        self.others = [other(number) for number in range(count)]
        self.state = state

    def __call__(self, function, argument):
        if function == "grant.get":
            return {"grant": GRANT_RECORD, "state": self.state}
        if function == "grant.others":
            start = int(argument.get("bookmark", 0))
            more = str(start + 25) if start + 25 < len(self.others) else ""
            return {"items": self.others[start : start + 25], "bookmark": more}
        assert function == "grant.revoke"
        named = [argument["grant"], *argument.get("others", [])]
        if self.state == "revoked" and argument["grant"] == GRANT:
            raise Refusal("DECIDED", "the grant was revoked")
        assert len(named) <= 51
        assert len(set(named)) == len(named)
        self.others = [it for it in self.others if it["grant"]["record"]["id"] not in named]
        self.state = "revoked"
        return GRANT_RECORD["record"]


@pytest.mark.parametrize(
    ("others", "state", "transactions"),
    [(0, "active", [1]), (3, "active", [4]), (120, "active", [51, 51, 19]), (52, "revoked", [51, 1])],
)
def test_everything_that_gives_the_same_is_ended(others, state, transactions):
    contract = Revocable(others, state)
    fake = FakeGateway(contract)
    done = client(fake).grants.revoke_all(GRANT[:8], "leak")
    assert [len(one.grants) for one in done] == transactions
    assert contract.others == []
    assert all(asked.organizations == ("hanbit",) for asked in fake.changes())


def test_where_there_is_nothing_to_end_the_contract_says_why():
    with pytest.raises(errors.Decided):
        client(FakeGateway(Revocable(0, "revoked"))).grants.revoke_all(GRANT, "leak")
