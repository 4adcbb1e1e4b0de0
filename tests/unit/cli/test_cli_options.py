"""Options that stand anywhere, secrets, and how the program ends."""

import json
import os
import stat
import sys
import time
from io import StringIO
from pathlib import Path

import click
import pytest

from medconsent_cli.app import failures, progress
from medconsent_cli.app.secrets import SecretFile, read_secret
from medconsent_cli.app.shape import Command, Group
from medconsent_cli.app.state import App
from medconsent_cli.main import program, run


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No contexts, and none of the developer's own settings."""
    for name in list(os.environ):
        if name.startswith("MEDCONSENT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MEDCONSENT_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "--context", "a/b", "--wait-block", "7", "--timeout", "2", "noun", "verb"],
        ["noun", "--json", "--context", "a/b", "--wait-block", "7", "--timeout", "2", "verb"],
        ["noun", "verb", "--json", "--context", "a/b", "--wait-block", "7", "--timeout", "2"],
        ["--context", "x/y", "noun", "--json", "--timeout", "2", "verb", "--context", "a/b", "--wait-block", "7"],
    ],
)
def test_options_may_stand_anywhere(arguments: list[str]) -> None:
    root, noun = Group("root"), Group("noun")
    root.add_command(noun)
    noun.add_command(Command("verb", callback=lambda: None))
    app = App()
    root.main(arguments, standalone_mode=False, obj=app)
    assert (app.json, app.context, app.wait_block, app.timeout) == (True, "a/b", 7, 2.0)


def test_without_a_context(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dataset", "list"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error CONTEXT: ")
    assert "medconsent identity enroll" in err


def test_with_json_an_error_is_one_object_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["dataset", "list", "--json"], ["--json", "dataset", "list"], ["dataset", "nonsense", "--json"]):
        assert run(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert json.loads(err)["error"]["exit_code"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["dataset", "show"],
        ["dataset", "show", "no-institution"],
        ["dataset", "show", "a/b@x"],
        ["committee", "set", "dac"],
        ["committee", "set", "dac", "--member", "lee", "--nobody"],
        ["committee", "set", "dac", "--member", "lee,until=tomorrow"],
        ["committee", "show", "dac"],
        ["policy", "set", "a/b@1", "--policy", "p.yaml"],
        ["request", "submit", "a/b", "--purpose", "origins", "--mode", "download", "--project", "x"],
        [
            "request",
            "submit",
            "a/b",
            "--purpose",
            "o",
            "--mode",
            "m",
            "--project",
            "x",
            "--days",
            "1",
            "--duration",
            "1d",
        ],
        ["request", "submit", "a/b", "--purpose", "o", "--mode", "m", "--project", "x", "--duration", "soon"],
        ["request", "reject", "abcdef"],
        ["identity", "enroll", "kim", "--profile", "/nowhere.json"],
        ["identity", "register", "kim"],
        ["check", "a/b", "--for", "a/kim", "--purpose", "origins", "--mode", "download", "--at", "yesterday"],
        ["completion", "cmd"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_and_nothing_sent(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert capsys.readouterr().err.startswith("error USAGE: ")


def test_a_fault_is_a_sentence_and_a_traceback_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "main", lambda *_a, **_k: 1 / 0)
    assert run([]) == 1
    assert capsys.readouterr().err.startswith("error FAULT: ZeroDivisionError")
    monkeypatch.setenv("MEDCONSENT_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run([])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_MEDCONSENT_COMPLETE" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--json", "version"]) == 0
    assert json.loads(capsys.readouterr().out)["medconsent"]


def test_a_secret_from_stdin_and_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("once\n"))
    assert read_secret("-", "Secret") == "once"
    file = tmp_path / "secret"
    file.write_text("twice\r\n")
    assert read_secret(str(file), "Secret") == "twice"


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


def test_what_takes_long_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "FIRST_AFTER", 0.01)
    with progress.working("waiting for the CA"):
        time.sleep(0.1)
    assert capsys.readouterr() == ("", "waiting for the CA ... 0 s\n")
    with progress.working("quick"):
        pass
    assert capsys.readouterr().err == ""


def test_every_error_of_the_sdk_has_its_line() -> None:
    """An error class that is new in the SDK must not end as a fault of the program."""
    from medconsent import errors  # noqa: PLC0415
    from medconsent.fabric import errors as fabric  # noqa: PLC0415

    told = tuple(kind for kind, _ in failures._told(errors, fabric))
    for module, base in ((errors, errors.MedconsentError), (fabric, fabric.FabricError)):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, base):
                assert issubclass(kind, told)


def test_with_json_stderr_is_for_the_error_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "FIRST_AFTER", 0.01)
    for as_json in (False, True):
        with App(json=as_json).working("asking"):
            time.sleep(0.1)
        assert capsys.readouterr().err == ("" if as_json else "asking ... 0 s\n")
