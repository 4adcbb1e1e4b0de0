"""The processes of a home under a real supervisord; small scripts stand where Fabric's programs would."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from medconsent_network import files, settings
from medconsent_network.chaincode.package import following
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.spec import Spec
from medconsent_network.supervisor import UNWATCHED, Supervisor, leftovers, socket_path
from medconsent_network.waiting import wait_for


@pytest.fixture
def supervisor(tmp_path: Path, sample: Spec) -> Iterator[Supervisor]:
    home = Home(tmp_path / "a home" / "hanbit", sample.institution("hanbit"), sample)
    settings.make_folders(home)
    for program in ("fabric-ca-server", "peer", "orderer", "chaincode"):
        files.write_private(home.binary(program), "#!/bin/sh\necho started\nexec sleep 600\n", mode=0o700)
    supervisor = Supervisor(home)
    settings.write(home, supervisor.socket)
    supervisor.ensure()
    yield supervisor
    supervisor.shutdown()
    assert not supervisor.alive()


def test_start_stop_and_shutdown(supervisor: Supervisor) -> None:
    supervisor.start(["ca", "peer"])
    assert {name for name, state in supervisor.states().items() if state.up} == {"ca", "peer"}
    supervisor.start(["ca", "peer"])  # harmless
    pids = [supervisor.states()[name].pid for name in ("ca", "peer")]
    supervisor.stop(["peer"])
    assert not supervisor.states()["peer"].up
    assert not Path(f"/proc/{pids[1]}").exists()
    supervisor.stop(["peer"])  # harmless
    supervisor.shutdown()
    assert supervisor.states() == {}
    assert not Path(f"/proc/{pids[0]}").exists()


def test_what_dies_is_started_again(supervisor: Supervisor) -> None:
    supervisor.start(["orderer"])
    wait_for(lambda: supervisor.states()["orderer"].state == "RUNNING", "it runs", 10)
    first = supervisor.states()["orderer"].pid
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: supervisor.states()["orderer"].pid not in (0, first), "it runs again", 10)


def test_what_dies_and_is_started_again_is_told(supervisor: Supervisor) -> None:
    log = supervisor.home.log_folder / "orderer.log"
    supervisor.start(["orderer"])
    wait_for(lambda: supervisor.states()["orderer"].state == "RUNNING", "it runs", 10)
    stays = supervisor.staying("orderer")
    stays()
    stays()
    first = supervisor.states()["orderer"].pid
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: supervisor.states()["orderer"].state == "RUNNING", "it runs again", 10)
    wait_for(lambda: supervisor.states()["orderer"].pid not in (0, first), "it is another", 10)
    with log.open("a") as file:
        file.write("panic: tocommit(40) is out of range [lastIndex(3)]. Was the raft log corrupted?\n")
    with pytest.raises(NetworkError, match=r"it has ended by itself.*older than what it has acknowledged") as told:
        stays()
    assert told.value.code == "PROCESS_FAILED"
    supervisor.staying("orderer")()  # of the one that runs now nothing is known


def test_what_does_not_begin_is_told(supervisor: Supervisor) -> None:
    files.write_private(supervisor.home.binary("orderer"), "#!/bin/sh\nexit 2\n", mode=0o700)
    stays = supervisor.staying("orderer")
    supervisor.start(["orderer"])

    def told() -> str:
        try:
            stays()
        except NetworkError as error:
            return error.code
        return ""

    assert wait_for(told, "it is told", 20) == "PROCESS_FAILED"


def test_what_a_killed_daemon_left_is_seen_and_ended(supervisor: Supervisor) -> None:
    supervisor.start(["ca", "peer"])
    pids = {name: state.pid for name, state in supervisor.states().items() if state.up}
    daemon = leftovers.daemon(supervisor.folder)
    os.kill(daemon, signal.SIGKILL)
    wait_for(lambda: not supervisor.alive(), "it is gone", 10)
    assert supervisor.states() == {}
    assert {name: state.pid for name, state in supervisor.unwatched().items()} == pids
    assert {state.state for state in supervisor.unwatched().values()} == {UNWATCHED}
    assert supervisor.anything()
    os.kill(pids["peer"], signal.SIGSTOP)  # it is ended all the same
    assert supervisor.shutdown()
    assert not supervisor.anything()
    assert not supervisor.shutdown()


def test_a_frozen_daemon_is_ended_with_what_it_keeps(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medconsent_network.supervisor._ANSWER_SECONDS", 0.3)
    supervisor.start(["ca"])
    pid, daemon = supervisor.states()["ca"].pid, leftovers.daemon(supervisor.folder)
    os.kill(daemon, signal.SIGSTOP)
    begin = time.monotonic()
    assert supervisor.states() == {}
    assert supervisor.unwatched()["ca"].pid == pid
    assert supervisor.silent() == daemon
    assert time.monotonic() - begin < 5
    assert supervisor.shutdown()
    assert leftovers.state_of(pid) in ("", "Z")
    assert not supervisor.anything()


def test_a_home_of_somebody_else_is_not_started(tmp_path: Path, sample: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "nuri", sample.institution("nuri"), sample)
    settings.make_folders(home)
    monkeypatch.setattr(files, "owner", lambda _: 12345)
    monkeypatch.setattr("medconsent_network.supervisor.socket_path", lambda _: tmp_path / "s.sock")
    with pytest.raises(NetworkError, match="belongs to the user 12345, and this is run by") as refused:
        Supervisor(home).ensure()
    assert "sudo -u 12345" in refused.value.hint


@pytest.mark.parametrize("folder", ["100% of it", "%(here)s", "a%%b"])
def test_a_path_may_have_a_percent_sign(tmp_path: Path, sample: Spec, folder: str) -> None:
    home = Home(tmp_path / folder / "nuri", sample.institution("nuri"), sample)
    settings.make_folders(home)
    files.write_private(home.binary("peer"), "#!/bin/sh\npwd\nexec sleep 600\n", mode=0o700)
    supervisor = Supervisor(home)
    settings.write(home, supervisor.socket)
    supervisor.ensure()
    try:
        supervisor.start(["peer"])
        log = home.log_folder / "peer.log"
        wait_for(lambda: log.exists() and str(home.path / "peer") in log.read_text(), "it says its folder", 10)
    finally:
        supervisor.shutdown()


def test_what_does_not_stay_up_is_reported_with_its_last_words(supervisor: Supervisor) -> None:
    files.write_private(supervisor.home.binary("chaincode"), "#!/bin/sh\necho no key today\nexit 1\n", mode=0o700)
    supervisor.start(["chaincode"])

    def failed() -> NetworkError | None:
        try:
            supervisor.require_up(["chaincode"])
        except NetworkError as error:
            return error
        return None

    error = wait_for(failed, "it is seen to fail", 10)
    assert error.code == "PROCESS_FAILED"
    assert "chaincode of hanbit" in error.message
    assert "no key today" in error.hint


def test_settings_of_other_nodes_do_not_leak_in(tmp_path: Path, sample: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORE_PEER_LOCALMSPID", "somebody-else")
    home = Home(tmp_path / "nuri", sample.institution("nuri"), sample)
    settings.make_folders(home)
    files.write_private(home.binary("peer"), "#!/bin/sh\nenv\nexec sleep 600\n", mode=0o700)
    supervisor = Supervisor(home)
    settings.write(home, supervisor.socket)
    supervisor.ensure()
    try:
        supervisor.start(["peer"])
        log = home.log_folder / "peer.log"
        wait_for(lambda: log.exists() and "FABRIC_CFG_PATH" in log.read_text(), "it says its environment", 10)
        assert "somebody-else" not in log.read_text()
    finally:
        supervisor.shutdown()


def test_a_long_path_gets_a_short_private_socket(tmp_path: Path) -> None:
    assert socket_path(Path("/srv/homes/hanbit/supervisor")) == Path("/srv/homes/hanbit/supervisor/supervisor.sock")
    long = socket_path(tmp_path / ("x" * 120))
    assert len(str(long)) < 100
    assert long.parent.stat().st_mode & 0o077 == 0
    assert long != socket_path(tmp_path / ("y" * 120))


def test_waiting_ends_with_what_was_waited_for() -> None:
    begin = time.monotonic()
    with pytest.raises(NetworkError, match="the moon") as waited:
        wait_for(lambda: False, "the moon", 0.1, lambda: "it is cloudy")
    assert waited.value.code == "TIMEOUT"
    assert waited.value.hint == "it is cloudy"
    assert time.monotonic() - begin < 5


def test_settings_that_change_are_taken_up_while_the_rest_goes_on(supervisor: Supervisor) -> None:
    home = supervisor.home
    supervisor.start(["peer", "chaincode"])
    wait_for(lambda: all(supervisor.states()[name].settled for name in ("peer", "chaincode")), "they run", 10)
    before = {name: supervisor.states()[name].pid for name in ("peer", "chaincode")}
    spec = home.spec.with_ports("hanbit", {"chaincode-2": 9000})
    spec = replace(spec, chaincode=replace(spec.chaincode, next="0.3.0"))
    files.write_private(home.binary("chaincode-2"), "#!/bin/sh\nexec sleep 600\n", mode=0o700)
    after = replace(home, institution=spec.institution("hanbit"), spec=spec)
    settings.write(after, supervisor.socket)
    supervisor.update()
    supervisor.start(["chaincode-2"])
    wait_for(lambda: supervisor.states()["chaincode-2"].settled, "the new one runs", 10)
    assert {name: supervisor.states()[name].pid for name in before} == before

    settings.write(following(after), supervisor.socket)
    supervisor.update()
    assert "chaincode" not in supervisor.states()
    assert not Path(f"/proc/{before['chaincode']}").exists()
    assert (supervisor.states()["peer"].pid, supervisor.states()["chaincode-2"].up) == (before["peer"], True)
