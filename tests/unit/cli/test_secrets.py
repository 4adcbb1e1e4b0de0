"""Secrets come from a prompt, a file or stdin, and go to a private file."""

import stat
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import click
import pytest

from medconsent_cli._secrets import SecretFile, read_secret
from medconsent_cli.main import run


def test_a_secret_from_stdin_and_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"once\n")))
    assert read_secret("-", "Secret") == "once"
    file = tmp_path / "secret"
    file.write_text("twice\r\n")
    assert read_secret(str(file), "Secret") == "twice"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_a_secret_that_notepad_or_powershell_saved_has_no_mark(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "secret.txt"
    file.write_bytes("not-a-real-secret\r\n".encode(encoding))
    assert read_secret(str(file), "Secret") == "not-a-real-secret"


@pytest.mark.parametrize("text", ["", "\n", "a\nb\n", "x" * 5000])
def test_what_is_no_secret(text: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(text)
    with pytest.raises(click.UsageError):
        read_secret(str(file), "Secret")


def test_no_secret_and_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("piped by accident"))
    with pytest.raises(click.UsageError, match="--secret-file"):
        read_secret(None, "Secret")


def test_a_secret_goes_to_a_new_private_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with SecretFile(path) as file:
        file.write("hush")
    assert path.read_text() == "hush\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(click.UsageError, match="exists already"), SecretFile(path):
        pass
    assert path.read_text() == "hush\n"


def test_no_file_is_left_when_registering_failed(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(RuntimeError), SecretFile(path):
        raise RuntimeError
    assert not path.exists()


def test_the_one_time_secret_is_not_printed_into_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["identity", "register", "kim", "--role", "researcher"]) == 2
    assert "--secret-out" in capsys.readouterr().err
