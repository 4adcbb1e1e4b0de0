"""What people and programs are shown."""

import io
import json

import pytest

from medconsent._internal.columns import width
from medconsent_cli.app import output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_tables_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["id", "title", "files"], [["a", "한빛 병원", 3], ["long-id", "x", 12]])
    assert capsys.readouterr().out.splitlines() == [
        "ID       TITLE      FILES",
        "a        한빛 병원      3",
        "long-id  x             12",
    ]


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["id"], [])
    assert capsys.readouterr() == ("", "(nothing found)\n"), "it is no result"


def test_long_cells_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["text", "n"], [["x" * 100, 1]])
    assert capsys.readouterr().out.splitlines()[1] == "x" * 63 + "…  1"


LONG = [["a" * 40, "한빛 " * 10, 3, "permit"], ["b" * 12, "x", 12, "deny"]]


@pytest.mark.parametrize("columns", [41, 60, 79, 80, 100])
def test_a_table_fits_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    output.table(["name", "title", "files", "state"], LONG)
    head, first, second = terminal.getvalue().splitlines()
    assert max(map(width, (head, first, second))) <= columns
    assert [line.split()[0][:11] for line in (head, first, second)] == ["NAME", "a" * 11, "b" * 11]
    assert second.split()[1:] == ["x", "12", "deny"]


@pytest.mark.parametrize("columns", [20, 30, 40])
def test_where_a_table_cannot_fit_a_row_is_a_few_lines(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    output.table(["name", "title", "files", "state"], LONG)
    lines = terminal.getvalue().splitlines()
    assert max(map(width, lines)) <= columns
    assert [line.split()[0] for line in lines if line] == ["name", "title", "files", "state"] * 2


def test_elsewhere_than_on_a_terminal_a_table_is_as_wide_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    output.table(["name", "title", "files", "state"], LONG)
    assert "a" * 40 in capsys.readouterr().out


def test_fields_leave_out_what_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    output.fields([("a", "1"), ("none", None), ("long label", ["x", "y"]), ("empty", ""), ("zero", 0)])
    assert capsys.readouterr().out.splitlines() == ["a           1", "long label  x", "            y", "zero        0"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\u001b[2Jgone"),
        ("a\nb", "a\\u000ab"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("\ud800", "\\ud800"),
        ("한빛", "한빛"),
    ],
)
def test_what_could_drive_a_terminal_is_shown_not_sent(text: str, shown: str) -> None:
    assert output.safe(text) == shown


def test_json_is_itself_and_sends_nothing_to_the_terminal() -> None:
    value = {"a": "\x1b[2J \u202e \x9b 한빛", "b": [1, True, None]}
    text = output.as_json(value)
    assert json.loads(text) == value
    assert "한빛" in text
    assert not any(char in text for char in "\x1b\u202e\x9b")


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (io.StringIO(), {"TERM": "xterm"}, False),
        (Terminal(), {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_colours(
    stream: io.StringIO, environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert output.coloured(stream) is coloured
    assert (output.word("permit", stream) != "permit") is coloured
    assert output.word("kim", stream) == "kim"
