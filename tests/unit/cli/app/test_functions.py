"""Hints of the contract, which name its functions, name commands on the command line."""

import re
from pathlib import Path

import click
import pytest

from medconsent import errors
from medconsent_cli.app.failures import explain
from medconsent_cli.app.functions import COMMANDS, in_commands
from medconsent_cli.app.state import App
from medconsent_cli.main import program

ROOT = Path(__file__).parents[4]
_ROW = re.compile(r"^\| ((?:`[a-z]+\.[a-z]+`(?:, )?)+) \|", re.MULTILINE)
_TABLES = (ROOT / "docs/contract.md").read_text().partition("## Transactions")[2]
FUNCTIONS = sorted({name for row in _ROW.findall(_TABLES) for name in re.findall(r"[a-z]+\.[a-z]+", row)})


def hinted() -> set[str]:
    """The functions that any text of the chaincode names."""
    sources = [file.read_text() for file in (ROOT / "chaincode").rglob("*.go") if not file.name.endswith("_test.go")]
    hints = " ".join(line for text in sources for line in re.findall(r"Hinting\(.*", text))
    return {word for word in re.findall(r"\b[a-z]+\.[a-z]+\b", hints) if word in FUNCTIONS}


def test_the_functions_are_found() -> None:
    assert len(FUNCTIONS) > 50
    assert {"committee.set", "grant.revoke", "policy.lint", "ontology.list", "request.get"} <= hinted()


@pytest.mark.parametrize("function", sorted(hinted() | set(FUNCTIONS)))
def test_each_function_has_a_command(function: str) -> None:
    words = COMMANDS[function].partition(" --")[0].split()
    found: click.Command | None = program
    for word in words:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), word)
    assert found is not None
    assert not isinstance(found, click.Group)


def test_hints_name_commands_and_leave_other_words_alone() -> None:
    hint = "seat more people (committee.set), or ask for fewer; grant.get shows it"
    told = explain(errors.Refused("no", code="INVALID", hint=hint), App())
    assert told.diagnosis.hint == (
        "seat more people (medconsent committee set), or ask for fewer; medconsent grant show shows it"
    )
    for word in ("policy.yaml", "hanbit.example", "a/policy.set", "policy.set.example", "x-policy.set"):
        assert in_commands(word) == word
    assert in_commands("by policy.set.") == "by medconsent policy set."


def test_explain_is_a_command_where_a_hint_says_what_it_tells() -> None:
    assert in_commands("explain tells what it would permit") == "medconsent explain tells what it would permit"
    assert (
        in_commands("medconsent explain tells it; to explain is human")
        == "medconsent explain tells it; to explain is human"
    )


def test_a_command_is_named_once() -> None:
    told = explain(errors.Returned("no", hint="its requester amends it (request.amend)"), App())
    assert told.diagnosis.hint == "its requester amends it (medconsent request amend)"


def test_the_odd_letter_of_a_name_is_told() -> None:
    message = '"h\u0430nbit" is not the name of an institution (like hanbit)'
    told = explain(errors.Refused(message, code="INVALID"), App())
    assert told.diagnosis.hint == "of h\u0430nbit, its 2nd letter is U+0430 CYRILLIC SMALL LETTER A"
    assert explain(errors.Refused(message.replace("\u0430", "A"), code="INVALID"), App()).diagnosis.hint == ""
