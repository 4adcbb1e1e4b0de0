"""`medconsent request submit` and `amend`: what is given is sent."""

from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent_cli.main import run


def test_an_amendment_sends_what_is_given(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.requests = SimpleNamespace(
        amend=Recorder(answers.written(answers.request().request)), get=Recorder(answers.request())
    )
    assert run(["request", "amend", "a1a1a1", "--days", "2", "--researcher", "kim", "--yes"]) == 0
    (arguments, options) = client.requests.amend.calls[0]
    assert arguments == ("a1a1a1",)
    assert {name: value for name, value in options.items() if value} == {
        "duration": 172_800,
        "researchers": ("kim",),
    }
    capsys.readouterr()
    assert run(["request", "amend", "a1a1a1"]) == 2
    assert "what is to change?" in capsys.readouterr().err
    assert run(["request", "amend", "a1a1a1", "--training"]) == 2
    assert "a purpose is stated as a whole" in capsys.readouterr().err


def test_a_request_renews_or_joins(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    granted = answers.request(state="approved", grant=answers.grant().grant.to_json())
    client.requests = SimpleNamespace(
        submit=Recorder(answers.written(answers.request().request)), get=Recorder(lambda _id: granted)
    )
    command = ["request", "submit", "hanbit/ct", "--purpose", "origins", "--mode", "enclave", "--days", "2"]
    command += ["--project", "x"]
    assert run([*command, "--renews", "b2b2b2"]) == 0
    assert client.requests.submit.calls[0][0][0].renews == "b2b2b2"
    assert f"approved, grant {answers.GRANT}" in capsys.readouterr().out  # it may be approved at once
    assert run([*command, "--renews", "b2b2b2", "--joins", "b2b2b2"]) == 2


def test_who_is_not_among_the_researchers_is_told_so(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.requests = SimpleNamespace(
        submit=Recorder(answers.written(answers.request().request)), get=Recorder(lambda _id: answers.request())
    )
    command = ["request", "submit", "hanbit/ct", "--purpose", "origins", "--mode", "enclave", "--days", "2"]
    command += ["--project", "x", "--researcher", "kim"]
    assert run(command) == 0
    assert "you (lee) are not among the researchers" in capsys.readouterr().err
    assert run([*command, "--researcher", "lee"]) == 0
    assert capsys.readouterr().err == ""
    assert run(["--json", *command]) == 0
    assert capsys.readouterr().err == ""
