"""`medconsent grant revoke`: what ends, and what is still given to the same people."""

import json
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder

from medconsent.errors import Unreachable
from medconsent.values.grants import OtherGrant, Revocation
from medconsent_cli.main import run


def others(count: int) -> list[OtherGrant]:
    return [OtherGrant(answers.grant().grant, "active", ("kim",))] * count


def test_a_revocation_tells_what_is_still_given(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.grants = SimpleNamespace(
        get=Recorder(answers.grant()),
        revoke=Recorder(answers.written(answers.grant().grant)),
        iterate_others=Recorder(lambda *_a, **_k: iter(others(2))),
    )
    assert run(["grant", "revoke", "b2b2b2", "--reason", "leak", "--yes"]) == 0
    out = capsys.readouterr().out
    assert "still given to the same people (--all ends these too):" in out
    assert "with it: 1 person loses what it gives, and nobody can give it back\n" in out
    assert client.grants.iterate_others.calls[0][0] == (answers.GRANT,)
    assert run(["--json", "grant", "revoke", "b2b2b2", "--reason", "leak", "--yes"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (len(told["others"]), told["transaction_id"]) == (2, answers.TX)


def test_a_revocation_is_told_even_when_nothing_can_be_read_after_it(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    def down(*_a: Any, **_k: Any) -> Any:
        raise Unreachable("the peer was not reached")

    client.grants = SimpleNamespace(
        get=down, revoke=Recorder(answers.written(answers.grant().grant)), iterate_others=down
    )
    assert run(["--json", "grant", "revoke", "b2b2b2", "--reason", "leak", "--yes"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["transaction_id"] == answers.TX
    assert "others" not in json.loads(out)
    assert json.loads(out)["others_unread"] == "the peer was not reached"
    assert err == ""
    assert run(["grant", "revoke", "b2b2b2", "--reason", "leak", "--yes"]) == 0
    assert "revoked; what else gives the same could not be read" in capsys.readouterr().err
    client.requests = SimpleNamespace(
        iterate=down, submit=Recorder(answers.written(answers.request().request)), get=down
    )
    command = ["request", "submit", "hanbit/ct", "--purpose", "origins", "--mode", "enclave", "--days", "2"]
    assert run([*command, "--project", "x"]) == 0
    assert "committed in block 17" in capsys.readouterr().out


def test_all_of_them_are_shown_and_asked_for_first(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    ended = (Revocation((answers.GRANT, "c4" * 32), answers.TX, 17),)
    left = iter([others(1), others(1), []])
    client.grants = SimpleNamespace(
        get=Recorder(answers.grant()),
        iterate_others=Recorder(lambda *_a, **_k: iter(next(left))),
        revoke_all=Recorder(ended),
    )
    assert run(["grant", "revoke", "b2b2b2", "--reason", "leak", "--all"]) == 2
    out, err = capsys.readouterr()
    assert "also given to the same people:" in out
    assert "--yes" in err
    assert not client.grants.revoke_all.calls
    assert run(["--json", "grant", "revoke", "b2b2b2", "--reason", "leak", "--all", "--yes"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"grant": answers.GRANT, "ended": [ended[0].to_json()], "others": []}
    assert client.grants.revoke_all.calls == [((answers.GRANT, "leak"), {})]
