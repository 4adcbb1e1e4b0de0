"""Rounds, what is told between them, and their end."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.core import Metric

from medconsent.services.runtime.loop import Runtime
from medconsent.services.runtime.metrics import gauge
from medconsent.services.runtime.server import Server
from medconsent.services.runtime.stop import Stop


class Counted:
    """Metrics that say how often they were asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def families(self) -> Iterator[Metric]:
        self.asked += 1
        yield gauge("asked", "How often.", self.asked)


def test_rounds_go_on_until_an_end_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def sleep(stop: Stop, seconds: float) -> None:
        slept.append(seconds)
        stop.asked = len(slept) == 3

    monkeypatch.setattr(Stop, "sleep", sleep)
    rounds: list[int] = []
    with Runtime(Counted(), every=7.0) as runtime:
        runtime.run(lambda: rounds.append(1) or "")
    assert (len(rounds), slept) == (3, [7.0, 7.0, 7.0])


def test_ctrl_c_in_a_round_ends_it_and_a_failure_is_raised() -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    def broken() -> str:
        raise OSError("the disk is full")

    with Runtime(Counted(), every=1.0) as runtime:
        runtime.run(interrupted)
        with pytest.raises(OSError, match="the disk is full"):
            runtime.run(broken)


def test_once_is_one_round() -> None:
    rounds: list[int] = []
    with Runtime(Counted(), every=3600.0) as runtime:
        runtime.run(lambda: rounds.append(1) or "", once=True)
    assert rounds == [1]


def test_metrics_are_made_when_it_is_time_or_something_happened(tmp_path: Path) -> None:
    source, file = Counted(), tmp_path / "metrics.prom"
    with Runtime(source, every=1.0, file=file) as runtime:
        for _ in range(3):
            runtime.publish()
        assert source.asked == 1
        runtime.hurry()
        runtime.publish()
    assert file.read_text().endswith("\nasked 2.0\n")
    assert file.stat().st_mode & 0o777 == 0o644


def test_a_round_that_failed_is_in_the_health_that_is_served() -> None:
    troubles = iter(["", "the peer was not reached"])
    with Runtime(Counted(), every=1.0, address=("127.0.0.1", 0)) as runtime:
        server = runtime._server
        assert isinstance(server, Server)
        for expected in ({"status", "since"}, {"status", "since", "trouble"}):
            runtime.run(lambda: next(troubles), once=True)
            line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            line.request("GET", "/health")
            assert set(json.loads(line.getresponse().read())) == expected
            line.request("GET", "/metrics")
            assert line.getresponse().read().endswith(b"asked 1.0\n")
            line.close()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=5).request("GET", "/health")


def test_a_runtime_is_left_at_once() -> None:
    begun = time.monotonic()
    with Runtime(Counted(), every=3600.0, address=("127.0.0.1", 0)):
        pass
    assert time.monotonic() - begun < 5
