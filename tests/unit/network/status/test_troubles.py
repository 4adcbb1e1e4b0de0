"""What is wrong with a process, in sentences, for a home whose processes are made up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from medconsent_network import processes
from medconsent_network.home import Home
from medconsent_network.identities import certificates
from medconsent_network.identities.pinned import make_client
from medconsent_network.processes.orderer import Orderer
from medconsent_network.processes.peer import Peer
from medconsent_network.status import ProcessStatus, sentences, table, troubles, well
from medconsent_network.status.keeping import Keeping
from medconsent_network.supervisor import ProcessState


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    return make_home()


def state(name: str, state: str = "RUNNING", pid: int = 2**22 + 1, seconds: int = 600) -> ProcessState:
    return ProcessState(name, state, pid, seconds, "Exited too quickly")


def found(home: Home, name: str, *states: ProcessState, daemon: int = 0, answers: bool = True) -> tuple[str, str]:
    keeping = Keeping(home, {one.name: one for one in states}, daemon, answers)
    return troubles.of(keeping, processes.named(name), healthy=False)


def test_a_home_that_is_stopped_as_a_whole_has_none(home: Home) -> None:
    assert found(home, "peer", state("peer", "STOPPED", 0), state("orderer", "STOPPED", 0)) == ("", "")
    assert found(home, "peer", answers=False) == ("", "")


def test_what_is_stopped_alone_is_told(home: Home) -> None:
    said, mend = found(home, "peer", state("peer", "STOPPED", 0), state("orderer"))
    assert said == "it is stopped"
    assert "up --institution nuri" in mend


def test_a_dead_process_is_told_with_the_line_of_its_log(home: Home) -> None:
    (home.log_folder / "orderer.log").write_text("panic: tocommit(9) is out of range [lastIndex(3)].\n")
    said, mend = found(home, "orderer", state("orderer", "BACKOFF", 0), state("peer"))
    assert "tocommit(9)" in said
    assert "line 1" in said
    assert "whose orderer leads" in mend
    said, mend = found(home, "peer", state("orderer"), state("peer", "FATAL", 0))
    assert said == "it does not stay up: Exited too quickly"
    assert "logs nuri peer" in mend


def test_a_supervisord_that_was_killed_or_is_frozen_is_told(home: Home) -> None:
    said, mend = found(home, "peer", state("peer", "UNWATCHED"), answers=False)
    assert said.startswith("supervisord of nuri was killed")
    assert "up --institution nuri" in mend
    said, mend = found(home, "peer", state("peer", "UNWATCHED"), daemon=77, answers=False)
    assert "process 77, does not answer" in said
    assert "kill -CONT 77" in mend


def test_who_is_far_behind_the_others_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100]
    for kind in (Peer, Orderer):
        monkeypatch.setattr(kind, "height", lambda *_: now[0])
        assert (
            "blocks behind the peer of saerom" in troubles.behind(home, kind(), 100, {"hanbit": 90, "saerom": 700})[0]
        )
        assert troubles.behind(home, kind(), 100, {"saerom": 100 + troubles.FAR - 1}) == ("", "")
        assert troubles.behind(home, kind(), 100, {}) == ("", "")
    now[0] = 699  # it was asked long before the others
    assert troubles.behind(home, Peer(), 100, {"saerom": 700}) == ("", "")
    assert troubles.behind(home, processes.named("watch"), 100, {"saerom": 700}) == ("", "")


def test_an_ended_certificate_comes_first_with_its_day_and_the_command(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    place = home.node("chaincode") / "tls"
    make_client(place, "chaincode")
    monkeypatch.setattr(certificates, "ends", lambda _: yesterday)
    said, mend = found(home, "chaincode", state("chaincode", "FATAL", 0), state("peer"))
    assert said == f"its certificate has ended on {yesterday:%Y-%m-%d %H:%M} UTC"
    assert "medconsent-network renew --institution nuri" in mend


def test_what_is_the_same_for_several_is_said_once() -> None:
    rows = [
        ProcessStatus("nuri", name, "UNWATCHED", 1, 0, True, "", 3, 300, trouble="it is so", mend="Do that.")
        for name in ("peer", "orderer")
    ]
    assert sentences(rows) == "peer of nuri, orderer of nuri: it is so.\n  Do that."
    assert "CHECK" in table(rows)
    assert not well(rows)


def test_homes_without_certificates_that_ended_are_let_through(home: Home) -> None:
    certificates.require_none_ended([home])
    assert certificates.ended(home) == []
    assert Path(home.path).is_dir()
