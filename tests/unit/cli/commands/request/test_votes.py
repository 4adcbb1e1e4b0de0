"""Votes: what is shown before, what is asked, and what is sent."""

import json
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder

from medconsent.errors import ConflictUndeclared
from medconsent_cli.main import run

UNTIL = datetime(2027, 11, 1, tzinfo=UTC)


def test_an_approval_is_of_what_was_shown(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    shown = answers.request()
    client.requests = SimpleNamespace(get=Recorder(shown), approve=Recorder(answers.approved()))
    assert run(["request", "approve", "a1a1a1", "--yes"]) == 0
    (arguments, options) = client.requests.approve.calls[0]
    assert arguments == (answers.REQUEST,)
    assert options["shown"] is shown
    out = capsys.readouterr().out
    assert out.index("which measurements?") < out.index("request is now  approved")
    assert f"grant        {answers.GRANT}" in out
    assert f"committed in block 17, transaction {answers.TX}" in out


def test_a_vote_as_json_is_one_object(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.requests = SimpleNamespace(get=Recorder(answers.request()), reject=Recorder(answers.approved()))
    assert run(["--json", "request", "reject", "a1a1a1", "--reason", "no", "--yes"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["transaction_id"], told["block"]) == ("approved", answers.TX, 17)


def test_without_a_terminal_nothing_is_approved_unasked(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=Recorder(answers.approved()))
    assert run(["request", "approve", "a1a1a1"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert not client.requests.approve.calls


def test_who_has_no_voting_role_is_told_so_first(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.roles = ("researcher",)
    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=Recorder(answers.approved()))
    assert run(["request", "approve", "a1a1a1"]) == 2
    assert "you act as hanbit/lee, whose certificate has no " in capsys.readouterr().err
    assert not client.requests.get.calls


def test_whether_a_role_that_is_named_will_do_is_asked_the_contract(client: SimpleNamespace) -> None:
    client.roles = ("researcher",)
    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=Recorder(answers.approved()))
    assert run(["request", "approve", "a1a1a1", "--role", "ethics", "--yes"]) == 0
    assert client.requests.approve.calls


def test_a_no_sends_nothing(
    client: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Person(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Person("n\n"))
    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=Recorder(answers.approved()))
    assert run(["request", "approve", "a1a1a1"]) == 2
    assert "error STOPPED: stopped; nothing was sent." in capsys.readouterr().err
    assert not client.requests.approve.calls


def test_an_attestation_is_read_from_options_or_a_file(client: SimpleNamespace, tmp_path: Path) -> None:
    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=Recorder(answers.outcome()))
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"approved")
    options = ["--attest-board", "IRB", "--attest-number", "7", "--attest-document", str(letter)]
    options += ["--attest-until", "2027-11-01T00:00:00Z"]
    assert run(["request", "approve", "a1a1a1", "--yes", "--no-conflict", *options]) == 0
    file = tmp_path / "approval.yaml"
    file.write_text("board: IRB\nnumber: '7'\ndocument: letter.pdf\nvalid_until: 2027-11-01T00:00:00Z\n")
    assert run(["request", "approve", "a1a1a1", "--yes", "--attest", str(file)]) == 0
    by_options, by_file = (options for _arguments, options in client.requests.approve.calls)
    assert by_options["attestation"] == by_file["attestation"]
    assert by_options["attestation"].valid_until == UNTIL
    assert (by_options["no_conflict"], by_file["no_conflict"]) == (True, False)


@pytest.mark.parametrize(
    "options",
    [
        ["--attest-board", "IRB"],
        ["--attest", "x.yaml", "--attest-number", "7"],
        ["--attest", "missing.yaml"],
    ],
)
def test_half_an_attestation_is_not_sent(options: list[str], client: SimpleNamespace) -> None:
    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=Recorder(answers.outcome()))
    assert run(["request", "approve", "a1a1a1", "--yes", *options]) == 2
    assert not client.requests.get.calls


@pytest.mark.parametrize("verb", ["approve", "reject", "return"])
def test_a_deputy_says_for_whom(verb: str, client: SimpleNamespace) -> None:
    send = Recorder(answers.outcome())
    client.requests = SimpleNamespace(get=Recorder(answers.request()), **{verb.replace("return", "return_"): send})
    reason = [] if verb == "approve" else ["--reason", "no"]
    assert run(["request", verb, "a1a1a1", "--for", "lee", "--yes", *reason]) == 0
    assert send.calls[0][1]["for_"] == "lee"


@pytest.mark.parametrize("verb", ["recuse", "return", "close"])
def test_what_ends_a_part_in_a_request_asks_first(
    verb: str, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    send = Recorder(answers.outcome())
    client.requests = SimpleNamespace(get=Recorder(answers.request()), **{verb.replace("return", "return_"): send})
    assert run(["request", verb, "a1a1a1", "--reason", "because"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert not send.calls
    assert run(["request", verb, "a1a1a1", "--reason", "because", "--yes"]) == 0
    assert send.calls[0][0] == (answers.REQUEST, "because")


def test_a_refusal_says_which_option_is_missing(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(*_a: Any, **_k: Any) -> None:
        raise ConflictUndeclared("the policy asks for a declaration", field="no_conflict")

    client.requests = SimpleNamespace(get=Recorder(answers.request()), approve=refused)
    assert run(["request", "approve", "a1a1a1", "--yes"]) == 5
    told = capsys.readouterr().err
    assert "where: no_conflict (--no-conflict)" in told
    assert "hint: --no-conflict declares that there is none" in told
