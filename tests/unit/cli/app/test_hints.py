"""Hints that only the command line can give."""

from pathlib import Path

import pytest
from identities import ask, wallet

from medconsent import errors
from medconsent_cli.app.failures import explain
from medconsent_cli.app.state import App
from medconsent_cli.main import run


def test_who_is_refused_is_told_who_they_are_and_who_might(
    tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for person, roles in (("kim", "researcher"), ("park", "steward"), ("lee", "dac")):
        assert (
            run(["context", "add", f"hanbit/{person}", "--profile", profile, "--msp", wallet(tmp_path, person, roles)])
            == 0
        )
    hint = explain(errors.Forbidden("hanbit/kim acts as steward here", hint="h"), App()).diagnosis.hint
    assert hint == "h; you act as hanbit/kim (context hanbit/kim); try --context with hanbit/park (steward)"
    assert run(["context", "show", "--context", "lee"]) == 2
    assert "did you mean hanbit/lee?" in capsys.readouterr().err


def test_a_damaged_context_is_no_reason_to_name_no_other(
    tmp_path: Path, settings: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for person, roles in (("kim", "researcher"), ("lee", "steward"), ("park", "steward")):
        ask(
            capsys, "context", "add", f"hanbit/{person}", "--profile", profile, "--msp", wallet(tmp_path, person, roles)
        )
    (settings / "contexts" / "hanbit" / "lee" / "cert.pem").write_bytes(b"")
    hint = explain(errors.Forbidden("hanbit/kim is no steward here"), App()).diagnosis.hint
    assert hint.endswith("try --context with hanbit/park (steward)")
