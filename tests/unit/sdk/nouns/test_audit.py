"""The audit: one list in order of time."""

import pytest
from contract_answers import gateway
from fake_gateway import Refusal, client, view

from medconsent import errors


def test_the_audit_is_one_list_in_order_of_time():
    late, early = view("grant", "b", "hanbit", x=1), view("request", "a", "nuri")
    early["record"]["changes"][0]["at"] = "2026-11-24T10:00:00Z"
    pages = [
        {"items": [late], "bookmark": "x"},
        {"items": [early, {"key": "f", "sealed": False, "forged": "w"}], "bookmark": ""},
    ]
    trail = client(gateway(audit__trail=pages)).audit.trail("hanbit/bc")
    assert [(entry.type, str(entry.by)) for entry in trail.entries] == [
        ("request", "nuri/someone"),
        ("grant", "hanbit/someone"),
    ]
    assert trail.forged[0].key == "f"
    assert client(gateway(audit__trail={"items": [late], "bookmark": ""})).audit.records("x").items[0].to_json() == late


def test_the_audit_of_nothing_is_refused():
    fake = gateway(audit__trail={"items": [], "bookmark": ""}, dataset__get=Refusal("NOT_FOUND"))
    with pytest.raises(errors.NotFound) as caught:
        client(fake).audit.trail("hanbit/nothere")
    assert caught.value.transaction_id == ""  # a question is in no block
