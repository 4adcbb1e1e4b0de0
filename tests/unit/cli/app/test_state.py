"""Where an answer in JSON has the id of its record, and what is said of a peer that has no block of a change yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from medconsent.errors import Unreachable
from medconsent_cli.app.state import App, _identified

VIEW = {"record": {"id": "r1", "body": {}}, "key": "k"}


@pytest.mark.parametrize(
    "value",
    [VIEW, {"request": VIEW, "state": "approved"}, {"id": "r1", "owner": "hanbit"}, {"dataset": VIEW, "grant": None}],
)
def test_the_id_is_at_the_top(value: dict[str, Any]) -> None:
    assert _identified(value)["id"] == "r1"
    listed = _identified({"items": [value, value], "more": False})
    assert [item["id"] for item in listed["items"]] == ["r1", "r1"]
    assert {**value, "id": "r1"} == _identified(value), "and everything else is where it was"


def test_what_is_no_record_has_none() -> None:
    for value in ({"decision": "permit"}, {"items": [], "more": False}, [], "text"):
        assert _identified(value) == value


class Written:
    """In the place of a client that has changed something, of which its own peer has, or gets, so many blocks."""

    def __init__(self, wanted: int, held: int, comes: int = 0) -> None:
        self.wanted, self.held, self.comes = wanted, held, comes
        self.waited: list[tuple[int, float]] = []

    @property
    def behind(self) -> int:
        return self.wanted if self.wanted > self.held else 0

    def wait_for_block(self, number: int, timeout: float) -> None:
        self.waited.append((number, timeout))
        self.held = max(self.held, self.comes)
        if self.held < number:
            raise Unreachable("the peer holds no such block")


@pytest.mark.parametrize(
    ("client", "json", "waited", "said"),
    [
        (Written(7, 7), False, 0, ""),
        (Written(7, 6, comes=7), False, 1, ""),
        (Written(7, 6), False, 1, "--wait-block 7"),
        (Written(7, 6), True, 1, ""),
    ],
    ids=["it-has-it", "it-comes", "it-does-not", "as-json"],
)
def test_a_change_that_ones_own_peer_does_not_have_yet(
    client: Any, json: bool, waited: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    App(json=json)._settle(client)
    assert len(client.waited) == waited
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert bool(printed.err) == bool(said)


def test_each_change_waits_for_ones_own_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Written(7, 6, comes=7)

    @contextmanager
    def connect(_app: App) -> Iterator[Written]:
        yield client

    monkeypatch.setattr(App, "connect", connect)
    with App(json=True).changing("a change"):
        assert client.waited == []
    assert client.waited == [(7, 5.0)]
