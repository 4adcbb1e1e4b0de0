"""What takes long says so, and not where a program reads."""

import os
import pty
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from medconsent_cli.app import progress
from medconsent_cli.app.state import App


def test_what_takes_long_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "FIRST_AFTER", 0.01)
    with progress.working("waiting for the CA"):
        time.sleep(0.1)
    assert capsys.readouterr() == ("", "waiting for the CA ... 0 s\n")
    with progress.working("quick"):
        pass
    assert capsys.readouterr().err == ""


def test_with_json_stderr_is_for_the_error_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "FIRST_AFTER", 0.01)
    for as_json in (False, True):
        with App(json=as_json).working("asking"):
            time.sleep(0.1)
        assert capsys.readouterr().err == ("" if as_json else "asking ... 0 s\n")


def test_what_is_printed_meanwhile_has_a_line_of_its_own() -> None:
    program = """if True:
        import time
        from medconsent._internal import streams
        from medconsent_cli.app import output, progress
        streams.prepare()
        progress.FIRST_AFTER = 0.01
        with progress.working("reading"):
            time.sleep(0.3)
            output.table(["id"], [["P-1"]])
        output.line("done")
    """
    here, there = pty.openpty()
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.DEVNULL, stdout=there, stderr=there)
    os.close(there)
    shown = b""
    try:
        while data := os.read(here, 4096):
            shown += data
    except OSError:
        pass  # the terminal's other end is closed
    os.close(here)
    assert child.wait(timeout=30) == 0
    lines = shown.decode().replace("\x1b[1m", "").replace("\x1b[0m", "").split("\r\n")
    assert lines == ["reading ... 0 s\r\x1b[KID", "P-1", "done", ""]


@dataclass
class Half:
    """A file of two, and a MiB of three."""

    files: int = 1
    of_files: int = 2
    bytes: int = 1024**2
    of_bytes: int = 3 * 1024**2


def test_how_far_files_are_is_said_when_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress.copying("fetching") as tell:
        tell(Half())  # too soon
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "FIRST_AFTER", 0.0)
    for said in (True, False):
        with progress.copying("fetching", said=said) as tell:
            tell(Half())
            tell(Half())  # too soon after the first
        assert capsys.readouterr() == ("", "fetching ... 1 of 2 files, 1 of 3 MiB\n" if said else "")
