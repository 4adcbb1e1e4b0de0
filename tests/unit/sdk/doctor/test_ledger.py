"""What the ledger says of the person, the institution and the contract, each with how it is mended."""

from datetime import UTC, datetime

import pytest
from fake_gateway import FakeGateway, Refusal, client, identity, view

from medconsent import contract
from medconsent.doctor import ledger

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def look(answer, roles="steward", **settings):
    """The findings, when the contract answers so; what it is not asked about it refuses as not found."""
    gateway = FakeGateway(answer, **settings)
    asking = client(gateway, roles=roles)
    return list(ledger.ask(asking, asking._session.identity, NOW))


def contract_of(digest):
    return {"name": "medconsent", "version": "0.2.0", "transactions": [], "queries": [], "contract": digest}


def nothing_known(function, argument):
    if function == "contract.version":
        return contract_of(contract.digest())
    if function.endswith(".list"):
        return {"items": [], "bookmark": "", "forged": []}
    raise Refusal("NOT_FOUND")


def test_who_has_done_nothing_yet_is_told_each_step():
    found = look(nothing_known)
    told = {one.message: one for one in found}
    key = next(one for message, one in told.items() if "key does not stand" in message)
    assert (key.state, "medconsent person announce" in key.mend) == ("wrong", True)
    institution = next(one for message, one in told.items() if "described itself" in message)
    assert "medconsent institution set" in institution.mend
    assert any("the peer runs the contract medconsent 0.2.0" in one.message and one.state == "ok" for one in found)
    assert any("through it are reached: nuri, saerom" in one.message for one in found)


def test_another_contract_is_wrong():
    def other(function, argument):
        return contract_of("0" * 64) if function == "contract.version" else nothing_known(function, argument)

    assert any(one.state == "wrong" and "another than this program" in one.message for one in look(other))


@pytest.mark.parametrize(
    ("status", "state", "mend"),
    [("announced", "wrong", "person admit"), ("active", "ok", ""), ("ended", "wrong", "reenroll --new-key")],
)
def test_the_key_as_it_stands(status, state, mend):
    def known(function, argument):
        if function == "person.list":
            body = {"institution": "hanbit", "person": argument["person"], "fingerprint": key, "public_key": "MA=="}
            return {"items": [view("person", "r", "hanbit", status, **body)], "bookmark": "", "forged": []}
        return nothing_known(function, argument)

    asking = client(FakeGateway(known), roles="dac")
    key = ledger.fingerprint(asking._session.identity)
    found = [one for one in ledger.ask(asking, asking._session.identity, NOW) if "key" in one.message]
    assert [(one.state, mend in one.mend) for one in found] == [(state, True)]


@pytest.mark.parametrize("roles", ["", "researcher", "auditor", "gateway"])
def test_nobody_has_to_admit_the_key_of_whoever_only_asks(roles):
    told = [one for one in look(nothing_known, roles) if "key" in one.message]
    assert [(one.state, "asks for a key" in one.message) for one in told] == [("ok", True)]


@pytest.mark.parametrize(("status", "state"), [("announced", "ok"), ("none", "ok"), ("ended", "wrong")])
def test_an_officer_s_key_counts_without_having_been_admitted(status, state):
    def founded(function, argument):
        if function == "institution.get":
            office = {"id": "kim", "roles": ["steward"], "key": key}
            body = {"title": "H", "country": "KR", "contact": "c@h.example", "roles": [], "officers": [office]}
            return view("institution", "hanbit", "hanbit", **body)
        if function == "person.list" and status != "none":
            body = {"institution": "hanbit", "person": argument["person"], "fingerprint": key, "public_key": "MA=="}
            return {"items": [view("person", "r", "hanbit", status, **body)], "bookmark": "", "forged": []}
        return nothing_known(function, argument)

    asking = client(FakeGateway(founded), person="kim", roles="steward")
    key = ledger.fingerprint(asking._session.identity)
    found = [one for one in ledger.ask(asking, asking._session.identity, NOW) if "key" in one.message]
    assert [one.state for one in found] == [state]


def test_a_peer_that_is_down_is_one_finding():
    (found,) = look(nothing_known, down=True)
    assert (found.state, "not reached" in found.message) == ("wrong", True)


def test_a_clock_that_the_contract_refuses_is_the_clock():
    def late(function, argument):
        raise Refusal("CLOCK", "the transaction is dated six minutes before the peer's clock")

    (found,) = look(late)
    assert (found.about, found.state) == ("clock", "wrong")


def test_the_fingerprint_is_that_of_the_public_key():
    one, _signer = identity("hanbit", "kim", "dac")
    assert len(ledger.fingerprint(one)) == 64
