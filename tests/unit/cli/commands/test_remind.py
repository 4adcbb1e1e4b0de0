"""`medconsent remind`: told once a day, to each channel, by a process that goes on."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import answers
import pytest

from medconsent.errors import Unreachable
from medconsent_cli.main import run

REMIND = ["remind", "--older-than", "1s"]


@pytest.fixture
def seen_to(client: SimpleNamespace, home: Path) -> SimpleNamespace:
    """A ledger on which one request waits for hanbit/dac, and a grant of nuri's ends soon."""

    def requests(**asked: Any) -> Iterator[Any]:
        return iter([answers.request(waits_for=[answers.stage()])] if asked.get("waiting_for") == "hanbit/dac" else [])

    client.requests = SimpleNamespace(iterate=requests)
    client.grants = SimpleNamespace(iterate=lambda **_k: iter([]))
    client.breakglass = SimpleNamespace(iterate=lambda **_k: iter([]))
    return client


def test_reminders_are_told_once_a_day(
    seen_to: SimpleNamespace, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "desk.log"
    assert run([*REMIND, "--to-log", str(log)]) == 0
    assert run([*REMIND, "--to-log", str(log)]) == 0
    assert len(log.read_text().splitlines()) == 1
    assert "nothing new to see to" in capsys.readouterr().err
    assert stat.S_IMODE((home / "contexts" / "hanbit" / "lee" / "reminders.json").stat().st_mode) == 0o600
    # Without a channel it is looked at, and not remembered.
    for _ in range(2):
        assert run(REMIND) == 0
        assert "waits for a vote of hanbit/dac" in capsys.readouterr().out
    assert run([*REMIND, "--json", "--to-log", str(log)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (len(told["reminders"]), told["told"]) == (1, [])


def test_nothing_that_waits_long_says_where_the_rest_is(
    seen_to: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    seen_to.requests = SimpleNamespace(iterate=lambda **_k: iter([]))
    assert run(["remind"]) == 0
    out, err = capsys.readouterr()
    assert out == "nothing to see to\n"
    assert "what waits for a shorter time than --older-than is told by medconsent inbox" in err


def test_a_channel_that_fails_is_told_of_and_tried_again(
    seen_to: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, dead = tmp_path / "desk.log", "http://127.0.0.1:1/secret"
    for _ in range(2):
        assert run([*REMIND, "--to-log", str(log), "--to-webhook", dead]) == 6
        told = capsys.readouterr().err
        assert "error UNREACHABLE: the webhook at 127.0.0.1 was not reached" in told
        assert "secret" not in told
    assert len(log.read_text().splitlines()) == 1  # what worked is not told again


@pytest.mark.parametrize(
    "options",
    [
        ["--to-webhook", "ftp://x"],
        ["--to-mail", "a@b"],
        ["--to-mail", "a@b", "--smtp", "host", "--from", "a@b"],
        ["--to-mail", "a@b\nBcc: c@d", "--smtp", "host:25", "--from", "a@b"],
        ["--smtp", "host:25"],
        ["--every", "0s", "--to-log", "-"],
        ["--every", "1h"],
        ["--to-log", "-", "--metrics", "127.0.0.1:0"],
        ["--every", "1h", "--to-log", "-", "--metrics", "nonsense"],
    ],
)
def test_channels_that_are_none(options: list[str], seen_to: SimpleNamespace) -> None:
    assert run([*REMIND, *options]) == 2


def test_a_process_goes_on_after_a_failure(
    seen_to: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds: list[float] = []

    def sleep(_stop: Any, seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 3:
            raise KeyboardInterrupt

    @contextmanager
    def down(_app: Any) -> Iterator[Any]:
        if len(rounds) == 1:
            raise Unreachable("the peer was not reached")
        yield seen_to

    monkeypatch.setattr("medconsent.services.runtime.stop.Stop.sleep", sleep)
    monkeypatch.setattr("medconsent_cli.app.state.App.connect", down)
    assert run([*REMIND, "--every", "1h", "--to-log", "-"]) == 0
    out, err = capsys.readouterr()
    assert rounds == [3600, 3600, 3600]
    assert out.count("waits for a vote") == 1
    assert "not looked: the peer was not reached" in err
