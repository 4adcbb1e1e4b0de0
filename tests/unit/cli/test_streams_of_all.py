"""Each command, whatever its output goes into: it ends with the code of its work, and tells no fault of the program.

Nothing is set up: commands that need an identity say that none is chosen, others do what they do without one.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from medconsent._internal import streams
from medconsent_cli import reference
from medconsent_cli.main import program, run

COMMANDS = [path.split()[1:] for path, _ in reference.commands(program, "medconsent")]
FORMS: dict[str, Callable[[list[str]], list[str]]] = {
    "as it is": lambda words: words,
    "its help": lambda words: [*words, "--help"],
    "for programs": lambda words: ["--json", *words],
    "with what it does not have": lambda words: ["--json", *words, "--nō", "한빛\x1b[2J"],
}
ENCODINGS = ("utf-8", "ascii", "cp437", "latin-1", "cp949", "utf-16")
WIDTHS = ("20", "40", "1000", "0", "x")


@contextmanager
def going_to(monkeypatch: pytest.MonkeyPatch, out: int, err: int, encoding: str = "utf-8") -> Iterator[None]:
    """stdout and stderr as the program makes them, over descriptors."""
    said = io.TextIOWrapper(io.BytesIO(), encoding)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdin", io.StringIO())
        patched.setattr(sys, "stdout", streams._enduring(said, out))
        patched.setattr(sys, "stderr", streams._enduring(said, err))
        yield
        sys.stdout.flush()


@pytest.fixture
def nowhere() -> Iterator[dict[str, int]]:
    """Descriptors that take nothing: a full disk, a pipe that nobody reads, one that is closed."""
    reading, broken = os.pipe()
    os.close(reading)
    full = os.open("/dev/full", os.O_WRONLY)
    read_only = os.open("/dev/null", os.O_RDONLY)
    yield {"full": full, "broken": broken, "closed": read_only}
    for descriptor in (broken, full, read_only):
        os.close(descriptor)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_ends_as_its_work_does_whatever_its_output_goes_into(
    words: list[str], tmp_path: Path, nowhere: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def told(arguments: list[str], encoding: str) -> tuple[int, str, str]:
        files = [tmp_path / "out", tmp_path / "err"]
        with (
            files[0].open("wb") as out,
            files[1].open("wb") as err,
            going_to(monkeypatch, out.fileno(), err.fileno(), encoding),
        ):
            code = run(arguments)
        said, complained = (file.read_bytes().decode(encoding) for file in files)
        return code, said, complained

    for form, of in FORMS.items():
        arguments = of(words)
        code, out, err = told(arguments, "utf-8")
        assert code in (0, 2, 10), (form, err)
        assert "error FAULT" not in err
        assert "Traceback" not in err
        assert "\x1b" not in out + err
        if "--json" in arguments:
            assert not out or json.loads(out) is not None, form
            assert not err or list(json.loads(err)) == ["error"], form
        for encoding in ENCODINGS:
            again = told(arguments, encoding)
            assert again[0] == code, (form, encoding)
            if "--json" in arguments:
                assert [text and json.loads(text) for text in again[1:]] == [
                    text and json.loads(text) for text in (out, err)
                ]
        for name, descriptor in nowhere.items():
            with going_to(monkeypatch, descriptor, descriptor):
                assert run(arguments) == code, (form, name)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_help_is_shown_on_a_terminal_of_any_width(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for width in WIDTHS:
        monkeypatch.setenv("COLUMNS", width)
        assert run([*words, "--help"]) == 0
        told = capsys.readouterr()
        assert told.out.startswith("Usage: medconsent")
        assert told.err == ""
