"""The service that reminds: each channel for itself, going on after failures, and what it counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from contract_answers import REQUEST_VIEW

from medconsent.desk.reminders import Digest
from medconsent.errors import MedconsentError, Unreachable
from medconsent.nouns.requests import RequestView
from medconsent.services.remind.channels import NotDelivered
from medconsent.services.remind.service import Listener, Reminding, Round
from medconsent.services.runtime.loop import Runtime
from medconsent.services.runtime.metrics import exposition
from medconsent.services.runtime.stop import Stop


class Desk:
    """A channel that keeps what it is told, or takes nothing."""

    def __init__(self, name: str, *, broken: bool = False) -> None:
        self.name = name
        self.digests: list[Digest] = []
        self.broken = broken

    def send(self, digest: Digest) -> None:
        if self.broken:
            raise NotDelivered("the mail server is away")
        self.digests.append(digest)


def client() -> Any:
    """hanbit's client; one request waits for its dac."""
    view = RequestView.from_json(REQUEST_VIEW)

    def requests(**asked: Any) -> Iterator[Any]:
        return iter([view] if asked.get("waiting_for") == "hanbit/dac" else [])

    nothing = SimpleNamespace(iterate=lambda **_asked: iter([]))
    return SimpleNamespace(
        institution="hanbit", requests=SimpleNamespace(iterate=requests), grants=nothing, breakglass=nothing
    )


def service(tmp_path: Path, *channels: Desk, fails: list[MedconsentError] | None = None) -> Reminding:
    @contextmanager
    def connect() -> Iterator[Any]:
        if fails:
            raise fails.pop()
        yield client()

    terms = {"older_than": timedelta(seconds=1), "ending_within": timedelta(days=1)}
    return Reminding(connect, channels, tmp_path / "state.json", **terms)


def test_a_channel_that_fails_does_not_keep_another_from_being_told(tmp_path: Path) -> None:
    log, mail = Desk("log -"), Desk("mail desk@hanbit.example", broken=True)
    reminding = service(tmp_path, log, mail)
    first, second = reminding.once(), reminding.once()
    assert len(log.digests) == 1
    assert ([it.kind for it in first.told], second.told) == (["vote"], ())
    assert [it.message for it in first.failed + second.failed] == ["the mail server is away"] * 2
    mail.broken = False
    assert [it.kind for it in reminding.once().told] == ["vote"]


def test_metrics_name_kinds_of_channels_and_no_address(tmp_path: Path) -> None:
    reminding = service(tmp_path, Desk("log -"), Desk("mail desk@hanbit.example", broken=True))
    before = exposition(reminding).decode()
    assert 'medconsent_remind_told_total{channel="mail"} 0.0' in before
    assert "medconsent_remind_looked_seconds 0.0" in before
    reminding.once()
    told = exposition(reminding).decode()
    assert "medconsent_remind_due 1.0" in told
    assert 'medconsent_remind_told_total{channel="log"} 1.0' in told
    assert 'medconsent_remind_failures_total{channel="mail"} 1.0' in told
    assert "hanbit.example" not in told


def test_it_goes_on_after_a_failure_and_is_unwell_meanwhile(tmp_path: Path, monkeypatch: Any) -> None:
    troubles: list[str] = []
    looked: list[Round] = []
    failures: list[MedconsentError] = []

    def sleep(stop: Stop, _seconds: float) -> None:
        troubles.append(runtime.health.report().trouble)
        stop.asked = len(troubles) == 2

    monkeypatch.setattr(Stop, "sleep", sleep)
    reminding = service(tmp_path, Desk("log -"), fails=[Unreachable("the peer was not reached")])
    with Runtime(reminding, every=60) as runtime:
        reminding.run(runtime, Listener(looked=looked.append, not_looked=failures.append))
    assert troubles == ["the peer was not reached", ""]
    assert ([it.message for it in failures], len(looked)) == (["the peer was not reached"], 1)
