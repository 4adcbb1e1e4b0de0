"""Each command that a page names is one that the program has, with these options."""

import re
import shlex
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner

from medconsent_cli.main import program as medconsent
from medconsent_network.main import main as network

ROOT = Path(__file__).parents[2]
PROGRAMS = {"medconsent": medconsent, "medconsent-network": network}
PAGES = [
    ROOT / "README.md",
    *(
        page
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if page.name != "cli.md" and "decisions" not in page.parts
    ),
]


def commands(page: Path) -> list[list[str]]:
    """The words of each command: on lines of their own, and within sentences."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = re.findall(r"^ *(?:[A-Z_]+=\$\()?(medconsent(?:-network)? [a-z-].*)$", text, re.MULTILINE)
    lines += [code for code in codes(text) if re.match(r"medconsent(-network)? [a-z-]", code)]
    found = []
    for line in lines:
        if " import " not in line:
            one = re.split(r" [|;&>]|\)$| {2,}#", re.sub(r"\$\([^)]*\)", "X", line))[0]
            found.append(shlex.split(one, comments=True))
    return found


def short_commands(page: Path) -> list[list[str]]:
    """The words of each command that a sentence names without its program, such as `home join`."""
    names = {name for program in PROGRAMS.values() for name in program.list_commands(Context(program))} - {"go"}
    said = [code.split() for code in codes(page.read_text(encoding="utf-8"))]
    return [words for words in said if len(words) > 1 and words[0] in names]


def codes(text: str) -> list[str]:
    """What stands between two backticks in the sentences of a page."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^ {4}.*$", "", prose, flags=re.MULTILINE).replace("\n", " ")
    return re.findall(r"`([^`]+)`", prose)


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_the_commands_of_a_page(page: Path) -> None:
    """Click looks at every option before it shows a help."""
    for name, *words in commands(page):
        if words[:1] == ["go"]:  # all that follows is Go's own
            continue
        told = CliRunner().invoke(PROGRAMS[name], [*words, "--help"])
        assert told.exit_code == 0, f"{name} {shlex.join(words)}\n{told.output}"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_the_commands_that_a_page_names_without_the_program(page: Path) -> None:
    for words in short_commands(page):
        value = ["x"] if words[-1].startswith("-") else []  # else an option would take what follows
        told = [CliRunner().invoke(one, [*words, *value, "--help"]).exit_code for one in PROGRAMS.values()]
        assert 0 in told, shlex.join(words)


def test_commands_are_found() -> None:
    assert len(commands(ROOT / "README.md")) > 20
    assert ["medconsent", "committee", "remove"] in [words[:3] for words in commands(ROOT / "docs" / "jobs" / "it.md")]
    founding = short_commands(ROOT / "docs" / "founding.md")
    assert {"home init", "home forget", "channel submit"} <= {" ".join(words[:2]) for words in founding}
