"""How the program begins and ends: help, version, faults, wrong usage."""

import json
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder

from medconsent import errors
from medconsent.fabric import errors as fabric
from medconsent_cli.app import failures
from medconsent_cli.main import program, run


@pytest.mark.parametrize("arguments", [[], ["dataset"], ["-h"], ["dataset", "list", "-h"]])
def test_without_a_verb_there_is_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = run(arguments)
    out, err = capsys.readouterr()
    assert code == (0 if "-h" in arguments else 2)
    assert (out or err).startswith("Usage: medconsent")


def test_the_version_is_an_option_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("medconsent ")


def test_an_interrupt_while_a_change_is_sent(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_a: Any, **_k: Any) -> None:
        raise KeyboardInterrupt

    client.grants = SimpleNamespace(get=Recorder(answers.grant()), iterate_others=Recorder([]), revoke=interrupted)
    assert run(["grant", "revoke", "b2b2b2", "--reason", "stop", "--yes"]) == 7
    assert "error OUTCOME_UNKNOWN" in capsys.readouterr().err


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


def test_every_error_of_the_sdk_has_its_line() -> None:
    """An error class that is new in the SDK must not end as a fault of the program."""
    told = tuple(kind for kind, _ in (*failures._ends(errors), *failures._told(fabric)))
    for module, base in ((errors, errors.MedconsentError), (fabric, fabric.FabricError)):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, base) and kind is not errors.MedconsentError:
                assert issubclass(kind, told)
