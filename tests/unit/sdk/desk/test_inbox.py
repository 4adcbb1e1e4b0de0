"""A line of an inbox, for each kind of thing that can wait."""

import pytest
from contract_answers import EMERGENCY, GRANT, GRANT_RECORD, REQUEST, REQUEST_VIEW
from fake_gateway import AT, digest, view

from medconsent.desk.inbox import line
from medconsent.desk.people import People
from medconsent.nouns.breakglass import BreakglassView
from medconsent.nouns.inbox import Waiting
from medconsent.times import parse_time
from medconsent.values.grants import GrantView
from medconsent.values.requests import InvitationView, RequestView

SINCE = parse_time(AT)
PEOPLE = People("hanbit", {"lee": "Lee Jiwoo"})


def test_a_vote_says_in_which_committee_and_for_whom() -> None:
    waiting = Waiting("vote", SINCE, "hanbit/dac", ("lee",), request=RequestView.from_json(REQUEST_VIEW))
    found = line(waiting, PEOPLE)
    assert (found.what, found.where) == ("vote", "in hanbit/dac for lee (Lee Jiwoo)")
    assert (found.id, found.dataset, found.by, found.about) == (
        REQUEST, "hanbit/bc@2", "nuri/kim", "disease (ICD10:C50)",
    )  # fmt: skip
    assert (found.since, found.until, found.emergency) == (AT, AT, False)


def test_terms_to_accept_are_those_of_a_grant() -> None:
    waiting = Waiting("accept", SINCE, grant=GrantView.from_json({"grant": GRANT_RECORD, "state": "active"}))
    found = line(waiting, PEOPLE)
    assert (found.what, found.where, found.id, found.by) == ("accept", "", GRANT, "hanbit")


@pytest.mark.parametrize(
    ("what", "why", "refused"),
    [("confirm", None, False), ("confirm", "it lapsed", True), ("justify", "it lapsed", False)],
)
def test_an_emergency_says_when_it_cannot_be_confirmed_now(what: str, why: str | None, refused: bool) -> None:
    glass = BreakglassView.from_json({"breakglass": EMERGENCY, "state": "proposed", "why": why, "confirm_until": AT})
    found = line(Waiting(what, SINCE, breakglass=glass), PEOPLE)
    assert (found.emergency, found.refused, found.about, found.until) == (True, refused, "an emergency", AT)


def test_a_question_is_about_what_is_asked() -> None:
    invitation = view(
        "invitation", digest("i"), "nuri", "final", request=REQUEST, dataset="nuri/ct", question="sound?",
        inviter={"institution": "nuri", "id": "kim"}, reviewer={"institution": "hanbit", "id": "choi"},
    )  # fmt: skip
    asked = InvitationView.from_json({"invitation": invitation, "answered": False})
    found = line(Waiting("answer", SINCE, invitation=asked), PEOPLE)
    assert (found.dataset, found.by, found.about, found.until) == ("nuri/ct", "nuri/kim", "sound?", "")


def test_what_is_about_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="is about a break-glass"):
        line(Waiting("vote", SINCE), PEOPLE)
