"""Committees and deputies: what is sent, and who has to seal it."""

from datetime import UTC, datetime, timedelta

from contract_answers import DELEGATION, GIVEN, gateway
from fake_gateway import AT, client, digest, view

from medconsent.nouns.committees import Committee, Member


def test_a_committee_is_set_by_names_or_terms():
    answer = view("committee", "hanbit/dac", "hanbit", institution="hanbit", role="dac", seats=[])
    fake = gateway(committee__set=answer["record"])
    until = datetime(2027, 1, 1, tzinfo=UTC)
    written = client(fake).committees.set("dac", ["lee", Member("park", until=until)])
    assert fake.changes()[0].argument == {
        "role": "dac",
        "members": [{"id": "lee"}, {"id": "park", "until": "2027-01-01T00:00:00Z"}],
    }
    assert written.answer.role == "dac"


def test_a_seat_is_held_from_its_first_second_until_before_its_last():
    seats = [{"id": "lee", "from": AT, "until": "2026-11-24T10:50:12Z", "set_tx": digest("t")}]
    answer = view("committee", "hanbit/dac", "hanbit", institution="hanbit", role="dac", seats=seats)
    fake = gateway(committee__get=answer)
    committee = client(fake).committees.get("hanbit/dac")
    assert fake.asked[0].argument == {"institution": "hanbit", "role": "dac"}
    (seat,) = committee.seats
    moments = [seat.from_ + timedelta(seconds=seconds) for seconds in (-1, 0, 1, 2)]
    assert [seat.seated(at) for at in moments] == [False, True, True, False]
    assert Committee.from_json(answer).to_json() == answer


UNTIL = datetime(2027, 1, 1, tzinfo=UTC)


def test_a_delegation_is_given_and_taken_back():
    fake = gateway(
        committee__delegate=DELEGATION["record"],
        committee__undelegate=DELEGATION["record"],
        delegation__list={"items": [GIVEN], "bookmark": ""},
    )
    committees = client(fake, "hanbit", "lee", "dac").committees
    committees.delegate("dac", "choi", until=UNTIL, reason="leave")
    committees.undelegate(digest("delegation"))
    given, taken = fake.changes()
    assert given.argument == {"role": "dac", "deputy": "choi", "until": "2027-01-01T00:00:00Z", "reason": "leave"}
    assert len(given.organizations) == 2  # a new key
    assert taken.organizations == ("hanbit",)
    (found,) = committees.delegations(deputy="choi")
    assert fake.asked[-1].argument == {"institution": "hanbit", "deputy": "choi"}
    assert (found.delegation.member, found.state) == ("lee", "active")
