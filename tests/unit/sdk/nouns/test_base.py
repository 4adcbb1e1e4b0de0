"""Lists, refusals and queries, the same for each noun."""

import pytest
from contract_answers import GRANT_RECORD, gateway
from fake_gateway import Refusal, client

from medconsent import errors


def test_a_list_goes_on_to_an_empty_bookmark_and_reports_what_is_forged():
    pages = [
        {"items": [], "bookmark": "a"},
        {
            "items": [{"grant": GRANT_RECORD, "state": "active"}, {"key": "k", "sealed": False, "forged": "no seal"}],
            "bookmark": "b",
        },
        {"items": [{"grant": GRANT_RECORD, "state": "expired"}], "bookmark": ""},
    ]
    fake = gateway(grant__list=pages)
    forged = []
    found = list(client(fake).grants.iterate(holder="nuri/kim", on_forged=forged.append))
    assert [item.state for item in found] == ["active", "expired"]
    assert [(item.key, item.forged) for item in forged] == [("k", "no seal")]
    assert [asked.argument for asked in fake.asked] == [
        {"holder": "nuri/kim"},
        {"holder": "nuri/kim", "bookmark": "a"},
        {"holder": "nuri/kim", "bookmark": "b"},
    ]


def test_the_contract_s_refusals_come_through_queries():
    fake = gateway(policy__get=Refusal("NOT_FOUND", "no such dataset"))
    with pytest.raises(errors.NotFound, match="no such dataset"):
        client(fake).policies.get("hanbit/none")
