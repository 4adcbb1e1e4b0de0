"""The watcher beside the peer."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from medconsent_network import processes
from medconsent_network.home import Home
from medconsent_network.spec import Spec, Watch


def test_the_watcher_is_a_process_where_the_file_says_so(
    tmp_path: Path, make_home: Callable[..., Home], sample: Spec
) -> None:
    plain = (make_home() / "supervisor" / "supervisord.conf").read_text()
    assert "[program:watch]" not in plain
    others = [name for name in processes.names(replace(sample, watch=Watch(run=True))) if name != "watch"]
    assert f"programs = {','.join(others)}\n" in plain
    assert 'MEDCONSENT_ALARM_FILE="../watch/alarm.json"\n' in plain, "the chaincode reads the alarm in any case"
    spec = replace(sample, watch=Watch(run=True, within=60))
    watched = (make_home(tmp_path / "watched", spec) / "supervisor" / "supervisord.conf").read_text()
    assert "watch ledger --json --folder . --genesis ../channel/genesis.block --root ../ca/ca-cert.pem" in watched
    assert f"programs = {','.join([*others, 'watch'])}\n" in watched, "it is started last"
    assert 'MEDCONSENT_ALARM_FILE="../watch/alarm.json",MEDCONSENT_WATCH_WITHIN="60"\n' in watched
