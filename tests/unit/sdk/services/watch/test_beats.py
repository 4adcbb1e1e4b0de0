"""The watcher's beats: sent in a thread of their own, counted, and told of by a file only when one came back."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from medconsent.contexts import Context
from medconsent.errors import Unreachable
from medconsent.fabric.errors import FabricError
from medconsent.services.runtime.metrics import exposition
from medconsent.services.watch import beats
from medconsent.services.watch.beats import BEAT, Beats
from medconsent.services.watch.metrics import Metrics

CONTEXT = Context("hanbit/watcher", Path("nowhere"), "hanbit", "watcher", "localhost:1", "c", "m")


class Ledger:
    """A client whose beats end as they are told to; each is noted."""

    def __init__(self, *ends: Exception | None) -> None:
        self.ends = list(ends)
        self.called = 0
        self.closed = threading.Event()
        self.waits: Any = None
        self.ledger = SimpleNamespace(beat=self._beat)

    def connect(self, _context: Context, *, timeouts: Any) -> "Ledger":
        self.waits = timeouts
        return self

    def close(self) -> None:
        self.closed.set()

    def _beat(self) -> None:
        self.called += 1
        end = self.ends.pop(0) if self.ends else None
        if end is not None:
            raise end


def until(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come to hold")


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Beats, Ledger]]:
    def make(*ends: Exception | None, every: float = 0.01) -> tuple[Beats, Ledger]:
        ledger = Ledger(*ends)
        monkeypatch.setattr(beats, "connect", ledger.connect)
        return Beats(CONTEXT, tmp_path, every), ledger

    return make


def test_beats_go_on_until_it_ends(start: Callable[..., tuple[Beats, Ledger]], tmp_path: Path) -> None:
    beating, ledger = start()
    assert not (tmp_path / BEAT).exists()
    with beating:
        until(lambda: beating.sent >= 3)
    assert ledger.closed.is_set()
    assert (tmp_path / BEAT).exists()
    assert (beating.failed, beating.trouble) == (0, "")
    called = ledger.called
    time.sleep(0.05)
    assert ledger.called == called, "nothing is sent after the end"


def test_one_that_did_not_come_back_is_counted_and_sent_again(
    start: Callable[..., tuple[Beats, Ledger]], tmp_path: Path
) -> None:
    beating, ledger = start(Unreachable("not now"), FabricError("no orderer"))
    with beating:
        until(lambda: beating.sent >= 1)
        until((tmp_path / BEAT).exists)
        assert beating.trouble == ""
    assert ledger.called >= 3
    assert beating.failed == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Unreachable("the peer does not answer"), "the peer does not answer"),
        (FabricError("no orderer\nmore of it"), "no orderer"),
        (FabricError(), "FabricError"),
    ],
    ids=["unreachable", "lines", "wordless"],
)
def test_while_none_comes_back_it_is_told_why_and_the_file_stays_old(
    start: Callable[..., tuple[Beats, Ledger]], tmp_path: Path, error: Exception, told: str
) -> None:
    beating, _ledger = start(*[error] * 10_000)
    with beating:
        until(lambda: beating.failed >= 3)
        assert beating.trouble == told
    assert (beating.sent, (tmp_path / BEAT).exists()) == (0, False)


def test_after_one_that_failed_it_is_not_a_whole_interval_that_is_waited(
    start: Callable[..., tuple[Beats, Ledger]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beats, "_AGAIN", 0.01)
    beating, ledger = start(Unreachable("not now"), every=3600.0)
    with beating:
        until(lambda: beating.sent == 1)
        assert ledger.called == 2
        assert ledger.waits.commit_status == 3600.0


def test_a_folder_that_cannot_be_written_ends_nothing(
    start: Callable[..., tuple[Beats, Ledger]], tmp_path: Path
) -> None:
    beating, _ledger = start()
    tmp_path.rmdir()
    with beating:
        until(lambda: beating.sent >= 2)
    assert beating.failed == 0


def test_the_metrics_count_them(start: Callable[..., tuple[Beats, Ledger]]) -> None:
    assert b"beats" not in exposition(Metrics())
    beating, _ledger = start(Unreachable("not now"), every=0.02)
    with beating:
        until(lambda: beating.sent >= 1)
    told = exposition(Metrics(beats=beating)).decode().splitlines()
    assert f"medconsent_watch_beats_total {beating.sent}.0" in told
    assert "medconsent_watch_beats_failed_total 1.0" in told
