"""After every change one line `next:` says who has to do what now, with the command.

What runs in these tests is watched by the fixture `always_next`; here is that no command can leave it out.
"""

import answers
import pytest
from program_commands import CHANGING

from medconsent import contract
from medconsent.values.records import Proposal
from medconsent_cli.app import steps
from medconsent_cli.app.functions import COMMANDS

BY = {"institution": "hanbit", "id": "park"}


def test_the_commands_that_change_something_are_found() -> None:
    assert {"committee remove", "grant revoke", "request approve", "policy set", "text purge"} <= set(CHANGING)
    assert len(CHANGING) > 40


def test_each_command_of_a_change_says_that_it_changes_something() -> None:
    """One that only says that it asks (`app.asking`) would be in no list of those that change."""
    described = contract.document()["transactions"]
    changes = {words for function, words in COMMANDS.items() if described[function]["kind"] == "change"}
    assert {words.partition(" --")[0] for words in changes} <= set(CHANGING)


@pytest.mark.parametrize("name", CHANGING)
def test_each_of_them_says_what_comes_next(name: str) -> None:
    assert CHANGING[name] & {"show_written", "show_next"}


@pytest.mark.parametrize(
    ("function", "argument", "said"),
    [
        ("committee.set", '{"role":"dac","members":[]}', "medconsent committee show hanbit/dac"),
        ("policy.set", '{"dataset":"hanbit/bc"}', "medconsent dataset status hanbit/bc"),
        ("dataset.publish", '{"slug":"bc"}', "medconsent dataset status hanbit/bc"),
        ("consent.exclude", '{"cohort":"hanbit/o","dataset":"hanbit/bc"}', "medconsent consent show hanbit/o"),
        ("grant.lift", '{"grant":"%s"}' % ("b2" * 32), "medconsent grant show b2b2b2b2b2b2"),
        ("basis.set", '{"slug":"law"}', "medconsent basis show hanbit/law"),
        ("person.admit", '{"person":"kim","key":"9f"}', "medconsent committee add ROLE kim"),
        ("institution.set", '{"title":"H"}', "medconsent institution show hanbit"),
        ("deid.state", "not JSON", "medconsent inbox"),
    ],
)
def test_what_was_confirmed_is_shown_by_a_command(function: str, argument: str, said: str) -> None:
    body = {"institution": "hanbit", "function": function, "argument": argument, "widens": [], "proposed_by": {}}
    found = Proposal.from_json(answers.view("proposal", "4c" * 32, {**body, "proposed_by": BY}, status="proposed"))
    assert said in str(steps.of_confirmed(found))


@pytest.mark.parametrize(
    ("roles", "said"), [(("dac",), "person announce --context h/k"), (("researcher",), "inbox --context h/k")]
)
def test_only_whose_key_counts_is_told_to_announce_it(roles: tuple[str, ...], said: str) -> None:
    assert said in str(steps.of_identity("h/k", roles))
