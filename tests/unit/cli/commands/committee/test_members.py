"""`medconsent committee set`: members may have terms."""

from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.committees import Committee, Member
from medconsent.times import parse_time
from medconsent.values.records import Written
from medconsent_cli.main import run


def test_members_may_have_terms(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    seat = {"id": "lee", "from": answers.AT, "set_tx": answers.TX, "until": "2100-01-01T00:00:00Z"}
    body = {"institution": "hanbit", "role": "dac", "seats": [seat]}
    committee = Committee.from_json(answers.view("committee", "hanbit/dac", body))
    client.committees = SimpleNamespace(set=Recorder(Written(committee, answers.TX, 5)))
    assert run(["committee", "set", "dac", "--member", "lee,until=2100-01-01T00:00:00Z", "--member", "choi"]) == 0
    assert client.committees.set.calls[0][0] == (
        "dac",
        (Member("lee", None, parse_time("2100-01-01T00:00:00Z")), Member("choi")),
    )
    assert "committed in block 5" in capsys.readouterr().out
