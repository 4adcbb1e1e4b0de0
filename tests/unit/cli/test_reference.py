"""Every command has examples that it would accept, and docs/cli.md says what the help says."""

import re
import shlex
from pathlib import Path

import click
import pytest

from medconsent_cli import reference
from medconsent_cli.app.exit_codes import MEANINGS, Exit
from medconsent_cli.app.shape import _Shaped
from medconsent_cli.main import program

COMMANDS = list(reference.commands(program, "medconsent"))
DOCUMENT = Path(__file__).parents[3] / "docs" / "cli.md"


def examples() -> list[tuple[str, str]]:
    found = []
    for path, command in COMMANDS:
        assert isinstance(command, _Shaped)
        text = command.examples.replace("\\\n", " ")
        found += [(path, line) for line in text.splitlines()]
    return found


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_command_has_an_example_of_itself(path: str, command: click.Command) -> None:
    assert isinstance(command, _Shaped)
    own = [line for line in command.examples.splitlines() if line.replace(" --json ", " ").startswith(path)]
    assert own, f"{path} has no example of itself"
    assert "Examples:" in reference.help_of(command, path)


@pytest.mark.parametrize(("path", "line"), examples())
def test_examples_are_spelled_as_the_command_takes_them(path: str, line: str) -> None:
    words = shlex.split(line)
    if ">" in words:
        words = words[: words.index(">")]
    assert words.pop(0) == "medconsent"
    command: click.Command = program
    context = click.Context(program, info_name="medconsent")
    while isinstance(command, click.Group):
        values, words, _ = command.make_parser(context).parse_args(words)
        assert words, f"{line}: which command?"
        found = command.get_command(context, words.pop(0))
        assert found is not None, f"{line}: no such command"
        command = found
        context = click.Context(command, parent=context, info_name=command.name)
    values, rest, _ = command.make_parser(context).parse_args(words)
    assert not rest, f"{line}: what is {rest}?"
    missing = [
        param.name
        for param in command.params
        if param.required and (param.name not in values or values[param.name] is None)
    ]
    assert not missing, f"{line}: without {missing}"


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_option_says_what_it_is_for(path: str, command: click.Command) -> None:
    silent = [param.name for param in command.params if isinstance(param, click.Option) and not param.help]
    assert not silent, f"{path}: {silent}"


def test_short_help_is_whole() -> None:
    for path, command in COMMANDS:
        if isinstance(command, click.Group):
            text = click.Context(command, info_name=path, terminal_width=80).get_help()
            assert "..." not in text.split("Commands:")[1].split("Examples:")[0], text


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_no_word_is_broken_at_its_hyphen(path: str, command: click.Command) -> None:
    broken = re.findall(r"^.*\w-$", reference.help_of(command, path), re.MULTILINE)
    assert not broken


def test_the_help_tells_every_exit_code() -> None:
    text = reference.help_of(program, "medconsent")
    for code in Exit:
        assert f"  {int(code)}  " in text
        assert MEANINGS[code]


def test_the_document_is_made_from_the_help() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == reference.page(), (
        "make it anew: python -m medconsent_cli.reference > docs/cli.md"
    )


def test_the_document_has_every_command() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for path, _ in COMMANDS:
        assert f"### `{path}`" in text
