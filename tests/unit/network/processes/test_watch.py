"""The watcher beside the peer."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from medconsent.services.watch.beats import BEAT
from medconsent_network import processes
from medconsent_network.home import Home
from medconsent_network.spec import Spec, Watch


def test_the_watcher_is_a_process_where_the_file_says_so(
    tmp_path: Path, make_home: Callable[..., Home], sample: Spec
) -> None:
    home = make_home()
    plain = (home / "supervisor" / "supervisord.conf").read_text()
    assert "[program:watch]" not in plain
    others = processes.names(home)
    assert re.findall(r"\[program:(.*)\]", plain) == others
    assert 'MEDCONSENT_ALARM_FILE="../watch/alarm.json"\n' in plain, "the chaincode reads the alarm in any case"
    spec = replace(sample, watch=Watch(run=True, within=60))
    watched = (make_home(tmp_path / "watched", spec) / "supervisor" / "supervisord.conf").read_text()
    assert "watch ledger --json --folder . --genesis ../channel/genesis.block --root ../ca/ca-cert.pem" in watched
    assert re.findall(r"\[program:(.*)\]", watched) == [*others, "watch"], "it is started last"
    assert 'MEDCONSENT_ALARM_FILE="../watch/alarm.json",MEDCONSENT_WATCH_WITHIN="60"\n' in watched


def test_the_watcher_beats_and_the_chaincode_knows_the_bound_where_the_file_has_one(
    tmp_path: Path, make_home: Callable[..., Home], sample: Spec
) -> None:
    without = (make_home(spec=replace(sample, watch=Watch(run=True))) / "supervisor" / "supervisord.conf").read_text()
    assert "--beat" not in without
    assert "MEDCONSENT_LEDGER_WITHIN" not in without
    home = make_home(tmp_path / "aged", replace(sample, watch=Watch(run=True, age=120)))
    aged = (home / "supervisor" / "supervisord.conf").read_text()
    assert "--metrics-file metrics.prom --beat 30\n" in aged
    assert f'MEDCONSENT_INSTITUTION="{home.name}",MEDCONSENT_LEDGER_WITHIN="120"\n' in aged


def test_beats_that_stay_away_are_trouble_once_the_bound_is_reached(
    tmp_path: Path, make_home: Callable[..., Home], sample: Spec
) -> None:
    watch = processes.named("watch")
    free = make_home(spec=replace(sample, watch=Watch(run=True)))
    assert watch.trouble(free) == ("", ""), "without a bound nobody waits for a beat"
    home = make_home(tmp_path / "aged", replace(sample, watch=Watch(run=True, age=120)))
    file = watch.folder(home) / BEAT
    assert watch.trouble(home)[0].startswith("no beat has come back, so its ledger may be behind")
    file.touch()
    assert watch.trouble(home) == ("", "")
    for ago, troubled in ((110, False), (130, True)):
        then = time.time() - ago
        os.utime(file, (then, then))
        assert bool(watch.trouble(home)[0]) is troubled, ago
    told, todo = watch.trouble(home)
    assert told.startswith(f"since 130 s no beat of {home.name} has come back")
    assert "(LEDGER_OLD)" in told
    assert f"`medconsent-network logs {home.name} peer`" in todo
