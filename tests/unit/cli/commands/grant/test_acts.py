"""`medconsent grant suspend`, `lift`, `relinquish`."""

from dataclasses import replace
from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder, listing

from medconsent_cli.main import run


@pytest.mark.parametrize("verb", ["suspend", "lift", "relinquish"])
def test_what_is_done_with_a_grant(verb: str, client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    send = Recorder(answers.written(answers.grant().grant))
    client.grants = SimpleNamespace(get=Recorder(answers.grant()), **{verb: send})
    client.requests = SimpleNamespace(get=Recorder(answers.request()))
    sure = ["--yes"] if verb == "relinquish" else []
    assert run(["grant", verb, "b2b2b2", "--reason", "because", *sure]) == 0
    assert "because" in (*send.calls[0][0], *send.calls[0][1].values())
    assert "committed in block 17" in capsys.readouterr().out


def test_what_was_opened_in_an_emergency_and_is_given_back_can_be_justified(
    client: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    view = answers.grant()
    opened = replace(view, grant=replace(view.grant, request=None, breakglass="e5" * 32))
    client.grants = SimpleNamespace(
        get=Recorder(opened),
        relinquish=Recorder(answers.written(opened.grant)),
        iterate_others=listing([]),
    )
    assert run(["grant", "relinquish", "b2b2b2", "--reason", "because", "--yes"]) == 0
    said = capsys.readouterr().out
    assert "next: a privacy officer of hanbit who took no part justifies it" in said
    assert "medconsent breakglass justify e5e5e5e5e5e5 TEXT" in said
