"""JSON of the contract <-> values."""

import pytest

from medconsent import errors
from medconsent.values.records import Change


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("action", None, "lacks the member 'action'"),
        ("action", 1, "action should be text"),
        ("at", "yesterday", "is not a time"),
        ("by", [], "by should be an object"),
        ("by", {"institution": "a", "id": "b", "roles": "x"}, "by.roles should be a list"),
        ("by", {"institution": "a", "id": "b", "roles": [1]}, r"by.roles\[0\] should be text"),
    ],
)
def test_what_does_not_fit_the_contract_is_named_with_its_place(member, value, message):
    change = {"action": "a", "at": "2026-11-24T10:50:10Z", "tx": "t", "by": {"institution": "a", "id": "b"}}
    with pytest.raises(errors.UnexpectedAnswer, match=message):
        Change.from_json(change | {member: value})


def test_members_that_are_not_known_are_passed_over():
    data = {"action": "a", "at": "2026-11-24T10:50:10Z", "tx": "t", "by": {"institution": "a", "id": "b", "roles": []}}
    assert Change.from_json({**data, "later": 1}).to_json() == data
