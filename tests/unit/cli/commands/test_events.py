"""`medconsent events`: what changes, as it happens."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_client import Recorder

from medconsent_cli.main import run


def test_events_say_where_they_begin(client: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    client.events = SimpleNamespace(height=lambda: 42, follow=Recorder(iter(())))
    assert run(["events"]) == 0
    assert "following from block 42 at hanbit's peer" in capsys.readouterr().err
    assert client.events.follow.calls[0][1]["start_block"] == 42


@pytest.mark.parametrize("content", ["{", "[]", '{"blockNumber": -1, "transactionId": ""}', "\x00\xff"])
def test_a_broken_checkpoint_is_refused_with_what_to_do(
    content: str, client: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client.events = SimpleNamespace(height=lambda: 42, follow=Recorder(lambda **_: pytest.fail("it followed")))
    (tmp_path / "position").write_text(content)
    assert run(["events", "--checkpoint", str(tmp_path / "position")]) == 2
    err = capsys.readouterr().err
    assert "position is not a checkpoint" in err
    assert "remove it and say with --from-block N where to go on" in err
    assert "IDENTITY" not in err
    assert (tmp_path / "position").read_text() == content
