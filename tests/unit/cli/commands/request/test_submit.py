"""`medconsent request submit` and `amend`: what is given is sent."""

from collections.abc import Callable
from pathlib import Path
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
        iterate=lambda **_: iter(()),
        submit=Recorder(answers.written(answers.request().request)),
        get=Recorder(lambda _id: granted),
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
        iterate=lambda **_: iter(()),
        submit=Recorder(answers.written(answers.request().request)),
        get=Recorder(lambda _id: answers.request()),
    )
    command = ["request", "submit", "hanbit/ct", "--purpose", "origins", "--mode", "enclave", "--days", "2"]
    command += ["--project", "x", "--researcher", "kim"]
    assert run(command) == 0
    assert "you (lee) are not among the researchers" in capsys.readouterr().err
    assert run([*command, "--researcher", "lee"]) == 0
    assert capsys.readouterr().err == ""
    assert run(["--json", *command]) == 0
    assert capsys.readouterr().err == ""


AGAIN = ["--purpose", "disease", "--disease", "ICD10:C50", "--mode", "download", "--days", "90"]
AGAIN += ["--project", "x", "--researcher", "kim"]


def standing(client: SimpleNamespace) -> None:
    """nuri's open request for hanbit/breast-cancer@1."""
    client.institution, client.enrollment_id = "nuri", "kim"
    found = answers.request()
    client.requests = SimpleNamespace(
        iterate=lambda *, requester, state: iter([found] if (requester, state) == ("nuri", "in-review") else []),
        submit=Recorder(answers.written(found.request)),
        get=Recorder(found),
    )
    client.datasets = SimpleNamespace(get=Recorder(answers.dataset()))


def test_who_asks_for_the_same_again_is_told_and_asked(
    client: SimpleNamespace, piped: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    standing(client)
    same = ["request", "submit", "hanbit/breast-cancer", *AGAIN]
    piped(b"n\n", terminal=True)
    assert run(same) == 2
    err = capsys.readouterr().err
    assert "the same was asked for already and is in-review: medconsent request show a1a1a1a1a1a1" in err
    assert "Ask again?" in err
    assert "STOPPED" in err
    assert not client.requests.submit.calls
    piped(b"y\n", terminal=True)
    assert run(same) == 0
    piped(b"")
    capsys.readouterr()
    assert run(same) == 0, "a program is warned and goes on: it can be withdrawn"
    assert "warning: the same was asked for already" in capsys.readouterr().err
    piped(b"", terminal=True)
    for quiet in ([*same, "--yes"], ["--json", *same]):
        assert run(quiet) == 0
        assert "already" not in capsys.readouterr().err
    assert len(client.requests.submit.calls) == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("--mode download", "--mode enclave"),
        ("ICD10:C50", "ICD10:C51"),
        ("--researcher kim", "--researcher lee"),
        ("--researcher kim", "--renews b2b2b2"),
        ("hanbit/breast-cancer", "hanbit/breast-cancer@2"),
        ("hanbit/breast-cancer", "hanbit/other"),
    ],
)
def test_what_differs_is_not_the_same(
    old: str, new: str, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    standing(client)
    line = " ".join(["request", "submit", "hanbit/breast-cancer", *AGAIN]).replace(old, new)
    assert run(line.split()) == 0
    assert "already" not in capsys.readouterr().err


def test_a_draft_is_told_so_too(
    client: SimpleNamespace, home: Path, piped: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    standing(client)
    assert run(["request", "draft", "new", "again", "hanbit/breast-cancer", *AGAIN]) == 0
    piped(b"n\n", terminal=True)
    assert run(["request", "draft", "submit", "again"]) == 2
    assert "the same was asked for already" in capsys.readouterr().err
    assert not client.requests.submit.calls
