"""Values of the contract's records."""

import hashlib
import json

import pytest
from contract_answers import GRANT_RECORD, PUBLISHED, REQUEST_VIEW, VOTE

from medconsent.nouns.requests import RequestView
from medconsent.policies import PolicyRecord


@pytest.mark.parametrize(
    "value", [REQUEST_VIEW, {"vote": VOTE["record"], "state": "approved", "grant": GRANT_RECORD["record"]}]
)
def test_values_are_the_contract_s_json_again(value):
    from medconsent.nouns.requests import VoteOutcome  # noqa: PLC0415

    kind, empty = (RequestView, {"not_counted": []}) if "request" in value else (VoteOutcome, {})
    assert kind.from_json(value).to_json() == value | empty


def test_the_digest_of_what_was_just_written_is_that_of_its_stored_form():
    record = PUBLISHED["policy"]
    stored = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()  # RFC 8785, for ASCII and whole numbers
    found = PolicyRecord.from_json(record)
    assert found.digest == hashlib.sha256(stored).hexdigest()
    assert (found.key, found.sealed) == ("", True)
    assert found.to_json() == record
