"""Persons: whose keys stand on the ledger."""

import pytest
from contract_answers import PERSON_KEY, gateway
from fake_gateway import client, digest

from medconsent.errors import NotFound


def keys(*states):
    items = [
        {**PERSON_KEY, "record": {**PERSON_KEY["record"], "status": state, "id": digest(state)}} for state in states
    ]
    return {"items": items, "bookmark": ""}


def test_a_key_is_announced_and_admitted():
    admitted = {**PERSON_KEY["record"], "status": "active"}
    fake = gateway(person__announce=PERSON_KEY["record"], person__admit=admitted)
    persons = client(fake).persons
    assert persons.announce().answer.fingerprint == digest("key")
    assert persons.admit("lee", digest("key")).answer.status == "active"
    assert [asked.argument for asked in fake.changes()] == [{}, {"person": "lee", "key": digest("key")}]


def test_the_end_of_a_key_names_the_announcement_of_the_one_that_stands():
    fake = gateway(person__list=keys("ended", "active"), person__end={**PERSON_KEY["record"], "status": "ended"})
    client(fake).persons.end("lee", reason="lost")
    (ended,) = fake.changes()
    assert ended.argument == {"person": "lee", "announced": digest("active"), "reason": "lost"}
    assert ended.organizations == ("hanbit",)


def test_the_key_is_looked_for_on_every_page():
    """Worthless keys that others write fill pages, and hold nothing back."""
    pages = [{"items": [], "bookmark": "more"}, keys("active")]
    fake = gateway(person__list=pages, person__end=PERSON_KEY["record"])
    client(fake).persons.end("lee", reason="lost")
    assert len(fake.changes()) == 1


def test_there_is_no_key_to_end():
    fake = gateway(person__list=keys("ended"))
    with pytest.raises(NotFound):
        client(fake).persons.end("lee", reason="lost")
    assert not fake.changes()
