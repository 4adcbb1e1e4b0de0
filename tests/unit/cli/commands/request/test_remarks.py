"""`medconsent request remark` and `invite`."""

from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.requests import Remark
from medconsent_cli.main import run


def test_remarks_and_invitations(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    said = {
        "request": answers.REQUEST,
        "dataset": "hanbit/ct",
        "author": answers.PERSON,
        "kind": "remark",
        "text": "\x1b[31mred",
    }
    remark = Remark.from_json(answers.view("remark", "f7" * 32, said))
    client.requests = SimpleNamespace(
        remark=Recorder(answers.written(remark)),
        invite=Recorder(answers.written(answers.invitation().invitation)),
        get=Recorder(answers.request(remarks=[remark.to_json()], invitations=[answers.invitation().to_json()])),
    )
    assert run(["request", "remark", "a1a1a1", "red"]) == 0
    assert run(["request", "remark", "a1a1a1"]) == 2
    assert run(["request", "remark", "a1a1a1", "red", "--private", "x.txt"]) == 2
    assert run(["request", "invite", "a1a1a1", "nuri/park", "sound?"]) == 0
    assert run(["request", "invite", "a1a1a1", "park", "sound?"]) == 2
    capsys.readouterr()
    assert run(["request", "show", "a1a1a1"]) == 0
    out = capsys.readouterr().out
    assert "remark of nuri/park at 2026-11-24T10:50:10Z\n  \\u001b[31mred\n" in out
    assert "hanbit/lee  nuri/park  no" in out
