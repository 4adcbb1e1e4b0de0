"""`medconsent committee delegate`, `undelegate`, `delegations`."""

from datetime import UTC, datetime
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder, listing

from medconsent.nouns.committees import Delegation, DelegationView
from medconsent_cli.main import run

UNTIL = datetime(2027, 11, 1, tzinfo=UTC)


def test_a_deputy_is_named_listed_and_ended(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    body = {"institution": "hanbit", "role": "dac", "member": "lee", "deputy": "choi", "from": answers.AT}
    record = answers.view("delegation", "f8" * 32, {**body, "until": "2999-01-01T00:00:00Z"}, status="active")
    given = Delegation.from_json(record)
    client.committees = SimpleNamespace(
        delegate=Recorder(answers.written(given)),
        undelegate=Recorder(answers.written(given)),
        delegations=Recorder(listing([DelegationView(given, "active")])),
    )
    assert run(["committee", "delegate", "dac", "choi", "--until", "2027-11-01T00:00:00Z"]) == 0
    assert client.committees.delegate.calls[0] == (("dac", "choi"), {"until": UNTIL, "from_": None, "reason": None})
    assert run(["committee", "undelegate", "f8f8f8"]) == 0
    capsys.readouterr()
    assert run(["committee", "delegations", "--deputy", "choi"]) == 0
    assert "active  hanbit/dac  lee     choi" in capsys.readouterr().out
