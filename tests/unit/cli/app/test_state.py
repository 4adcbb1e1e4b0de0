"""Where an answer in JSON has the id of its record."""

from typing import Any

import pytest

from medconsent_cli.app.state import _identified

VIEW = {"record": {"id": "r1", "body": {}}, "key": "k"}


@pytest.mark.parametrize(
    "value",
    [VIEW, {"request": VIEW, "state": "approved"}, {"id": "r1", "owner": "hanbit"}, {"dataset": VIEW, "grant": None}],
)
def test_the_id_is_at_the_top(value: dict[str, Any]) -> None:
    assert _identified(value)["id"] == "r1"
    listed = _identified({"items": [value, value], "more": False})
    assert [item["id"] for item in listed["items"]] == ["r1", "r1"]
    assert {**value, "id": "r1"} == _identified(value), "and everything else is where it was"


def test_what_is_no_record_has_none() -> None:
    for value in ({"decision": "permit"}, {"items": [], "more": False}, [], "text"):
        assert _identified(value) == value
