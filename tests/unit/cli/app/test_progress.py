"""What takes long says so, and not where a program reads."""

import time

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
