"""One's own institution's people by name, everybody by enrolment id."""

from medconsent.desk.people import People
from medconsent.values.records import Person

PEOPLE = People("hanbit", {"lee": "Lee Jiwoo"})


def test_a_name_is_added_to_the_id() -> None:
    assert PEOPLE.person(Person("hanbit", "lee")) == "hanbit/lee (Lee Jiwoo)"
    assert PEOPLE.people("hanbit", ["lee", "park"]) == "hanbit/lee (Lee Jiwoo), hanbit/park"
    assert PEOPLE.members("hanbit", ["park", "lee"]) == "park, lee (Lee Jiwoo)"


def test_the_same_id_at_another_institution_is_somebody_else() -> None:
    assert PEOPLE.person(Person("nuri", "lee")) == "nuri/lee"
    assert People().member("", "lee") == "lee"
