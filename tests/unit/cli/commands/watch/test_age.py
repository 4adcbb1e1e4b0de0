"""`medconsent watch beat` and `watch age`: one's own sign of life on the ledger, and how old the ledger is by it."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import answers
import pytest
from fake_client import Recorder

from medconsent.nouns.ledger import Beat, LedgerAge
from medconsent_cli.main import run

ALARM = 9
BEAT = {"institution": "hanbit", "at": answers.AT}
YOUNG = {"institution": "hanbit", "as_of": answers.AT, "age_seconds": 7, "within_seconds": 120}
OLD = {**YOUNG, "age_seconds": 130, "old": "the ledger at this institution's peer may be behind"}


@pytest.fixture
def ledger(client: SimpleNamespace) -> Callable[[dict[str, Any]], None]:
    """Makes the ledger of an age."""

    def make(age: dict[str, Any]) -> None:
        client.ledger = SimpleNamespace(
            age=Recorder(LedgerAge.from_json(age)), beat=Recorder(answers.written(Beat.from_json(BEAT)))
        )

    return make


def test_a_beat_is_written(ledger: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    ledger(YOUNG)
    assert run(["watch", "beat"]) == 0
    told = capsys.readouterr().out
    assert "hanbit" in told
    assert "medconsent watch age" in told
    assert run(["--json", "watch", "beat"]) == 0
    assert json.loads(capsys.readouterr().out) == {**BEAT, "transaction_id": answers.TX, "block": 17}


@pytest.mark.parametrize(
    ("age", "exit_code", "says"),
    [
        (YOUNG, 0, ["7 s ago", "120 s"]),
        (OLD, ALARM, ["130 s ago", "120 s", "may be behind"]),
        ({"institution": "hanbit"}, 0, ["not known", "none: decisions rest on it however old it is"]),
        ({}, 0, ["not told", "not known"]),
    ],
    ids=["young", "old", "unbounded", "untold"],
)
def test_how_old_it_is_and_whether_that_closes_decisions(
    ledger: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    age: dict[str, Any],
    exit_code: int,
    says: list[str],
) -> None:
    ledger(age)
    assert run(["watch", "age"]) == exit_code
    told = capsys.readouterr().out
    assert not [words for words in says if words not in told], told
    assert run(["--json", "watch", "age"]) == exit_code
    assert LedgerAge.from_json(json.loads(capsys.readouterr().out)) == LedgerAge.from_json(age)
