"""`medconsent grant suspend`, `lift`, `relinquish`."""

from types import SimpleNamespace

import answers
import pytest
from fake_client import Recorder

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
