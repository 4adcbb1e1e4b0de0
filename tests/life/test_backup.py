"""A home is backed up under load, lost, and put back on other ground: it catches up, and is equal by hash."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import load
import pytest
from chains import leads, three, tips
from click.testing import CliRunner, Result

from medconsent_network import elsewhere as elsewhere_check
from medconsent_network.chaincode import lifecycle
from medconsent_network.consortium import Consortium
from medconsent_network.errors import NetworkError
from medconsent_network.home import Home
from medconsent_network.main import main
from medconsent_network.status import sentences, status, well
from medconsent_network.supervisor import Supervisor
from medconsent_network.waiting import wait_for

A_SECOND = 10
PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def network(tmp_path: Path, fabric_version: str) -> Iterator[Consortium]:
    with three(tmp_path / "net", fabric_version) as consortium:
        try:
            yield consortium
        finally:
            if (tmp_path / "elsewhere" / "gaon").is_dir():
                Supervisor(Home.open(tmp_path / "elsewhere" / "gaon")).shutdown()


def run(*words: str | Path, exit_code: int = 0) -> Result:
    ran = CliRunner().invoke(main, [str(word) for word in words])
    assert ran.exit_code == exit_code, f"{ran.output}\n{ran.exception!r}"
    return ran


@pytest.mark.timeout(1500)
def test_a_home_is_backed_up_lost_and_put_back(network: Consortium, tmp_path: Path) -> None:
    secret, key, copy = tmp_path / "passphrase", tmp_path / "backup.key", tmp_path / "gaon.backup"
    secret.write_text(PASSPHRASE + "\n")
    public = run("backup-key", key, "--passphrase-file", secret).stdout.strip()
    keeping = ("--network", network.folder, "--institution", "gaon")
    to = ("--to", public)

    with load.client_of(network, "gaon") as client:
        with load.running(lambda: load.transaction(client), A_SECOND) as told:
            for _ in range(15):
                load.transaction(client)
            made = json.loads(run("backup", *keeping, *to, "--out", copy, "--json").stdout)
            keys = tmp_path / "keys.backup"
            run("backup", *keeping, *to, "--out", keys, "--keys-only")
        assert not told.failed
        assert len(told.acknowledged) > 15
    assert set(made["held_seconds"]) == {"peer", "orderer"}
    assert max(made["held_seconds"].values()) < 5.0  # so long as no tick of Raft is missed; it is milliseconds
    assert made["blocks"] > 15
    print(f"\nheld: {made['held_seconds']}; the longest call took {told.longest:.2f} s; {len(told.acknowledged)} calls")
    assert keys.stat().st_size < 200_000 < copy.stat().st_size
    whole = ("--key", key, "--passphrase-file", secret)
    assert f"{made['blocks']} blocks" in run("restore", copy, *whole, "--check").stdout

    elsewhere = tmp_path / "elsewhere"
    restore = ("restore", copy, *whole, "--homes", elsewhere)
    refused = run(*restore, exit_code=1)  # it runs
    assert "error RUNS_ELSEWHERE: gaon runs already: its peer answers at " in refused.stderr
    assert not (elsewhere / "gaon").exists()

    lose(network.home("gaon"))
    others = [network.home(name) for name in ("dasom", "haram")]
    with load.client_of(network, "dasom") as client:
        for _ in range(5):
            load.transaction(client)
    assert "The home is " in run(*restore).stdout
    restored = back(network, elsewhere, others)
    assert lifecycle.approved(restored, restored.spec.chaincode)  # a private text that no other peer has
    assert {status_of(client_id, network) for client_id in told.acknowledged} == {"VALID"}

    # Somebody starts a copy of it on another machine: another place, and its host leads to itself there.
    copied = tmp_path / "copied" / "gaon"
    shutil.copytree(restored.path, copied, symlinks=True)
    moved = replace(restored, path=copied, institution=replace(restored.institution, host="127.0.0.9"))
    with pytest.raises(NetworkError, match=r"gaon runs already: the peer of (dasom|haram) hears from it") as twice:
        elsewhere_check.require_once(moved)
    assert twice.value.code == "RUNS_ELSEWHERE"

    # It is lost once more, with its backup: what is left are the keys from a safe.
    Supervisor(restored).shutdown()
    shutil.rmtree(restored.path)
    run("restore", keys, *whole, "--homes", elsewhere)
    again = back(network, elsewhere, others)
    with pytest.raises(NetworkError, match="private data matching public hash version is not available"):
        lifecycle.approved(again, again.spec.chaincode)  # its private texts are gone: no ledger was in the backup
    load_of(network, again)
    Supervisor(again).shutdown()


def back(network: Consortium, folder: Path, others: list[Home]) -> Home:
    """The home comes up in its new place; the institution whose orderer leads starts that anew when it is told to."""
    words = ("up", "--institution", "gaon", "--homes", str(folder))
    ran = CliRunner().invoke(main, words)
    if ran.exit_code:
        assert "older than what it has acknowledged" in ran.stderr, ran.output
        assert "whose orderer leads stop it and start it again" in ran.stderr
        (leader,) = (one for one in others if leads(one))
        network.stop(leader.name, "orderer")
        network.start(leader.name, "orderer")
        ran = CliRunner().invoke(main, words)
    assert ran.exit_code == 0, ran.output
    home = Home.open(folder / "gaon")
    homes = [home, *others]
    wait_for(lambda: len(set(tips(homes).values())) == 1, "all have the same chain", 60)
    rows = status(homes)
    assert well(rows), sentences(rows)
    return home


def lose(home: Home) -> None:
    """All its processes are killed, and its folder is gone."""
    supervisor = Supervisor(home)
    daemon = int(supervisor._call("getPID"))
    pids = [state.pid for state in supervisor.states().values() if state.pid]
    for pid in (daemon, *pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not supervisor.unwatched(), "all are gone", 20)
    shutil.rmtree(home.path)


def status_of(transaction: str, network: Consortium) -> str:
    with load.client_of(network, "dasom") as client:
        return str(client._session.channel.transaction_status(transaction).code)


def load_of(network: Consortium, home: Home) -> None:
    """The CA that came back knows whom it knew; somebody new enrols, and makes a transaction with this home."""
    by_itself = Consortium(network.folder / "by-itself", network.spec, [home])
    with pytest.raises(NetworkError, match="Identity 'load' is already registered"):
        by_itself.register(home.name, "load")
    with load.client_of(by_itself, home.name, "afterwards") as client:
        load.transaction(client)
