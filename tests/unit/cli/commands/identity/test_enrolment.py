"""`medconsent identity register` and `enroll`, with the CA replaced."""

import json
from pathlib import Path
from typing import Any

import pytest
from identities import ask, issue, wallet

from medconsent.fabric.ca import CAClient, Enrollment
from medconsent_cli.main import run


def test_a_secret_that_cannot_be_read(tmp_path: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "nix")
    assert run(["identity", "enroll", "kim", "--profile", profile, "--secret-file", missing]) == 2
    assert f"the secret file {missing} cannot be read: no such file or directory." in capsys.readouterr().err


def test_register_then_enroll(
    tmp_path: Path, profile: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[Any, ...]] = []

    def register(_ca: CAClient, _registrar: Any, person: str, **options: Any) -> str:
        asked.append((person, options["attributes"], options["max_enrollments"]))
        return "one-time"

    def enroll(_ca: CAClient, person: str, secret: str, **_options: Any) -> Enrollment:
        asked.append((person, secret))
        certificate, signer = issue(person, "researcher")
        return Enrollment(person, certificate, b"", signer)

    monkeypatch.setattr(CAClient, "register", register)
    monkeypatch.setattr(CAClient, "enroll", enroll)
    registrar = wallet(tmp_path, "registrar", "")
    assert run(["context", "add", "hanbit/registrar", "--profile", profile, "--msp", registrar]) == 0
    secret = tmp_path / "kim.secret"
    capsys.readouterr()
    told = ask(
        capsys, "identity", "register", "kim", "--role", "researcher", "--role", "dac", "--secret-out", str(secret)
    )
    assert told["registered"] == "hanbit/kim"
    assert "one-time" not in json.dumps(told)
    made = ask(capsys, "identity", "enroll", "kim", "--profile", profile, "--secret-file", str(secret), "--use")
    assert made["name"] == "hanbit/kim"
    assert asked == [("kim", {"medconsent.roles": "researcher,dac"}, 1), ("kim", "one-time")]
    assert ask(capsys, "context", "show")["name"] == "hanbit/kim"
