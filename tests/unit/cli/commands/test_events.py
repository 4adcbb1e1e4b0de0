"""`medconsent events`: what changes, as it happens."""

from types import SimpleNamespace

import pytest
from fake_client import Recorder

from medconsent_cli.main import run


def test_events_say_where_they_begin(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.events = SimpleNamespace(height=lambda: 42, follow=Recorder(iter(())))
    assert run(["events"]) == 0
    assert "following from block 42 at hanbit's peer" in capsys.readouterr().err
    assert client.events.follow.calls[0][1]["start_block"] == 42
