"""What Prometheus and Grafana are told: promtool takes it, and each alert fires when it has to, and not before."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus import found

from medconsent_network.home import Home
from medconsent_network.metrics import files
from medconsent_network.ports import completed
from medconsent_network.processes.process import data
from medconsent_network.spec import Spec, Watch

HERE = Path(__file__).parent


@pytest.fixture
def written(tmp_path: Path, make_home: Callable[..., Home], sample: Spec) -> Path:
    """The files for two homes."""
    spec = replace(sample, watch=Watch(metrics=True))
    for name in ("hanbit", "nuri"):
        spec = completed(spec, name, ["metrics"])
    homes = [make_home(tmp_path / "homes", spec, name) for name in ("hanbit", "nuri")]
    for home in homes:
        home.tls_root.write_text("a root\n")
    files.write(homes, tmp_path / "out")
    return tmp_path / "out"


def test_the_configuration_is_one_and_scrapes_every_listener_with_the_homes_own_keys(written: Path, yaml: Any) -> None:
    document = yaml(written / files.SCRAPE)
    hanbit, nuri = document["scrape_configs"]
    assert (hanbit["job_name"], nuri["job_name"], hanbit["scheme"]) == ("hanbit", "nuri", "https")
    for job in (hanbit, nuri):
        processes = [one["labels"]["process"] for one in job["static_configs"]]
        assert processes == ["ca", "tlsca", "orderer", "peer", "metrics"]
        assert f"/homes/{job['job_name']}/users/scraper/tls/key.pem" in job["tls_config"]["key_file"]
        assert "insecure_skip_verify" not in job["tls_config"]
    assert all(one["targets"][0].startswith("127.0.0.1:") for one in nuri["static_configs"])
    for file, mode in ((written, 0o700), (written / files.SCRAPE, 0o600)):
        assert file.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("what", [("config", files.SCRAPE), ("rules", files.ALERTS)], ids=["config", "rules"])
def test_promtool_takes_them(written: Path, what: tuple[str, str]) -> None:
    kind, name = what
    ran = promtool("check", kind, name, folder=written)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "SUCCESS" in ran.stdout


def test_each_alert_fires_when_it_has_to_and_not_before(tmp_path: Path, yaml: Any) -> None:
    (tmp_path / files.ALERTS).write_text(data(files.ALERTS))
    cases = HERE / "alerts_test.yml"
    (tmp_path / cases.name).write_text(cases.read_text())
    ran = promtool("test", "rules", cases.name, folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    tried: dict[str, set[bool]] = {}
    for case in yaml(cases)["tests"]:
        for one in case["alert_rule_test"]:
            tried.setdefault(one["alertname"], set()).add(bool(one.get("exp_alerts")))
    rules = [rule["alert"] for group in yaml(tmp_path / files.ALERTS)["groups"] for rule in group["rules"]]
    assert tried == {name: {True, False} for name in rules}


def test_each_panel_asks_for_something_and_has_a_place_of_its_own() -> None:
    board = json.loads(json.dumps(files.dashboard()))
    places = {(one["gridPos"]["x"], one["gridPos"]["y"]) for one in board["panels"]}
    assert len(places) == len({one["id"] for one in board["panels"]}) == len(files.PANELS)
    assert all(one["targets"][0]["expr"] for one in board["panels"])


def promtool(*words: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [found("promtool"), *words], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
